//! The daemon starts again with what the disk held.

use std::time::Duration;

use super::super::{Event, StoredSession};
use super::answers::{grant, refused, seconds, unanswered, without_refresh_token};
use super::sim::{Sim, settings};

/// An hour's token just obtained, and what the disk then holds.
fn stored() -> (Sim, StoredSession) {
    stored_for(3600)
}

fn stored_for(lifetime: u64) -> (Sim, StoredSession) {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, lifetime)));
    let stored = sim.stored_ok().expect("a session is on disk");
    (sim, stored)
}

/// The same with the intent to refresh on disk, long before it is due:
/// somebody wanted a newer token.
fn stored_with_intent() -> (Sim, StoredSession) {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    sim.force();
    let stored = sim.stored_ok().expect("a session is on disk");
    (sim, stored)
}

#[test]
fn a_restart_serves_at_once_and_costs_no_request() {
    let (mut sim, stored) = stored();
    sim.pass(seconds(60));
    sim.restart(Some(stored));
    sim.check("signed in, due", &[]);
    assert_eq!(sim.get(60), "at-1");
    let view = sim.core.view(sim.now);
    assert_eq!(view.subject.as_deref(), Some("jane.doe@example.com"));
    sim.check("signed in, due", &[]);
}

/// The disk holds lives in whole seconds.
#[test]
fn a_token_from_before_the_restart_is_no_newer_one_for_who_asked_while_it_was_read() {
    let (mut sim, mut stored) = stored();
    stored.access_token.as_mut().expect("one").lifetime -= seconds(1);
    sim.pass(Duration::from_millis(300));
    let (_, ask) = sim.force();
    sim.pass(Duration::from_millis(300));
    sim.restart(Some(stored));
    assert_eq!(sim.want(ask), "wait");
}

#[test]
fn however_long_tokens_live_a_restart_costs_no_request() {
    let (mut sim, stored) = stored_for(365 * 24 * 3600);
    sim.pass(seconds(60));
    sim.restart(Some(stored));
    sim.check("signed in, due", &[]);
}

#[test]
fn a_stored_lifetime_that_no_token_has_stops_nothing() {
    let (mut sim, mut stored) = stored();
    stored.access_token.as_mut().expect("one").lifetime = Duration::MAX;
    sim.restart(Some(stored));
    assert_eq!(sim.get(60), "at-1");
}

#[test]
fn a_restored_token_is_renewed_before_it_expires() {
    let (mut sim, stored) = stored();
    sim.restart(Some(stored));
    let life = sim.core.view(sim.now).access_token.expect("one").remaining;
    assert!(sim.wakes_in() < life.as_secs_f64());
    sim.advance_to_renewal();
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
}

#[test]
fn after_a_reboot_a_token_is_taken_to_expire_a_twentieth_of_its_life_earlier() {
    let (mut sim, stored) = stored();
    sim.pass(seconds(60));
    sim.reboot(Some(stored));
    let life = sim.core.view(sim.now).access_token.expect("one");
    assert_eq!(life.remaining, seconds(3600 - 60 - 180));
    sim.pass(life.remaining);
    assert_eq!(sim.get(0), "wait");
}

#[test]
fn a_token_that_expired_while_the_daemon_was_down_is_not_handed_out() {
    let (mut sim, stored) = stored();
    sim.pass(seconds(3600));
    sim.restart(Some(stored));
    assert_eq!(sim.served(), None);
    assert_eq!(sim.get(0), "wait");
    sim.disk_catches_up();
    sim.check(
        "signed in, in flight",
        &["store rt-1 (sent)", "refresh rt-1"],
    );
}

#[test]
fn force_after_a_restart_is_not_answered_by_the_restored_token() {
    let (mut sim, stored) = stored();
    sim.pass(seconds(60));
    sim.restart(Some(stored));
    let (told, ask) = sim.force();
    assert_eq!(told, "wait");
    sim.disk_catches_up();
    sim.pass(seconds(1));
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.look_up(&ask), "at-2");
}

#[test]
fn an_open_intent_is_tried_at_once_and_the_valid_token_served_meanwhile() {
    let (mut sim, stored) = stored_with_intent();
    sim.restart(None);
    sim.handle(Event::Restored(stored));
    sim.check("signed in, in doubt", &[]);
    assert_eq!(sim.get(0), "at-1");
    sim.wake();
    sim.disk_catches_up();
    sim.check(
        "signed in, in flight",
        &["store rt-1 (sent) at-1", "refresh rt-1"],
    );
    assert_eq!(sim.get(0), "at-1");
}

#[test]
fn an_open_intent_whose_refresh_token_was_used_up_ends_the_session_and_not_the_token() {
    let (mut sim, stored) = stored_with_intent();
    sim.restart(Some(stored));
    sim.disk_catches_up();
    sim.answer_refresh(Err(refused("invalid_grant")));
    sim.disk_catches_up();
    assert_eq!(sim.stands(), "signed out");
    assert_eq!(sim.get(0), "at-1");
}

