//! Sessions that the service manager keeps over a restart.

use oic_tests::harness::{Daemon, Home, Manager};
use oic_tests::simulator::{JANE, Simulator};
use rustix::process::{Pid, Signal, kill_process};

use crate::signed_in::quick_domain;

const MEMORY_ONLY: &str = "store = \"memory-only\"\n";

/// How often a daemon is to show that it is alive, in microseconds.
const WATCHDOG: u64 = 200_000;

struct Kept {
    domain: Simulator,
    home: Home,
    manager: Manager,
    daemon: Daemon,
}

/// Jane signed in at a daemon of a service manager; `more` is in her profile.
fn signed_in(more: &str) -> Kept {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&format!("{}{more}", domain.config_toml()));
    let manager = Manager::listening(&home);
    let daemon = manager.start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    Kept {
        domain,
        home,
        manager,
        daemon,
    }
}

impl Kept {
    fn get(&self) -> String {
        self.home.oic_token(&["get"]).succeeded()
    }

    fn renew(&self) -> String {
        self.home.oic_token(&["get", "--force"]).succeeded()
    }

    fn restart(&mut self) {
        assert!(self.daemon.terminate().success());
        self.daemon = self.manager.start(&self.home);
    }

    fn restart_after_kill(&mut self) {
        self.daemon.kill();
        self.daemon = self.manager.start(&self.home);
    }
}

#[test]
fn a_session_in_memory_survives_restart_and_crash_and_asks_nobody_for_it() {
    let mut kept = signed_in(MEMORY_ONLY);
    let first = kept.get();
    let requests = kept.domain.log().len();
    kept.restart();
    assert_eq!(kept.get(), first);
    kept.restart_after_kill();
    assert_eq!(kept.get(), first);
    assert_eq!(kept.domain.log().len(), requests, "no request");

    let renewed = kept.renew();
    assert_ne!(renewed, first);
    kept.restart_after_kill();
    assert_eq!(kept.get(), renewed);
    assert_ne!(kept.renew(), renewed, "its refresh token is the newest");
    let status = kept.home.oic_token(&["status"]).succeeded();
    assert!(status.contains("by systemd over a restart"), "{status}");
    assert!(!kept.home.state().join("sim.session").exists());
}

#[test]
fn one_is_kept_of_each_profile_and_none_after_a_logout() {
    let mut kept = signed_in(MEMORY_ONLY);
    kept.renew();
    kept.renew();
    let names = kept.manager.notified().kept();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].starts_with("session.sim."), "{names:?}");
    kept.home.oic_token(&["logout"]).succeeded();
    let names = kept.manager.notified().kept();
    assert!(names.is_empty(), "{names:?}");
    kept.restart();
    assert_eq!(kept.home.oic_token(&["get"]).code, 3);
}

#[test]
fn what_is_newer_wins_and_is_on_the_disk_again() {
    let mut kept = signed_in("");
    let session = kept.home.state().join("sim.session");
    let older = std::fs::read(&session).unwrap();
    let renewed = kept.renew();
    kept.daemon.kill();
    // A disk that lost the last write.
    std::fs::write(&session, older).unwrap();
    kept.daemon = kept.manager.start(&kept.home);
    assert_eq!(kept.get(), renewed);
    // Without what the service manager has kept.
    kept.daemon.kill();
    let socket = kept.home.socket();
    std::fs::remove_file(&socket).unwrap();
    kept.daemon = Daemon::start(&kept.home);
    assert_eq!(kept.get(), renewed);
}

#[test]
fn who_has_what_is_kept_and_not_the_key_has_nothing() {
    let mut kept = signed_in(MEMORY_ONLY);
    let token = kept.get();
    kept.daemon.kill();
    std::fs::remove_file(kept.home.state().join("key")).unwrap();
    kept.daemon = kept.manager.start(&kept.home);
    assert_eq!(kept.home.oic_token(&["get"]).code, 3);
    kept.daemon
        .wait_for_log("what the service manager has kept is left");
    assert!(!kept.daemon.log().contains(&token));
}

#[test]
fn where_nothing_is_kept_the_log_says_so() {
    let domain = Simulator::start(quick_domain());
    let home = Home::new(&format!("{}{MEMORY_ONLY}", domain.config_toml()));
    let daemon = Daemon::start(&home);
    daemon.wait_for_log("no service manager keeps sessions over a restart");
}

#[test]
fn a_daemon_that_stands_still_is_silent_and_one_that_goes_round_says_so() {
    let domain = Simulator::start(quick_domain());
    let home = Home::new(&domain.config_toml());
    let manager = Manager::listening(&home).with_watchdog(WATCHDOG);
    let daemon = manager.start(&home);
    let notified = manager.notified();
    notified.wait_for("WATCHDOG=1", 3);
    let signal = |signal| {
        let pid = Pid::from_raw(i32::try_from(daemon.pid()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    };
    signal(Signal::STOP);
    // Who is asked and does not answer stands still.
    let asked = home.oic_token(&["get", "--timeout", "0"]);
    assert_ne!(asked.code, 0);
    let said = notified.count("WATCHDOG=1");
    let asked = home.oic_token(&["get", "--timeout", "0"]);
    assert_ne!(asked.code, 0);
    assert_eq!(notified.count("WATCHDOG=1"), said, "silent for seconds");
    signal(Signal::CONT);
    notified.wait_for("WATCHDOG=1", said + 1);
}
