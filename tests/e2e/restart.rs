//! Restarts: a session outlives its daemon.

use oic_tests::harness::Daemon;
use oic_tests::simulator::{Endpoint, Fault};

use crate::signed_in::SignedIn;

#[test]
fn a_killed_daemon_comes_back_signed_in_without_asking_the_domain() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let token = signed_in.get();
    let requests = signed_in.domain.log().len();
    signed_in.restart_after_kill();
    assert_eq!(signed_in.get(), token);
    assert_eq!(signed_in.domain.log().len(), requests);
}

#[test]
fn the_rotated_refresh_token_is_the_one_that_survives() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    for _ in 0..3 {
        let renewed = signed_in.home.oic_token(&["get", "--force"]).succeeded();
        signed_in.restart_after_kill();
        assert_eq!(signed_in.get(), renewed);
    }
}

#[cfg(unix)]
#[test]
fn ending_the_daemon_during_a_renewal_waits_for_the_answer() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in
        .domain
        .fault(Fault::HoldAfterRotation, 1, Endpoint::Token);
    let forced = signed_in.home.start_oic_token(&["get", "--force"]);
    signed_in.wait_for_held_request();
    let SignedIn { domain, daemon, .. } = &mut signed_in;
    std::thread::scope(|scope| {
        let ended = scope.spawn(|| daemon.terminate());
        domain.release();
        assert!(ended.join().unwrap().success());
    });
    let renewed = forced.finish().succeeded();
    signed_in.daemon = Daemon::start(&signed_in.home);
    assert_eq!(signed_in.get(), renewed);
}

#[cfg(unix)]
#[test]
fn the_socket_is_gone_after_a_clean_end_and_reclaimed_after_a_kill() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.restart_after_kill();
    assert!(signed_in.home.socket().exists());
    assert!(signed_in.daemon.terminate().success());
    assert!(!signed_in.home.socket().exists());
}

#[cfg(unix)]
#[test]
fn after_a_clean_end_there_is_no_daemon_and_the_next_one_is_signed_in() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let token = signed_in.get();
    assert!(signed_in.daemon.terminate().success());
    let get = signed_in.home.oic_token(&["get"]);
    assert_eq!(get.code, 4, "{}", get.stderr);
    signed_in.daemon = Daemon::start(&signed_in.home);
    assert_eq!(signed_in.get(), token);
}

#[test]
fn a_second_daemon_refuses_to_start_and_leaves_the_first_alone() {
    let signed_in = SignedIn::with_lifetime(3600);
    let (status, log) = Daemon::spawn(&signed_in.home, &[]).wait();
    assert!(!status.success());
    let first = signed_in.daemon.own_pid(&signed_in.home).to_string();
    assert!(log.contains(&first), "the first one is named: {log}");
    assert!(!signed_in.get().is_empty());
}
