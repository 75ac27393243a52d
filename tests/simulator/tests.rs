//! The simulator from outside: over sockets, with nothing but std.

mod caller;
mod control;
mod faults;
mod hosts;
mod journey;
mod page;

use std::time::Duration;

use serde_json::Value;

use super::*;
use caller::{Reply, get, post};

/// How long a test waits for what happens at once.
const DEADLINE: Duration = Duration::from_secs(10);
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn simulator(knobs: &[(&str, &str)]) -> Simulator {
    let options = knobs
        .iter()
        .fold(Options::default(), |options, (name, value)| {
            options.knob(name, value)
        });
    Simulator::start(options)
}

/// A device authorization request that is right in every respect.
fn ask(simulator: &Simulator) -> std::io::Result<Reply> {
    let scope = format!("{SCOPE} offline_access");
    let fields = [
        ("response_type", "device_code"),
        ("client_id", PUBLIC_CLIENT),
        ("scope", &scope),
    ];
    post(&simulator.url(), "/oauth2/v1/device", &fields)
}

fn poll(simulator: &Simulator, device_code: &str) -> std::io::Result<Reply> {
    let fields = [
        ("grant_type", DEVICE_GRANT),
        ("client_id", PUBLIC_CLIENT),
        ("device_code", device_code),
    ];
    post(&simulator.url(), "/oauth2/v1/token", &fields)
}

fn refresh(simulator: &Simulator, refresh_token: &str) -> std::io::Result<Reply> {
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", PUBLIC_CLIENT),
        ("refresh_token", refresh_token),
    ];
    post(&simulator.url(), "/oauth2/v1/token", &fields)
}

fn revoke(simulator: &Simulator, refresh_token: &str) -> std::io::Result<Reply> {
    let fields = [("client_id", PUBLIC_CLIENT), ("token", refresh_token)];
    post(&simulator.url(), "/oauth2/v1/revoke", &fields)
}

/// The token answer of a login by `user`.
fn log_in(simulator: &Simulator, user: &str) -> Value {
    let authorization = ask(simulator).unwrap().json();
    simulator
        .approve(text(&authorization["user_code"]), user)
        .unwrap();
    let device_code = text(&authorization["device_code"]);
    poll(simulator, device_code).unwrap().json()
}

fn first_refresh_token(simulator: &Simulator) -> String {
    text(&log_in(simulator, JANE)["refresh_token"]).to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}
