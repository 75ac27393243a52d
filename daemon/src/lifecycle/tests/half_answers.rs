//! Answers that brought half of what was asked, or none that could be read:
//! what is still good is kept, and what ends the session later names both
//! causes.

use super::super::{Event, LoginProgress};
use super::answers::{
    grant, not_sent, refused, seconds, unanswered, unavailable, unusable, unusable_but_for,
};
use super::sim::Sim;
use crate::oauth::EndpointError;

/// A login whose first poll is under way.
fn polling() -> Sim {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.wanted();
    sim
}

/// What a caller of `login` is told of its failure.
#[track_caller]
fn failure(sim: &Sim) -> (String, String) {
    match sim.core.login_progress(sim.now) {
        LoginProgress::Ended(Err(failed)) => (failed.reason, failed.message),
        other => panic!("{other:?}"),
    }
}

/// The message of what `status` says went wrong last.
#[track_caller]
fn message(sim: &Sim) -> String {
    let error = sim.core.view(sim.now).last_error;
    error.expect("an error").message
}

#[test]
fn a_refresh_token_without_a_usable_access_token_is_stored_and_used_soon() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(unusable_but_for(2)));
    sim.check("signed in, backoff", &["store rt-2 at-1"]);
    assert_eq!(sim.error().as_deref(), Some("unusable_answer"));
    assert!(message(&sim).ends_with("it has no access_token; the refresh token in it is kept"));
    assert_eq!(sim.get(0), "at-1");
    sim.stored_ok();
    assert!(sim.wakes_in() <= 1.0, "{}", sim.wakes_in());
    sim.advance_to_renewal();
    sim.stored_ok();
    sim.check(
        "signed in, in flight",
        &["store rt-2 (sent) at-1", "refresh rt-2"],
    );
    sim.answer_refresh(Ok(grant(3, 3600)));
    sim.stored_ok();
    assert_eq!(sim.get(0), "at-3");
    assert_eq!(sim.error(), None);
}

#[test]
fn a_refresh_token_that_was_kept_survives_a_restart() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(unusable_but_for(2)));
    let stored = sim.stored_ok();
    sim.pass(seconds(3600));
    sim.restart(stored);
    sim.disk_catches_up();
    assert_eq!(
        sim.wanted().last().map(String::as_str),
        Some("refresh rt-2")
    );
}

#[test]
fn a_server_whose_access_tokens_are_never_usable_is_asked_ever_less_often() {
    let mut sim = Sim::refreshing(3600);
    let mut pauses = Vec::new();
    for number in 2..20 {
        sim.answer_refresh(Err(unusable_but_for(number)));
        sim.disk_catches_up();
        pauses.push(sim.wakes_in());
        sim.advance_to_renewal();
        sim.disk_catches_up();
        let sent = format!("refresh rt-{number}");
        assert_eq!(sim.wanted().last(), Some(&sent));
    }
    assert!(pauses[0] <= 1.0 && pauses[17] >= 90.0, "{pauses:?}");
}

#[test]
fn doubt_ends_with_a_refresh_token_that_came_alone() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(unanswered()));
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Err(unusable_but_for(2)));
    assert_eq!(sim.stands(), "signed in, backoff");
    let stored = sim.stored_ok().and_then(|it| it.refresh_token);
    assert_eq!(stored.expect("a refresh token").sent_at, None);
}

#[test]
fn a_login_that_brings_a_refresh_token_alone_fails_and_the_session_is_mended() {
    let mut sim = polling();
    sim.answer_poll(Err(unusable_but_for(1)));
    let (reason, told) = failure(&sim);
    assert_eq!(reason, "unusable_answer");
    assert!(told.ends_with("the refresh token in it is kept"), "{told}");
    sim.check("signed in, backoff", &["store rt-1"]);
    sim.stored_ok();
    assert_eq!(sim.get(0), "wait");
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.get(0), "at-2");
    let subject = sim.core.view(sim.now).subject;
    assert_eq!(subject.as_deref(), Some("jane.doe@example.com"));
}

