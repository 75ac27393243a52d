//! Renewal: in time, once, and in nobody's way.

use oic_tests::harness::Daemon;
use oic_tests::simulator::{Endpoint, Fault};

use crate::signed_in::SignedIn;

#[test]
fn short_tokens_are_renewed_again_and_again_without_anybody_asking() {
    let signed_in = SignedIn::with_lifetime(5);
    let first = signed_in.get();
    signed_in.wait_for_refreshes(3);
    let later = signed_in.get();
    assert_ne!(first, later);
    // What a plain 'get', which wants a minute, is told.
    assert_eq!(signed_in.home.oic_token(&["status", "--check"]).code, 8);
}

/// Each process asks for the same expired token while the domain takes its
/// time; one request serves them all.
#[test]
fn two_hundred_callers_of_an_expired_token_cause_one_request() {
    let signed_in = SignedIn::with_lifetime(2);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    // Renewals are three seconds apart at least, so that by now the token has
    // expired.
    signed_in.wait_for_held_request();
    signed_in
        .domain
        .set_knob("access_token_lifetime", "3600")
        .unwrap();
    let before = signed_in.refresh_count();
    let callers: Vec<_> = (0..200)
        .map(|_| signed_in.home.start_oic_token(&["get"]))
        .collect();
    signed_in.domain.release();
    let tokens: Vec<_> = callers
        .into_iter()
        .map(|caller| caller.finish().succeeded())
        .collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(signed_in.refresh_count(), before, "one request, no more");
}

#[test]
fn a_valid_token_is_served_while_the_domain_is_slow() {
    let signed_in = SignedIn::with_lifetime(3600);
    let valid = signed_in.get();
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    let forced = signed_in.home.start_oic_token(&["get", "--force"]);
    signed_in.wait_for_held_request();
    // Were this one to wait, nobody would ever release it.
    assert_eq!(signed_in.get(), valid);
    signed_in.domain.release();
    assert_ne!(forced.finish().succeeded(), valid);
}

/// Many scripts meet the same 401 and report the same token.
#[test]
fn a_token_that_a_resource_refused_is_refreshed_once_and_not_handed_out_again() {
    let signed_in = SignedIn::with_lifetime(3600);
    let refused = signed_in.get();
    for _ in 0..3 {
        let input = format!("{refused}\n");
        let reject = signed_in.home.oic_token_reading(&["reject"], &input);
        assert_eq!((reject.code, reject.stderr.as_str()), (0, ""));
        assert_ne!(signed_in.get(), refused);
    }
    assert_eq!(signed_in.refresh_count(), 1);
}

#[test]
fn more_validity_than_the_domain_gives_is_refused_without_asking_it() {
    let signed_in = SignedIn::with_lifetime(600);
    let outcome = signed_in.home.oic_token(&["get", "--min-valid", "601"]);
    assert_eq!(outcome.code, 8, "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "");
    assert_eq!(signed_in.refresh_count(), 0);
}

/// Some of the answers a domain, or what stands in front of it, may give
/// instead of a token; the table of all of them is the core's own test.
#[test]
fn no_odd_answer_costs_a_valid_token_or_the_session() {
    let signed_in = SignedIn::with_lifetime(3600);
    for fault in [
        Fault::Html200,
        Fault::Html503,
        Fault::Oauth429,
        Fault::Reset,
    ] {
        let valid = signed_in.get();
        signed_in.domain.fault(fault, 1, Endpoint::Token);
        let forced = signed_in.home.start_oic_token(&["get", "--force"]);
        let met = |log: &[oic_tests::simulator::LogEntry]| {
            log.iter().any(|entry| entry.fault == Some(fault))
        };
        signed_in
            .domain
            .wait_for_requests(met, oic_tests::harness::DEADLINE)
            .unwrap();
        assert_eq!(signed_in.get(), valid, "{fault} took the valid token away");
        let renewed = forced.finish();
        assert_eq!(renewed.code, 0, "{fault}: {}", renewed.stderr);
    }
}

#[test]
fn a_refresh_answer_without_a_refresh_token_keeps_the_old_one() {
    let signed_in = SignedIn::with_lifetime(3600);
    signed_in
        .domain
        .set_knob("rotate_refresh_tokens", "false")
        .unwrap();
    let first = signed_in.home.oic_token(&["get", "--force"]).succeeded();
    let second = signed_in.home.oic_token(&["get", "--force"]).succeeded();
    assert_ne!(first, second);
}

/// Its place is for a caller that waits.
#[cfg(unix)]
#[test]
fn a_caller_that_is_killed_while_it_waits_is_noticed_at_once() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.daemon.kill();
    let environment = [("OIC_TOKEND_LOG", "debug")];
    signed_in.daemon = Daemon::start_with(&signed_in.home, &environment);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    let arguments = ["get", "--force", "--timeout", "600"];
    let forced = signed_in.home.start_oic_token(&arguments);
    signed_in.wait_for_held_request();
    forced.kill();
    signed_in.daemon.wait_for_log("a caller was hung up on");
    signed_in.domain.release();
}
