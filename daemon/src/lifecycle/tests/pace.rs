//! How often the authorization server is asked.

use super::super::{Event, Settings};
use super::answers::{all_but_invalid_grant, grant, not_sent, refused, seconds, unavailable};
use super::sim::{Sim, settings};

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// How often a session is refreshed in `span` seconds by a server that answers
/// at once with tokens of this lifetime; `ask` is done before each step of one
/// second.
fn refreshes_in(span: u64, lifetime: u64, ask: impl Fn(&mut Sim)) -> usize {
    let mut sim = Sim::signed_in(lifetime);
    let mut refreshes = 0;
    for _ in 0..span {
        ask(&mut sim);
        refreshes += answer_all(&mut sim, lifetime);
        sim.advance(1);
        refreshes += answer_all(&mut sim, lifetime);
    }
    refreshes
}

fn answer_all(sim: &mut Sim, lifetime: u64) -> usize {
    let mut refreshes = 0;
    sim.disk_catches_up();
    while sim.refreshes() > 0 {
        sim.answer_refresh(Ok(grant(2, lifetime)));
        sim.disk_catches_up();
        refreshes += 1;
    }
    refreshes
}

#[test]
fn tokens_of_20_seconds_are_renewed_three_to_six_times_a_minute() {
    let refreshes = refreshes_in(10 * MINUTE, 20, |_| {});
    assert!((30..=60).contains(&refreshes), "{refreshes} in 10 minutes");
}

#[test]
fn tokens_of_20_seconds_are_there_whenever_somebody_asks() {
    refreshes_in(10 * MINUTE, 20, |sim| assert!(sim.served().is_some()));
}

#[test]
fn however_short_tokens_live_there_are_at_most_20_refreshes_a_minute() {
    for lifetime in 0..=5 {
        let refreshes = refreshes_in(10 * MINUTE, lifetime, |_| {});
        assert!(
            refreshes <= 200,
            "{refreshes} in 10 minutes for {lifetime} s"
        );
        assert!(refreshes >= 100, "{refreshes} for {lifetime} s");
    }
}

#[test]
fn however_short_tokens_live_callers_do_not_make_it_worse() {
    for lifetime in 0..=5 {
        let asking = |sim: &mut Sim| {
            sim.get(0);
            sim.get(60);
            sim.force();
        };
        let refreshes = refreshes_in(10 * MINUTE, lifetime, asking);
        assert!(
            refreshes <= 200,
            "{refreshes} in 10 minutes for {lifetime} s"
        );
    }
}

/// When an hour's token is renewed, as parts of its life, by 200 profiles.
fn renewals() -> Vec<f64> {
    let renewal = |seed| {
        let mut sim = Sim::with(Settings { seed, ..settings() });
        sim.log_in(grant(1, HOUR));
        sim.wakes_in() / HOUR as f64
    };
    (0..200).map(renewal).collect()
}

#[test]
fn tokens_of_an_hour_are_renewed_once_they_have_about_a_quarter_of_it_left() {
    for at in renewals() {
        assert!((0.69..=0.80).contains(&at), "{at}");
    }
}

#[test]
fn renewals_are_spread_evenly_over_a_tenth_of_the_life() {
    let renewals = renewals();
    let mean = renewals.iter().sum::<f64>() / renewals.len() as f64;
    assert!((0.74..=0.755).contains(&mean), "{mean}");
    let early = renewals.iter().filter(|&&at| at < 0.72).count();
    let late = renewals.iter().filter(|&&at| at > 0.78).count();
    assert!((20..=60).contains(&early), "{early} of 200 are early");
    assert!((20..=60).contains(&late), "{late} of 200 are late");
}

#[test]
fn profiles_signed_in_together_do_not_refresh_together() {
    let moments = (0..20).map(|seed| {
        let mut sim = Sim::with(Settings { seed, ..settings() });
        sim.log_in(grant(1, HOUR));
        sim.wakes_in() as u64
    });
    let distinct: std::collections::BTreeSet<u64> = moments.collect();
    assert!(distinct.len() > 10, "{distinct:?}");
}

#[test]
fn tokens_of_a_year_are_renewed_daily_to_keep_the_refresh_token_alive() {
    let mut sim = Sim::signed_in(365 * DAY);
    for number in 2..30 {
        assert!(sim.wakes_in() <= DAY as f64, "{}", sim.wakes_in());
        sim.advance_to_renewal();
        sim.stored_ok();
        sim.answer_refresh(Ok(grant(number, 365 * DAY)));
        sim.stored_ok();
    }
}

/// The pauses after each of `count` failures in a row.
fn pauses(
    sim: &mut Sim,
    count: usize,
    error: impl Fn() -> crate::oauth::EndpointError,
) -> Vec<f64> {
    let mut pauses = Vec::new();
    for _ in 0..count {
        sim.answer_refresh(Err(error()));
        sim.disk_catches_up();
        pauses.push(sim.wakes_in());
        sim.advance_to_renewal();
        sim.disk_catches_up();
    }
    pauses
}

