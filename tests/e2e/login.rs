//! The login, as `oic-token login` shows it and scripts read it.

use oic_tests::harness::{DEADLINE, Run, Terminal, binary};
use oic_tests::simulator::{Endpoint, JANE, JOHN, Options};
use serde_json::Value;

use crate::signed_in::{SignedIn, quick_domain};

fn start_login(started: &SignedIn) -> (Run, Value) {
    let mut login = started
        .home
        .start_oic_token(&["login", "--no-browser", "--json"]);
    let prompt = serde_json::from_str(&login.line()).unwrap();
    (login, prompt)
}

fn code_of(prompt: &Value) -> &str {
    prompt["user_code"].as_str().unwrap()
}

#[test]
fn the_prompt_leads_to_the_domain_and_the_end_names_the_user() {
    let started = SignedIn::signed_out(quick_domain());
    let (mut login, prompt) = start_login(&started);
    assert_eq!(prompt["event"], "prompt");
    assert_eq!(prompt["profile"], "sim");
    assert_eq!(
        prompt["verification_uri"],
        format!("{}/ui/v1/device", started.domain.url())
    );
    assert_eq!(prompt["verification_uri_complete"], Value::Null);
    assert!(prompt["expires_at"].is_string());

    started.domain.approve(code_of(&prompt), JANE).unwrap();
    let end: Value = serde_json::from_str(&login.line()).unwrap();
    assert_eq!(end["event"], "signed_in");
    assert_eq!(end["subject"], JANE);
    assert_eq!(login.finish().code, 0);
}

#[test]
fn a_denied_login_says_so() {
    let started = SignedIn::signed_out(quick_domain());
    let (mut login, prompt) = start_login(&started);
    started.domain.deny(code_of(&prompt)).unwrap();
    let end: Value = serde_json::from_str(&login.line()).unwrap();
    assert_eq!(end["event"], "failed");
    assert_eq!(end["reason"], "access_denied");
    assert_eq!(login.finish().code, 1);
}

#[test]
fn an_expired_code_ends_the_login() {
    let started = SignedIn::signed_out(quick_domain());
    let (mut login, prompt) = start_login(&started);
    started.domain.expire(code_of(&prompt)).unwrap();
    let end: Value = serde_json::from_str(&login.line()).unwrap();
    assert_eq!(end["reason"], "expired_token");
    assert_eq!(login.finish().code, 1);
}

#[test]
fn a_login_beside_a_session_serves_the_session_until_the_new_one_is_there() {
    let signed_in = SignedIn::with_lifetime(3600);
    let before = signed_in.get();
    signed_in.domain.set_knob("auto_approve", "absent").unwrap();
    let (login, prompt) = start_login(&signed_in);
    assert_eq!(signed_in.get(), before);
    signed_in.domain.deny(code_of(&prompt)).unwrap();
    assert_eq!(login.finish().code, 1);
    assert_eq!(signed_in.get(), before, "a failed login changes nothing");
}

#[test]
fn hanging_up_cancels_the_login() {
    let started = SignedIn::signed_out(quick_domain());
    let (login, _) = start_login(&started);
    login.kill();
    started.daemon.wait_for_log("login cancelled");
    let status = started.home.oic_token(&["status", "--json"]).succeeded();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["profiles"][0]["state"], "signed_out");
}

#[test]
fn a_second_caller_joins_the_login_under_way() {
    let started = SignedIn::signed_out(quick_domain());
    let (first, prompt) = start_login(&started);
    let (second, same) = start_login(&started);
    assert_eq!(prompt["user_code"], same["user_code"]);
    started.domain.approve(code_of(&prompt), JANE).unwrap();
    assert_eq!(first.finish().code, 0);
    assert_eq!(second.finish().code, 0);
}

#[test]
fn without_an_interval_the_domain_is_polled_every_five_seconds() {
    let started = SignedIn::signed_out(Options::default());
    let (login, prompt) = start_login(&started);
    let polls = |log: &[oic_tests::simulator::LogEntry]| {
        log.iter()
            .filter(|entry| entry.endpoint == Endpoint::Token && entry.status.is_some())
            .count()
            >= 2
    };
    let log = started.domain.wait_for_requests(polls, DEADLINE).unwrap();
    let times: Vec<_> = log.iter().map(|entry| entry.time.as_second()).collect();
    assert!(
        (4..=6).contains(&(times[1] - times[0])) && (4..=6).contains(&(times[2] - times[1])),
        "{times:?}"
    );
    started.domain.deny(code_of(&prompt)).unwrap();
    login.kill();
}

#[test]
fn a_login_without_a_refresh_token_warns_and_serves_to_the_end() {
    let options = quick_domain().knob("refresh_grant", "omitted");
    let started = SignedIn::signed_out(options.knob("auto_approve", JANE));
    let login = started.home.oic_token(&["login", "--no-browser"]);
    assert_eq!(login.code, 0, "{}", login.stderr);
    assert!(
        login.stderr.contains("Allow token refresh"),
        "the switches are named: {}",
        login.stderr
    );
    assert!(!started.get().is_empty());
}

/// What a victim of device code phishing would do to every script.
#[test]
fn a_login_that_somebody_else_answers_changes_nothing_until_told_otherwise() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let janes = signed_in.get();
    signed_in.domain.set_knob("auto_approve", JOHN).unwrap();
    let stranger = signed_in.home.oic_token(&["login", "--no-browser"]);
    assert_eq!(stranger.code, 1);
    let said = format!("{JOHN} signed in, and the profile belongs to {JANE} (wrong_user)");
    assert!(stranger.stderr.contains(&said), "{}", stranger.stderr);
    assert!(stranger.stderr.contains("--change-user"));
    assert_eq!(signed_in.get(), janes);

    signed_in.restart_after_kill();
    let login = |arguments: &[&str]| signed_in.home.oic_token(arguments).code;
    assert_eq!(login(&["login", "--no-browser"]), 1, "a restart forgets it");
    assert_eq!(login(&["login", "--no-browser", "--change-user"]), 0);
    assert_ne!(signed_in.get(), janes);
}

/// What a login shows on a terminal of 80 columns and so many rows, until it
/// waits.
fn shown(started: &SignedIn, rows: u16) -> String {
    let mut command = started.home.command(&binary("oic-token"));
    command
        .args(["login", "--no-browser"])
        .envs([("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
    let mut terminal = Terminal::of(&mut command);
    terminal.resize(80, rows);
    let mut login = command.spawn().unwrap();
    drop(command);
    let shown = terminal.seen_until("Ctrl-C cancels");
    login.kill().unwrap();
    login.wait().unwrap();
    shown
}

#[test]
fn a_qr_code_is_shown_where_it_pushes_no_address_off_the_terminal() {
    let started = SignedIn::signed_out(quick_domain());
    let rows = 28;
    let low = shown(&started, rows - 1);
    let hint = format!("a terminal of {rows} rows shows a QR code to scan");
    assert!(low.contains(&hint) && !low.contains("or scan"), "{low}");
    let high = shown(&started, rows);
    assert!(high.contains("or scan"), "{high}");
    assert_eq!(high.lines().count(), usize::from(rows), "{high}");
}
