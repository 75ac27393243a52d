//! Who meets at the named pipe.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use oic_tests::harness::{Daemon, Home, binary};
use oic_tests::simulator::Simulator;

use crate::signed_in::{SignedIn, quick_domain};

/// Who may be the owner of a thing that Wine's user makes, besides that user.
const ADMINISTRATORS: &str = "S-1-5-32-544";

/// `FILE_FLAG_FIRST_PIPE_INSTANCE`.
const FIRST_INSTANCE: u32 = 0x0008_0000;

/// `PIPE_REJECT_REMOTE_CLIENTS`.
const REJECT_REMOTE: u32 = 0x8;

/// What of a caller's flags says as whom the pipe's maker may act, and
/// `SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION`.
const QUALITY_OF_SERVICE: (u32, u32) = (0x001f_0000, 0x0011_0000);

/// Somebody else's pipe under the name of our daemon's, until it is dropped.
struct Pipe {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
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
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut pipe = Self {
            child,
            stdin,
            stdout,
        };
        assert_eq!(pipe.said(), "here");
        pipe
    }

    fn said(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Lets the next one in, and waits until they have said something.
    fn let_in(&mut self) {
        self.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        assert_eq!(self.said(), "called");
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
pub(super) fn own_sid(home: &Home) -> String {
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

/// What Wine writes down of calls to the system.
fn trace(channel: &str) -> (&'static str, String) {
    ("WINEDEBUG", format!("trace+{channel}"))
}

/// Whether a line of that is about this call with the daemon's pipe.
fn is_call(line: &str, call: &str, home: &Home) -> bool {
    let name = home.pipe().rsplit('\\').next().unwrap();
    line.contains(call) && line.contains(&format!("{name}\""))
}

/// The numbers of such a line that are written with an `0x`.
fn flags(line: &str) -> Vec<u32> {
    let words = line.split([' ', ',', ')']);
    let numbers = words.filter_map(|word| word.strip_prefix("0x"));
    Vec::from_iter(numbers.filter_map(|it| u32::from_str_radix(it, 16).ok()))
}

#[test]
#[ignore = "needs programs for Windows"]
fn whoever_waits_for_an_instance_has_the_next_one_that_is_free() {
    let user = own_sid(&SignedIn::signed_out(quick_domain()).home);
    let home = Home::new("");
    let mut lent = Pipe::make(&home, "lent", &format!("O:{user}D:(A;;GA;;;WD)"));
    let mut waiting = home
        .command(&binary("oic-token"))
        .arg("get")
        .envs([trace("sync")])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(waiting.stderr.take().unwrap());
    let mut lines = stderr.lines().map_while(Result::ok);
    // It ends by itself when it has waited for long enough.
    assert!(lines.any(|line| is_call(&line, "WaitNamedPipeW", &home)));
    lent.let_in();
    waiting.kill().unwrap();
    waiting.wait().unwrap();
}

/// Wine gives a name to everybody who asks for it, and has no callers from
/// other machines: it is seen what it is asked for.
#[test]
#[ignore = "needs programs for Windows"]
fn the_first_instance_is_asked_for_and_callers_from_elsewhere_are_not_wanted() {
    let domain = Simulator::start(quick_domain());
    let home = Home::new(&domain.config_toml());
    let (name, value) = trace("sync");
    let daemon = Daemon::start_with(&home, &[(name, &value)]);
    let log = daemon.log();
    let made = log
        .lines()
        .filter(|line| is_call(line, "CreateNamedPipeW", &home));
    let made = Vec::from_iter(made.map(flags));
    assert_ne!(made[0][0] & FIRST_INSTANCE, 0, "{log}");
    for flags in made {
        assert_ne!(flags[1] & REJECT_REMOTE, 0, "{log}");
    }
}

/// Likewise: Wine lets nobody act as somebody else.
#[test]
#[ignore = "needs programs for Windows"]
fn whoever_made_the_pipe_may_learn_who_calls_and_not_act_as_them() {
    let signed_in = SignedIn::with_lifetime(3600);
    let home = &signed_in.home;
    let output = home
        .command(&binary("oic-token"))
        .arg("get")
        .envs([trace("file")])
        .output()
        .unwrap();
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    let opened = said.lines().find(|line| is_call(line, "CreateFileW", home));
    let (mask, expected) = QUALITY_OF_SERVICE;
    let flags = flags(opened.unwrap());
    assert_eq!(flags[0] & mask, expected, "{opened:?}");
}
