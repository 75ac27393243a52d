//! The refresh token's own life: kept going while it can be, and known to end
//! where it cannot.

use super::super::{Lookup, RefreshTokenExpiry, Settings};
use super::answers::{grant, not_sent, refused, seconds, without_refresh_token};
use super::sim::{Sim, settings};
use crate::oauth::TokenGrant;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// A refresh token of seven days from the login, whatever is done.
pub(super) fn absolute(lifetime: u64) -> Settings {
    Settings {
        refresh_token_lifetime: Some(seconds(lifetime)),
        refresh_token_expiry: RefreshTokenExpiry::Absolute,
        ..settings()
    }
}

/// One that lives so long after its last use.
pub(super) fn sliding(lifetime: u64) -> Settings {
    Settings {
        refresh_token_lifetime: Some(seconds(lifetime)),
        ..settings()
    }
}

/// Nobody asks for this long, and the server answers every refresh with
/// `answer`; the longest time between two of them, and how many there were.
pub(super) fn leave_alone(sim: &mut Sim, span: u64, answer: impl Fn() -> TokenGrant) -> (u64, u64) {
    let end = sim.now.boot.after(seconds(span));
    let (mut last, mut longest, mut refreshes) = (sim.now.boot, 0, 0);
    while let Some(next) = sim.core.poll_timeout().filter(|&it| it < end) {
        sim.pass(next.since(sim.now.boot));
        sim.wake();
        sim.disk_catches_up();
        if sim.refreshes() > 0 {
            longest = longest.max(sim.now.boot.since(last).as_secs());
            last = sim.now.boot;
            refreshes += 1;
            sim.answer_refresh(Ok(answer()));
            sim.disk_catches_up();
        }
    }
    sim.pass(end.since(sim.now.boot));
    (longest, refreshes)
}

/// `grant` as servers send it that say how long the refresh token lives.
fn naming(lifetime: u64, grant: TokenGrant) -> TokenGrant {
    TokenGrant {
        refresh_token_lifetime: Some(seconds(lifetime)),
        ..grant
    }
}

/// What `status` says of the refresh token, from now: until when it must be
/// used, until when the user must sign in anew.
fn ends(sim: &Sim) -> (Option<i64>, Option<i64>) {
    let view = sim.core.view(sim.now).refresh_token.expect("one");
    let from_now = |it: oic_proto::message::UnixTime| it.0 - sim.now.wall.0;
    (
        view.renew_by.map(from_now),
        view.login_needed_by.map(from_now),
    )
}

/// The whole of what a caller of `get` is told who does not wait.
fn refusal(sim: &Sim) -> String {
    let ask = super::super::Ask {
        min_validity: seconds(0),
        newer_than: None,
        deadline: sim.now.boot,
    };
    match sim.core.access_token(&ask, sim.now) {
        Lookup::Unavailable { why, .. } | Lookup::LoginRequired(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_idle_lifetime_never_passes_in_60_days_with_nobody_asking() {
    for idle in [30 * MINUTE, 8 * HOUR, 7 * DAY, 90 * DAY] {
        for lifetime in [HOUR, 30 * DAY, 365 * DAY] {
            let mut sim = Sim::with(sliding(idle));
            sim.log_in(grant(1, lifetime));
            let (longest, refreshes) = leave_alone(&mut sim, 60 * DAY, || grant(2, lifetime));
            assert!(
                longest <= idle / 2 && longest <= DAY,
                "unused for {longest} s of {idle} s"
            );
            assert!(
                refreshes < 60 * DAY / (idle / 3).min(lifetime / 2).min(DAY / 2),
                "{refreshes} refreshes of {idle} s and {lifetime} s"
            );
            assert_eq!(sim.stands(), "signed in, due");
            assert_eq!(sim.notices(), []);
        }
    }
}

#[test]
fn an_idle_lifetime_does_not_pass_over_restarts_either() {
    let mut sim = Sim::with(sliding(12 * HOUR));
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, 365 * DAY)));
    let mut stored = sim.stored_ok();
    let mut last = 0;
    for hour in 0..60 * 24 {
        sim.pass(seconds(HOUR));
        if hour % 7 == 0 {
            sim.reboot(stored.clone());
        }
        sim.wake();
        while !sim.unanswered.is_empty() {
            if sim.refreshes() > 0 {
                assert!(hour - last <= 7, "unused for {} hours", hour - last);
                last = hour;
                sim.answer_refresh(Ok(grant(2, 365 * DAY)));
            }
            stored = sim.stored_ok();
        }
    }
    assert!(last > 58 * 24, "the last refresh was in hour {last}");
}

