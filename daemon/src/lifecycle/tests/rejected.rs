//! An access token that a resource refused.

use oic_proto::secret::{AccessToken, Fingerprint};

use super::super::Event;
use super::answers::{grant, seconds, unavailable, without_refresh_token};
use super::sim::Sim;

fn fingerprint(token: &str) -> Fingerprint {
    AccessToken::new(token.to_owned()).fingerprint()
}

fn reject(sim: &mut Sim, token: &str) {
    sim.handle(Event::TokenRejected(fingerprint(token)));
}

#[test]
fn a_rejected_token_is_not_handed_out_again() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    reject(&mut sim, "at-1");
    assert_eq!(sim.get(0), "wait");
    sim.disk_catches_up();
    sim.pass(seconds(1));
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.get(0), "at-2");
}

#[test]
fn nobody_has_to_ask_for_the_token_that_takes_its_place() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    reject(&mut sim, "at-1");
    sim.disk_catches_up();
    assert_eq!(sim.refreshes(), 1);
}

#[test]
fn a_token_that_is_refused_during_a_refresh_leaves_the_intent_on_disk() {
    let mut sim = Sim::refreshing(3600);
    reject(&mut sim, "at-1");
    sim.check("signed in, in flight", &["store rt-1 (sent)"]);
}

#[test]
fn of_many_reports_of_one_token_the_first_counts() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    for _ in 0..100 {
        reject(&mut sim, "at-1");
    }
    sim.disk_catches_up();
    sim.pass(seconds(1));
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    sim.wanted();
    sim.advance(100);
    for _ in 0..100 {
        reject(&mut sim, "at-1");
    }
    assert_eq!(sim.get(60), "at-2");
    sim.check("signed in, due", &[]);
}

#[test]
fn a_resource_that_refuses_every_token_costs_twelve_refreshes_a_minute() {
    let mut sim = Sim::signed_in(3600);
    let mut refreshes = 0;
    for _ in 0..600 {
        let token = sim.get(0);
        reject(&mut sim, &token);
        sim.disk_catches_up();
        while sim.refreshes() > 0 {
            refreshes += 1;
            sim.answer_refresh(Ok(grant(2 + refreshes, 3600)));
            sim.disk_catches_up();
        }
        sim.advance(1);
    }
    assert!((100..=120).contains(&refreshes), "{refreshes}");
}

#[test]
fn a_token_rejected_as_soon_as_it_came_is_waited_for_by_the_spacing() {
    let mut sim = Sim::signed_in(3600);
    reject(&mut sim, "at-1");
    assert_eq!(sim.get_within(0, 30), "wait");
    assert_eq!(sim.get_within(0, 3), "unavailable, will try again");
    assert_eq!(sim.wakes_in(), 5.0);
}

#[test]
fn a_restart_does_not_bring_it_back() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    reject(&mut sim, "at-1");
    let stored = sim.stored_ok().expect("the session goes on");
    assert_eq!(stored.access_token, None);
    sim.restart(Some(stored));
    assert_eq!(sim.get(0), "wait");
}

#[test]
fn an_outage_does_not_bring_it_back() {
    let mut sim = Sim::signed_in(3600);
    sim.advance(100);
    reject(&mut sim, "at-1");
    sim.disk_catches_up();
    sim.answer_refresh(Err(unavailable(503, None)));
    assert_eq!(sim.get(0), "wait");
    assert_eq!(sim.stands(), "signed in, backoff");
}

#[test]
fn a_token_rejected_during_its_renewal_is_gone_at_once() {
    let mut sim = Sim::refreshing(3600);
    assert_eq!(sim.get(0), "at-1");
    reject(&mut sim, "at-1");
    assert_eq!(sim.get(0), "wait");
    sim.answer_refresh(Ok(grant(2, 3600)));
    sim.disk_catches_up();
    assert_eq!(sim.get(0), "at-2");
}

#[test]
fn a_session_without_a_refresh_token_ends_with_its_rejected_token() {
    let mut sim = Sim::new();
    sim.log_in(without_refresh_token(grant(1, 600)));
    reject(&mut sim, "at-1");
    let told = sim.get(0);
    assert!(told.starts_with("login required: "), "{told}");
    assert!(told.contains("gave no refresh token"), "{told}");
}

#[test]
fn a_report_about_somebody_elses_token_changes_nothing() {
    let mut sim = Sim::signed_in(3600);
    sim.wanted();
    reject(&mut sim, "at-7");
    assert_eq!(sim.get(60), "at-1");
    sim.check("signed in, due", &[]);
    let mut nobody = Sim::new();
    reject(&mut nobody, "at-1");
    nobody.check("signed out", &[]);
}
