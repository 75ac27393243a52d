//! The login (RFC 8628): its table, a test a row, and what it means for the
//! session beside it.

use super::super::{Action, Event, LoginProgress};
use super::answers::{
    device, grant, not_sent, refused, seconds, unanswered, unavailable, unusable,
    without_refresh_token,
};
use super::sim::{Answers, Sim};
use crate::oauth::DeviceAuthorization;

/// A login whose user has the code; the first poll is five seconds away.
fn awaiting() -> Sim {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.wanted();
    sim
}

/// A login whose first poll is under way.
fn polling() -> Sim {
    let mut sim = awaiting();
    sim.advance(5);
    sim.check("awaiting the user", &["poll dc-1"]);
    sim
}

#[test]
fn a_login_asks_for_a_device_code() {
    let mut sim = Sim::new();
    sim.handle(Event::LoginRequested { change_user: false });
    sim.check("authorizing", &["authorize"]);
    assert_eq!(sim.login_stands(), "preparing");
}

#[test]
fn the_device_code_becomes_a_prompt() {
    let mut sim = Sim::new();
    sim.handle(Event::LoginRequested { change_user: false });
    sim.wanted();
    sim.answer_device(Ok(device()));
    sim.check("awaiting the user", &[]);
    assert_eq!(sim.login_stands(), "prompt QTZLMCBW");
}

#[test]
fn the_prompt_says_how_long_the_code_is_still_good() {
    let mut sim = awaiting();
    sim.advance(1);
    let LoginProgress::Prompt(prompt) = sim.core.login_progress(sim.now) else {
        panic!("the user has a prompt");
    };
    assert_eq!(prompt.expires_in, seconds(299));
    assert_eq!(prompt.expires_at.0, sim.now.wall.0 + 299);
}

#[test]
fn the_prompt_says_that_the_server_does_not_answer_until_it_does() {
    let trouble = |sim: &Sim| match sim.core.login_progress(sim.now) {
        LoginProgress::Prompt(prompt) => prompt.trouble,
        other => panic!("the user has a prompt: {other:?}"),
    };
    for (error, answer) in [
        (not_sent(), "authorization_pending"),
        (unavailable(429, None), "slow_down"),
    ] {
        let mut sim = polling();
        assert_eq!(trouble(&sim), None);
        let said = error.to_string();
        sim.answer_poll(Err(error));
        assert_eq!(trouble(&sim), Some(said));
        sim.advance(10);
        sim.answer_poll(Err(refused(answer)));
        assert_eq!(trouble(&sim), None);
    }
}

#[test]
fn a_refused_device_authorization_fails_the_login_with_the_servers_code() {
    let cases = [
        (refused("unauthorized_client"), "unauthorized_client"),
        (not_sent(), "unreachable"),
        (unusable(), "unusable_answer"),
        (unavailable(429, None), "throttled"),
    ];
    for (error, reason) in cases {
        let mut sim = Sim::new();
        sim.handle(Event::LoginRequested { change_user: false });
        sim.wanted();
        sim.answer_device(Err(error));
        sim.check("signed out", &[]);
        assert_eq!(sim.login_stands(), format!("failed: {reason}"));
    }
}

#[test]
fn the_first_poll_comes_after_one_interval() {
    let mut sim = awaiting();
    sim.advance(4);
    sim.check("awaiting the user", &[]);
    sim.advance(1);
    sim.check("awaiting the user", &["poll dc-1"]);
}

#[test]
fn authorization_pending_is_asked_again_after_the_interval() {
    let mut sim = polling();
    sim.answer_poll(Err(refused("authorization_pending")));
    assert_eq!(sim.wakes_in(), 5.0);
    sim.advance(5);
    sim.check("awaiting the user", &["poll dc-1"]);
}

#[test]
fn only_one_poll_is_under_way_at_a_time() {
    let mut sim = polling();
    sim.advance(120);
    sim.check("awaiting the user", &[]);
}

#[test]
fn slow_down_adds_five_seconds_for_good() {
    let mut sim = polling();
    sim.answer_poll(Err(refused("slow_down")));
    assert_eq!(sim.wakes_in(), 10.0);
    sim.advance(10);
    sim.answer_poll(Err(refused("authorization_pending")));
    assert_eq!(sim.wakes_in(), 10.0);
    sim.advance(10);
    sim.answer_poll(Err(refused("slow_down")));
    assert_eq!(sim.wakes_in(), 15.0);
}