#[test]
fn doubt_outlives_restarts() {
    let (mut sim, stored) = stored_with_intent();
    let sent = |it: &StoredSession| it.refresh_token.as_ref().and_then(|it| it.sent_at);
    let first = sent(&stored);
    assert!(first.is_some());
    sim.restart(Some(stored));
    let again = sim.stored_ok().expect("a session");
    sim.answer_refresh(Err(unanswered()));
    assert_eq!(sent(&again), first);
}

#[test]
fn a_session_that_was_ending_is_served_to_its_end_after_a_restart() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(without_refresh_token(grant(1, 3600))));
    let stored = sim.stored_ok();
    sim.pass(seconds(60));
    sim.restart(stored);
    assert_eq!(sim.get(0), "at-1");
    sim.pass(seconds(3600));
    assert!(sim.get(0).starts_with("login required: "));
    assert_eq!(sim.stands(), "signed out");
}

#[test]
fn a_session_that_the_server_ended_is_shown_as_over_after_a_restart() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    let stored = sim.stored_ok();
    sim.restart(stored);
    assert_eq!(sim.stands(), "signed out");
    assert_eq!(sim.get(0), "at-1");
    sim.pass(seconds(3600));
    assert_eq!(
        sim.get(0),
        "login required: the authorization server refused: invalid_grant"
    );
}

#[test]
fn after_a_logout_a_restart_finds_nothing() {
    let (mut sim, _) = stored();
    sim.handle(Event::LogoutRequested);
    let stored = sim.stored_ok();
    assert_eq!(stored, None);
    sim.restart(stored);
    assert_eq!(sim.get(0), "login required: nobody has signed in yet");
}

#[test]
fn a_disk_that_cannot_be_read_is_signed_out_and_says_why() {
    let mut sim = Sim::new();
    sim.handle(Event::Unreadable("the key has changed".to_owned()));
    sim.check("signed out", &[]);
    assert_eq!(sim.get(0), "login required: the key has changed");
    assert_eq!(sim.error().as_deref(), Some("not_read"));
    sim.log_in(grant(1, 3600));
    assert_eq!(sim.get(0), "at-1");
    assert_eq!(sim.error(), None);
}

#[test]
fn a_wall_clock_set_forward_across_a_reboot_costs_a_refresh_and_nothing_else() {
    let (mut sim, stored) = stored();
    sim.set_wall_clock(24 * 3600);
    sim.reboot(Some(stored));
    assert_eq!(sim.get(0), "wait");
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
}

#[test]
fn a_wall_clock_set_back_a_little_across_a_reboot_does_not_revive_an_expired_token() {
    let (mut sim, stored) = stored();
    sim.pass(seconds(3600));
    sim.set_wall_clock(-120);
    sim.reboot(Some(stored));
    assert_eq!(sim.served(), None);
}

#[test]
fn a_wall_clock_set_back_across_a_reboot_does_not_make_a_token_live_longer() {
    let (mut sim, stored) = stored();
    sim.set_wall_clock(-24 * 3600);
    sim.reboot(Some(stored));
    let life = sim.core.view(sim.now).access_token.map(|it| it.remaining);
    assert!(life.unwrap_or_default() <= seconds(3600), "{life:?}");
}

#[test]
fn a_machine_that_is_restarted_every_day_keeps_the_refresh_token_alive() {
    let (mut sim, stored) = stored_for(365 * 24 * 3600);
    for _ in 0..7 {
        sim.pass(seconds(12 * 3600));
        // The clock of a new boot starts again; the one on the wall goes on.
        sim.reboot(Some(stored.clone()));
        sim.advance(12 * 3600);
        if !sim.wanted().is_empty() {
            return;
        }
    }
    panic!("a week has passed without a refresh");
}

#[test]
fn a_session_that_the_server_never_gave_a_refresh_token_stays_signed_in_over_a_restart() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(without_refresh_token(grant(1, 3600))));
    assert_eq!(sim.stands(), "signed in");
    let stored = sim.stored_ok();
    sim.restart(stored);
    assert_eq!(sim.stands(), "signed in");
}

#[test]
fn a_token_from_the_future_is_known_by_it_and_not_trusted() {
    // The clock was a day ahead when the token was stored and has been put
    // right; meanwhile the token has expired.
    let (mut sim, stored) = stored_for(3600);
    sim.pass(seconds(3600));
    sim.set_wall_clock(-24 * 3600);
    sim.reboot(Some(stored));
    assert_eq!(sim.served(), None);
}

#[test]
fn until_the_disk_has_been_read_callers_wait_and_nobody_is_signed_out() {
    let mut sim = Sim::unread(settings());
    assert_eq!(sim.get_within(0, 30), "wait");
    assert_eq!(sim.get_within(0, 0), "unavailable");
    assert_eq!(sim.error().as_deref(), Some("not_read"));
    sim.handle(Event::NothingStored);
    assert_eq!(
        sim.get_within(0, 30),
        "login required: nobody has signed in yet"
    );
    assert_eq!(sim.error(), None);
}
