//! Where a profile stands, and when users hear of it.

use super::answers::{grant, not_sent, refused, without_refresh_token};
use super::sim::Sim;
use crate::lifecycle::Event;

const HOUR: u64 = 3600;

/// The next refresh, which ends so.
fn refresh(sim: &mut Sim, answer: Result<crate::oauth::TokenGrant, crate::oauth::EndpointError>) {
    while sim.refreshes() == 0 {
        sim.advance_to_renewal();
        sim.disk_catches_up();
    }
    sim.answer_refresh(answer);
    sim.disk_catches_up();
}

#[test]
fn a_login_and_its_renewals_are_told() {
    let mut sim = Sim::new();
    assert_eq!(sim.changes(), "SignedOut");
    sim.log_in(grant(1, HOUR));
    assert_eq!(sim.changes(), "SignedIn");
    refresh(&mut sim, Ok(grant(2, HOUR)));
    refresh(&mut sim, Ok(grant(3, HOUR)));
    assert_eq!(sim.changes(), "renewed renewed");
    sim.handle(Event::LogoutRequested);
    sim.disk_catches_up();
    assert_eq!(sim.changes(), "SignedOut");
}

#[test]
fn one_failure_is_no_outage_three_are_and_their_end_is_told() {
    let mut sim = Sim::signed_in(HOUR);
    sim.changes();
    refresh(&mut sim, Err(not_sent()));
    refresh(&mut sim, Ok(grant(2, HOUR)));
    assert_eq!(sim.changes(), "renewed");
    for _ in 0..5 {
        refresh(&mut sim, Err(not_sent()));
    }
    assert_eq!(sim.changes(), "Outage", "once");
    refresh(&mut sim, Ok(grant(3, HOUR)));
    assert_eq!(sim.changes(), "renewed SignedIn");
}

#[test]
fn a_failure_that_leaves_no_token_is_an_outage_at_once() {
    let mut sim = Sim::signed_in(HOUR);
    sim.changes();
    sim.suspend(2 * HOUR);
    sim.wake();
    refresh(&mut sim, Err(not_sent()));
    assert_eq!(sim.changes(), "Outage");
}

#[test]
fn a_client_that_is_refused_is_told_once() {
    let mut sim = Sim::signed_in(HOUR);
    sim.changes();
    for _ in 0..3 {
        refresh(&mut sim, Err(refused("invalid_client")));
    }
    assert_eq!(sim.changes(), "Refused");
    refresh(&mut sim, Ok(grant(2, HOUR)));
    assert_eq!(sim.changes(), "renewed SignedIn");
}

#[test]
fn a_login_is_needed_as_soon_as_the_server_ends_the_session() {
    let mut sim = Sim::signed_in(HOUR);
    sim.changes();
    refresh(&mut sim, Err(refused("invalid_grant")));
    assert_eq!(sim.changes(), "LoginNeeded");
    sim.advance(2 * HOUR);
    assert_eq!(
        sim.changes(),
        "",
        "and not again when the last token expires"
    );
    sim.log_in(grant(2, HOUR));
    assert_eq!(sim.changes(), "SignedIn");
}

#[test]
fn a_session_that_cannot_be_renewed_needs_a_login_when_its_token_expires() {
    let mut sim = Sim::new();
    sim.log_in(without_refresh_token(grant(1, HOUR)));
    sim.changes();
    sim.advance(HOUR - 1);
    assert_eq!(sim.changes(), "");
    sim.advance(2);
    assert_eq!(
        sim.changes(),
        "LoginNeeded",
        "though nothing else happens then"
    );
}

#[test]
fn a_stored_session_of_no_use_needs_a_login() {
    let mut sim = Sim::unread(super::sim::settings());
    sim.handle(Event::Unreadable("the key is gone".to_owned()));
    assert_eq!(sim.changes(), "LoginNeeded");
}