#[test]
fn a_poll_without_a_definite_answer_doubles_the_pause_until_one_comes() {
    for error in [not_sent, unanswered, unusable] {
        let mut sim = polling();
        for pause in [10.0, 20.0, 40.0, 60.0, 60.0] {
            sim.answer_poll(Err(error()));
            assert_eq!(sim.wakes_in(), pause);
            sim.advance(pause as u64);
        }
        sim.answer_poll(Err(refused("authorization_pending")));
        assert_eq!(sim.wakes_in(), 5.0);
    }
}

#[test]
fn a_throttled_poll_waits_as_long_as_the_server_asks() {
    let mut sim = polling();
    sim.answer_poll(Err(unavailable(429, Some(33))));
    assert_eq!(sim.wakes_in(), 33.0);
}

#[test]
fn whatever_ends_the_polling_fails_the_login_under_its_name() {
    for reason in [
        "access_denied",
        "expired_token",
        "invalid_grant",
        "invalid_client",
        "unheard_of",
    ] {
        let mut sim = polling();
        sim.answer_poll(Err(refused(reason)));
        sim.check("signed out", &[]);
        assert_eq!(sim.login_stands(), format!("failed: {reason}"));
        assert_eq!(sim.core.poll_timeout(), None);
    }
}

#[test]
fn a_code_that_nobody_uses_expires_by_our_own_clock() {
    let mut sim = awaiting();
    for _ in 0..59 {
        sim.advance(5);
        sim.answer_poll(Err(refused("authorization_pending")));
    }
    assert_eq!(sim.login_stands(), "prompt QTZLMCBW");
    sim.wanted();
    sim.advance(5);
    sim.check("signed out", &[]);
    assert_eq!(sim.login_stands(), "failed: expired_token");
}

#[test]
fn a_code_that_expires_between_two_polls_is_given_up_at_once() {
    let mut sim = Sim::new();
    sim.handle(Event::LoginRequested { change_user: false });
    sim.answer_device(Ok(DeviceAuthorization {
        expires_in: seconds(7),
        ..device()
    }));
    sim.advance(5);
    sim.answer_poll(Err(refused("authorization_pending")));
    sim.advance(1);
    assert_eq!(sim.login_stands(), "prompt QTZLMCBW");
    sim.advance(1);
    assert_eq!(sim.login_stands(), "failed: expired_token");
}

#[test]
fn a_code_that_expires_during_a_poll_is_given_up_when_the_poll_is_answered() {
    let mut sim = polling();
    sim.advance(400);
    assert_eq!(sim.login_stands(), "prompt QTZLMCBW");
    sim.answer_poll(Err(refused("authorization_pending")));
    sim.wake();
    assert_eq!(sim.login_stands(), "failed: expired_token");
    sim.check("signed out", &[]);
}

#[test]
fn a_grant_that_comes_after_the_code_has_expired_is_taken() {
    let mut sim = polling();
    sim.advance(295);
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.stored_ok();
    assert_eq!(sim.login_stands(), "signed in");
}

#[test]
fn a_granted_login_goes_to_disk_before_it_has_succeeded() {
    let mut sim = polling();
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.check("signed in, in flight", &["store rt-1 at-1"]);
    assert_eq!(sim.login_stands(), "preparing");
    assert_eq!(sim.served(), None);
    assert_eq!(sim.get(0), "wait");

    sim.stored_ok();
    sim.check("signed in, due", &[]);
    assert_eq!(sim.login_stands(), "signed in");
    assert_eq!(sim.served().as_deref(), Some("at-1"));
}

#[test]
fn a_successful_login_says_who_and_until_when() {
    let mut sim = polling();
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.stored_ok();
    let LoginProgress::Ended(Ok(signed_in)) = sim.core.login_progress(sim.now) else {
        panic!("the login has succeeded");
    };
    assert_eq!(signed_in.profile, "prod");
    assert_eq!(signed_in.subject.as_deref(), Some("jane.doe@example.com"));
    assert_eq!(signed_in.expires_at.0, sim.now.wall.0 + 3600);
    assert!(signed_in.renewable);
}

#[test]
fn a_login_without_a_refresh_token_succeeds_and_ends_with_its_access_token() {
    let mut sim = polling();
    sim.answer_poll(Ok(without_refresh_token(grant(1, 600))));
    sim.check("signed in", &["store at-1"]);
    let LoginProgress::Ended(Ok(signed_in)) = sim.core.login_progress(sim.now) else {
        panic!("the login has succeeded");
    };
    assert!(!signed_in.renewable);
    sim.stored_ok();

    sim.advance(599);
    assert_eq!(sim.get(0), "at-1");
    sim.advance(1);
    let refusal = sim.get(0);
    assert!(
        refusal.starts_with("login required: the authorization server gave no refresh token"),
        "{refusal}"
    );
    assert!(refusal.contains("Allow token refresh"), "{refusal}");
}

