//! What a caller of `get` is told.

use super::super::Ask;
use super::answers::{grant, refused, seconds, unavailable, without_refresh_token};
use super::sim::Sim;

/// An outage: the access token has expired and the last refresh was the
/// `failures`-th in a row to fail.
fn outage(failures: usize) -> Sim {
    let mut sim = Sim::refreshing(3600);
    sim.suspend(3600);
    for _ in 1..failures {
        sim.answer_refresh(Err(unavailable(503, None)));
        sim.disk_catches_up();
        sim.advance_to_renewal();
        sim.disk_catches_up();
    }
    sim.answer_refresh(Err(unavailable(503, None)));
    sim.disk_catches_up();
    sim.wanted();
    sim
}

#[test]
fn a_get_costs_no_request_while_the_token_has_time_left() {
    let mut sim = Sim::signed_in(3600);
    for _ in 0..20 {
        assert_eq!(sim.get(60), "at-1");
        sim.advance(100);
    }
    sim.check("signed in, due", &[]);
}

#[test]
fn a_token_is_handed_out_to_the_last_moment_and_not_after() {
    let mut sim = Sim::refreshing(3600);
    let left = sim.core.view(sim.now).access_token.expect("one").remaining;
    sim.pass(left - std::time::Duration::from_nanos(1));
    assert_eq!(sim.get(0), "at-1");
    sim.pass(std::time::Duration::from_nanos(1));
    assert_eq!(sim.get(0), "wait");
    assert_eq!(sim.core.view(sim.now).access_token, None);
}

#[test]
fn a_token_with_just_as_much_time_as_asked_for_will_do() {
    let mut sim = Sim::signed_in(3600);
    assert_eq!(sim.get(3600), "at-1");
    sim.advance(100);
    assert_eq!(sim.get(3500), "at-1");
    sim.check("signed in, due", &[]);
}

#[test]
fn a_token_with_too_little_time_left_is_renewed_early() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    assert_eq!(sim.get(3501), "wait");
    sim.check("signed in, in flight", &["store rt-1 (sent) at-1"]);
    sim.disk_catches_up();
    assert_eq!(sim.get(60), "at-1");
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.get(3501), "at-2");
}

#[test]
fn more_time_than_the_server_ever_gives_is_refused_without_a_request() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    assert_eq!(sim.get(3601), "3500 s left of 3600 s");
    sim.check("signed in, due", &[]);
}

#[test]
fn force_waits_for_a_newer_token_and_gets_it() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    let (first, ask) = sim.force();
    assert_eq!(first, "wait");
    assert_eq!(sim.get(0), "at-1");
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&ask), "wait");
    sim.pass(seconds(1));
    sim.answer_refresh(Ok(grant(2, 3600)));
    assert_eq!(sim.look_up(&ask), "wait");
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&ask), "at-2");
    assert_eq!(
        sim.wanted(),
        ["store rt-1 (sent) at-1", "refresh rt-1", "store rt-2 at-2"]
    );
}

#[test]
fn force_is_never_answered_by_the_older_token() {
    let mut sim = Sim::refreshing(3600);
    let (first, ask) = sim.force();
    assert_eq!(first, "wait");
    for _ in 0..10 {
        sim.answer_refresh(Err(unavailable(503, None)));
        sim.disk_catches_up();
        assert_ne!(sim.look_up(&ask), "at-1");
        sim.advance_to_renewal();
        sim.disk_catches_up();
    }
    assert_eq!(sim.look_up(&ask), "unavailable");
    assert_eq!(sim.get(0), "at-1");
}

#[test]
fn two_forces_at_once_are_one_refresh() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    let (_, first) = sim.force();
    let (_, second) = sim.force();
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
    sim.pass(seconds(1));
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&first), "at-2");
    assert_eq!(sim.look_up(&second), "at-2");
}

#[test]
fn force_right_after_a_renewal_waits_out_the_spacing() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(1);
    let (first, ask) = sim.force();
    assert_eq!(first, "wait");
    sim.check("signed in, due", &[]);
    assert_eq!(sim.wakes_in(), 4.0);
    sim.advance(4);
    sim.disk_catches_up();
    sim.pass(seconds(1));
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&ask), "at-2");
}

