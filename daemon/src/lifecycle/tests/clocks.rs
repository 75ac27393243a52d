//! Clocks that stop, jump and lie: no expired token is handed out, nothing
//! spins, and no session is lost.

use std::time::Duration;

use oic_proto::Secret;

use super::super::StoredSession;
use super::answers::{grant, not_sent, refused, seconds, unavailable};
use super::outages::live;
use super::sim::Sim;
use crate::oauth::{Answer, EndpointError, TokenGrant, token_grant};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// What somebody, a name server of time or the end of summer does to the clock
/// on the wall.
const STEPS: [i64; 8] = [
    DAY as i64,
    -(DAY as i64),
    HOUR as i64,
    -(HOUR as i64),
    600,
    -600,
    400 * DAY as i64,
    -400 * DAY as i64,
];

/// 200 with these members, as it comes over the wire.
fn answered(members: &str) -> Result<TokenGrant, EndpointError> {
    let body = format!(r#"{{"token_type":"Bearer",{members}}}"#);
    token_grant(Ok(Answer {
        status: 200,
        content_type: Some("application/json".to_owned()),
        retry_after: None,
        date: None,
        ecid: None,
        body: Secret::new(body.into_bytes()),
    }))
}

/// Seven hours with a server that says this of the life of its tokens,
/// which is in truth as many seconds: never is one handed out that has
/// expired, and the server is asked this often an hour at most.
#[track_caller]
fn check_lifetime(expires_in: &str, truly: u64, an_hour: usize) {
    let mut sim = Sim::signed_in(60);
    let mut number = 1;
    let mut end_of_newest = sim.now.boot.after(seconds(60));
    let mut newest = "at-1".to_owned();
    for span in [HOUR, 6 * HOUR] {
        let asked = live(&mut sim, span, |sim| {
            if let Some(served) = sim.served() {
                assert!(
                    served != newest || sim.now.boot < end_of_newest,
                    "{expires_in}"
                );
            }
            number += 1;
            newest = format!("at-{number}");
            end_of_newest = sim.now.boot.after(seconds(truly));
            answered(&format!(
                r#""access_token":"at-{number}","refresh_token":"rt-{number}"{expires_in}"#
            ))
        });
        let most = an_hour * (span / HOUR) as usize;
        assert!(
            asked.len() <= most,
            "{expires_in}: {} in {span} s",
            asked.len()
        );
        // Asked at any moment of its life.
        for _ in 0..100 {
            if let Some(served) = sim.served() {
                assert!(
                    served != newest || sim.now.boot < end_of_newest,
                    "{expires_in}"
                );
            }
            sim.suspend(7);
        }
        sim.disk_catches_up();
        assert!(sim.stands().starts_with("signed in"), "{expires_in}");
    }
}

#[test]
fn whatever_a_server_says_of_the_life_of_its_tokens_nothing_spins_and_none_is_old() {
    check_lifetime(r#","expires_in":3600"#, 3600, 2);
    check_lifetime(r#","expires_in":"3600""#, 3600, 2);
    check_lifetime(r#","expires_in":31536000"#, 31_536_000, 2);
    check_lifetime(r#","expires_in":99999999999"#, 31_536_000, 2);
    check_lifetime(r#","expires_in":60"#, 60, 90);
    check_lifetime(r#","expires_in":1"#, 1, 1200);
    check_lifetime(r#","expires_in":0.5"#, 1, 1200);
    check_lifetime(r#","expires_in":0"#, 0, 50);
    check_lifetime(r#","expires_in":-1"#, 0, 50);
    check_lifetime(r#","expires_in":"0""#, 0, 50);
    check_lifetime("", 300, 20);
    check_lifetime(r#","expires_in":null"#, 300, 20);
    check_lifetime(r#","expires_in":"an hour""#, 300, 20);
    check_lifetime(r#","expires_in":[3600]"#, 300, 20);
}

#[test]
fn a_server_whose_tokens_have_no_time_left_is_named_as_the_reason() {
    let mut sim = Sim::signed_in(60);
    live(&mut sim, HOUR, |_| {
        answered(r#""access_token":"at-2","expires_in":0,"refresh_token":"rt-2""#)
    });
    assert_eq!(sim.get(0), "unavailable, will try again");
    let why = sim.core.view(sim.now).last_error.expect("an error").message;
    assert!(why.contains("its access_token has no time left"), "{why}");
}

/// A JSON Web Token of an hour, by a clock that is so far ahead of ours.
fn jwt(ahead: i64, sim: &Sim) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let issued = sim.now.wall.0 + ahead;
    let claims = format!(
        r#"{{"iat":{issued},"nbf":{issued},"exp":{}}}"#,
        issued + 3600
    );
    format!("a.{}.c", URL_SAFE_NO_PAD.encode(claims))
}

#[test]
fn a_domain_whose_clock_is_ten_minutes_off_changes_nothing() {
    for ahead in [0, 600, -600] {
        for expires_in in ["", r#","expires_in":3600"#] {
            let mut sim = Sim::refreshing(HOUR);
            let token = jwt(ahead, &sim);
            sim.answer_refresh(answered(&format!(
                r#""access_token":"{token}","refresh_token":"rt-2"{expires_in}"#
            )));
            sim.stored_ok();
            let life = sim.core.view(sim.now).access_token.expect("a token");
            assert_eq!(life.remaining, seconds(3600), "{ahead} {expires_in}");
            assert_eq!(life.expires_at.0, sim.now.wall.0 + 3600);
            assert!(sim.wakes_in() < 3600.0 && sim.wakes_in() > 2400.0);
            sim.pass(seconds(3600));
            assert_eq!(sim.served(), None, "{ahead} {expires_in}");
        }
    }
}

/// Every state in which a profile waits for a time, with what callers get.
fn waiting() -> Vec<(&'static str, Sim)> {
    let due = Sim::signed_in(HOUR);
    let mut backoff = Sim::refreshing(HOUR);
    backoff.answer_refresh(Err(not_sent()));
    backoff.disk_catches_up();
    let mut throttled = Sim::refreshing(HOUR);
    throttled.answer_refresh(Err(unavailable(429, Some(900))));
    throttled.disk_catches_up();
    let mut rejected = Sim::refreshing(HOUR);
    rejected.answer_refresh(Err(refused("invalid_client")));
    rejected.disk_catches_up();
    let mut ending = Sim::refreshing(HOUR);
    ending.answer_refresh(Err(refused("invalid_grant")));
    ending.disk_catches_up();
    let mut login = Sim::new();
    login.begin_login();
    let mut hung = Sim::refreshing(HOUR);
    hung.answer_refresh(Ok(grant(2, HOUR)));
    vec![
        ("due", due),
        ("backoff", backoff),
        ("throttled", throttled),
        ("rejected", rejected),
        ("ending", ending),
        ("login", login),
        ("the disk hangs", hung),
    ]
}

#[test]
fn no_step_of_the_wall_clock_changes_what_is_handed_out_or_when_to_wake() {
    for step in STEPS {
        for (name, mut sim) in waiting() {
            let before = (sim.core.poll_timeout(), sim.served(), sim.stands());
            let left = sim.core.view(sim.now).access_token.map(|it| it.remaining);
            sim.wanted();
            sim.set_wall_clock(step);
            sim.wake();
            let after = (sim.core.poll_timeout(), sim.served(), sim.stands());
            assert_eq!(after, before, "{name}, {step}");
            assert_eq!(sim.wanted(), [""; 0], "{name}, {step}");
            let still = sim.core.view(sim.now).access_token.map(|it| it.remaining);
            assert_eq!(still, left, "{name}, {step}");
        }
    }
}

#[test]
fn after_a_step_of_the_wall_clock_the_next_token_is_shown_by_the_new_time() {
    for step in STEPS {
        let mut sim = Sim::signed_in(HOUR);
        sim.set_wall_clock(step);
        sim.advance_to_renewal();
        sim.stored_ok();
        sim.answer_refresh(Ok(grant(2, HOUR)));
        sim.stored_ok();
        assert_eq!(sim.get(0), "at-2", "{step}");
        let shown = sim.core.view(sim.now).access_token.expect("a token");
        assert_eq!(shown.expires_at.0, sim.now.wall.0 + 3600, "{step}");
    }
}

#[test]
fn after_eight_hours_asleep_no_old_token_is_handed_out_and_one_request_is_made() {
    for (name, mut sim) in waiting() {
        sim.suspend(8 * HOUR);
        assert_eq!(sim.served(), None, "{name}");
        let mut asked = 0;
        if sim.stands().starts_with("signed in") {
            asked = live(&mut sim, 60, |_| Ok(grant(3, HOUR))).len();
            assert_eq!(sim.get(0), "at-3", "{name}");
        }
        assert!(asked <= 1, "{name}: {asked} requests");
    }
}

#[test]
fn a_login_that_slept_through_the_life_of_its_code_has_failed() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.suspend(8 * HOUR);
    assert_eq!(sim.login_stands(), "failed: expired_token");
    assert_eq!(sim.core.poll_timeout(), None);
}

#[test]
fn a_refresh_that_the_machine_slept_through_is_settled_by_its_answer() {
    for answer in [Ok(grant(2, HOUR)), Err(not_sent())] {
        let mut sim = Sim::refreshing(HOUR);
        sim.suspend(8 * HOUR);
        sim.answer_refresh(answer);
        sim.disk_catches_up();
        assert_eq!(sim.served(), None);
        let asked = live(&mut sim, 60, |_| Ok(grant(3, HOUR)));
        assert_eq!(asked.len(), 1);
        assert_eq!(sim.get(0), "at-3");
    }
}

/// An hour's token of which this much is over, and what the disk holds.
fn aged(age: u64) -> (Sim, StoredSession) {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, HOUR)));
    let stored = sim.stored_ok().expect("a session is on disk");
    sim.pass(seconds(age));
    (sim, stored)
}

/// A life is stored in whole seconds, and so are its ends: a token may seem to
/// have more time left than it ever had, but not much more.
#[test]
fn what_rounding_adds_to_a_life_does_not_cost_the_token() {
    for (added, served) in [(0, true), (1, true), (2, true), (3, false)] {
        for start in [Sim::restart, Sim::reboot] {
            let (mut sim, mut stored) = aged(0);
            stored.access_token.as_mut().expect("one").lifetime -= seconds(added);
            start(&mut sim, Some(stored));
            assert_eq!(sim.served().is_some(), served, "{added}");
        }
    }
}

#[test]
fn no_step_of_the_wall_clock_across_a_restart_changes_what_is_handed_out() {
    for step in STEPS {
        let (mut sim, stored) = aged(1000);
        sim.set_wall_clock(step);
        sim.restart(Some(stored.clone()));
        sim.check("signed in, due", &[]);
        let left = sim.core.view(sim.now).access_token.expect("a token");
        assert_eq!(left.remaining, seconds(2600), "{step}");
        assert_eq!(left.expires_at.0, sim.now.wall.0 + 2600, "{step}");
        sim.suspend(2599);
        assert_eq!(sim.served().as_deref(), Some("at-1"), "{step}");
        sim.suspend(1);
        assert_eq!(sim.served(), None, "{step}");

        let (mut sim, stored) = aged(3600);
        sim.set_wall_clock(step);
        sim.restart(Some(stored));
        assert_eq!(sim.served(), None, "{step}");
        assert_eq!(sim.get(0), "wait", "{step}");
    }
}

/// What a reboot leaves is the clock on the wall: a step back that is longer
/// than the life of the token is known as one, and one of five minutes is
/// allowed for.
#[test]
fn a_step_of_the_wall_clock_across_a_reboot_costs_no_more_than_a_refresh() {
    for step in STEPS {
        let (mut sim, stored) = aged(1000);
        sim.set_wall_clock(step);
        sim.reboot(Some(stored));
        assert!(sim.stands().starts_with("signed in"), "{step}");
        let left = sim.core.view(sim.now).access_token;
        let left = left.map_or(Duration::ZERO, |it| it.remaining);
        assert!(left <= seconds(3600 - 180), "{step}");
        let asked = live(&mut sim, 60, |_| Ok(grant(2, HOUR)));
        assert!(asked.len() <= 1, "{step}");
    }
    for step in [-180, -60, 0] {
        let (mut sim, stored) = aged(3600);
        sim.set_wall_clock(step);
        sim.reboot(Some(stored));
        assert_eq!(sim.served(), None, "{step}");
    }
}

#[test]
fn a_clock_that_is_another_than_it_says_is_not_trusted() {
    let (mut sim, stored) = aged(100);
    // As in a time namespace: the same boot, and an earlier clock.
    sim.now.boot.0 -= seconds(8 * HOUR);
    sim.restart(Some(stored));
    assert_eq!(sim.served(), None);
    assert_eq!(sim.get(0), "wait");
}