#[test]
fn a_second_caller_joins_the_login_under_way() {
    let mut sim = Sim::new();
    sim.handle(Event::LoginRequested { change_user: false });
    sim.handle(Event::LoginRequested { change_user: false });
    sim.check("authorizing", &["authorize"]);
    sim.answer_device(Ok(device()));
    sim.handle(Event::LoginRequested { change_user: false });
    sim.check("awaiting the user", &[]);
    sim.advance(5);
    sim.handle(Event::LoginRequested { change_user: false });
    sim.check("awaiting the user", &["poll dc-1"]);
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.handle(Event::LoginRequested { change_user: false });
    sim.check("signed in, in flight", &["store rt-1 at-1"]);
    sim.stored_ok();
    assert_eq!(sim.login_stands(), "signed in");
}

#[test]
fn a_login_after_a_failed_one_starts_anew() {
    let mut sim = polling();
    sim.answer_poll(Err(refused("access_denied")));
    sim.handle(Event::LoginRequested { change_user: false });
    sim.check("authorizing", &["authorize"]);
    assert_eq!(sim.login_stands(), "preparing");
}

#[test]
fn a_get_during_a_login_says_that_it_waits_for_the_user() {
    let mut sim = awaiting();
    assert_eq!(
        sim.get(0),
        "login required: a login is under way and waits for the user"
    );
}

#[test]
fn an_abandoned_login_is_cancelled_and_its_code_not_polled() {
    let mut sim = awaiting();
    sim.handle(Event::LoginAbandoned);
    assert_eq!(sim.login_stands(), "failed: cancelled");
    sim.advance(300);
    sim.check("signed out", &[]);
}

#[test]
fn a_device_code_that_comes_after_the_login_was_abandoned_is_ignored() {
    let mut sim = Sim::new();
    sim.handle(Event::LoginRequested { change_user: false });
    sim.handle(Event::LoginAbandoned);
    sim.wanted();
    sim.answer_device(Ok(device()));
    sim.check("signed out", &[]);
}

#[test]
fn a_device_code_of_an_abandoned_login_does_not_serve_the_next_one() {
    let mut sim = Sim::new();
    sim.handle(Event::LoginRequested { change_user: false });
    sim.handle(Event::LoginAbandoned);
    sim.handle(Event::LoginRequested { change_user: false });
    sim.answer_device(Ok(device()));
    assert_eq!(sim.stands(), "authorizing");
    sim.answer_device(Ok(device()));
    assert_eq!(sim.stands(), "awaiting the user");
}

#[test]
fn a_grant_that_comes_after_the_login_was_abandoned_is_revoked() {
    let mut sim = polling();
    sim.handle(Event::LoginAbandoned);
    sim.wanted();
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.check("signed out", &["revoke rt-1"]);
}

#[test]
fn a_login_that_is_granted_is_not_cancelled_by_its_caller_hanging_up() {
    let mut sim = polling();
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.handle(Event::LoginAbandoned);
    sim.stored_ok();
    assert_eq!(sim.served().as_deref(), Some("at-1"));
}

#[test]
fn an_answer_to_a_poll_of_an_earlier_login_is_not_the_present_ones() {
    let mut sim = polling();
    let early = sim.unanswered.remove(0);
    assert!(matches!(early, Action::PollToken { .. }));
    sim.handle(Event::LoginAbandoned);
    sim.begin_login();
    sim.advance(5);
    sim.wanted();
    sim.answer(early, Answers::Token(Err(refused("access_denied"))));
    sim.check("awaiting the user", &[]);
    assert_eq!(sim.login_stands(), "prompt QTZLMCBW");
}

#[test]
fn a_server_that_names_an_odd_interval_is_polled_at_a_sane_one() {
    for (named, taken) in [(0, 1.0), (1, 1.0), (12, 12.0), (250, 250.0)] {
        let mut sim = Sim::new();
        sim.handle(Event::LoginRequested { change_user: false });
        sim.answer_device(Ok(DeviceAuthorization {
            interval: seconds(named),
            ..device()
        }));
        assert_eq!(sim.wakes_in(), taken);
    }
}

#[test]
fn a_session_that_ended_with_its_access_token_is_shown_as_signed_out() {
    let mut sim = polling();
    sim.answer_poll(Ok(without_refresh_token(grant(1, 600))));
    sim.stored_ok();
    sim.advance(600);
    assert_eq!(sim.stands(), "signed out");
}
