//! The file that always has a profile's access token.

#![cfg(unix)]

use std::path::Path;
use std::sync::mpsc;
use std::thread;

use oic_tests::harness::{DEADLINE, Daemon, Home};
use oic_tests::simulator::{JANE, Simulator};

use crate::signed_in::quick_domain;

/// Waits until `file` holds `expected`. Nothing tells a test that a file was
/// renamed, so it looks.
#[track_caller]
pub fn wait_until(file: &Path, expected: Option<&str>) {
    let (sender, seen) = mpsc::channel();
    let (path, expected) = (file.to_owned(), expected.map(str::to_owned));
    thread::spawn(move || {
        while std::fs::read_to_string(&path).ok() != expected {
            thread::yield_now();
        }
        sender.send(())
    });
    seen.recv_timeout(DEADLINE)
        .expect("the file is what it should be");
}

#[test]
fn the_token_file_follows_logins_renewals_and_logouts() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&domain.config_toml());
    let file = home.path("run/token");
    let config = format!(
        "{}\n[profile.sim.file]\npath = \"{}\"\n",
        domain.config_toml(),
        file.display()
    );
    home.configure(&config);
    let _daemon = Daemon::start(&home);
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let first = home.oic_token(&["get"]).succeeded();
    wait_until(&file, Some(&first));
    let second = home.oic_token(&["get", "--force"]).succeeded();
    assert_ne!(first, second);
    wait_until(&file, Some(&second));
    home.oic_token(&["logout"]).succeeded();
    wait_until(&file, None);
}