#[test]
fn what_the_answer_says_of_the_lifetime_goes_before_the_configuration() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(naming(30 * MINUTE, grant(1, HOUR)));
    assert_eq!(ends(&sim), (Some(30 * 60), None));
    let renewed = || naming(30 * MINUTE, grant(2, HOUR));
    let (longest, _) = leave_alone(&mut sim, DAY, renewed);
    assert!(longest <= 15 * MINUTE, "unused for {longest} s");
    assert_eq!(sim.notices(), []);
}

#[test]
fn what_was_said_of_the_lifetime_last_holds() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(naming(30 * MINUTE, grant(1, HOUR)));
    for (answer, lifetime) in [
        (naming(8 * HOUR, grant(2, HOUR)), 8 * HOUR),
        (grant(3, HOUR), 8 * HOUR),
    ] {
        sim.advance_to_renewal();
        sim.disk_catches_up();
        sim.answer_refresh(Ok(answer));
        sim.disk_catches_up();
        assert_eq!(ends(&sim), (Some(lifetime as i64), None));
    }
}

#[test]
fn without_a_known_lifetime_none_is_shown_and_the_token_used_daily() {
    let unknown = Settings {
        refresh_token_lifetime: None,
        ..settings()
    };
    let mut sim = Sim::with(unknown);
    sim.log_in(grant(1, 365 * DAY));
    assert_eq!(ends(&sim), (None, None));
    let (longest, _) = leave_alone(&mut sim, 60 * DAY, || grant(2, 365 * DAY));
    assert!(longest <= DAY, "unused for {longest} s");
    assert_eq!(sim.notices(), []);
}

#[test]
fn a_refresh_token_that_stays_in_use_lives_anew_from_each_use() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(grant(1, HOUR));
    leave_alone(&mut sim, 60 * DAY, || without_refresh_token(grant(2, HOUR)));
    let (renew_by, _) = ends(&sim);
    assert!(renew_by.expect("known") > 6 * DAY as i64, "{renew_by:?}");
    assert_eq!(sim.notices(), []);
}

#[test]
fn renewals_of_long_lived_tokens_are_spread_too() {
    let moments = (0..20).map(|seed| {
        let settings = Settings {
            seed,
            ..sliding(DAY)
        };
        let mut sim = Sim::with(settings);
        sim.log_in(grant(1, 365 * DAY));
        sim.wakes_in() as u64 / 60
    });
    let distinct: std::collections::BTreeSet<u64> = moments.collect();
    assert!(distinct.len() > 10, "{distinct:?}");
}

#[test]
fn no_renewal_moves_the_end_of_an_absolute_life() {
    let mut sim = Sim::with(absolute(30 * DAY));
    sim.log_in(naming(20 * DAY, grant(1, HOUR)));
    assert_eq!(ends(&sim), (None, Some(20 * DAY as i64)));
    leave_alone(&mut sim, 15 * DAY, || naming(5 * DAY, grant(2, HOUR)));
    assert_eq!(ends(&sim), (None, Some(5 * DAY as i64)));
}

#[test]
fn no_restart_moves_the_end_of_an_absolute_life() {
    let mut sim = Sim::with(absolute(30 * DAY));
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, HOUR)));
    let mut stored = sim.stored_ok();
    let end = |sim: &Sim| sim.core.view(sim.now).refresh_token.expect("one");
    let first = end(&sim);
    assert_eq!(first.renew_by, None);
    assert_eq!(ends(&sim), (None, Some(30 * DAY as i64)));
    for _ in 0..40 {
        sim.pass(seconds(12 * HOUR));
        sim.reboot(stored);
        sim.disk_catches_up();
        sim.answer_refresh(Ok(grant(2, HOUR)));
        stored = sim.stored_ok();
        assert_eq!(end(&sim).login_needed_by, first.login_needed_by);
        assert_eq!(end(&sim).obtained_at, sim.now.wall);
    }
}