#[test]
fn pauses_between_failed_refreshes_double_up_to_two_minutes() {
    let mut sim = Sim::refreshing(HOUR);
    let pauses = pauses(&mut sim, 12, not_sent);
    for (failures, pause) in pauses.iter().enumerate() {
        let full = f64::from(1 << failures).min(120.0);
        assert!(
            (0.74 * full..=full).contains(pause),
            "{pause} s after {} failures",
            failures + 1
        );
    }
}

#[test]
fn no_outage_however_long_stops_the_trying() {
    let mut sim = Sim::refreshing(HOUR);
    let pauses = pauses(&mut sim, 2000, not_sent);
    assert!(pauses.iter().all(|&pause| pause <= 120.0));
}

#[test]
fn a_server_that_wants_to_be_asked_at_once_is_not_asked_in_a_loop() {
    let mut sim = Sim::refreshing(HOUR);
    let pauses = pauses(&mut sim, 8, || unavailable(429, Some(0)));
    assert!(pauses[0] >= 0.7 && pauses[7] >= 60.0, "{pauses:?}");
}

#[test]
fn callers_do_not_shorten_the_pause_after_a_failure() {
    for error in all_but_invalid_grant() {
        let mut sim = Sim::refreshing(HOUR);
        sim.suspend(HOUR);
        for _ in 0..5 {
            sim.answer_refresh(Err(error.clone()));
            sim.disk_catches_up();
            let next = sim.core.poll_timeout();
            for _ in 0..10 {
                sim.get(0);
                sim.get(60);
            }
            assert_eq!(sim.core.poll_timeout(), next, "{error}");
            sim.advance_to_renewal();
            sim.disk_catches_up();
        }
    }
}

#[test]
fn a_server_that_refuses_this_client_is_asked_every_ten_minutes_or_so() {
    let mut sim = Sim::refreshing(HOUR);
    let pauses = pauses(&mut sim, 5, || refused("invalid_client"));
    assert!(
        pauses.iter().all(|pause| (440.0..=600.0).contains(pause)),
        "{pauses:?}"
    );
}

#[test]
fn force_after_a_repair_does_not_wait_for_the_slow_retry() {
    let mut sim = Sim::refreshing(HOUR);
    sim.suspend(HOUR);
    sim.answer_refresh(Err(refused("invalid_client")));
    sim.disk_catches_up();
    assert_eq!(sim.get(0), "rejected");
    sim.advance(5);
    let (first, ask) = sim.force();
    assert_eq!(first, "wait");
    sim.disk_catches_up();
    sim.pass(seconds(1));
    sim.answer_refresh(Ok(grant(2, HOUR)));
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&ask), "at-2");
}

#[test]
fn force_in_a_loop_asks_a_server_that_refuses_every_five_seconds_at_most() {
    let mut sim = Sim::refreshing(HOUR);
    sim.answer_refresh(Err(refused("invalid_client")));
    let mut refreshes = 0;
    for _ in 0..60 {
        sim.force();
        sim.disk_catches_up();
        if sim.refreshes() > 0 {
            sim.answer_refresh(Err(refused("invalid_client")));
            refreshes += 1;
        }
        sim.disk_catches_up();
        sim.advance(1);
    }
    assert!((8..=12).contains(&refreshes), "{refreshes} in a minute");
}

#[test]
fn force_in_a_loop_refreshes_every_five_seconds_at_most() {
    let refreshes = refreshes_in(MINUTE, HOUR, |sim| {
        sim.force();
    });
    assert!((8..=12).contains(&refreshes), "{refreshes} in a minute");
}

#[test]
fn a_min_validity_in_a_loop_that_only_a_new_token_has_is_spaced_too() {
    let mut sim = Sim::signed_in(HOUR);
    let mut refreshes = 0;
    for _ in 0..60 {
        sim.get(HOUR);
        refreshes += answer_all(&mut sim, HOUR);
        sim.advance(1);
        refreshes += answer_all(&mut sim, HOUR);
    }
    assert!((8..=12).contains(&refreshes), "{refreshes} in a minute");
}

#[test]
fn a_profile_in_which_nothing_happens_is_woken_once_a_renewal() {
    let mut sim = Sim::signed_in(HOUR);
    let mut wakes = 0;
    let end = sim.now.boot.after(seconds(DAY));
    while let Some(next) = sim.core.poll_timeout().filter(|&it| it < end) {
        sim.pass(next.since(sim.now.boot));
        sim.core.handle_timeout(sim.now);
        sim.handle(Event::LoginAbandoned);
        answer_all(&mut sim, HOUR);
        wakes += 1;
    }
    assert!(wakes <= 36, "{wakes} in a day");
}
