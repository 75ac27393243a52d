//! What Windows alone has: `tests/windows/run` runs these, with programs for
//! Windows.

mod pipe;
mod places;
mod programs;
mod task;

use std::fs;
use std::path::{Path, PathBuf};

use oic_tests::harness::{Daemon, Home, binary};
use oic_tests::simulator::{Endpoint, Fault, JANE, Simulator};

use crate::signed_in::{SignedIn, quick_domain};

/// What the system says when it wants the daemon to end; see
/// `tests/windows/tell.c`.
const ENDS: [&str; 7] = [
    "ctrl-c",
    "ctrl-break",
    "console-close",
    "logoff",
    "shutdown",
    "session-end",
    "task-end",
];

fn tell(signed_in: &SignedIn, event: &str) {
    let pid = signed_in.daemon.own_pid(&signed_in.home).to_string();
    let mut tell = signed_in.home.command(&binary("tell"));
    assert!(tell.args([&pid, event]).status().unwrap().success());
}

#[test]
#[ignore = "needs programs for Windows"]
fn whatever_ends_the_daemon_a_refresh_under_way_is_waited_for() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    for event in ENDS {
        let held = Fault::HoldAfterRotation;
        signed_in.domain.fault(held, 1, Endpoint::Token);
        let forced = signed_in.home.start_oic_token(&["get", "--force"]);
        signed_in.wait_for_held_request();
        tell(&signed_in, event);
        signed_in.daemon.wait_for_log("stopping; ");
        signed_in.domain.release();
        signed_in.daemon.wait_for_log("oic_tokend: stopped");
        assert!(signed_in.daemon.ended().success(), "{event}");
        let log = signed_in.daemon.log();
        let last = log.lines().last().unwrap();
        assert!(last.contains("oic_tokend: stopped"), "{event}: {last}");
        signed_in.daemon = Daemon::start(&signed_in.home);
        let renewed = forced.finish().succeeded();
        assert_eq!(signed_in.get(), renewed, "{event}");
    }
}

/// Every file below `folder`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    Vec::from_iter(entries.map(|entry| entry.unwrap().path()))
}

/// Where Wine has its drives.
fn prefix() -> PathBuf {
    PathBuf::from(std::env::var_os("WINEPREFIX").unwrap())
}

/// Where the user's own programs keep what is theirs, in the drive that Wine
/// has for this run: `Local` or `Roaming`.
fn app_data(which: &str) -> PathBuf {
    let users = files(&prefix().join("drive_c/users"));
    let user = users.into_iter().find(|it| !it.ends_with("Public"));
    user.unwrap().join("AppData").join(which)
}

#[test]
#[ignore = "needs programs for Windows"]
fn sessions_are_in_local_app_data_and_sealed_with_what_this_user_opens() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&domain.config_toml());
    let state = app_data("Local").join("oic-tokend");
    // Of a run before.
    let _ = fs::remove_dir_all(&state);
    let mut daemon = Daemon::spawn_untold(&home);
    daemon.wait_for_log("ready on ");
    home.oic_token(&["login", "--no-browser"]).succeeded();
    let token = home.oic_token(&["get", "--force"]).succeeded();
    daemon.kill();
    let key = fs::read(state.join("key.dpapi")).unwrap();
    assert!(state.join("sim.session").exists());
    for file in files(&state) {
        let bytes = fs::read(&file).unwrap();
        for secret in domain.secrets_issued() {
            let found = bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!found, "a secret is in {}", file.display());
        }
    }
    let daemon = Daemon::spawn_untold(&home);
    daemon.wait_for_log("ready on ");
    assert_eq!(home.oic_token(&["get"]).succeeded(), token);
    drop(daemon);
    // What somebody has changed opens nothing.
    let changed = Vec::from_iter(key.iter().map(|byte| byte ^ 1));
    fs::write(state.join("key.dpapi"), changed).unwrap();
    let (status, log) = Daemon::spawn_untold(&home).wait();
    assert!(!status.success(), "{log}");
    assert!(log.contains("key.dpapi"), "{log}");
    fs::remove_dir_all(&state).unwrap();
}

/// What Windows takes for a device, in any folder and whatever follows.
const DEVICES: [&str; 4] = ["con", "NUL", "com1", "aux.x"];

#[test]
#[ignore = "needs programs for Windows"]
fn a_profile_may_have_the_name_of_a_device_and_end_with_a_dot() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let config = domain.config_toml();
    let (_, profile) = config.split_once("\n\n").unwrap();
    let names = DEVICES.into_iter().chain(["team."]);
    let tables = names
        .clone()
        .map(|name| profile.replace("sim", &format!("{name:?}")));
    let home = Home::new(&Vec::from_iter(tables).join("\n"));
    let mut daemon = Daemon::start(&home);
    let sign_in = |name| {
        home.oic_token(&["login", name, "--no-browser"]).succeeded();
        (name, home.oic_token(&["get", name]).succeeded())
    };
    let signed_in = Vec::from_iter(names.map(sign_in));
    daemon.kill();
    let _daemon = Daemon::start(&home);
    for (name, token) in signed_in {
        let kept = home.oic_token(&["get", name]).succeeded();
        assert_eq!(kept, token, "{name}");
        home.oic_token(&["logout", name]).succeeded();
        assert_eq!(home.oic_token(&["get", name]).code, 3, "{name}");
    }
}
