//! What a caller of `login` is told in the end.

use oic_proto::message::{LoginFailed, Remedy};

use super::super::{Event, LoginProgress};
use super::answers::{grant, not_sent, refused, unavailable};
use super::sim::Sim;

#[test]
fn a_failed_login_says_what_helps() {
    for (error, remedy) in [
        (refused("invalid_client"), Remedy::Administrator),
        (refused("slow_down"), Remedy::Wait),
        (unavailable(503, None), Remedy::Wait),
        (not_sent(), Remedy::Wait),
    ] {
        let mut sim = Sim::new();
        sim.handle(Event::LoginRequested { change_user: false });
        sim.answer_device(Err(error));
        assert_eq!(how_it_failed(&sim).remedy, remedy);
    }
    for code in ["access_denied", "expired_token", "invalid_grant"] {
        let mut sim = Sim::new();
        sim.begin_login();
        sim.advance(5);
        sim.answer_poll(Err(refused(code)));
        assert_eq!(how_it_failed(&sim).remedy, Remedy::SignInAgain, "{code}");
    }
}

#[track_caller]
fn how_it_failed(sim: &Sim) -> LoginFailed {
    let LoginProgress::Ended(Err(failed)) = sim.core.login_progress(sim.now) else {
        panic!("the login has not failed");
    };
    failed
}

#[test]
fn a_login_whose_session_is_not_on_disk_says_so() {
    let mut sim = Sim::new();
    sim.begin_login();
    sim.advance(5);
    sim.answer_poll(Ok(grant(1, 3600)));
    sim.stored_err();
    let LoginProgress::Ended(Ok(signed_in)) = sim.core.login_progress(sim.now) else {
        panic!("the user is signed in all the same");
    };
    assert!(signed_in.not_stored.is_some());
}
