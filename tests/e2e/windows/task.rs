//! The task that starts the daemon.

use std::fs;
use std::sync::Mutex;

use oic_tests::harness::{Daemon, Home, binary};
use oic_tests::simulator::{JANE, Simulator};

use super::pipe::own_sid;
use super::{files, prefix};
use crate::signed_in::{SignedIn, quick_domain};

/// The scheduler is the same for all tests.
static SCHEDULER: Mutex<()> = Mutex::new(());

/// What Wine's scheduler keeps of a task; it starts none.
fn tasks() -> Vec<String> {
    let folder = prefix().join("drive_c/windows/system32/tasks");
    let names = files(&folder).into_iter();
    let names = names.filter_map(|it| Some(it.file_name()?.to_str()?.to_owned()));
    names.filter(|it| it.starts_with("oic-tokend-")).collect()
}

#[test]
#[ignore = "needs programs for Windows"]
fn a_task_is_installed_and_taken_back() {
    let _alone = SCHEDULER.lock();
    let started = SignedIn::signed_out(quick_domain());
    let user = own_sid(&started.home);
    let config = started.home.config().display().to_string();
    let install = ["service", "install", "--config", &config];
    started.home.oic_token(&install).succeeded();
    assert_eq!(tasks(), [format!("oic-tokend-{user}")]);
    started
        .home
        .oic_token(&["service", "uninstall"])
        .succeeded();
    assert_eq!(tasks(), [""; 0]);
}

/// As the task starts it.
#[test]
#[ignore = "needs programs for Windows"]
fn a_daemon_in_the_background_keeps_its_log_beside_its_sessions() {
    let _alone = SCHEDULER.lock();
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&domain.config_toml());
    let mut daemon = Daemon::spawn_told(&home, &["--background"]);
    // It waits until there is a daemon that answers.
    let config = home.config().display().to_string();
    let install = ["service", "install", "--config", &config];
    home.oic_token(&install).succeeded();
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let mut tell = home.command(&binary("tell"));
    let pid = daemon.own_pid(&home).to_string();
    assert!(tell.args([&pid, "task-end"]).status().unwrap().success());
    assert!(daemon.ended().success());
    assert_eq!(daemon.log(), "", "there is nobody to read it");
    let log = fs::read_to_string(home.state().join("log.txt")).unwrap();
    for line in ["oic-tokend: ready on ", "signed in", "oic_tokend: stopped"] {
        assert!(log.contains(line), "{line} in {log}");
    }
}
