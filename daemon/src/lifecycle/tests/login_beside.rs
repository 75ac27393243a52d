//! A login beside a live session.

use super::answers::{grant, refused};
use super::sim::Sim;

/// A login with a first poll under way, beside a session with at-1 and rt-1.
fn polling_beside_a_session() -> Sim {
    let mut sim = Sim::signed_in(3600);
    sim.begin_login();
    sim.advance(5);
    sim.check("signed in, due", &["authorize", "poll dc-1"]);
    sim
}

#[test]
fn beside_a_login_the_session_serves_until_the_new_grant_is_on_disk() {
    let mut sim = polling_beside_a_session();
    assert_eq!(sim.get(0), "at-1");
    sim.answer_poll(Ok(grant(2, 3600)));
    assert_eq!(sim.get(0), "at-1");
    sim.check("signed in, in flight", &["store rt-2 at-2"]);
    sim.stored_ok();
    assert_eq!(sim.get(0), "at-2");
    assert_eq!(sim.login_stands(), "signed in");
}

#[test]
fn a_login_that_fails_changes_nothing_about_the_session_beside_it() {
    for reason in ["access_denied", "expired_token", "invalid_grant"] {
        let mut sim = polling_beside_a_session();
        sim.answer_poll(Err(refused(reason)));
        sim.check("signed in, due", &[]);
        assert_eq!(sim.get(0), "at-1");
        assert_eq!(sim.error(), None);
        sim.advance_to_renewal();
        sim.check("signed in, in flight", &["store rt-1 (sent) at-1"]);
    }
}

#[test]
fn a_session_is_renewed_while_a_login_runs_beside_it() {
    let mut sim = Sim::refreshing(3600);
    sim.begin_login();
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_ok();
    assert_eq!(sim.get(0), "at-2");
    assert_eq!(sim.login_stands(), "prompt QTZLMCBW");
}

#[test]
fn the_answer_to_a_refresh_of_the_session_that_a_login_replaced_is_ignored() {
    let mut sim = Sim::refreshing(3600);
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(2, 3600)));
    sim.stored_ok();
    sim.wanted();
    sim.answer_refresh(Ok(grant(3, 3600)));
    sim.check("signed in, due", &[]);
    assert_eq!(sim.get(0), "at-2");
}

#[test]
fn a_refused_refresh_of_the_session_that_a_login_replaced_does_not_end_the_new_one() {
    let mut sim = Sim::refreshing(3600);
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(2, 3600)));
    sim.stored_ok();
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert_eq!(sim.stands(), "signed in, due");
    assert_eq!(sim.error(), None);
}

#[test]
fn a_login_repairs_a_session_that_the_server_ended() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    sim.stored_ok();
    sim.wanted();
    sim.log_in(grant(2, 3600));
    sim.check(
        "signed in, due",
        &["authorize", "poll dc-1", "store rt-2 at-2"],
    );
    assert_eq!(sim.error(), None);
    assert_eq!(sim.core.view(sim.now).failures, 0);
}

#[test]
fn a_renewal_beside_a_login_does_not_hasten_its_poll() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(sim.wakes_in() as u64);
    sim.begin_login();
    sim.wanted();
    sim.advance(1);
    sim.check("signed in, in flight", &["store rt-1 (sent) at-1"]);
}
