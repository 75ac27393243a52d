//! The logout, and answers that come after it.

use oic_proto::message::Revocation;

use super::super::Event;
use super::answers::{grant, not_sent, refused, unavailable, without_refresh_token};
use super::sim::{Sim, settings};

const LOGGED_OUT: &str = "login required: the profile was logged out";

fn outcome(sim: &Sim) -> Option<Result<Revocation, String>> {
    sim.core.logout_outcome()
}

#[test]
fn a_logout_is_done_when_the_server_has_answered_and_the_disk_has_forgotten() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    assert_eq!(outcome(&sim), None);
    sim.answer_revocation(Ok(()));
    assert_eq!(outcome(&sim), None);
    sim.stored_ok();
    assert_eq!(outcome(&sim), Some(Ok(Revocation::Revoked)));
}

#[test]
fn a_logout_is_done_in_the_other_order_too() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    sim.stored_ok();
    assert_eq!(outcome(&sim), None);
    sim.answer_revocation(Ok(()));
    assert_eq!(outcome(&sim), Some(Ok(Revocation::Revoked)));
}

#[test]
fn a_logout_without_an_answer_from_the_server_says_that_the_token_lives_on() {
    for error in [
        not_sent(),
        unavailable(503, None),
        refused("invalid_client"),
    ] {
        let mut sim = Sim::signed_in(3600);
        sim.handle(Event::LogoutRequested);
        sim.stored_ok();
        sim.answer_revocation(Err(error));
        assert!(matches!(outcome(&sim), Some(Ok(Revocation::Failed { .. }))));
        assert_eq!(sim.stands(), "signed out");
    }
}

#[test]
fn a_logout_without_a_revocation_endpoint_says_so() {
    let mut sim = Sim::with(super::super::Settings {
        revocable: false,
        ..settings()
    });
    sim.log_in(grant(1, 3600));
    sim.wanted();
    sim.handle(Event::LogoutRequested);
    sim.check("signed out", &["store nothing"]);
    sim.stored_ok();
    assert_eq!(outcome(&sim), Some(Ok(Revocation::NoEndpoint)));
}

#[test]
fn a_logout_whose_session_stays_on_disk_says_so_and_goes_on_trying() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    sim.answer_revocation(Ok(()));
    sim.stored_err();
    assert!(matches!(outcome(&sim), Some(Err(_))));
    let shown = sim.core.view(sim.now).last_error.expect("an error");
    assert_eq!(
        shown.message,
        "the session that ended is still on disk: no space left on device"
    );
    sim.wanted();
    sim.advance(1);
    sim.check("signed out", &["store nothing"]);
    sim.stored_ok();
    assert_eq!(outcome(&sim), Some(Ok(Revocation::Revoked)));
}

#[test]
fn a_logout_of_a_profile_without_a_session_empties_the_disk_all_the_same() {
    let mut sim = Sim::new();
    sim.handle(Event::LogoutRequested);
    sim.check("signed out", &["store nothing"]);
    sim.stored_ok();
    assert_eq!(outcome(&sim), Some(Ok(Revocation::NothingToRevoke)));
}

#[test]
fn a_logout_from_any_point_of_a_login_cancels_it() {
    let reach: [fn(&mut Sim); 3] = [
        |sim| sim.handle(Event::LoginRequested { change_user: false }),
        |sim| sim.begin_login(),
        |sim| {
            sim.begin_login();
            sim.advance(5);
        },
    ];
    for reach in reach {
        let mut sim = Sim::new();
        reach(&mut sim);
        sim.wanted();
        sim.handle(Event::LogoutRequested);
        sim.check("signed out", &["store nothing"]);
        assert_eq!(sim.login_stands(), "failed: cancelled");
        assert_eq!(sim.get(0), LOGGED_OUT);
        sim.stored_ok();
        assert_eq!(sim.core.poll_timeout(), None);
    }
}

/// A logout at the point that `reach` brings a fresh session to.
#[track_caller]
fn check_logout(reach: impl Fn(&mut Sim), revoke: &str) {
    let mut sim = Sim::signed_in(3600);
    reach(&mut sim);
    sim.wanted();
    sim.handle(Event::LogoutRequested);
    assert!(sim.wanted().contains(&revoke.to_owned()));
    assert_eq!(sim.get(0), LOGGED_OUT);
    assert_eq!(sim.stands(), "signed out");
}

#[test]
fn a_logout_from_any_point_of_a_session_ends_it_and_revokes_its_newest_refresh_token() {
    let refresh = |sim: &mut Sim, answer| {
        sim.advance_to_renewal();
        sim.stored_ok();
        sim.answer_refresh(answer);
    };
    check_logout(|_| {}, "revoke rt-1");
    check_logout(Sim::advance_to_renewal, "revoke rt-1");
    check_logout(|sim| refresh(sim, Err(not_sent())), "revoke rt-1");
    check_logout(|sim| refresh(sim, Ok(grant(2, 3600))), "revoke rt-2");
    check_logout(Sim::begin_login, "revoke rt-1");
}

#[test]
fn a_logout_during_a_login_beside_a_session_ends_both() {
    let mut sim = Sim::signed_in(3600);
    sim.begin_login();
    sim.advance(5);
    sim.handle(Event::LogoutRequested);
    assert_eq!(sim.stands(), "signed out");
    assert_eq!(sim.login_stands(), "failed: cancelled");
}

