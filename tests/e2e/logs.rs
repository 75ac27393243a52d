//! The log, as people and programs read it.

#![cfg(unix)]

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{JANE, Simulator};
use serde_json::Value;

use crate::signed_in::{SignedIn, quick_domain};

const JSON: (&str, &str) = ("OIC_TOKEND_LOG_FORMAT", "json");

#[test]
fn a_program_reads_a_json_object_a_line() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&domain.config_toml());
    let mut daemon = Daemon::start_with(&home, &[JSON]);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    home.oic_token(&["get"]).succeeded();
    daemon.terminate();

    let log = daemon.log();
    // What scripts wait for without a service manager is no line of the log.
    let logged = log
        .lines()
        .filter(|it| !it.starts_with("oic-tokend: ready on "));
    let lines = Vec::from_iter(logged.map(|line| serde_json::from_str::<Value>(line).expect(line)));
    for line in &lines {
        let text = |name: &str| {
            line[name]
                .as_str()
                .unwrap_or_else(|| panic!("{name}: {line}"))
        };
        assert!(text("timestamp").ends_with('Z'), "{line}");
        assert!(["info", "warn"].contains(&text("level")), "{line}");
        assert!(text("target").starts_with("oic_tokend"), "{line}");
        assert!(!text("message").is_empty(), "{line}");
    }
    let said = |message: &str| {
        let found = lines.iter().find(|line| line["message"] == message);
        found.unwrap_or_else(|| panic!("'{message}' is not in {lines:?}"))
    };
    assert_eq!(said("signed in")["profile"], "sim");
    assert_eq!(said("signed in")["subject"], JANE);
    let granted = said("granted");
    assert_eq!(granted["target"], "oic_tokend::audit");
    assert!(
        granted["uid"].is_u64() && granted["times"].is_u64(),
        "{granted}"
    );
}

#[test]
fn a_program_reads_too_why_the_daemon_does_not_start() {
    let home = Home::new("[profile.prod]\ndomian = \"https://id.example.com\"\n");
    let (status, log) = Daemon::spawn(&home, &[JSON]).wait();
    assert_eq!(status.code(), Some(78));
    let line: Value = serde_json::from_str(log.trim()).unwrap();
    assert_eq!(line["level"], "error");
    assert!(
        line["message"].as_str().unwrap().contains("domian"),
        "{line}"
    );
}

#[test]
fn what_is_repeated_too_often_is_counted_and_no_hand_out_is_missing() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    for _ in 0..14 {
        signed_in.get();
    }
    for _ in 0..14 {
        signed_in.home.oic_token(&["logout"]).succeeded();
    }
    signed_in.daemon.terminate();
    let log = signed_in.daemon.log();
    let times = |text: &str| log.lines().filter(|line| line.contains(text)).count();
    assert_eq!(times("answers: logged out"), 10, "{log}");
    let counted = "4 more like it left out within 30 s, the last: logged out";
    assert_eq!(times(counted), 1, "{log}");
    assert_eq!(times(": granted "), 14, "{log}");
}