#[test]
fn a_login_that_brings_a_refresh_token_alone_takes_no_valid_token_away() {
    let mut sim = Sim::signed_in(3600);
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Err(unusable_but_for(2)));
    assert_eq!(sim.get(0), "at-1");
    sim.advance(1);
    sim.disk_catches_up();
    assert_eq!(
        sim.wanted().last().map(String::as_str),
        Some("refresh rt-2")
    );
}

#[test]
fn a_refresh_token_that_comes_alone_and_late_is_revoked() {
    let mut sim = polling();
    sim.handle(Event::LoginAbandoned);
    sim.answer_poll(Err(unusable_but_for(1)));
    sim.check("signed out", &["revoke rt-1"]);
}

#[test]
fn a_session_that_ends_after_a_lost_answer_names_both() {
    for lost in [unanswered(), unusable(), unavailable(502, None)] {
        let first = lost.to_string();
        let mut sim = Sim::refreshing(3600);
        sim.answer_refresh(Err(lost));
        // What used nothing up in between is no cause.
        sim.advance_to_renewal();
        sim.disk_catches_up();
        sim.answer_refresh(Err(unavailable(503, None)));
        sim.advance_to_renewal();
        sim.disk_catches_up();
        sim.answer_refresh(Err(refused("invalid_grant")));
        sim.disk_catches_up();
        let both = format!("the authorization server refused: invalid_grant; before that, {first}");
        assert_eq!(message(&sim), both);
        assert_eq!(sim.error().as_deref(), Some("invalid_grant"));
        sim.pass(seconds(3600));
        assert_eq!(sim.get(0), format!("login required: {both}"));
    }
}

#[test]
fn a_session_that_ends_after_the_daemon_died_in_a_refresh_says_so() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    let stored = sim.stored_ok();
    sim.restart(stored);
    sim.disk_catches_up();
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert!(
        message(&sim).ends_with("the daemon ended before the answer to a refresh was on disk"),
        "{}",
        message(&sim)
    );
}

#[test]
fn a_session_that_ends_without_a_lost_answer_names_nothing_else() {
    let alone = "the authorization server refused: invalid_grant";
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(not_sent()));
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert_eq!(message(&sim), alone);

    // Nor one that turned out well.
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(unanswered()));
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert_eq!(message(&sim), alone);
}

/// The last poll, answered by `last` after the first was answered by `first`.
#[track_caller]
fn polled_twice(first: EndpointError, last: EndpointError) -> (String, String) {
    let mut sim = polling();
    sim.answer_poll(Err(first));
    sim.advance(10);
    sim.answer_poll(Err(last));
    failure(&sim)
}

#[test]
fn a_login_that_ends_after_a_lost_answer_names_both() {
    for (lost, reason) in [
        (unusable(), "invalid_grant"),
        (unanswered(), "invalid_grant"),
        (unanswered(), "expired_token"),
        (unavailable(504, None), "something_else"),
    ] {
        let first = lost.to_string();
        let (told, message) = polled_twice(lost, refused(reason));
        assert_eq!(told, reason);
        assert!(
            message.ends_with(&format!("; before that, {first}")),
            "{message}"
        );
    }
}

#[test]
fn a_code_that_expires_after_a_lost_answer_may_have_been_allowed() {
    let mut sim = polling();
    sim.answer_poll(Err(unusable()));
    for _ in 0..6 {
        sim.advance(60);
        if sim.login_stands().starts_with("prompt") {
            sim.answer_poll(Err(not_sent()));
        }
    }
    let (reason, message) = failure(&sim);
    assert_eq!(reason, "expired_token");
    assert!(message.contains("; before that, "), "{message}");
}

#[test]
fn a_login_that_ends_for_its_own_reason_names_that_alone() {
    let (_, message) = polled_twice(not_sent(), refused("invalid_grant"));
    assert!(!message.contains("before that"), "{message}");
    let (_, message) = polled_twice(unusable(), refused("access_denied"));
    assert_eq!(message, "the request was denied in the browser");

    // That the user had not answered yet settles what came before.
    let mut sim = polling();
    sim.answer_poll(Err(unusable()));
    sim.advance(10);
    sim.answer_poll(Err(refused("authorization_pending")));
    sim.advance(5);
    sim.answer_poll(Err(refused("invalid_grant")));
    assert!(!failure(&sim).1.contains("before that"));
}
