//! A configuration that changes: what stood stays, and what failed is tried
//! again.

use super::super::{Event, Settings};
use super::answers::{grant, refused, seconds, unavailable};
use super::expiry::{absolute, sliding};
use super::sim::{Sim, settings};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn reconfigured(sim: &mut Sim, settings: Settings) {
    let within = seconds(0);
    sim.handle(Event::Reconfigured { settings, within });
}

#[test]
fn a_client_that_was_refused_is_tried_again_at_once() {
    let mut sim = Sim::refreshing(HOUR);
    sim.answer_refresh(Err(refused("invalid_client")));
    sim.disk_catches_up();
    assert!(sim.wakes_in() > 400.0);
    sim.wanted();
    reconfigured(&mut sim, settings());
    sim.check("signed in, in flight", &["store rt-1 (sent) at-1"]);
    sim.disk_catches_up();
    sim.answer_refresh(Ok(grant(2, HOUR)));
    sim.disk_catches_up();
    assert_eq!(sim.served().unwrap(), "at-2");
}

#[test]
fn a_server_that_wanted_to_be_left_alone_is_asked_once() {
    let mut sim = Sim::refreshing(HOUR);
    sim.answer_refresh(Err(unavailable(429, Some(HOUR))));
    sim.disk_catches_up();
    reconfigured(&mut sim, settings());
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
    sim.answer_refresh(Err(unavailable(429, Some(HOUR))));
    sim.disk_catches_up();
    assert!(sim.wakes_in() >= HOUR as f64);
}

#[test]
fn many_that_were_changed_together_do_not_try_again_together() {
    let mut sim = Sim::refreshing(HOUR);
    sim.answer_refresh(Err(refused("invalid_client")));
    sim.disk_catches_up();
    sim.handle(Event::Reconfigured {
        settings: settings(),
        within: seconds(60),
    });
    assert_eq!(sim.stands(), "signed in, backoff");
    assert!(sim.wakes_in() <= 60.0, "{}", sim.wakes_in());
    // Who asks does not wait for the others.
    sim.force();
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
}

#[test]
fn a_session_that_is_not_due_is_left_alone() {
    let mut sim = Sim::signed_in(HOUR);
    let before = sim.wakes_in();
    for _ in 0..20 {
        reconfigured(&mut sim, settings());
    }
    sim.check("signed in, due", &[]);
    assert_eq!(sim.wakes_in(), before);
    assert_eq!(sim.served().unwrap(), "at-1");
}

#[test]
fn a_session_goes_to_the_disk_or_leaves_it_at_once() {
    let mut sim = Sim::signed_in(HOUR);
    let in_memory = Settings {
        memory_only: true,
        ..settings()
    };
    for settings in [in_memory, settings()] {
        reconfigured(&mut sim, settings);
        sim.check("signed in, due", &["store rt-1 at-1"]);
        sim.disk_catches_up();
    }
    reconfigured(&mut sim, settings());
    sim.check("signed in, due", &[]);
}

#[test]
fn a_refresh_under_way_goes_on() {
    let mut sim = Sim::refreshing(HOUR);
    reconfigured(&mut sim, settings());
    sim.check("signed in, in flight", &[]);
    sim.answer_refresh(Ok(grant(2, HOUR)));
    sim.check("signed in, in flight", &["store rt-2 at-2"]);
    reconfigured(&mut sim, settings());
    sim.stored_ok();
    assert_eq!(sim.served().unwrap(), "at-2");
}

#[test]
fn a_login_under_way_goes_on() {
    let mut sim = Sim::new();
    sim.begin_login();
    let prompt = sim.login_stands();
    reconfigured(&mut sim, settings());
    assert_eq!(sim.login_stands(), prompt);
}

/// As is known from now on; the renewal was due in 18 hours.
#[test]
fn a_refresh_token_that_lives_shorter_than_was_known_is_used_in_time() {
    let mut sim = Sim::signed_in(DAY);
    reconfigured(&mut sim, sliding(HOUR));
    assert!(sim.wakes_in() <= HOUR as f64 / 2.0, "{}", sim.wakes_in());
    // One that lives longer puts off nothing.
    let before = sim.wakes_in();
    reconfigured(&mut sim, sliding(30 * DAY));
    assert_eq!(sim.wakes_in(), before);
}

#[test]
fn the_end_of_the_session_is_shown_as_it_is_configured() {
    let mut sim = Sim::signed_in(HOUR);
    reconfigured(&mut sim, absolute(2 * DAY));
    let view = sim.core.view(sim.now).refresh_token.unwrap();
    let end = view.login_needed_by.unwrap();
    assert_eq!(end.0 - view.obtained_at.0, 2 * DAY as i64);
    assert_eq!(view.renew_by, None);
}

#[test]
fn who_is_signed_out_stays_so() {
    let mut sim = Sim::new();
    reconfigured(&mut sim, sliding(DAY));
    sim.check("signed out", &[]);
}
