//! Refusals: each a clear sentence, the command that repairs it, and the exit
//! code of the contract.

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{Endpoint, Fault};

use crate::signed_in::{SignedIn, quick_domain};

#[test]
fn without_a_daemon_get_says_how_to_start_it() {
    let home = Home::new("");
    let get = home.oic_token(&["get"]);
    assert_eq!(get.code, 4);
    assert!(
        get.stderr.starts_with("oic-token: error: "),
        "{}",
        get.stderr
    );
    assert!(get.stderr.contains("oic-tokend"), "{}", get.stderr);
    assert_eq!(get.stdout, "");
}

#[test]
fn an_unknown_profile_is_named_and_the_known_ones_are_listed() {
    let started = SignedIn::signed_out(quick_domain());
    let get = started.home.oic_token(&["get", "prdo"]);
    assert_eq!(get.code, 7);
    assert!(
        get.stderr.contains("prdo") && get.stderr.contains("sim"),
        "{}",
        get.stderr
    );
}

#[test]
fn before_the_first_login_get_names_the_command() {
    let started = SignedIn::signed_out(quick_domain());
    let get = started.home.oic_token(&["get"]);
    assert_eq!(get.code, 3);
    assert!(get.stderr.contains("oic-token login sim"), "{}", get.stderr);
    assert_eq!(started.domain.log().len(), 0, "get never starts a login");
}

#[test]
fn an_ended_session_serves_its_last_token_and_says_that_it_is_over() {
    let signed_in = SignedIn::with_lifetime(3600);
    let last = signed_in.get();
    signed_in
        .domain
        .fault(Fault::InvalidGrant, 1, Endpoint::Token);
    let forced = signed_in.home.oic_token(&["get", "--force"]);
    assert_eq!(forced.code, 3, "{}", forced.stderr);
    assert!(forced.stderr.contains("invalid_grant"), "{}", forced.stderr);
    assert_eq!(signed_in.get(), last);
    let status = signed_in.home.oic_token(&["status", "--json"]).succeeded();
    assert!(status.contains("\"state\":\"signed_out\""), "{status}");
    assert!(status.contains("\"code\":\"invalid_grant\""), "{status}");
}

#[test]
fn an_unreachable_domain_is_try_again_later() {
    let SignedIn {
        domain,
        home,
        daemon,
    } = SignedIn::with_lifetime(2);
    drop(domain);
    daemon.wait_for_log("cannot be reached");
    let get = home.oic_token(&["get", "--min-valid", "0", "--timeout", "1"]);
    assert_eq!(get.code, 5, "{}", get.stderr);
    assert!(get.stderr.contains("cannot be reached"), "{}", get.stderr);
}

#[test]
fn a_wrong_configuration_names_line_key_and_expectation() {
    let home = Home::new("[profile.prod]\ndomain = \"https://id.example.com\"\nscopes = \"all\"\n");
    let (status, log) = Daemon::spawn(&home, &[]).wait();
    assert_eq!(status.code(), Some(78));
    assert!(log.contains("config.toml:3"), "{log}");
    assert!(log.contains("profile.prod.scopes"), "{log}");
}

#[test]
fn wrong_usage_is_two() {
    let home = Home::new("");
    assert_eq!(home.oic_token(&["get", "--no-such-option"]).code, 2);
    assert_eq!(home.oic_token::<&str>(&[]).code, 2);
}
