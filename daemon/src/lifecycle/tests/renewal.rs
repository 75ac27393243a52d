//! What a refresh means for the session and for those who ask meanwhile.

use oic_proto::message::RenewalState;

use super::super::Event;
use super::answers::{
    all_but_invalid_grant, grant, not_sent, refused, seconds, unanswered, unavailable, unusable,
    without_refresh_token,
};
use super::sim::Sim;

/// A session whose access token has expired, with a refresh under way.
fn refreshing_after_expiry() -> Sim {
    let mut sim = Sim::refreshing(3600);
    sim.pass(seconds(3600));
    sim.wake();
    sim
}

#[test]
fn any_number_of_callers_cause_one_refresh() {
    let mut sim = Sim::signed_in(3600);
    sim.suspend(4000);
    for _ in 0..100 {
        assert_eq!(sim.get(60), "wait");
    }
    sim.disk_catches_up();
    for _ in 0..100 {
        assert_eq!(sim.get(60), "wait");
    }
    assert_eq!(sim.refreshes(), 1);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_ok();
    for _ in 0..100 {
        assert_eq!(sim.get(60), "at-2");
    }
    assert_eq!(sim.refreshes(), 0);
}

#[test]
fn the_next_refresh_uses_the_refresh_token_that_the_last_one_brought() {
    let mut sim = Sim::signed_in(3600);
    for number in 2..10 {
        sim.advance_to_renewal();
        sim.stored_ok();
        let expected = format!("refresh rt-{}", number - 1);
        assert_eq!(sim.wanted().last(), Some(&expected));
        sim.answer_refresh(Ok(grant(number, 3600)));
        sim.stored_ok();
        sim.wanted();
    }
}

#[test]
fn a_refresh_that_brings_no_refresh_token_keeps_the_old_one() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(without_refresh_token(grant(2, 3600))));
    sim.check("signed in, in flight", &["store rt-1 at-2"]);
    sim.stored_ok();
    assert_eq!(sim.get(0), "at-2");
    sim.advance_to_renewal();
    sim.stored_ok();
    assert_eq!(
        sim.wanted(),
        [
            "store rt-1 (sent) at-2".to_owned(),
            "refresh rt-1".to_owned()
        ]
    );
}

#[test]
fn a_subject_stays_known_when_a_refresh_brings_a_token_that_names_none() {
    let mut sim = Sim::refreshing(3600);
    let mut opaque = grant(2, 3600);
    opaque.subject = None;
    sim.answer_refresh(Ok(opaque));
    sim.stored_ok();
    let subject = sim.core.view(sim.now).subject;
    assert_eq!(subject.as_deref(), Some("jane.doe@example.com"));
}

#[test]
fn no_error_takes_away_an_access_token_that_is_still_valid() {
    let mut errors = all_but_invalid_grant();
    errors.push(refused("invalid_grant"));
    for error in errors {
        let why = error.to_string();
        let mut sim = Sim::refreshing(3600);
        sim.answer_refresh(Err(error));
        sim.disk_catches_up();
        let left = 3600 * 24 / 100;
        assert_eq!(sim.get(left / 2), "at-1", "{why}");
        assert_eq!(sim.served().as_deref(), Some("at-1"), "{why}");
    }
}

#[test]
fn no_number_of_errors_takes_away_an_access_token_before_its_end() {
    for error in all_but_invalid_grant() {
        let mut sim = Sim::refreshing(3600);
        let end = sim.core.view(sim.now).access_token.expect("one").remaining;
        let end = sim.now.boot.after(end);
        while sim.now.boot < end {
            assert_eq!(sim.served().as_deref(), Some("at-1"), "{error}");
            if sim.refreshes() > 0 {
                sim.answer_refresh(Err(error.clone()));
                sim.disk_catches_up();
            }
            let next = sim.core.poll_timeout().expect("it is tried again");
            sim.pass(next.min(end).since(sim.now.boot));
            sim.wake();
            sim.disk_catches_up();
        }
        assert_eq!(sim.served(), None, "{error}");
    }
}

