//! Outages, from a minute to three days: how often the server is asked, what
//! callers get, and how soon all is well again.

use super::super::{BootTime, Settings, catch_up_time};
use super::answers::{grant, not_sent, seconds, unanswered, unavailable, unusable};
use super::sim::{Sim, settings};
use crate::oauth::{Answer, EndpointError, TokenGrant, token_grant};

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// The longest pause between two tries.
const STEP: u64 = 120;

/// Lets this many seconds pass, while the disk works and the server answers at
/// once; when it was asked.
pub(super) fn live(
    sim: &mut Sim,
    span: u64,
    mut server: impl FnMut(&Sim) -> Result<TokenGrant, EndpointError>,
) -> Vec<BootTime> {
    let end = sim.now.boot.after(seconds(span));
    let mut asked = Vec::new();
    loop {
        sim.wake();
        sim.disk_catches_up();
        while sim.refreshes() > 0 {
            asked.push(sim.now.boot);
            let answer = server(sim);
            sim.answer_refresh(answer);
            sim.disk_catches_up();
        }
        let next = sim.core.poll_timeout().filter(|&it| it < end);
        sim.pass(next.unwrap_or(end).since(sim.now.boot));
        if next.is_none() {
            return asked;
        }
    }
}

/// Every way for a server not to be there.
fn outages() -> Vec<EndpointError> {
    vec![
        not_sent(),
        unanswered(),
        unusable(),
        unavailable(429, None),
        unavailable(500, None),
        unavailable(502, None),
        unavailable(503, None),
        unavailable(511, None),
    ]
}

/// Signed in, with tokens of an hour, when the first renewal fails.
#[track_caller]
fn fails(span: u64, outage: &EndpointError) {
    let mut sim = Sim::signed_in(HOUR);
    sim.advance_to_renewal();
    let end_of_token = sim.now.boot.after(
        sim.core
            .view(sim.now)
            .access_token
            .expect("a token")
            .remaining,
    );
    let asked = live(&mut sim, span, |sim| {
        let valid = sim.now.boot < end_of_token;
        assert_eq!(sim.served().is_some(), valid, "{outage}: served to its end");
        Err(outage.clone())
    });
    let hours = span.div_ceil(HOUR) as usize;
    let most = 7 + hours * 41;
    assert!(
        asked.len() <= most,
        "{outage}: {} in {hours} h",
        asked.len()
    );

    let valid = sim.now.boot < end_of_token;
    let told = sim.get(0);
    if valid {
        assert_eq!(told, "at-1", "{outage}");
    } else {
        assert_eq!(told, "unavailable, will try again", "{outage}");
        let why = sim.core.view(sim.now).last_error.expect("an error").message;
        assert_eq!(why, outage.to_string());
    }

    let over = sim.now.boot;
    let asked = live(&mut sim, STEP, |_| Ok(grant(2, HOUR)));
    assert_eq!(asked.len(), 1, "{outage}: recovered by one request");
    assert!(asked[0].since(over) <= seconds(STEP), "{outage}: too late");
    assert_eq!(sim.get(0), "at-2", "{outage}");
    assert_eq!(
        (sim.stands().as_str(), sim.error()),
        ("signed in, due", None)
    );
}

#[test]
fn a_minute_without_the_server_is_noticed_by_nobody() {
    outages().iter().for_each(|outage| fails(MINUTE, outage));
}

#[test]
fn an_hour_without_the_server_ends_when_it_is_back() {
    outages().iter().for_each(|outage| fails(HOUR, outage));
}

#[test]
fn three_days_without_the_server_end_when_it_is_back() {
    outages().iter().for_each(|outage| fails(3 * DAY, outage));
}

#[test]
fn pauses_after_a_failure_are_spread_evenly_over_a_quarter() {
    let pause = |seed| {
        let mut sim = Sim::with(Settings { seed, ..settings() });
        sim.log_in(grant(1, HOUR));
        sim.advance_to_renewal();
        sim.stored_ok();
        for _ in 0..9 {
            sim.answer_refresh(Err(not_sent()));
            sim.disk_catches_up();
            sim.advance_to_renewal();
            sim.disk_catches_up();
        }
        sim.answer_refresh(Err(not_sent()));
        sim.disk_catches_up();
        sim.wakes_in()
    };
    let mut pauses: Vec<f64> = (0..200).map(pause).collect();
    pauses.sort_by(f64::total_cmp);
    assert!(pauses[0] >= 90.0 && pauses[199] <= 120.0, "{pauses:?}");
    assert!(pauses[50] < 100.0 && pauses[150] > 110.0, "{pauses:?}");
}

/// 429, as it comes over the wire.
fn throttled(retry_after: &str) -> EndpointError {
    let answer = Answer {
        status: 429,
        content_type: None,
        retry_after: Some(retry_after.to_owned()),
        date: Some("Tue, 24 Nov 2026 02:00:00 GMT".to_owned()),
        ecid: None,
        body: oic_proto::Secret::new(Vec::new()),
    };
    token_grant(Ok(answer)).expect_err("it is no grant")
}

/// How long a session waits whose server answers with this `Retry-After`.
#[track_caller]
fn check_wait(retry_after: &str, at_least: f64, at_most: f64) {
    for seed in 0..20 {
        let mut sim = Sim::with(Settings { seed, ..settings() });
        sim.log_in(grant(1, HOUR));
        sim.advance_to_renewal();
        sim.stored_ok();
        sim.answer_refresh(Err(throttled(retry_after)));
        sim.disk_catches_up();
        let wait = sim.wakes_in();
        assert!(
            (at_least..=at_most).contains(&wait),
            "{retry_after}: {wait}"
        );
    }
}