#[test]
fn a_logout_withdraws_the_access_token_of_a_session_that_the_server_ended() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    sim.handle(Event::LogoutRequested);
    assert_eq!(sim.get(0), LOGGED_OUT);
}

#[test]
fn a_refresh_that_is_answered_after_the_logout_is_revoked_too() {
    let mut sim = Sim::refreshing(3600);
    sim.handle(Event::LogoutRequested);
    sim.check("signed out", &["revoke rt-1", "store nothing"]);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.check("signed out", &["revoke rt-2"]);
    assert_eq!(sim.get(0), LOGGED_OUT);
    sim.answer_revocation(Ok(()));
    sim.answer_revocation(Ok(()));
    sim.stored_ok();
    assert_eq!(outcome(&sim), Some(Ok(Revocation::Revoked)));
}

#[test]
fn a_poll_that_is_answered_after_the_logout_is_revoked_too() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.handle(Event::LogoutRequested);
    sim.wanted();
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.check("signed out", &["revoke rt-1"]);
}

#[test]
fn a_late_answer_without_a_refresh_token_leaves_nothing_to_revoke() {
    let mut sim = Sim::refreshing(3600);
    sim.handle(Event::LogoutRequested);
    sim.wanted();
    sim.answer_refresh(Ok(without_refresh_token(grant(2, 3600))));
    sim.check("signed out", &[]);
}

#[test]
fn a_late_error_does_not_show_on_a_profile_that_was_logged_out() {
    let mut sim = Sim::refreshing(3600);
    sim.handle(Event::LogoutRequested);
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert_eq!(sim.error(), None);
    assert_eq!(sim.get(0), LOGGED_OUT);
}

#[test]
fn a_refresh_that_is_answered_after_logout_and_new_login_leaves_the_new_session_alone() {
    let mut sim = Sim::refreshing(3600);
    sim.handle(Event::LogoutRequested);
    sim.stored_ok();
    sim.log_in(grant(2, 3600));
    sim.wanted();
    sim.answer_refresh(Ok(grant(3, 3600)));
    sim.check("signed in, due", &[]);
    assert_eq!(sim.get(0), "at-2");
}

#[test]
fn a_write_that_ends_after_the_logout_does_not_count_as_the_forgetting() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.handle(Event::LogoutRequested);
    sim.answer_revocation(Ok(()));
    sim.stored_ok();
    assert_eq!(outcome(&sim), None);
    sim.stored_ok();
    assert_eq!(outcome(&sim), Some(Ok(Revocation::Revoked)));
}

#[test]
fn a_profile_is_quiet_when_nothing_is_under_way_that_matters() {
    let mut sim = Sim::signed_in(3600);
    assert!(sim.core.is_quiet());
    sim.advance_to_renewal();
    assert!(!sim.core.is_quiet());
    sim.stored_ok();
    assert!(!sim.core.is_quiet());
    sim.answer_refresh(Ok(grant(2, 3600)));
    assert!(!sim.core.is_quiet());
    sim.stored_ok();
    assert!(sim.core.is_quiet());
    sim.handle(Event::LogoutRequested);
    assert!(!sim.core.is_quiet());
    sim.stored_ok();
    assert!(!sim.core.is_quiet());
    sim.answer_revocation(Ok(()));
    assert!(sim.core.is_quiet());
}

#[test]
fn a_profile_is_not_quiet_while_the_end_of_its_session_is_on_its_way_to_disk() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert!(!sim.core.is_quiet());
    sim.stored_ok();
    assert!(sim.core.is_quiet());
}

#[test]
fn a_logout_does_not_wait_for_ever_for_a_disk_that_hangs() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    sim.answer_revocation(Ok(()));
    sim.advance(4);
    assert_eq!(outcome(&sim), None);
    sim.advance(1);
    assert!(matches!(outcome(&sim), Some(Err(_))), "{:?}", outcome(&sim));
}

#[test]
fn nor_does_one_that_finds_the_disk_hanging() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.advance(60);
    sim.handle(Event::LogoutRequested);
    sim.answer_revocation(Ok(()));
    sim.advance(4);
    assert_eq!(outcome(&sim), None);
    sim.advance(1);
    assert!(matches!(outcome(&sim), Some(Err(_))), "{:?}", outcome(&sim));
}

#[test]
fn a_second_logout_waits_for_the_revocation_that_is_under_way() {
    let mut sim = Sim::signed_in(3600);
    sim.handle(Event::LogoutRequested);
    sim.handle(Event::LogoutRequested);
    sim.disk_catches_up();
    assert_eq!(outcome(&sim), None);
    sim.answer_revocation(Err(not_sent()));
    assert!(
        matches!(outcome(&sim), Some(Ok(Revocation::Failed { .. }))),
        "{:?}",
        outcome(&sim)
    );
}

#[test]
fn a_profile_whose_refresh_token_is_not_on_disk_is_not_quiet() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_err();
    assert!(!sim.core.is_quiet());
    sim.advance(1);
    sim.stored_ok();
    assert!(sim.core.is_quiet());
}
