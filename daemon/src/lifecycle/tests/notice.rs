//! What users hear without asking, and when.

use oic_proto::message::UnixTime;

use super::super::Notice;
use super::answers::{grant, not_sent};
use super::answers::{refused, seconds};
use super::expiry::{absolute, leave_alone, sliding};
use super::sim::Sim;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Hours after `from` at which something was said, and what, while nobody asks
/// and the server answers every refresh with a token of an hour, or not at all.
fn heard(sim: &mut Sim, from: UnixTime, hours: u64, answers: bool) -> Vec<(u64, Notice)> {
    let mut heard = Vec::new();
    for _ in 0..hours {
        leave_for_an_hour(sim, answers);
        let at = (sim.now.wall.0 - from.0) as u64 / HOUR;
        heard.extend(sim.notices().into_iter().map(|it| (at, it)));
    }
    heard
}

fn leave_for_an_hour(sim: &mut Sim, answers: bool) {
    let end = sim.now.boot.after(seconds(HOUR));
    loop {
        sim.disk_catches_up();
        if sim.refreshes() > 0 {
            sim.answer_refresh(if answers {
                Ok(grant(2, HOUR))
            } else {
                Err(not_sent())
            });
            continue;
        }
        let Some(next) = sim.core.poll_timeout().filter(|&it| it <= end) else {
            break;
        };
        sim.pass(next.since(sim.now.boot));
        sim.wake();
    }
    sim.pass(end.since(sim.now.boot));
}

#[test]
fn an_absolute_end_is_announced_three_days_before_and_daily() {
    let mut sim = Sim::with(absolute(30 * DAY));
    sim.log_in(grant(1, HOUR));
    let from = sim.now.wall;
    let by = UnixTime(from.0 + 30 * DAY as i64);
    let told = heard(&mut sim, from, 30 * 24 - 1, true);
    let needed = Notice::LoginNeeded { by };
    assert_eq!(
        told,
        [(27 * 24, needed), (28 * 24, needed), (29 * 24, needed)]
    );
}

#[test]
fn a_short_absolute_life_is_not_announced_right_after_the_login() {
    for hours in [1, 8, 24, 7 * 24] {
        let mut sim = Sim::with(absolute(hours * HOUR));
        sim.log_in(grant(1, HOUR));
        let at = sim.now.wall.0 as u64;
        let of_a_login = |it: &Notice| matches!(it, Notice::LoginNeeded { .. });
        while !sim.notices().iter().any(of_a_login) {
            sim.advance(60);
            sim.disk_catches_up();
            if sim.refreshes() > 0 {
                sim.answer_refresh(Ok(grant(2, HOUR)));
            }
        }
        let after = (sim.now.wall.0 as u64 - at) as f64 / (hours * HOUR) as f64;
        assert!((0.57..0.6).contains(&after), "{after} of {hours} hours");
    }
}

#[test]
fn a_restart_does_not_forget_to_announce_the_end() {
    let mut sim = Sim::with(absolute(7 * DAY));
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, 30 * DAY)));
    let stored = sim.stored_ok();
    let by = UnixTime(sim.now.wall.0 + 7 * DAY as i64);
    sim.pass(seconds(3 * DAY));
    sim.reboot(stored.clone());
    assert_eq!(sim.notices(), []);
    sim.restart(stored.clone());
    sim.pass(seconds(2 * DAY));
    sim.restart(stored);
    assert_eq!(sim.notices(), [Notice::LoginNeeded { by }]);
}

#[test]
fn an_outage_that_eats_most_of_an_idle_life_is_announced_in_time_and_daily() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(grant(1, HOUR));
    let from = sim.now.wall;
    let by = UnixTime(from.0 + 7 * DAY as i64);
    let told = heard(&mut sim, from, 9 * 24, false);
    let needed = Notice::RenewalNeeded { by };
    let expired = Notice::ProbablyExpired { since: by };
    let hours = Vec::from_iter(told.iter().map(|(hour, _)| hour / 24));
    assert_eq!(hours, [4, 5, 6, 7, 8], "{told:?}");
    let said = Vec::from_iter(told.iter().map(|(_, it)| *it));
    assert_eq!(said, [needed, needed, needed, expired, expired]);
}

#[test]
fn that_the_end_has_passed_is_announced_at_the_next_try() {
    let mut sim = Sim::with(sliding(5 * DAY));
    sim.log_in(grant(1, HOUR));
    let from = sim.now.wall;
    let told = heard(&mut sim, from, 5 * 24 + 1, false);
    assert_eq!(told.len(), 4, "{told:?}");
    let since = UnixTime(from.0 + 5 * DAY as i64);
    assert_eq!(told[3], (5 * 24 + 1, Notice::ProbablyExpired { since }));
}