#[test]
fn a_server_that_says_when_to_come_back_is_obeyed() {
    check_wait("1", 1.0, 1.1);
    check_wait("90", 90.0, 99.0);
    check_wait("600", 600.0, 660.0);
    check_wait("3600", 3600.0, 3960.0);
    check_wait("Tue, 24 Nov 2026 02:01:30 GMT", 90.0, 99.0);
    check_wait("Tuesday, 24-Nov-26 02:01:30 GMT", 90.0, 99.0);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_days_is_asked_after_an_hour() {
    check_wait("86400", 3600.0, 3960.0);
    check_wait("99999999999999999999999999", 3600.0, 3960.0);
    check_wait("Wed, 25 Nov 2026 02:00:00 GMT", 3600.0, 3960.0);
    check_wait("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0, 3960.0);
}

#[test]
fn a_wish_that_makes_no_sense_is_none() {
    for wish in [
        "0",
        "-1",
        "soon",
        "",
        "Tue, 24 Nov 2020 02:01:30 GMT",
        "24 Nov",
    ] {
        check_wait(wish, 0.75, 1.0);
    }
}

#[test]
fn sessions_that_are_called_back_at_one_moment_do_not_come_at_once() {
    let back = (0..20).map(|seed| {
        let mut sim = Sim::with(Settings { seed, ..settings() });
        sim.log_in(grant(1, HOUR));
        sim.advance_to_renewal();
        sim.stored_ok();
        sim.answer_refresh(Err(throttled("600")));
        sim.disk_catches_up();
        sim.wakes_in() as u64
    });
    let distinct: std::collections::BTreeSet<u64> = back.collect();
    assert!(distinct.len() > 10, "{distinct:?}");
}

/// `--force` asks for a newer token, not for another answer of the server.
#[test]
fn force_does_not_come_before_the_server_said() {
    let mut sim = Sim::refreshing(HOUR);
    sim.answer_refresh(Err(throttled("1800")));
    sim.disk_catches_up();
    let next = sim.core.poll_timeout();
    let (told, _) = sim.force();
    assert_eq!(told, "unavailable, will try again");
    assert_eq!(sim.core.poll_timeout(), next);
    assert_eq!(sim.get(0), "at-1");
}

/// What one session sends a minute, at its worst and in an hour.
#[test]
fn one_session_sends_seven_requests_in_the_first_minute_and_forty_in_an_hour() {
    for seed in 0..50 {
        let mut sim = Sim::with(Settings { seed, ..settings() });
        sim.log_in(grant(1, HOUR));
        sim.advance_to_renewal();
        let start = sim.now.boot;
        let asked = live(&mut sim, HOUR, |_| Err(not_sent()));
        let at_first = asked.iter().filter(|it| it.since(start) < seconds(MINUTE));
        let at_first = at_first.count();
        assert!((6..=7).contains(&at_first), "{at_first}");
        assert!((36..=45).contains(&asked.len()), "{}", asked.len());
    }
}

/// When so many sessions of one daemon send their requests in this time: all
/// slept through the end of their tokens, and every request fails.
fn crowd(sessions: u64, span: u64) -> Vec<BootTime> {
    let slept = |seed| {
        let mut sim = Sim::with(Settings {
            seed,
            catch_up_time: catch_up_time(sessions as usize),
            ..settings()
        });
        sim.log_in(grant(1, HOUR));
        sim.suspend(8 * HOUR);
        live(&mut sim, span, |_| Err(unavailable(429, None)))
    };
    let mut sent: Vec<_> = (0..sessions).flat_map(slept).collect();
    sent.sort();
    sent
}

/// The most requests in any minute.
fn worst_minute(sent: &[BootTime]) -> usize {
    let in_minute_from = |start: &BootTime| {
        let later = sent.iter().filter(|it| *it >= start);
        later
            .filter(|it| it.since(*start) < seconds(MINUTE))
            .count()
    };
    sent.iter().map(in_minute_from).max().unwrap_or(0)
}

/// The smallest kind of identity domain allows 150 a minute, to all who work
/// with it.
#[test]
fn however_many_sessions_a_daemon_has_it_keeps_within_the_budget_of_the_domain() {
    for (sessions, in_an_hour) in [(1, 45), (10, 450), (100, 4000), (1000, 6000)] {
        let sent = crowd(sessions, HOUR);
        let fullest = worst_minute(&sent);
        assert!(fullest <= 150, "{sessions}: {fullest} in a minute");
        assert!(sent.len() <= in_an_hour, "{sessions}: {}", sent.len());
    }
}

#[test]
fn whoever_asks_in_an_outage_does_not_wait_for_the_other_sessions() {
    let mut sim = Sim::with(Settings {
        catch_up_time: catch_up_time(100),
        ..settings()
    });
    sim.log_in(grant(1, HOUR));
    sim.advance_to_renewal();
    sim.disk_catches_up();
    sim.answer_refresh(Err(not_sent()));
    sim.disk_catches_up();
    assert!(sim.wakes_in() > 59.0, "{}", sim.wakes_in());
    // Who has a token that will do asks for nothing.
    assert_eq!(sim.get(60), "at-1");
    assert!(sim.wakes_in() > 59.0, "{}", sim.wakes_in());
    // Of the hour a quarter is left.
    assert_eq!(sim.get(1800), "wait");
    assert!(sim.wakes_in() <= 1.0, "{}", sim.wakes_in());
}
