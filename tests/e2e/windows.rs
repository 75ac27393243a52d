//! What Windows alone has: `tests/windows/run` runs these, with programs for
//! Windows.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Mutex;

use oic_tests::harness::{Daemon, Home, binary};
use oic_tests::simulator::{Endpoint, Fault, JANE, Simulator};

use crate::signed_in::{SignedIn, quick_domain};

/// Who may be the owner of a thing that Wine's user makes, besides that user.
const ADMINISTRATORS: &str = "S-1-5-32-544";

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

/// Somebody else's pipe under the name of our daemon's, until it is dropped.
struct Pipe {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Pipe {
    /// See `tests/windows/pipes.c`.
    fn make(home: &Home, kind: &str, list: &str) -> Self {
        let mut child = home
            .command(&binary("pipes"))
            .args([kind, home.pipe(), list])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert_eq!(line.trim_end(), "here");
        let stdin = child.stdin.take();
        Self { child, stdin }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // It ends with its input.
        let _ = self.child.wait();
    }
}

/// The security identifier of the user that everything here runs as.
fn own_sid(home: &Home) -> String {
    let pipe = seen(home);
    let owner = pipe.strip_prefix("O:").unwrap().split("D:").next();
    owner.unwrap().to_owned()
}

/// What the system says of our daemon's pipe.
fn seen(home: &Home) -> String {
    let mut pipes = home.command(&binary("pipes"));
    let output = pipes.args(["seen", home.pipe()]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    said.trim_end().to_owned()
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
        signed_in.daemon = Daemon::start(&signed_in.home);
        let renewed = forced.finish().succeeded();
        assert_eq!(signed_in.get(), renewed, "{event}");
    }
}

#[test]
#[ignore = "needs programs for Windows"]
fn the_pipe_is_its_users_and_lets_nobody_else_in() {
    let signed_in = SignedIn::signed_out(quick_domain());
    let user = own_sid(&signed_in.home);
    assert!(user.starts_with("S-1-5-21-"), "{user}");
    let expected = format!("O:{user}D:P(A;;GA;;;{user})");
    assert_eq!(seen(&signed_in.home), expected);
}

#[test]
#[ignore = "needs programs for Windows"]
fn a_pipe_that_belongs_to_somebody_else_is_asked_nothing() {
    let home = Home::new("");
    let list = format!("O:{ADMINISTRATORS}D:(A;;GA;;;WD)");
    let _stranger = Pipe::make(&home, "held", &list);
    let said = home.oic_token(&["get"]);
    assert_eq!(said.code, 1, "{}", said.stderr);
    let expected = format!("belongs to user {ADMINISTRATORS}, and not to you");
    assert!(said.stderr.contains(&expected), "{}", said.stderr);
}

/// Not refused at once, as the system would have it.
#[test]
#[ignore = "needs programs for Windows"]
fn a_pipe_whose_instances_are_all_taken_is_waited_for() {
    let home = Home::new("");
    let _busy = Pipe::make(&home, "busy", "D:(A;;GA;;;WD)");
    let said = home.oic_token(&["get", "--timeout", "0"]);
    assert!(
        said.stderr.contains("has not answered for"),
        "{}",
        said.stderr
    );
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
/// has for this run.
fn local_app_data() -> PathBuf {
    let users = files(&prefix().join("drive_c/users"));
    let user = users.into_iter().find(|it| !it.ends_with("Public"));
    user.unwrap().join("AppData/Local")
}

#[test]
#[ignore = "needs programs for Windows"]
fn sessions_are_in_local_app_data_and_sealed_with_what_this_user_opens() {
    let domain = Simulator::start(quick_domain().knob("auto_approve", JANE));
    let home = Home::new(&domain.config_toml());
    let state = local_app_data().join("oic-tokend");
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
