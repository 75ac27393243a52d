//! The fence, seen from outside: what the system says of the daemon, and what
//! a reload can read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT};

use crate::signed_in::SignedIn;

/// What `/proc/PID/task/TID/status` says of `field`.
fn of_thread(task: &Path, field: &str) -> String {
    let status = fs::read_to_string(task.join("status")).unwrap();
    let mut lines = status.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(name, _)| *name == field).unwrap();
    found.1.trim().to_owned()
}

fn threads(pid: u32) -> Vec<PathBuf> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    Vec::from_iter(tasks.map(|task| task.unwrap().path()))
}

#[test]
fn every_thread_of_a_daemon_is_fenced() {
    let signed_in = SignedIn::with_lifetime(3600);
    let threads = threads(signed_in.daemon.pid());
    assert!(threads.len() > 1, "the disk has a thread of its own");
    for thread in threads {
        assert_eq!(of_thread(&thread, "Seccomp"), "2");
        assert_eq!(of_thread(&thread, "NoNewPrivs"), "1");
    }
}

/// Puts the client's secret where no configuration named anything before, and
/// has it read from there; what the daemon says.
fn move_secret(signed_in: &SignedIn, elsewhere: &Home) -> String {
    let secret = elsewhere.path("secret");
    fs::write(&secret, CONFIDENTIAL_SECRET).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let config = fs::read_to_string(signed_in.home.config()).unwrap();
    let config = config.replace(PUBLIC_CLIENT, CONFIDENTIAL_CLIENT);
    let line = format!("client_secret_file = \"{}\"\n", secret.display());
    signed_in.home.configure(&(config + &line));
    signed_in.daemon.reload()
}

#[test]
fn a_reload_that_names_a_file_elsewhere_says_that_it_takes_a_restart() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    if signed_in.daemon.log().contains("files are not fenced") {
        println!("skipped: this kernel has no Landlock");
        return;
    }
    let elsewhere = Home::new("");
    let said = move_secret(&signed_in, &elsewhere);
    assert!(said.contains("the one before stays"), "{said}");
    assert!(said.contains("Permission denied"), "{said}");
    assert!(said.contains("restart it"), "{said}");
    signed_in.get();

    assert!(signed_in.daemon.terminate().success());
    signed_in.daemon = Daemon::start(&signed_in.home);
    let said = signed_in.daemon.reload();
    assert!(said.contains("was read again"), "{said}");
}

#[test]
fn without_the_fence_a_reload_reads_files_anywhere() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    assert!(signed_in.daemon.terminate().success());
    let config = fs::read_to_string(signed_in.home.config()).unwrap();
    signed_in
        .home
        .configure(&format!("fence = false\n{config}"));
    signed_in.daemon = Daemon::start(&signed_in.home);
    let said = move_secret(&signed_in, &Home::new(""));
    assert!(said.contains("was read again"), "{said}");
}