#[test]
fn what_an_answer_said_of_the_lifetime_is_known_after_a_restart() {
    for settings in [sliding(7 * DAY), absolute(7 * DAY)] {
        let mut sim = Sim::with(settings);
        sim.begin_login();
        sim.advance(5);
        sim.answer_poll(Ok(naming(2 * DAY, grant(1, HOUR))));
        let stored = sim.stored_ok();
        let before = ends(&sim);
        sim.restart(stored);
        assert_eq!(ends(&sim), before);
    }
}

#[test]
fn renewals_do_not_come_more_often_for_an_end_that_they_do_not_move() {
    let mut sim = Sim::with(absolute(DAY));
    sim.log_in(grant(1, 365 * DAY));
    assert!(sim.core.view(sim.now).next_renewal_at.expect("due").0 > sim.now.wall.0 + 20 * 3600);
}

#[test]
fn a_new_login_begins_an_absolute_life_anew() {
    let mut sim = Sim::with(absolute(30 * DAY));
    sim.log_in(grant(1, HOUR));
    leave_alone(&mut sim, 20 * DAY, || grant(2, HOUR));
    sim.log_in(grant(3, HOUR));
    assert_eq!(ends(&sim), (None, Some(30 * DAY as i64)));
}

#[test]
fn the_end_of_an_absolute_life_is_given_as_the_reason() {
    let mut sim = Sim::with(absolute(7 * DAY));
    sim.log_in(grant(1, HOUR));
    leave_alone(&mut sim, 7 * DAY, || grant(2, HOUR));
    while sim.refreshes() == 0 {
        sim.advance_to_renewal();
        sim.disk_catches_up();
    }
    sim.answer_refresh(Err(refused("invalid_grant")));
    // The last access token is valid a little longer.
    assert_eq!(sim.get(0), "at-2");
    sim.pass(seconds(HOUR));
    assert_eq!(
        sim.get(0),
        "login required: the session has reached the end that no renewal moves: \
         the authorization server refused: invalid_grant"
    );
}

#[test]
fn a_session_that_ends_before_its_time_is_not_said_to_have_reached_it() {
    for settings in [absolute(7 * DAY), sliding(7 * DAY)] {
        let mut sim = Sim::with(settings);
        sim.log_in(grant(1, HOUR));
        sim.suspend(7 * DAY - 10);
        sim.disk_catches_up();
        sim.answer_refresh(Err(refused("invalid_grant")));
        assert_eq!(
            sim.get(0),
            "login required: the authorization server refused: invalid_grant"
        );
    }
}

#[test]
fn after_a_week_without_a_machine_the_server_is_asked_all_the_same() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, HOUR)));
    let stored = sim.stored_ok();
    sim.pass(seconds(8 * DAY));
    sim.reboot(stored);
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
    // Its network is not there yet.
    sim.answer_refresh(Err(not_sent()));
    assert_eq!(
        refusal(&sim),
        "the authorization server cannot be reached: connection refused; the refresh token has probably expired meanwhile"
    );
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert_eq!(
        refusal(&sim),
        "the refresh token could not be used in time and has expired: \
         the authorization server refused: invalid_grant"
    );
}

#[test]
fn a_server_that_takes_an_expired_refresh_token_keeps_the_session() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(grant(1, HOUR));
    sim.suspend(8 * DAY);
    sim.disk_catches_up();
    sim.answer_refresh(Ok(grant(2, HOUR)));
    sim.disk_catches_up();
    assert_eq!(sim.get(0), "at-2");
    assert_eq!(ends(&sim), (Some(7 * DAY as i64), None));
    sim.notices();
    leave_alone(&mut sim, 10 * DAY, || grant(3, HOUR));
    assert_eq!(sim.notices(), []);
}
