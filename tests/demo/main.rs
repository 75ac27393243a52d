//! `cargo demo`: the whole journey on loopback, with the real programs and a
//! simulated identity domain. Leaves nothing behind.

mod stage;

use std::process::ExitCode;

use oic_tests::harness::{DEADLINE, http};
use oic_tests::simulator::{Endpoint, Fault, JANE, LogEntry, Outcome, Simulator};
use stage::Stage;

/// How long the access tokens of the demonstration live, in seconds: long
/// enough to be read about, short enough to be seen renewed.
const LIFETIME: u32 = 8;

/// Failed answers that make the outage: two tries, a few seconds.
const OUTAGE_ANSWERS: u32 = 2;

fn main() -> ExitCode {
    let by_hand = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--by-hand") => true,
        Some(_) => {
            eprintln!("usage: cargo demo [-- --by-hand]");
            return ExitCode::from(2);
        }
    };
    let mut stage = Stage::set(LIFETIME);
    sign_in(&mut stage, by_hand);
    let token = use_token(&mut stage);
    renew(&mut stage, &token);
    survive_kill(&mut stage);
    survive_outage(&mut stage);
    log_out(&mut stage);
    println!("\nThat was all. Nothing is left behind.");
    ExitCode::SUCCESS
}

fn sign_in(stage: &mut Stage, by_hand: bool) {
    stage.say(
        "Sign in once: the command shows an address and a code.",
        "oic-token login",
    );
    let mut login = stage
        .home
        .start_oic_token(&["login", "--no-browser", "--json"]);
    let prompt: serde_json::Value =
        serde_json::from_str(&login.line()).expect("login --json writes JSON");
    let uri = prompt["verification_uri"].as_str().unwrap_or_default();
    let code = prompt["user_code"].as_str().unwrap_or_default();
    stage.show(&format!("{uri}   code {code}"));
    if by_hand {
        stage.note("Open that page, type the code, and allow. Waiting for you.");
    } else {
        stage.note(&format!(
            "{JANE} opens the page in a browser, types the code and allows."
        ));
        stage
            .domain
            .approve(code, JANE)
            .expect("the code was just shown");
    }
    let end: serde_json::Value =
        serde_json::from_str(&login.line()).expect("login --json writes JSON");
    match (end["event"].as_str(), end["subject"].as_str()) {
        (Some("signed_in"), Some(subject)) => stage.show(&format!("signed in as {subject}")),
        _ => stage.fail(&format!("the login failed: {}", end["message"])),
    }
}

fn use_token(stage: &mut Stage) -> String {
    stage.say(
        "From now on every script gets a live token.",
        "oic-token get",
    );
    let token = stage.get();
    stage.show(&format!(
        "an access token of {} characters (not shown here)",
        token.len()
    ));
    stage.say("There is a user in it.", "oic-token inspect");
    let claims = stage.oic_token(&["inspect", "--json"]);
    let claims: serde_json::Value =
        serde_json::from_str(&claims).expect("inspect --json writes JSON");
    for name in ["sub", "aud", "scope"] {
        stage.show(&format!("{name}: {}", claims["claims"][name]));
    }
    stage.say(
        "So the REST trigger of an integration answers.",
        "oic-token get --format header | curl -H @- …/ECHO/1.0/hello",
    );
    let header = stage.oic_token(&["get", "--min-valid", "0", "--format", "header"]);
    let path = "/ic/api/integration/v1/flows/rest/ECHO/1.0/hello";
    let (status, body) = http::get(&stage.domain.url(), path, &header);
    stage.show(&format!("{status} {}", body.trim()));
    token
}

fn renew(stage: &mut Stage, before: &str) {
    stage.say(
        "The daemon renews the token before it expires. The domain takes each \
         refresh token once and gives a new one.",
        "oic-token get",
    );
    wait_for_refreshes(&stage.domain, 1);
    let after = stage.get_renewed();
    if after == before {
        stage.fail("the token is still the old one");
    }
    stage.show("another token, and nobody signed in again");
}

fn survive_kill(stage: &mut Stage) {
    stage.say(
        "A crash loses nothing: the newest refresh token was on disk before its \
         access token was handed out.",
        "kill -9 $(pidof oic-tokend); oic-tokend &",
    );
    stage.restart_after_kill();
    stage.get();
    stage.show("still signed in");
}

fn survive_outage(stage: &mut Stage) {
    stage.say(
        "An outage of the domain: it answers every renewal with an error page.",
        "oic-token get",
    );
    let failed = |log: &[LogEntry]| {
        log.iter()
            .any(|entry| entry.fault == Some(Fault::Html503) && entry.outcome == Outcome::Answered)
    };
    stage
        .domain
        .fault(Fault::Html503, OUTAGE_ANSWERS, Endpoint::Token);
    stage
        .domain
        .wait_for_requests(failed, DEADLINE)
        .expect("the daemon tries to renew");
    stage.get();
    stage.show("the token that is still valid is served meanwhile");
    let refreshes = refresh_count(&stage.domain.log());
    wait_for_refreshes(&stage.domain, refreshes + 1);
    stage.get_renewed();
    stage.show("and after the outage the session goes on");
}

fn log_out(stage: &mut Stage) {
    stage.say(
        "Log out: the refresh token is revoked and forgotten.",
        "oic-token logout",
    );
    stage.oic_token(&["logout"]);
    stage.note("After that, oic-token get says:");
    let refused = stage.home.oic_token(&["get"]);
    for line in refused.stderr.lines() {
        stage.show(line);
    }
    if refused.code != 3 {
        stage.fail("there is still a token after the logout");
    }
}

fn refresh_count(log: &[LogEntry]) -> usize {
    log.iter()
        .filter(|entry| entry.grant_type == Some("refresh_token") && entry.status == Some(200))
        .count()
}

fn wait_for_refreshes(domain: &Simulator, count: usize) {
    domain
        .wait_for_requests(|log| refresh_count(log) >= count, DEADLINE)
        .expect("the daemon renews in time");
}
