//! A thousand profiles in one daemon: what they do at the same time.

use std::time::Duration;

use super::super::{Settings, StoredSession, catch_up_time};
use super::answers::{grant, not_sent, seconds};
use super::sim::{Sim, settings};

const PROFILES: u64 = 1000;

/// What an identity domain allows a whole team.
const REQUESTS_A_MINUTE_MAX: usize = 150;

const HOUR: u64 = 3600;

/// One of a thousand, with an hour's token, and what the disk holds of it.
fn stored(seed: u64) -> (Sim, StoredSession) {
    let mut sim = Sim::with(Settings {
        seed,
        catch_up_time: catch_up_time(PROFILES as usize),
        ..settings()
    });
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, HOUR)));
    let stored = sim.stored_ok().expect("a session is on disk");
    (sim, stored)
}

fn signed_in(seed: u64) -> Sim {
    stored(seed).0
}

/// The same, started again after so many seconds.
fn restarted(seed: u64, after: u64) -> Sim {
    let (mut sim, stored) = stored(seed);
    sim.pass(seconds(after));
    sim.restart(Some(stored));
    sim
}

/// How many requests there are in the fullest minute, if each profile makes
/// one after so many seconds.
fn fullest_minute(moments: impl Iterator<Item = f64>) -> usize {
    let mut moments = Vec::from_iter(moments);
    moments.sort_by(f64::total_cmp);
    let within_a_minute = |first: usize| {
        let minute = moments[first..].iter();
        minute.take_while(|&&at| at < moments[first] + 60.0).count()
    };
    (0..moments.len()).map(within_a_minute).max().unwrap_or(0)
}

#[test]
fn what_all_missed_while_the_daemon_was_off_is_made_up_at_the_pace_of_the_server() {
    let moments = (0..PROFILES).map(|seed| restarted(seed, 2 * HOUR).wakes_in());
    let fullest = fullest_minute(moments);
    assert!(fullest <= REQUESTS_A_MINUTE_MAX, "{fullest} in a minute");
}

#[test]
fn so_it_is_when_the_tokens_still_live_and_their_renewals_are_overdue() {
    let moments = (0..PROFILES).map(|seed| {
        let mut sim = restarted(seed, 50 * 60);
        assert_eq!(sim.get(60), "at-1");
        sim.wakes_in()
    });
    let fullest = fullest_minute(moments);
    assert!(fullest <= REQUESTS_A_MINUTE_MAX, "{fullest} in a minute");
}

#[test]
fn so_it_is_when_the_machine_slept() {
    let moments = (0..PROFILES).map(|seed| {
        let mut sim = signed_in(seed);
        sim.suspend(8 * HOUR);
        sim.wakes_in()
    });
    let fullest = fullest_minute(moments);
    assert!(fullest <= REQUESTS_A_MINUTE_MAX, "{fullest} in a minute");
}

#[test]
fn a_renewal_that_was_put_off_comes_at_its_new_time() {
    let mut sim = signed_in(1);
    sim.suspend(8 * HOUR);
    assert_eq!(sim.refreshes(), 0);
    sim.advance_to_renewal();
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
}

/// A busy machine is no sleeping one.
#[test]
fn a_renewal_that_is_half_a_minute_late_is_not_put_off() {
    let mut sim = signed_in(1);
    let due = sim.core.poll_timeout().expect("a renewal is due");
    sim.pass(due.since(sim.now.boot) + seconds(30));
    sim.wake();
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
}

#[test]
fn whoever_asks_does_not_wait_for_the_others() {
    let mut slept = signed_in(1);
    slept.suspend(8 * HOUR);
    for mut sim in [slept, restarted(1, 2 * HOUR)] {
        assert_eq!(sim.refreshes(), 0);
        assert_eq!(sim.get(60), "wait");
        sim.disk_catches_up();
        assert_eq!(sim.refreshes(), 1);
    }
}

#[test]
fn one_profile_alone_makes_up_at_once_what_it_missed() {
    assert_eq!(catch_up_time(1), Duration::ZERO);
    assert_eq!(catch_up_time(0), Duration::ZERO);
}

#[test]
fn profiles_signed_in_together_never_refresh_in_step() {
    let hour = (0..PROFILES).map(|seed| signed_in(seed).wakes_in());
    let fullest = fullest_minute(hour);
    // A thousand in a tenth of an hour, and chance.
    assert!(fullest <= 200, "{fullest} in a minute");
}

/// When each profile tries, in an outage of two hours, from its beginning.
fn tries_in_an_outage(seed: u64) -> Vec<f64> {
    let mut sim = signed_in(seed);
    let began = sim.now.boot;
    let end = began.after(seconds(2 * HOUR));
    let mut tries = Vec::new();
    while sim.now.boot < end {
        sim.advance_to_renewal();
        sim.disk_catches_up();
        sim.answer_refresh(Err(not_sent()));
        sim.disk_catches_up();
        tries.push(sim.now.boot.since(began).as_secs_f64());
    }
    tries
}

#[test]
fn no_outage_however_long_has_them_ask_more_often() {
    let tries = (0..PROFILES).flat_map(tries_in_an_outage);
    let settled = tries.filter(|&at| at > (HOUR + HOUR / 4) as f64);
    let fullest = fullest_minute(settled.filter(|&at| at < (2 * HOUR) as f64));
    assert!(fullest <= 200, "{fullest} in a minute");
}
