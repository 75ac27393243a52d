//! `exec` and `curl`: programs that get the token from us.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::example;
use crate::fake_daemon::{FakeDaemon, finish, is_clean};

const TOKEN: &str = "abc.def.ghi";

fn daemon() -> FakeDaemon {
    FakeDaemon::answering(vec![example::token(TOKEN)])
}

fn folder_of(daemon: &FakeDaemon) -> std::path::PathBuf {
    daemon.folder.path("")
}

#[test]
fn a_program_finds_the_token_in_its_environment_and_in_a_private_file() {
    let daemon = daemon();
    let script = r#"
        echo "$OIC_ACCESS_TOKEN"; cat "$BEARER_TOKEN_FILE"; echo
        stat -c %a "$BEARER_TOKEN_FILE" "$(dirname "$BEARER_TOKEN_FILE")"
        echo "$BEARER_TOKEN_FILE"; exit 42"#;
    let exec = daemon.run(&["exec", "prod", "--", "sh", "-c", script]);
    assert_eq!((exec.code, exec.stderr.as_str()), (42, ""));
    let lines = Vec::from_iter(exec.stdout.lines());
    assert_eq!(lines[..4], [TOKEN, TOKEN, "600", "700"]);
    assert!(lines[4].starts_with(folder_of(&daemon).to_str().unwrap()));
    assert!(is_clean(&folder_of(&daemon)), "the file is gone");
}

/// A program that says it is there, then what reached it. In a process group
/// of its own, it is not in the foreground of the terminal of whoever tests.
fn waiting_program(daemon: &FakeDaemon) -> (Child, BufReader<std::process::ChildStdout>) {
    // Ends by itself, should no signal come.
    let script = "trap 'echo got it; exit 7' TERM USR1 INT; echo ready; \
                  for i in $(seq 200); do sleep 0.1; done";
    let mut command = daemon.folder.oic_token(&["exec", "--", "sh", "-c", script]);
    let mut exec = command.process_group(0).spawn().unwrap();
    let mut stdout = BufReader::new(exec.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    (exec, stdout)
}

/// Whether the tests were started with this signal ignored, as a shell starts
/// what runs in the background: then so is every program they start.
fn is_ignored(signal: Signal) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0) & 1 << (signal.as_raw() - 1) != 0
}

#[test]
fn signals_reach_the_program_and_its_exit_code_comes_back() {
    for signal in [Signal::TERM, Signal::USR1, Signal::INT] {
        if is_ignored(signal) {
            println!("skipped {signal:?}: the tests were started with it ignored");
            continue;
        }
        let daemon = daemon();
        let (exec, mut stdout) = waiting_program(&daemon);
        kill_process(Pid::from_child(&exec), signal).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "got it\n");
        assert_eq!(finish(exec).code, 7);
        assert!(is_clean(&folder_of(&daemon)), "the file is gone");
    }
}

#[test]
fn a_program_that_is_killed_gives_the_code_that_a_shell_would_give() {
    let exec = daemon().run(&["exec", "--", "sh", "-c", "kill -KILL $$"]);
    assert_eq!(exec.code, 128 + 9);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let daemon = daemon();
    let exec = daemon.run(&["exec", "--", "no-such-program"]);
    exec.failed(1, "cannot start 'no-such-program'", "PATH");
    assert!(is_clean(&folder_of(&daemon)), "the file is gone");
}

/// A curl that tells what it was given.
fn install_curl(daemon: &FakeDaemon) {
    let script = "#!/bin/sh\n\
                  printf 'arguments:'; printf ' %s' \"$@\"; echo\n\
                  printf 'config: '; cat \"$2\"\n\
                  printf 'stdin: '; cat; echo\n\
                  env | grep -c abc.def.ghi\n\
                  exit 22\n";
    let curl = daemon.folder.path("curl");
    std::fs::write(&curl, script).unwrap();
    std::fs::set_permissions(&curl, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn curl_gets_the_token_in_a_config_that_nobody_else_can_read() {
    let daemon = daemon();
    install_curl(&daemon);
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", folder_of(&daemon).display());
    let mut command = daemon
        .folder
        .oic_token(&["curl", "--", "-d", "@-", "https://x"]);
    command.env("PATH", path).stdin(Stdio::piped());
    let mut curl = command.spawn().unwrap();
    curl.stdin.take().unwrap().write_all(b"the body").unwrap();
    let curl = finish(curl);
    assert_eq!(curl.code, 22, "{}", curl.stderr);
    let lines = Vec::from_iter(curl.stdout.lines());
    assert!(lines[0].starts_with("arguments: --config /dev/fd/"));
    assert!(lines[0].ends_with(" -d @- https://x"));
    assert_eq!(
        lines[1],
        format!("config: header = \"Authorization: Bearer {TOKEN}\"")
    );
    assert_eq!(lines[2], "proto-redir = \"=https\"");
    assert_eq!(lines[3], "stdin: the body");
    assert_eq!(lines[4], "0", "the environment does not hold it");
}

#[test]
fn a_missing_curl_is_named() {
    let daemon = daemon();
    let mut command = daemon.folder.oic_token(&["curl", "--", "https://x"]);
    let curl = command.env("PATH", folder_of(&daemon)).output().unwrap();
    crate::fake_daemon::Outcome::from(curl).failed(1, "cannot start 'curl'", "install it");
}

#[test]
fn a_program_is_given_a_token_that_is_good_for_a_minute_unless_told_otherwise() {
    let daemon = daemon();
    for (option, seconds) in [(None, 60), (Some(["--min-valid", "1800"]), 1800)] {
        let mut arguments = vec!["exec"];
        arguments.extend(option.iter().flatten());
        arguments.extend(["--", "true"]);
        assert_eq!(daemon.run(&arguments).code, 0);
        let oic_proto::Request::GetToken { min_validity, .. } = daemon.request() else {
            panic!("exec asks for a token");
        };
        assert_eq!(min_validity.as_secs(), seconds);
    }
}
