//! Whom a profile belongs to: the user of its first login, until a logout.

use super::super::Event;
use super::answers::{grant, refused, without_refresh_token};
use super::sim::Sim;
use crate::oauth::TokenGrant;

fn grant_to(subject: &str, number: u64) -> TokenGrant {
    TokenGrant {
        subject: Some(subject.to_owned()),
        ..grant(number, 3600)
    }
}

/// Jane's profile, and a login that John answers.
fn john_signs_in(sim: &mut Sim, change_user: bool) {
    sim.handle(Event::LoginRequested { change_user });
    sim.answer_device(Ok(super::answers::device()));
    sim.advance(5);
    sim.wanted();
    sim.answer_poll(Ok(grant_to("john.roe@example.com", 7)));
}

fn subject(sim: &Sim) -> Option<String> {
    sim.core.view(sim.now).subject
}

#[test]
fn a_login_that_comes_back_as_somebody_else_is_refused_and_revoked() {
    let mut sim = Sim::signed_in(3600);
    john_signs_in(&mut sim, false);
    assert_eq!(sim.login_stands(), "failed: wrong_user");
    assert_eq!(sim.wanted(), ["revoke rt-7"]);
    assert_eq!(sim.get(0), "at-1");
    assert_eq!(subject(&sim).as_deref(), Some("jane.doe@example.com"));
}

#[test]
fn told_to_change_the_user_it_is_accepted() {
    let mut sim = Sim::signed_in(3600);
    john_signs_in(&mut sim, true);
    sim.disk_catches_up();
    assert_eq!(sim.login_stands(), "signed in");
    assert_eq!(sim.get(0), "at-7");
    assert_eq!(subject(&sim).as_deref(), Some("john.roe@example.com"));
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(8, 3600)));
    assert_eq!(sim.login_stands(), "failed: wrong_user");
}

#[test]
fn the_same_user_may_sign_in_again_and_again() {
    let mut sim = Sim::signed_in(3600);
    for number in 2..5 {
        sim.log_in(grant(number, 3600));
        assert_eq!(sim.login_stands(), "signed in");
    }
}

#[test]
fn a_session_that_the_server_ended_still_belongs_to_its_user() {
    let mut sim = Sim::refreshing(3600);
    sim.suspend(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    john_signs_in(&mut sim, false);
    assert_eq!(sim.login_stands(), "failed: wrong_user");
}

#[test]
fn a_restart_forgets_neither_the_user_nor_why_the_session_ended() {
    let mut sim = Sim::refreshing(3600);
    sim.suspend(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    let stored = sim.stored_ok().expect("whose it was");
    assert_eq!(
        (&stored.refresh_token, &stored.access_token),
        (&None, &None)
    );
    sim.restart(Some(stored));
    let told = sim.get(0);
    assert_eq!(
        told,
        "login required: the authorization server refused: invalid_grant"
    );
    john_signs_in(&mut sim, false);
    assert_eq!(sim.login_stands(), "failed: wrong_user");
}

#[test]
fn after_a_logout_anybody_may_sign_in() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    sim.disk_catches_up();
    john_signs_in(&mut sim, false);
    sim.disk_catches_up();
    assert_eq!(sim.login_stands(), "signed in");
    assert_eq!(subject(&sim).as_deref(), Some("john.roe@example.com"));
}

#[test]
fn opaque_tokens_say_nothing_of_their_user_and_are_accepted() {
    let mut sim = Sim::signed_in(3600);
    sim.log_in(TokenGrant {
        subject: None,
        ..grant(2, 3600)
    });
    assert_eq!(sim.login_stands(), "signed in");
    john_signs_in(&mut sim, false);
    assert_eq!(sim.login_stands(), "failed: wrong_user");
}

#[test]
fn a_refused_stranger_without_a_refresh_token_leaves_nothing_to_revoke() {
    let mut sim = Sim::signed_in(3600);
    sim.begin_login();
    sim.advance(5);
    sim.wanted();
    let stranger = without_refresh_token(grant_to("john.roe@example.com", 7));
    sim.answer_poll(Ok(stranger));
    assert_eq!(sim.login_stands(), "failed: wrong_user");
    assert_eq!(sim.wanted(), [""; 0]);
}
