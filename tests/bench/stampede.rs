//! Ten thousand callers that wait for one renewal.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE, Daemon, Home, allow_callers};
use oic_tests::simulator::{Endpoint, Fault, JANE, LogEntry, Options, Simulator};
use serde::Serialize;

use crate::clean_up::{self, Watched};
use crate::clock;
use crate::failure::Failure;
use crate::rest::{self, Memory};

/// How many there are.
const CALLERS: usize = 10_000;

/// How long the domain takes to answer the refresh.
const ANSWERED_AFTER: Duration = Duration::from_millis(1500);

/// How long the token lives that has expired when they come, in seconds.
const EXPIRED_LIFETIME: u32 = 2;

/// What became of the callers.
#[derive(Debug, Serialize)]
pub struct StampedeReport {
    /// How many there were.
    pub callers: usize,
    /// How long the domain took, in milliseconds.
    pub answered_after_ms: u128,
    /// Refreshes that the domain saw.
    pub refreshes: usize,
    /// Different access tokens that they were given.
    pub tokens: usize,
    /// Callers that got none.
    pub refused: usize,
    /// Until all had connected and asked, in milliseconds.
    pub asked_ms: f64,
    /// From the first answer to the last, in milliseconds.
    pub answers_ms: f64,
    /// The daemon's memory while they waited.
    pub memory: Memory,
}

/// Lets them ask while the domain takes its time.
pub fn measure() -> Result<StampedeReport, Failure> {
    if !allow_callers(CALLERS) {
        let limit = "the hard limit of descriptors (ulimit -Hn) is too low";
        return Err(Failure::of(format_args!("{CALLERS} callers"), limit));
    }
    eprintln!("{CALLERS} callers wait for one renewal …");
    let domain = Simulator::try_start(
        Options::default()
            .knob("access_token_lifetime", &EXPIRED_LIFETIME.to_string())
            .knob("interval", "1")
            .knob("auto_approve", JANE),
    );
    let domain = domain.map_err(|error| Failure::of("the domain does not start", error))?;
    let home = Home::new(&domain.config_toml());
    clean_up::at_sudden_end(&home.path(""))?;
    let daemon = Daemon::start(&home);
    let _watched = Watched::new(daemon.pid());
    home.oic_token(&["login", "--no-browser"]).succeeded();
    domain
        .set_knob("access_token_lifetime", "3600")
        .map_err(|error| Failure::of("the domain's tokens", error))?;
    let slow = Fault::Slow(ANSWERED_AFTER);
    domain.fault(slow, 1, Endpoint::Token);
    // Renewals are three seconds apart at least: by now the token has expired.
    let refreshing = |log: &[LogEntry]| log.iter().any(|entry| entry.fault == Some(slow));
    domain
        .wait_for_requests(refreshing, DEADLINE)
        .map_err(|error| Failure::of("the token is not renewed", error))?;

    let failed = |error: io::Error| Failure::of("the daemon does not answer", error);
    let began = clock::start();
    let mut callers = Vec::with_capacity(CALLERS);
    for _ in 0..CALLERS {
        let mut caller = Caller::connect(&home.socket(), DEADLINE).map_err(failed)?;
        caller.ask(&get()).map_err(failed)?;
        callers.push(caller);
    }
    let asked = began.elapsed();
    let process = format!("/proc/{}", daemon.pid());
    let memory = rest::memory(process.as_ref())
        .map_err(|error| Failure::of("the daemon cannot be looked at", error))?;
    let (mut tokens, mut refused, mut first) = (BTreeSet::new(), 0, None);
    for caller in &mut callers {
        match caller.answer().map_err(failed)? {
            Response::Token(view) => {
                tokens.insert(view.access_token.expose().to_owned());
            }
            _ => refused += 1,
        }
        first.get_or_insert_with(clock::start);
    }
    let answers = first.map_or(Duration::ZERO, |first| first.elapsed());
    let refresh = |entry: &&LogEntry| entry.grant_type == Some("refresh_token");
    Ok(StampedeReport {
        callers: CALLERS,
        answered_after_ms: ANSWERED_AFTER.as_millis(),
        refreshes: domain.log().iter().filter(refresh).count(),
        tokens: tokens.len(),
        refused,
        asked_ms: asked.as_secs_f64() * 1e3,
        answers_ms: answers.as_secs_f64() * 1e3,
        memory,
    })
}

fn get() -> Request {
    Request::GetToken {
        profile: None,
        min_validity: Duration::ZERO,
        patience: DEADLINE,
        force: false,
    }
}
