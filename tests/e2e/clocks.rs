//! Clocks that are not what they were: a machine that slept, a wall clock that
//! somebody set, another time zone.

use std::path::Path;
use std::process::Command;

use oic_tests::harness::{Daemon, Home};

use crate::signed_in::SignedIn;

const EIGHT_HOURS: u64 = 8 * 3600;

/// Puts what it starts on a machine whose boot clock is so far ahead; `None`,
/// with the reason on stderr, where the system does not let us.
fn ahead_by(seconds: u64) -> Option<Vec<String>> {
    let offset = seconds.to_string();
    let plain = ["unshare", "--time", "--boottime", &offset];
    // Who is not root may in a user namespace, if the system has those.
    let unprivileged = ["unshare", "--user", "--map-root-user", "--time"];
    let unprivileged = [&unprivileged[..], &["--boottime", &offset]].concat();
    for program in [&plain[..], &unprivileged] {
        let Some(uptime) = uptime_by(program) else {
            continue;
        };
        if uptime >= uptime_by(&["env"])? + seconds as f64 - 60.0 {
            return Some(program.iter().map(|it| (*it).to_owned()).collect());
        }
    }
    eprintln!(
        "left out: there are no time namespaces here, or we may not have one (unshare --time)"
    );
    None
}

/// Seconds since boot, as a program sees them that is started so.
fn uptime_by(program: &[&str]) -> Option<f64> {
    let output = Command::new(program[0])
        .args(&program[1..])
        .args(["cat", "/proc/uptime"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split(' ').next()?.parse().ok()
}

fn start_ahead(seconds: u64, home: &Home) -> Option<Daemon> {
    let program = ahead_by(seconds)?;
    let program: Vec<&str> = program.iter().map(String::as_str).collect();
    Some(Daemon::start_by(&program, home))
}

/// The clock on the wall has not moved: by that alone the token would be good.
#[test]
fn a_token_that_was_slept_through_is_not_handed_out_by_the_next_daemon() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let before = signed_in.get();
    signed_in.daemon.kill();
    let Some(daemon) = start_ahead(EIGHT_HOURS, &signed_in.home) else {
        return;
    };
    signed_in.daemon = daemon;
    assert_ne!(signed_in.get(), before);
    assert_eq!(signed_in.refresh_count(), 1);
}

#[test]
fn tokens_are_renewed_in_time_by_a_boot_clock_of_any_value() {
    let mut signed_in = SignedIn::with_lifetime(5);
    signed_in.daemon.kill();
    let Some(daemon) = start_ahead(400 * 24 * 3600, &signed_in.home) else {
        return;
    };
    signed_in.daemon = daemon;
    signed_in.wait_for_refreshes(3);
    signed_in.get();
}

/// A library that shows a program another wall clock, and no other boot clock.
const FAKE_TIME: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
];

/// Sets the wall clock of the daemon that reads it from this file.
fn set_wall_clock(home: &Home, to: &str) {
    // In one piece: the daemon may be reading it.
    let new = home.path("wall-clock.new");
    std::fs::write(&new, to).unwrap();
    std::fs::rename(new, home.path("wall-clock")).unwrap();
}

/// The end of the token as `status` shows it, and the seconds left.
fn shown(signed_in: &SignedIn) -> (String, u64) {
    let status = signed_in.home.oic_token(&["status", "--json"]).succeeded();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    let token = &status["profiles"][0]["access_token"];
    (
        token["expires_at"].as_str().unwrap().to_owned(),
        token["remaining_seconds"].as_u64().unwrap(),
    )
}

#[test]
fn a_wall_clock_that_is_set_changes_nothing_about_the_token() {
    let Some(library) = FAKE_TIME.into_iter().find(|it| Path::new(it).exists()) else {
        eprintln!("left out: libfaketime is not installed");
        return;
    };
    let mut signed_in = SignedIn::with_lifetime(3600);
    let token = signed_in.get();
    signed_in.daemon.kill();
    set_wall_clock(&signed_in.home, "+0");
    let file = signed_in.home.path("wall-clock").display().to_string();
    let environment = [
        ("LD_PRELOAD", library),
        ("FAKETIME_TIMESTAMP_FILE", &file),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    signed_in.daemon = Daemon::start_with(&signed_in.home, &environment);
    for to in ["+1d", "-1d", "+400d", "-10m", "+0"] {
        let (expires_at, _) = shown(&signed_in);
        set_wall_clock(&signed_in.home, to);
        assert_eq!(signed_in.get(), token, "{to}");
        let (still, left) = shown(&signed_in);
        assert!((3500..=3600).contains(&left), "{to}: {left}");
        assert_eq!(still, expires_at, "{to}");
        // A daemon that starts under that clock serves it too.
        signed_in.daemon.kill();
        signed_in.daemon = Daemon::start_with(&signed_in.home, &environment);
        assert_eq!(signed_in.get(), token, "{to}, restarted");
    }
    assert_eq!(signed_in.refresh_count(), 0);
    set_wall_clock(&signed_in.home, "+1d");
    let renewed = signed_in.home.oic_token(&["get", "--force"]).succeeded();
    assert_ne!(renewed, token);
    let (_, left) = shown(&signed_in);
    assert!((3500..=3600).contains(&left), "{left}");
}

/// The end of summer is nothing to it, nor is a zone that nobody knows.
#[test]
fn a_daemon_knows_no_time_zone() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    let (first, _) = shown(&signed_in);
    assert!(first.ends_with('Z'), "{first}");
    for zone in ["Europe/Berlin", "Pacific/Apia", "EST5EDT", "Nowhere/Else"] {
        signed_in.daemon.kill();
        signed_in.daemon = Daemon::start_with(&signed_in.home, &[("TZ", zone)]);
        let (expires_at, left) = shown(&signed_in);
        assert!((3500..=3600).contains(&left), "{zone}: {left}");
        let seconds = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let moved = seconds(&expires_at) - seconds(&first);
        assert!(moved.abs() <= 1, "{zone}: {expires_at}");
    }
    assert_eq!(signed_in.refresh_count(), 0);
}

/// How often the daemon has gone to sleep: once after each time that it woke.
#[cfg(target_os = "linux")]
fn sleeps(daemon: &Daemon) -> u64 {
    let pid = daemon.pid();
    // The thread that serves; those that write to the disk end by themselves.
    let status = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/status")).unwrap();
    let mut lines = status.lines();
    let count = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    count.unwrap().trim().parse().unwrap()
}

/// Ten seconds by another daemon, which has something to do.
#[cfg(target_os = "linux")]
#[test]
fn nothing_wakes_while_nothing_is_due() {
    let idle = SignedIn::with_lifetime(3600);
    let busy = SignedIn::with_lifetime(5);
    busy.wait_for_refreshes(1);
    let (of_idle, of_busy) = (sleeps(&idle.daemon), sleeps(&busy.daemon));
    busy.wait_for_refreshes(4);
    assert_eq!(sleeps(&idle.daemon), of_idle);
    assert!(sleeps(&busy.daemon) > of_busy);
}
