//! A daemon whose socket the service manager keeps: callers never see that it
//! was restarted.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::thread;

use oic_tests::harness::{DEADLINE, Home, Manager, Run};
use oic_tests::simulator::{Endpoint, Fault, JANE, Simulator};

use crate::signed_in::{SignedIn, quick_domain};

/// Callers that wait while the daemon is restarted.
const CALLERS: usize = 12;

/// Calls, one after the other, while daemons come and go.
const CALLS: usize = 60;

fn signed_in() -> (Manager, SignedIn) {
    let options = quick_domain().knob("access_token_lifetime", "3600");
    let domain = Simulator::start(options.knob("auto_approve", JANE));
    let home = Home::new(&domain.config_toml());
    let manager = Manager::of(&home);
    let daemon = manager.start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let signed_in = SignedIn {
        domain,
        home,
        daemon,
    };
    (manager, signed_in)
}

fn callers(home: &Home, arguments: &[&str]) -> Vec<Run> {
    let call = || home.start_oic_token(arguments);
    std::iter::repeat_with(call).take(CALLERS).collect()
}

/// Callers that are content with no token that there is.
fn waiting(home: &Home) -> Vec<Run> {
    callers(home, &["get", "--force"])
}

#[track_caller]
fn all_succeed(callers: Vec<Run>) {
    for caller in callers {
        assert!(!caller.finish().succeeded().is_empty());
    }
}

#[test]
fn who_comes_while_the_daemon_ends_is_answered_by_the_next_one() {
    let (manager, mut signed_in) = signed_in();
    let SignedIn { domain, home, .. } = &signed_in;
    domain.fault(Fault::Hold, 1, Endpoint::Token);
    let waiting = waiting(home);
    signed_in.wait_for_held_request();
    signed_in.daemon.ask_to_end();
    signed_in.daemon.wait_for_log("stopping");
    let late = callers(&signed_in.home, &["get"]);
    // It asks for what there is, and would be refused.
    let status = signed_in.home.start_oic_token(&["status", "--json"]);
    signed_in.domain.release();
    assert!(signed_in.daemon.ended().success());
    let ended = signed_in.daemon.pid();
    signed_in.daemon = manager.start(&signed_in.home);
    all_succeed(waiting);
    all_succeed(late);
    let status = status.finish().succeeded();
    assert!(!status.contains(&format!("\"pid\":{ended},")), "{status}");
}

#[test]
fn who_waits_for_the_end_of_an_outage_is_answered_by_the_next_daemon() {
    let (manager, mut signed_in) = signed_in();
    signed_in.domain.fault(Fault::Html503, 1, Endpoint::Token);
    let waiting = waiting(&signed_in.home);
    signed_in.daemon.wait_for_log("503");
    assert!(signed_in.daemon.terminate().success());
    signed_in.daemon = manager.start(&signed_in.home);
    all_succeed(waiting);
}

#[test]
fn a_daemon_that_is_killed_fails_none_of_those_who_wait() {
    let (manager, mut signed_in) = signed_in();
    // Of a caller that is gone no request counts, or what it brings is lost.
    signed_in.domain.fault(Fault::Reset, 1, Endpoint::Token);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    let waiting = waiting(&signed_in.home);
    signed_in.wait_for_held_request();
    signed_in.daemon.kill();
    signed_in.domain.release();
    signed_in.daemon = manager.start(&signed_in.home);
    all_succeed(waiting);
}

#[test]
fn restarts_in_a_row_fail_nobody() {
    let (manager, mut signed_in) = signed_in();
    thread::scope(|scope| {
        let home = &signed_in.home;
        let calling = scope.spawn(move || {
            let get = || home.oic_token(&["get"]).succeeded();
            std::iter::repeat_with(get).take(CALLS).count()
        });
        while !calling.is_finished() {
            assert!(signed_in.daemon.terminate().success());
            signed_in.daemon = manager.start(home);
            // Who is refused by two in a row fails. This one is behind whoever
            // the last one refused.
            signed_in.get();
        }
        assert_eq!(calling.join().unwrap(), CALLS);
    });
}

#[test]
fn a_daemon_that_refuses_its_configuration_leaves_nobody_in_the_queue() {
    let home = Home::new("no = \"profile\"\n");
    let manager = Manager::of(&home);
    let mut waiting = UnixStream::connect(home.socket()).unwrap();
    let (status, log) = manager.spawn(&home).wait();
    assert_eq!(status.code(), Some(78), "{log}");
    // Or systemd would start the daemon again at once.
    waiting.set_read_timeout(Some(DEADLINE)).unwrap();
    assert_eq!(waiting.read(&mut [0]).unwrap(), 0, "hung up on");
}
