//! The key in a desktop's Secret Service: a real one, on a bus of its own.
//! Needs `dbus-daemon` and `gnome-keyring-daemon`, and a daemon with the feature
//! `secret-service`, as `tests/run` sets them up; says so where it is skipped.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{JANE, Simulator};

use crate::bus::Bus;
use crate::signed_in::quick_domain;

const BY_SECRET_SERVICE: &str = "session_key = \"secret-service\"\n";

/// What tells a daemon that was built without it.
const NOT_BUILT_IN: &str = "built without the Secret Service";

/// Starts the keyring, with the login keyring open; returns when it is ready,
/// where it is installed.
fn start_keyring(home: &Home, bus: &Bus) -> bool {
    let keyring = bus
        .command(home, "gnome-keyring-daemon")
        .args(["--unlock", "--daemonize", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut keyring) = keyring else {
        return false;
    };
    let mut stdin = keyring.stdin.take().unwrap();
    stdin.write_all(b"password of the login").unwrap();
    drop(stdin);
    keyring.wait().unwrap().success()
}

/// A home with a keyring; `None`, and why, where there can be none.
fn home_with_keyring(config: &str) -> Option<(Home, Bus)> {
    let home = Home::new(config);
    let skipped = |why: &str| eprintln!("skipped: {why}");
    let mut check = home.command(&oic_tests::harness::binary("oic-tokend"));
    check
        .arg("--check-config")
        .arg("--config")
        .arg(home.config());
    let said = check.output().unwrap().stderr;
    if String::from_utf8_lossy(&said).contains(NOT_BUILT_IN) {
        skipped("the daemon has no feature 'secret-service'");
        return None;
    }
    let Some(bus) = Bus::start(&home) else {
        skipped("there is no dbus-daemon");
        return None;
    };
    if !start_keyring(&home, &bus) {
        skipped("there is no gnome-keyring-daemon");
        return None;
    }
    Some((home, bus))
}

fn start(home: &Home, bus: &Bus) -> Daemon {
    Daemon::start_with(home, &[("DBUS_SESSION_BUS_ADDRESS", &bus.address)])
}

#[test]
fn a_session_moves_into_the_secret_service_and_out_again() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let config = domain.config_toml();
    let in_service = format!("{BY_SECRET_SERVICE}{config}");
    let Some((home, bus)) = home_with_keyring(&in_service) else {
        return;
    };
    let mut daemon = start(&home, &bus);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let token = home.oic_token(&["get"]).succeeded();
    assert!(!home.state().join("key").exists(), "the key is in no file");
    let status = home.oic_token(&["status"]).succeeded();
    assert!(status.contains("a key in the Secret Service"), "{status}");
    for (config, source) in [(&in_service, ""), (&config, "the key file")] {
        daemon.kill();
        home.configure(config);
        daemon = start(&home, &bus);
        assert_eq!(home.oic_token(&["get"]).succeeded(), token);
        if !source.is_empty() {
            daemon.wait_for_log("sealed with the key file");
        }
    }
    // From now on no bus is needed; back again, one is.
    daemon.kill();
    daemon = Daemon::start(&home);
    assert_eq!(home.oic_token(&["get"]).succeeded(), token);
    daemon.kill();
    home.configure(&in_service);
    daemon = start(&home, &bus);
    assert_eq!(home.oic_token(&["get"]).succeeded(), token);
    fs::remove_file(home.state().join("key")).unwrap();
    daemon.kill();
    let _daemon = start(&home, &bus);
    assert_eq!(home.oic_token(&["get"]).succeeded(), token);
}

#[test]
fn a_service_that_is_locked_or_not_there_is_said_so() {
    let domain = Simulator::start(quick_domain());
    let config = format!("{BY_SECRET_SERVICE}{}", domain.config_toml());
    let Some((home, bus)) = home_with_keyring(&config) else {
        return;
    };
    let refusal = |address: &str| {
        let environment = [("DBUS_SESSION_BUS_ADDRESS", address)];
        let (status, log) = Daemon::spawn(&home, &environment).wait();
        assert_eq!(status.code(), Some(1), "{log}");
        assert!(
            log.contains("the desktop's Secret Service gives no key"),
            "{log}"
        );
        assert!(log.contains("hint: unlock the keyring"), "{log}");
        log
    };
    let nowhere = format!("unix:path={}", home.path("no-bus").display());
    refusal(&nowhere);
    lock(&home, &bus);
    let log = refusal(&bus.address);
    assert!(log.contains("it is locked"), "{log}");
}

/// Locks every collection, as a desktop does.
fn lock(home: &Home, bus: &Bus) {
    let mut command = bus.command(home, "dbus-send");
    let locked = command
        .args([
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.secrets",
        ])
        .arg("/org/freedesktop/secrets")
        .arg("org.freedesktop.Secret.Service.Lock")
        .arg("array:objpath:/org/freedesktop/secrets/collection/login")
        .output()
        .unwrap();
    assert!(locked.status.success(), "{locked:?}");
}
