//! The disk: what is written when, and what happens when it is not.

use super::super::{Action, Event, Notice};
use super::answers::{grant, not_sent, refused};
use super::sim::Sim;

fn writes(sim: &Sim) -> Vec<u64> {
    let generation = |action: &Action| match action {
        Action::Store { generation, .. } => Some(*generation),
        _ => None,
    };
    sim.unanswered.iter().filter_map(generation).collect()
}

#[test]
fn only_one_write_is_under_way_at_a_time() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    assert_eq!(writes(&sim).len(), 1);
    sim.handle(Event::LogoutRequested);
    assert_eq!(writes(&sim).len(), 1);
    sim.wanted();
    sim.stored_ok();
    sim.check("signed out", &["store nothing"]);
}

#[test]
fn every_state_that_is_written_has_a_higher_number_than_the_one_before() {
    let mut sim = Sim::new();
    let mut last = 0;
    for number in 1..=5 {
        sim.begin_login();
        sim.advance(5);
        sim.answer_poll(Ok(grant(number, 3600)));
        for generation in writes(&sim) {
            assert!(generation > last, "{generation} after {last}");
            last = generation;
        }
        sim.stored_ok();
        sim.advance_to_renewal();
        for generation in writes(&sim) {
            assert!(generation > last, "{generation} after {last}");
            last = generation;
        }
        sim.stored_ok();
        sim.answer_refresh(Err(refused("invalid_grant")));
        sim.stored_ok();
    }
}

#[test]
fn after_a_restart_the_numbers_go_on_from_what_the_disk_held() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    let stored = sim.stored_ok().expect("the intent is on disk");
    let held = stored.generation;
    sim.restart(Some(stored));
    assert!(writes(&sim).iter().all(|&it| it > held));
    assert_eq!(writes(&sim).len(), 1);
}

#[test]
fn a_failed_write_is_tried_again_with_growing_pauses() {
    let mut sim = Sim::refreshing(1_000_000);
    sim.answer_refresh(Ok(grant(2, 1_000_000)));
    for pause in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] {
        sim.wanted();
        sim.stored_err();
        assert_eq!(sim.wakes_in(), pause);
        sim.advance(pause as u64);
        sim.check("signed in, due", &["store rt-2 at-2"]);
    }
    sim.stored_ok();
    sim.wanted();
    sim.advance(3600);
    sim.check("signed in, due", &[]);
}

#[test]
fn status_says_that_the_session_is_not_on_disk_until_it_is() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_err();
    assert_eq!(sim.error().as_deref(), Some("not_stored"));
    let shown = sim.core.view(sim.now).last_error.expect("an error");
    assert!(shown.message.contains("no space left"), "{}", shown.message);
    assert_eq!(shown.at, sim.now.wall);

    sim.advance(1);
    assert_eq!(sim.error().as_deref(), Some("not_stored"));
    sim.stored_ok();
    assert_eq!(sim.error(), None);
}

#[test]
fn status_prefers_the_disk_to_the_server_when_both_fail() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(not_sent()));
    assert_eq!(sim.error().as_deref(), Some("unreachable"));
    sim.stored_err();
    assert_eq!(sim.error().as_deref(), Some("not_stored"));
    sim.advance(1);
    sim.stored_ok();
    assert_eq!(sim.error().as_deref(), Some("unreachable"));
}

#[test]
fn a_newer_state_is_written_at_once_although_the_last_write_failed() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_err();
    sim.wanted();
    sim.handle(Event::LogoutRequested);
    sim.check("signed out", &["revoke rt-2", "store nothing"]);
}

#[test]
fn what_is_written_is_the_newest_state_however_many_there_were_meanwhile() {
    let mut sim = Sim::signed_in(3600);
    sim.advance_to_renewal();
    sim.advance(5);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.advance(5);
    sim.wanted();
    sim.stored_ok();
    sim.check("signed in, due", &["store rt-2 at-2"]);
}

#[test]
fn a_write_that_hangs_holds_up_neither_the_token_nor_the_next_renewal() {
    let mut sim = Sim::refreshing(60);
    sim.answer_refresh(Ok(grant(2, 60)));
    sim.advance(5);
    assert_eq!(sim.get(0), "at-2");
    sim.advance_to_renewal();
    sim.advance(5);
    sim.answer_refresh(Ok(grant(3, 60)));
    sim.advance(5);
    assert_eq!(sim.get(0), "at-3");
    assert_eq!(writes(&sim).len(), 1);
}

#[test]
fn an_answer_to_no_write_of_ours_changes_nothing() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.wanted();
    sim.handle(Event::Stored {
        generation: 999,
        result: Ok(()),
    });
    sim.check("signed in, in flight", &[]);
    assert_eq!(sim.get(0), "at-1");
}

#[test]
fn a_login_whose_grant_cannot_be_stored_succeeds_and_status_says_so() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.stored_err();
    assert_eq!(sim.login_stands(), "signed in");
    assert_eq!(sim.get(0), "at-1");
    assert_eq!(sim.error().as_deref(), Some("not_stored"));
}

#[test]
fn status_says_that_the_session_is_not_on_disk_when_a_write_hangs() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.advance(5);
    assert_eq!(sim.get(0), "at-2");
    assert_eq!(sim.error().as_deref(), Some("not_stored"));
}

#[test]
fn users_hear_once_that_the_disk_hangs_and_once_that_it_is_well_again() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.advance(4);
    assert_eq!(sim.notices(), []);
    sim.advance(1);
    assert_eq!(sim.notices(), [Notice::DiskHangs]);
    sim.advance(600);
    assert_eq!(sim.notices(), []);
    sim.stored_ok();
    assert_eq!(sim.notices(), [Notice::DiskHolds]);
    sim.advance(600);
    assert_eq!(sim.notices(), []);
}

#[test]
fn users_hear_of_a_hanging_disk_even_if_nothing_else_happens() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Err(refused("invalid_grant")));
    assert_eq!(sim.wakes_in(), 5.0);
    sim.advance(5);
    assert_eq!(sim.notices(), [Notice::DiskHangs]);
}

#[test]
fn users_hear_that_a_disk_that_failed_is_well_again() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.stored_err();
    sim.advance(1);
    sim.stored_err();
    sim.advance(2);
    assert_eq!(sim.notices(), []);
    sim.stored_ok();
    assert_eq!(sim.notices(), [Notice::DiskHolds]);
}

#[test]
fn users_hear_nothing_of_a_disk_that_works() {
    let mut sim = Sim::refreshing(3600);
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    sim.advance(600);
    assert_eq!(sim.notices(), []);
}