#[test]
fn force_at_the_very_moment_a_token_arrives_waits_for_a_newer_one() {
    let mut sim = Sim::signed_in(3600);
    let (told, _) = sim.force();
    assert_eq!(told, "wait");
}

#[test]
fn the_first_three_failures_are_ridden_out() {
    for failures in 1..=3 {
        let mut sim = outage(failures);
        assert_eq!(sim.get(60), "wait", "after {failures}");
        sim.check("signed in, backoff", &[]);
    }
}

#[test]
fn from_the_fourth_failure_on_callers_are_told_at_once() {
    for failures in 4..=8 {
        let mut sim = outage(failures);
        assert_eq!(
            sim.get(60),
            "unavailable, will try again",
            "after {failures}"
        );
    }
}

#[test]
fn a_caller_that_will_be_gone_by_the_next_try_is_told_at_once() {
    let mut sim = outage(3);
    let next = sim.wakes_in();
    assert!(next > 2.0, "{next}");
    assert_eq!(sim.get_within(0, 2), "unavailable, will try again");
    assert_eq!(sim.get_within(0, 5), "wait");
}

#[test]
fn a_long_retry_after_is_told_at_once() {
    let mut sim = Sim::refreshing(3600);
    sim.suspend(3600);
    sim.answer_refresh(Err(unavailable(429, Some(300))));
    sim.disk_catches_up();
    assert_eq!(sim.get(0), "unavailable, will try again");
}

#[test]
fn a_caller_that_rides_out_a_failure_gets_the_token() {
    let mut sim = outage(2);
    let ask = Ask {
        min_validity: seconds(60),
        newer_than: None,
        deadline: sim.now.boot.after(seconds(30)),
    };
    assert_eq!(sim.want(ask), "wait");
    sim.advance_to_renewal();
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&ask), "wait");
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&ask), "at-2");
}

#[test]
fn a_caller_whose_patience_ends_is_told() {
    let mut sim = Sim::refreshing(3600);
    sim.suspend(3600);
    let ask = Ask {
        min_validity: seconds(0),
        newer_than: None,
        deadline: sim.now.boot.after(seconds(30)),
    };
    assert_eq!(sim.want(ask), "wait");
    sim.advance(29);
    assert_eq!(sim.look_up(&ask), "wait");
    sim.advance(1);
    assert_eq!(sim.look_up(&ask), "unavailable");
}

#[test]
fn a_caller_without_patience_gets_a_valid_token_all_the_same() {
    let mut sim = Sim::refreshing(3600);
    assert_eq!(sim.get_within(0, 0), "at-1");
    sim.suspend(3600);
    assert_eq!(sim.get_within(0, 0), "unavailable");
}

#[test]
fn a_client_that_the_server_refuses_is_told_at_once() {
    let mut sim = Sim::refreshing(3600);
    sim.suspend(3600);
    sim.answer_refresh(Err(refused("invalid_client")));
    sim.disk_catches_up();
    assert_eq!(sim.get(0), "rejected");
}

#[test]
fn a_session_without_a_refresh_token_cannot_be_forced() {
    let mut sim = Sim::new();
    sim.log_in(without_refresh_token(grant(1, 600)));
    sim.wanted();
    sim.advance(1);
    let (told, _) = sim.force();
    assert!(told.starts_with("login required: "), "{told}");
    sim.check("signed in", &[]);
    assert_eq!(sim.get(0), "at-1");
}

#[test]
fn status_shows_how_long_the_refresh_token_lives_unused() {
    let mut sim = Sim::signed_in(3600);
    let view = sim.core.view(sim.now).refresh_token.expect("one");
    assert_eq!(view.obtained_at, sim.now.wall);
    let week = 7 * 24 * 3600;
    assert_eq!(view.renew_by.expect("known").0, sim.now.wall.0 + week);
    sim.advance(10);
    let later = sim.core.view(sim.now).refresh_token.expect("one");
    assert_eq!(later, view);
}

#[test]
fn status_shows_when_the_next_renewal_is() {
    let mut sim = Sim::signed_in(3600);
    let next = sim.core.view(sim.now).next_renewal_at.expect("one is due");
    let ahead = next.0 - sim.now.wall.0;
    assert!((ahead as f64 - sim.wakes_in()).abs() <= 1.0, "{ahead}");
    sim.advance_to_renewal();
    assert_eq!(sim.core.view(sim.now).next_renewal_at, None);
}
