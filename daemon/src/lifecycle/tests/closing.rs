//! The daemon ends: what was begun comes to its end, and nothing is begun.

use super::super::Event;
use super::answers::{grant, refused};
use super::sim::Sim;

#[test]
fn a_daemon_that_ends_while_nothing_is_under_way_has_nothing_to_wait_for() {
    let mut sim = Sim::signed_in(3600);
    sim.close();
    assert!(sim.core.is_quiet());
    assert_eq!(sim.core.poll_closing_timeout(), None);
    sim.check("signed in, due", &[]);
}

#[test]
fn a_daemon_that_is_ending_begins_no_renewal() {
    let mut sim = Sim::signed_in(3600);
    sim.close();
    sim.advance_closing(3600);
    sim.core.handle_closing_timeout(sim.now);
    assert_eq!(sim.core.poll_closing_timeout(), None);
    sim.check("signed in, due", &[]);
}

#[test]
fn a_daemon_that_is_ending_does_not_try_a_failed_renewal_again() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_client")));
    sim.disk_catches_up();
    sim.wanted();
    sim.close();
    assert_eq!(sim.core.poll_closing_timeout(), None);
    sim.check("signed in, backoff", &[]);
}

#[test]
fn a_refresh_that_is_under_way_is_waited_for_and_what_it_brings_is_stored() {
    let mut sim = Sim::refreshing(3600);
    sim.close();
    assert!(!sim.core.is_quiet());
    sim.advance_closing(3);
    sim.answer_refresh(Ok(grant(2, 3600)));
    assert!(!sim.core.is_quiet());
    let stored = sim.stored_ok().expect("a session is on disk");
    assert!(sim.core.is_quiet());

    sim.restart(Some(stored));
    assert_eq!(sim.get(0), "at-2");
}

#[test]
fn a_refresh_that_has_not_been_sent_is_left_to_the_next_daemon() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    sim.wanted();
    sim.close();
    assert!(!sim.core.is_quiet());
    // The intent, and that it has been given up.
    sim.stored_ok();
    let stored = sim.stored_ok();
    sim.check("signed in, due", &["store rt-1 at-1"]);
    assert!(sim.core.is_quiet());

    sim.restart(stored);
    assert_eq!(sim.get(0), "at-1");
    sim.advance_to_renewal();
    sim.stored_ok();
    assert_eq!(sim.refreshes(), 1);
}

#[test]
fn a_daemon_that_is_ending_tries_a_failed_write_again() {
    let mut sim = Sim::refreshing(3600);
    sim.close();
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_err();
    sim.wanted();
    assert!(!sim.core.is_quiet());
    sim.advance_closing(1);
    sim.check("signed in, due", &["store rt-2 at-2"]);
    sim.stored_ok();
    assert!(sim.core.is_quiet());
}

#[test]
fn callers_of_a_daemon_that_is_ending_do_not_wait_for_a_disk_that_hangs() {
    let mut sim = Sim::refreshing(3600);
    sim.close();
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.advance_closing(4);
    assert_eq!(sim.served().as_deref(), Some("at-1"));
    sim.advance_closing(1);
    assert_eq!(sim.served().as_deref(), Some("at-2"));
}

#[test]
fn a_logout_from_a_daemon_that_is_ending_does_not_wait_for_a_disk_that_hangs() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    sim.answer_revocation(Ok(()));
    sim.close();
    sim.advance_closing(4);
    assert_eq!(sim.core.logout_outcome(), None);
    sim.advance_closing(1);
    assert!(matches!(sim.core.logout_outcome(), Some(Err(_))));
}

#[test]
fn a_login_that_waits_for_the_user_ends_with_the_daemon() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.wanted();
    sim.close();
    assert_eq!(sim.login_stands(), "failed: cancelled");
    assert!(sim.core.is_quiet());
    sim.advance_closing(300);
    sim.check("signed out", &[]);
}

#[test]
fn a_login_that_is_granted_is_stored_before_the_daemon_ends() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.close();
    assert!(!sim.core.is_quiet());
    let stored = sim.stored_ok();
    assert_eq!(sim.login_stands(), "signed in");
    assert!(sim.core.is_quiet());

    sim.restart(stored);
    assert_eq!(sim.get(0), "at-1");
}
