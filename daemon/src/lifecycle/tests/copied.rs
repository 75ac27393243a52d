//! The disk holds a copy of a session: it is known, and its refresh token is
//! left to whoever has the session.

use super::super::{Event, StoredSession};
use super::answers::{grant, seconds};
use super::sim::Sim;

/// A daemon that has found a copy with an hour's token, a minute old.
fn copied() -> Sim {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, 3600)));
    let stored = sim.stored_ok().expect("a session is on disk");
    sim.pass(seconds(60));
    found(&mut sim, stored);
    sim
}

fn found(sim: &mut Sim, session: StoredSession) {
    sim.restart(None);
    let why = "it is a copy".to_owned();
    sim.handle(Event::RestoredCopy { session, why });
    sim.wake();
}

#[test]
fn its_access_token_is_served_to_its_end_and_its_refresh_token_never_sent() {
    let mut sim = copied();
    assert_eq!(sim.get(60), "at-1");
    assert_eq!(sim.error().as_deref(), Some("copied_session"));
    assert_eq!(sim.force().0, "login required: it is a copy");
    sim.advance(3600);
    assert_eq!(sim.get(0), "login required: it is a copy");
    sim.check("signed out", &[]);
    assert_eq!(sim.core.poll_timeout(), None);
}

#[test]
fn an_open_intent_in_it_is_not_tried_again() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    sim.force();
    let stored = sim.stored_ok().expect("a session is on disk");
    found(&mut sim, stored);
    sim.advance(7200);
    sim.check("signed out", &[]);
}

#[test]
fn a_login_puts_its_own_session_in_its_place() {
    let mut sim = copied();
    sim.log_in(grant(2, 3600));
    sim.check(
        "signed in, due",
        &["authorize", "poll dc-1", "store rt-2 at-2"],
    );
    assert_eq!(sim.get(60), "at-2");
    assert_eq!(sim.error(), None);
}

#[test]
fn a_logout_removes_it_and_revokes_nothing() {
    let mut sim = copied();
    sim.handle(Event::LogoutRequested);
    sim.check("signed out", &["store nothing"]);
    sim.disk_catches_up();
    sim.check("signed out", &[]);
    assert!(sim.core.logout_outcome().is_some_and(|it| it.is_ok()));
}

#[test]
fn one_without_a_refresh_token_is_a_session_like_any_other() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    let mut stored = sim.stored_ok().expect("a session is on disk");
    stored.refresh_token = None;
    found(&mut sim, stored);
    sim.check("signed in", &[]);
    assert_eq!(sim.error(), None);
}