#[test]
fn only_invalid_grant_ends_a_session() {
    for error in all_but_invalid_grant() {
        let mut sim = refreshing_after_expiry();
        let why = error.to_string();
        sim.answer_refresh(Err(error));
        sim.disk_catches_up();
        assert!(sim.stands().starts_with("signed in"), "{why}");
        assert!(!sim.get(0).starts_with("login required"), "{why}");
        sim.advance_to_renewal();
        sim.disk_catches_up();
        sim.answer_refresh(Ok(grant(2, 3600)));
        sim.disk_catches_up();
        assert_eq!(sim.get(0), "at-2", "{why}");
        assert_eq!(sim.error(), None, "{why}");
    }
}

#[test]
fn after_invalid_grant_the_valid_token_is_served_to_its_end_and_the_login_is_over() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    sim.stored_ok();
    let left = sim.core.view(sim.now).access_token.expect("one").remaining;
    assert_eq!(sim.stands(), "signed out");
    assert_eq!(sim.error().as_deref(), Some("invalid_grant"));
    assert_eq!(sim.core.poll_timeout(), None);

    sim.pass(left - seconds(1));
    assert_eq!(sim.get(0), "at-1");
    sim.pass(seconds(1));
    assert!(sim.get(0).starts_with("login required: "));
    assert_eq!(sim.stands(), "signed out");
}

#[test]
fn the_life_of_a_token_counts_from_when_it_was_asked_for() {
    let mut sim = Sim::refreshing(3600);
    sim.pass(seconds(25));
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_ok();
    let life = sim.core.view(sim.now).access_token.expect("one");
    assert_eq!(life.remaining, seconds(3575));
    assert_eq!(life.expires_at.0, sim.now.wall.0 + 3575);
}

#[test]
fn a_success_resets_what_went_wrong_before() {
    let mut sim = refreshing_after_expiry();
    for _ in 0..6 {
        sim.answer_refresh(Err(unavailable(503, None)));
        sim.disk_catches_up();
        sim.advance_to_renewal();
        sim.disk_catches_up();
    }
    let view = sim.core.view(sim.now);
    assert_eq!(view.failures, 6);
    assert_eq!(sim.error().as_deref(), Some("server_error"));

    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.core.view(sim.now).failures, 0);
    assert_eq!(sim.error(), None);
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Err(unavailable(503, None)));
    assert!(sim.wakes_in() <= 1.0, "{}", sim.wakes_in());
}

#[test]
fn the_error_that_is_shown_is_the_last_one_and_says_when() {
    let mut sim = refreshing_after_expiry();
    let cases = [
        (not_sent(), "unreachable"),
        (unanswered(), "unanswered"),
        (unusable(), "unusable_answer"),
        (unavailable(429, None), "throttled"),
        (unavailable(500, None), "server_error"),
        (refused("invalid_client"), "invalid_client"),
    ];
    for (error, code) in cases {
        sim.answer_refresh(Err(error));
        sim.disk_catches_up();
        let shown = sim.core.view(sim.now).last_error.expect("an error");
        assert_eq!(shown.code, code);
        assert_eq!(shown.at, sim.now.wall);
        sim.advance_to_renewal();
        sim.disk_catches_up();
    }
}

#[test]
fn while_in_doubt_the_same_refresh_token_is_sent_again() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(unanswered()));
    assert_eq!(sim.stands(), "signed in, in doubt");
    sim.wanted();
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.check(
        "signed in, in flight",
        &["store rt-1 (sent) at-1", "refresh rt-1"],
    );
}

#[test]
fn doubt_ends_with_a_grant() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(unanswered()));
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.stands(), "signed in, due");
}

