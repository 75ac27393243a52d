//! A session that is on no disk.

use std::fs;

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{JANE, Simulator};

use crate::signed_in::quick_domain;

const MEMORY_ONLY: &str = "store = \"memory-only\"\n";

/// Whatever else the key file is called that is made before any login.
fn is_key(name: &str) -> bool {
    name == "key" || name == "key.dpapi"
}

/// What the state folder holds, but for what is there before any login.
fn kept(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.state()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names = Vec::from_iter(names.filter(|name| name != "lock" && !is_key(name)));
    names.sort();
    names
}

#[test]
fn a_session_in_memory_is_renewed_and_ends_with_the_daemon() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&format!("{}{MEMORY_ONLY}", domain.config_toml()));
    let mut daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let first = home.oic_token(&["get"]).succeeded();
    assert_ne!(home.oic_token(&["get", "--force"]).succeeded(), first);
    assert_eq!(kept(&home), [""; 0]);
    let status = home.oic_token(&["status"]).succeeded();
    assert!(status.contains("kept in memory only"), "{status}");
    daemon.kill();
    let _daemon = Daemon::start(&home);
    assert_eq!(home.oic_token(&["get"]).code, 3);
}

#[test]
fn a_session_leaves_the_disk_and_comes_back_as_the_configuration_says() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&domain.config_toml());
    let mut daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let token = home.oic_token(&["get"]).succeeded();
    assert_eq!(kept(&home), ["sim.session"]);
    home.configure(&format!("{}{MEMORY_ONLY}", domain.config_toml()));
    // What is on the disk at the start is taken over, and removed.
    daemon.kill();
    let mut daemon = Daemon::start(&home);
    assert_eq!(home.oic_token(&["get"]).succeeded(), token);
    assert_eq!(kept(&home), [""; 0]);
    home.configure(&domain.config_toml());
    daemon.reload();
    // A clean end waits for what is being written.
    assert!(daemon.terminate().success());
    assert_eq!(kept(&home), ["sim.session"]);
    let _daemon = Daemon::start(&home);
    assert_eq!(home.oic_token(&["get"]).succeeded(), token);
}