/// Nobody can say how long it has left then, but not more than all of it.
#[test]
fn a_wall_clock_set_back_across_a_restart_puts_no_announcement_off_for_long() {
    let mut sim = Sim::with(absolute(7 * DAY));
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, HOUR)));
    let stored = sim.stored_ok();
    sim.set_wall_clock(-30 * DAY as i64);
    sim.restart(stored);
    sim.notices();
    let from = sim.now.wall;
    let told = heard(&mut sim, from, 108, true);
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn an_outage_that_ends_in_time_is_forgotten_and_the_next_one_announced_anew() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(grant(1, HOUR));
    let from = sim.now.wall;
    assert_eq!(heard(&mut sim, from, 108, false).len(), 1);
    assert_eq!(heard(&mut sim, from, 2, true), []);
    let from = sim.now.wall;
    let told = heard(&mut sim, from, 108, false);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!((95..=97).contains(&told[0].0), "{told:?}");
}

#[test]
fn an_outage_of_three_days_is_nothing_to_hear_of() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(grant(1, HOUR));
    let from = sim.now.wall;
    assert_eq!(heard(&mut sim, from, 3 * 24, false), []);
    assert_eq!(heard(&mut sim, from, 24, true), []);
}

#[test]
fn a_machine_that_slept_too_long_hears_that_the_session_has_probably_expired() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(grant(1, HOUR));
    let since = UnixTime(sim.now.wall.0 + 7 * DAY as i64);
    sim.suspend(8 * DAY);
    assert_eq!(sim.notices(), [Notice::ProbablyExpired { since }]);
    sim.disk_catches_up();
    sim.answer_refresh(Err(refused("invalid_grant")));
    sim.disk_catches_up();
    sim.advance(30 * DAY);
    assert_eq!(sim.notices(), []);
}

#[test]
fn a_machine_that_was_off_for_most_of_an_idle_life_hears_nothing_if_all_is_well() {
    let mut sim = Sim::with(sliding(7 * DAY));
    sim.log_in(grant(1, HOUR));
    sim.suspend(6 * DAY);
    sim.disk_catches_up();
    sim.answer_refresh(Ok(grant(2, HOUR)));
    sim.disk_catches_up();
    assert_eq!(sim.notices(), []);
}

#[test]
fn a_wall_clock_set_by_a_month_announces_nothing() {
    for by in [-30, 30] {
        let mut sim = Sim::with(absolute(14 * DAY));
        sim.log_in(grant(1, HOUR));
        sim.set_wall_clock(by * DAY as i64);
        let from = sim.now.wall;
        assert_eq!(heard(&mut sim, from, 10 * 24, true), [], "{by} days");
        let told = heard(&mut sim, from, 2 * 24, true);
        assert_eq!(told.first().map(|(at, _)| *at), Some(11 * 24), "{told:?}");
    }
}

#[test]
fn nothing_is_announced_where_no_lifetime_is_known() {
    let unknown = super::super::Settings {
        refresh_token_lifetime: None,
        ..absolute(DAY)
    };
    let mut sim = Sim::with(unknown);
    sim.log_in(grant(1, HOUR));
    let from = sim.now.wall;
    assert_eq!(heard(&mut sim, from, 20 * 24, false), []);
}

#[test]
fn after_a_logout_or_a_new_login_the_old_end_is_not_announced() {
    let mut sim = Sim::with(absolute(7 * DAY));
    sim.log_in(grant(1, HOUR));
    leave_alone(&mut sim, 108 * HOUR, || grant(2, HOUR));
    assert_eq!(sim.notices().len(), 1);
    sim.log_in(grant(3, HOUR));
    let from = sim.now.wall;
    assert_eq!(heard(&mut sim, from, 3 * 24, true), []);
    sim.handle(super::super::Event::LogoutRequested);
    sim.disk_catches_up();
    assert_eq!(sim.core.poll_timeout(), None);
    sim.advance(30 * DAY);
    assert_eq!(sim.notices(), []);
}

/// Once for each renewal, and once for each announcement.
#[test]
fn announcements_cost_one_wake_up_each_and_nothing_before() {
    let wakes = |settings| {
        let mut sim = Sim::with(settings);
        sim.log_in(grant(1, HOUR));
        let mut wakes = 0;
        let end = sim.now.boot.after(seconds(30 * DAY));
        let (mut refreshes, mut notices) = (0, 0);
        while let Some(next) = sim.core.poll_timeout().filter(|&it| it < end) {
            sim.pass(next.since(sim.now.boot));
            sim.wake();
            sim.disk_catches_up();
            while sim.refreshes() > 0 {
                sim.answer_refresh(Ok(grant(2, HOUR)));
                sim.disk_catches_up();
                refreshes += 1;
            }
            notices += sim.notices().len();
            wakes += 1;
        }
        (wakes - refreshes, notices)
    };
    assert_eq!(wakes(sliding(7 * DAY)), (0, 0));
    assert_eq!(wakes(absolute(30 * DAY)), (3, 3));
}
