//! The session table of [`vocabulary`](super::super::vocabulary), a test a row.

use super::super::Event;
use super::answers::{grant, not_sent, refused, unanswered, unavailable, without_refresh_token};
use super::sim::Sim;

#[test]
fn a_profile_that_nobody_signed_in_to_wants_nothing() {
    let mut sim = Sim::new();
    sim.wake();
    sim.check("signed out", &[]);
    assert_eq!(sim.core.poll_timeout(), None);
    assert_eq!(sim.get(0), "login required: nobody has signed in yet");
    sim.check("signed out", &[]);
}

#[test]
fn a_restored_session_is_signed_in_and_due() {
    let mut before = Sim::signed_in(3600);
    before.advance_to_renewal();
    before.stored_ok();
    before.answer_refresh(Ok(grant(2, 3600)));
    let stored = before.stored_ok().expect("a session is on disk");

    let mut sim = Sim::new();
    sim.handle(Event::Restored(stored));
    sim.check("signed in, due", &[]);
}

#[test]
fn when_the_time_has_come_the_intent_to_refresh_goes_to_disk_first() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    sim.check("signed in, in flight", &["store rt-1 (sent) at-1"]);
}

#[test]
fn when_the_pause_is_over_the_intent_to_refresh_goes_to_disk_again() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(not_sent()));
    sim.stored_ok();
    sim.wanted();
    sim.advance_to_renewal();
    sim.check("signed in, in flight", &["store rt-1 (sent) at-1"]);
}

#[test]
fn the_refresh_leaves_when_its_intent_is_on_disk() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    sim.wanted();
    sim.stored_ok();
    sim.check("signed in, in flight", &["refresh rt-1"]);
}

#[test]
fn the_refresh_leaves_all_the_same_when_the_disk_refuses() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    sim.wanted();
    sim.stored_err();
    sim.check("signed in, in flight", &["refresh rt-1"]);
}

#[test]
fn the_refresh_leaves_all_the_same_when_the_disk_takes_too_long() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    sim.wanted();
    sim.advance(4);
    sim.check("signed in, in flight", &[]);
    sim.advance(1);
    sim.check("signed in, in flight", &["refresh rt-1"]);
}

#[test]
fn what_a_refresh_brings_goes_to_disk() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.check("signed in, in flight", &["store rt-2 at-2"]);
    assert_eq!(sim.served().as_deref(), Some("at-1"));
}

#[test]
fn the_new_access_token_is_served_when_the_new_refresh_token_is_on_disk() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.wanted();
    sim.stored_ok();
    sim.check("signed in, due", &[]);
    assert_eq!(sim.served().as_deref(), Some("at-2"));
}

#[test]
fn the_new_access_token_is_served_all_the_same_when_the_disk_refuses() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_err();
    assert_eq!(sim.served().as_deref(), Some("at-2"));
    assert_eq!(sim.stands(), "signed in, due");
}

#[test]
fn the_new_access_token_is_served_all_the_same_when_the_disk_takes_too_long() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.advance(4);
    assert_eq!(sim.served().as_deref(), Some("at-1"));
    sim.advance(1);
    assert_eq!(sim.served().as_deref(), Some("at-2"));
    assert_eq!(sim.stands(), "signed in, due");
}

#[test]
fn a_refresh_that_used_nothing_up_closes_its_intent_on_disk() {
    for error in [not_sent(), unavailable(503, None), unavailable(429, None)] {
        let mut sim = Sim::refreshing(3600);
        sim.answer_refresh(Err(error));
        sim.check("signed in, backoff", &["store rt-1 at-1"]);
        assert_eq!(sim.served().as_deref(), Some("at-1"));
    }
}

#[test]
fn a_refresh_without_a_definite_answer_leaves_its_intent_on_disk() {
    for error in [unanswered(), unavailable(502, None), unavailable(504, None)] {
        let mut sim = Sim::refreshing(3600);
        sim.answer_refresh(Err(error));
        sim.check("signed in, in doubt", &[]);
        assert_eq!(sim.served().as_deref(), Some("at-1"));
    }
}

#[test]
fn invalid_grant_ends_the_session_and_the_disk_forgets_the_refresh_token() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    sim.check("signed out", &["store at-1"]);
    assert_eq!(sim.served().as_deref(), Some("at-1"));
}

#[test]
fn invalid_grant_with_no_valid_access_token_left_leaves_no_token_on_disk() {
    let mut sim = Sim::refreshing(3600);
    let left = sim.core.view(sim.now).access_token.expect("one").remaining;
    sim.pass(left);
    sim.answer_refresh(Err(refused("invalid_grant")));
    sim.check("signed out", &["store"]);
    assert_eq!(
        sim.get(0),
        "login required: the authorization server refused: invalid_grant"
    );
    sim.disk_catches_up();
    assert_eq!(sim.core.poll_timeout(), None);
}

#[test]
fn a_logout_revokes_the_refresh_token_and_empties_the_disk() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    sim.check("signed out", &["revoke rt-1", "store nothing"]);
    assert_eq!(sim.get(0), "login required: the profile was logged out");
}

#[test]
fn the_token_file_has_what_callers_are_given_and_no_token_past_its_end() {
    let mut sim = Sim::new();
    assert_eq!(sim.in_the_file(), None);
    sim.log_in(without_refresh_token(grant(1, 3600)));
    assert_eq!(sim.in_the_file().as_deref(), Some("at-1"));
    assert_eq!(sim.in_the_file(), sim.served());
    sim.advance(3601);
    assert_eq!(sim.in_the_file(), None);
}
