//! Where `oic-token curl` takes the token, and what it does about a 401.

#![cfg(unix)]

use oic_tests::harness::{Daemon, Home, Outcome};
use oic_tests::simulator::{Endpoint, Simulator};

use crate::signed_in::{SignedIn, quick_domain};

fn echo(domain: &Simulator, word: &str) -> String {
    let url = domain.url();
    format!("{url}/ic/api/integration/v1/flows/rest/ECHO/1.0/{word}")
}

fn curl(home: &Home, arguments: &[&str]) -> Outcome {
    let mut all = vec!["curl", "--", "-sS"];
    all.extend(arguments);
    home.oic_token(&all)
}

/// The statuses with which the trigger has answered.
fn statuses(domain: &Simulator) -> Vec<u16> {
    let log = domain.log();
    let echoes = log.iter().filter(|entry| entry.endpoint == Endpoint::Echo);
    echoes.filter_map(|entry| entry.status).collect()
}

/// The resource takes tokens for expired that the daemon takes for good.
fn with_a_token_that_is_refused() -> SignedIn {
    let signed_in = SignedIn::with_lifetime(3600);
    signed_in
        .domain
        .advance(std::time::Duration::from_secs(3601));
    signed_in
}

#[test]
fn a_401_is_answered_with_another_token_and_nobody_notices() {
    let signed_in = with_a_token_that_is_refused();
    let outcome = curl(&signed_in.home, &[&echo(&signed_in.domain, "hello")]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert!(outcome.stdout.starts_with('{') && outcome.stdout.contains("hello"));
    assert_eq!(statuses(&signed_in.domain), [401, 200]);
}

#[test]
fn a_401_that_stays_is_shown_with_what_the_server_says() {
    let options = quick_domain()
        .knob("missing_role_status", "401")
        .knob("unauthorized", "html")
        .knob("auto_approve", oic_tests::simulator::JOHN);
    let signed_in = SignedIn::signed_out(options);
    signed_in
        .home
        .oic_token(&["login", "--no-browser"])
        .succeeded();
    let url = echo(&signed_in.domain, "hello");
    let outcome = curl(&signed_in.home, &["-w", "%{http_code}", &url]);
    assert_eq!(outcome.code, 0, "curl's own, without --fail");
    assert_eq!(outcome.stdout.matches("<html>").count(), 1, "{outcome:?}");
    assert!(outcome.stdout.ends_with("401"), "{outcome:?}");
    assert!(
        outcome.stderr.contains("and one just issued too"),
        "{outcome:?}"
    );
    assert!(
        outcome.stderr.contains("Role ServiceInvoker"),
        "{outcome:?}"
    );
    assert_eq!(statuses(&signed_in.domain), [401, 401]);
}

#[test]
fn a_request_that_reads_stdin_is_not_made_twice() {
    let signed_in = with_a_token_that_is_refused();
    let url = echo(&signed_in.domain, "hello");
    let arguments = ["curl", "--", "-sS", "-d", "@-", &url];
    let outcome = signed_in.home.oic_token_reading(&arguments, "body");
    assert!(outcome.stdout.contains("NotAuthenticated"), "{outcome:?}");
    assert_eq!(statuses(&signed_in.domain), [401]);
}

#[test]
fn every_request_of_a_call_has_the_token() {
    let signed_in = SignedIn::with_lifetime(3600);
    let (one, other) = (
        echo(&signed_in.domain, "one"),
        echo(&signed_in.domain, "other"),
    );
    let outcome = curl(&signed_in.home, &[&one, "--next", "-sS", &other]);
    assert!(outcome.stdout.contains("is one") && outcome.stdout.contains("is other"));
    assert_eq!(statuses(&signed_in.domain), [200, 200]);
}

#[test]
fn a_token_does_not_leave_the_hosts_of_its_profile() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", oic_tests::simulator::JANE));
    let config = format!("{}hosts = [\"127.0.0.1\"]\n", domain.config_toml());
    let home = Home::new(&config);
    let _daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let url = echo(&domain, "hello");
    assert!(curl(&home, &[&url]).succeeded().contains("hello"));
    let strange = url.replace("127.0.0.1", "localhost");
    let outcome = curl(&home, &[&url, &strange]);
    assert_eq!(outcome.code, 2);
    assert_eq!(outcome.stdout, "");
    assert!(
        outcome
            .stderr
            .contains("'localhost' is none of the hosts of profile 'sim'"),
        "{outcome:?}"
    );
    assert_eq!(statuses(&domain), [200], "nothing was sent");
}