#[test]
fn when_doubt_began_is_kept_over_further_tries() {
    let mut sim = Sim::refreshing(3600);
    let sent = |sim: &mut Sim| {
        let stored = sim.stored_ok().expect("a session");
        stored.refresh_token.expect("a refresh token").sent_at
    };
    sim.answer_refresh(Err(unanswered()));
    sim.advance_to_renewal();
    let second = sent(&mut sim);
    sim.answer_refresh(Err(unanswered()));
    sim.advance_to_renewal();
    assert_eq!(sent(&mut sim), second);
}

#[test]
fn setting_the_wall_clock_changes_nothing_about_what_is_handed_out() {
    for day in [-24 * 3600, 24 * 3600, 400 * 24 * 3600] {
        let mut sim = Sim::signed_in(3600);
        sim.set_wall_clock(day);
        sim.wake();
        sim.check("signed in, due", &[]);
        assert_eq!(sim.get(3000), "at-1");
        sim.advance(3599 - 1000);
        assert_eq!(sim.get(0), "at-1");
        sim.suspend(1002);
        assert_eq!(sim.get(0), "wait");
    }
}

#[test]
fn after_eight_hours_asleep_there_is_one_refresh_and_no_stale_token() {
    let mut sim = Sim::signed_in(3600);
    sim.suspend(8 * 3600);
    assert_eq!(sim.served(), None);
    assert_eq!(sim.get(0), "wait");
    sim.disk_catches_up();
    sim.check(
        "signed in, in flight",
        &["store rt-1 (sent)", "refresh rt-1"],
    );
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_ok();
    assert_eq!(sim.get(0), "at-2");
    sim.wanted();
    sim.advance(600);
    sim.check("signed in, due", &[]);
}

#[test]
fn an_answer_that_slept_through_the_life_of_its_token_is_not_served() {
    let mut sim = Sim::refreshing(3600);
    sim.suspend(8 * 3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_ok();
    assert_eq!(sim.served(), None);
    sim.advance(5);
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
    assert!(sim.wanted().contains(&"refresh rt-2".to_owned()));
}

#[test]
fn waking_the_core_early_or_twice_changes_nothing() {
    let mut sim = Sim::signed_in(3600);
    let deadline = sim.core.poll_timeout();
    for _ in 0..10 {
        sim.core.handle_timeout(sim.now);
        assert!(sim.core.poll_action().is_none());
        assert_eq!(sim.core.poll_timeout(), deadline);
    }
    sim.advance_to_renewal();
    sim.wanted();
    for _ in 0..10 {
        sim.core.handle_timeout(sim.now);
    }
    assert!(sim.core.poll_action().is_none());
    sim.stored_ok();
    sim.wanted();
    for _ in 0..10 {
        sim.core.handle_timeout(sim.now);
    }
    assert!(sim.core.poll_action().is_none());
}

#[test]
fn an_answer_that_is_given_twice_counts_once() {
    let mut sim = Sim::refreshing(3600);
    let super::super::Action::RefreshToken { request, .. } = sim.unanswered[0] else {
        panic!("a refresh is under way");
    };
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_ok();
    sim.wanted();
    for answer in [Ok(grant(3, 3600)), Err(refused("invalid_grant"))] {
        sim.handle(Event::TokenAnswered { request, answer });
        sim.check("signed in, due", &[]);
        assert_eq!(sim.get(0), "at-2");
    }
}

#[test]
fn a_new_token_that_has_expired_on_its_way_does_not_push_out_one_that_is_valid() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 0)));
    sim.stored_ok();
    assert_eq!(sim.get(0), "at-1");
}

#[test]
fn doubt_is_not_settled_by_a_second_try_that_says_nothing_about_the_refresh_token() {
    for error in [not_sent(), unavailable(429, None), unavailable(503, None)] {
        let mut sim = Sim::refreshing(3600);
        sim.answer_refresh(Err(unanswered()));
        sim.advance_to_renewal();
        sim.disk_catches_up();
        sim.answer_refresh(Err(error));
        sim.disk_catches_up();
        assert_eq!(
            sim.core.view(sim.now).renewal,
            Some(RenewalState::InDoubt),
            "{:?}",
            sim.error()
        );
    }
}
