//! What is found in the memory of the programs, and who may look.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use oic_tests::harness::Home;
use oic_tests::simulator::{Endpoint, Fault};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

use crate::signed_in::SignedIn;

/// Regions larger than this are reserved and not used: stacks, arenas.
const REGION_LEN_MAX: u64 = 256 * 1024 * 1024;

/// All memory of a process that can be written to, as its owner's debugger
/// would read it, with a replacement for whatever is no text.
fn writable_memory(pid: u32) -> io::Result<String> {
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut found = Vec::new();
    for region in fs::read_to_string(format!("/proc/{pid}/maps"))?.lines() {
        let mut words = region.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        let (start, end) = range.split_once('-').unwrap();
        let start = u64::from_str_radix(start, 16).unwrap();
        let end = u64::from_str_radix(end, 16).unwrap();
        if !rights.starts_with("rw") || end - start > REGION_LEN_MAX {
            continue;
        }
        memory.seek(SeekFrom::Start(start))?;
        // A region may be gone by now.
        let _ = (&mut memory).take(end - start).read_to_end(&mut found);
    }
    Ok(text(found))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Tokens pass through HTTP, TLS, JSON and the log's filters; none of these
/// keeps a copy.
#[test]
fn after_a_logout_the_daemon_remembers_no_token() {
    let signed_in = SignedIn::with_lifetime(3600);
    signed_in.home.oic_token(&["get", "--force"]).succeeded();
    let pid = signed_in.daemon.pid();
    let memory = match writable_memory(pid) {
        Ok(memory) => memory,
        Err(error) => {
            // What the daemon promises to everybody but root.
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
            println!("skipped: only root can look into the daemon's memory");
            return;
        }
    };
    let issued = signed_in.domain.secrets_issued();
    assert!(issued.len() >= 5, "a device code and two tokens twice");
    let remembered = issued.iter().filter(|it| memory.contains(*it));
    assert_eq!(remembered.count(), 2, "the two tokens in use, and no older");

    signed_in.home.oic_token(&["logout"]).succeeded();
    let memory = writable_memory(pid).unwrap();
    for secret in &issued {
        assert!(!memory.contains(secret), "a secret has survived the logout");
    }
}

/// Whether a process that is aborted leaves a core file here.
fn cores_are_written() -> bool {
    let limit = getrlimit(Resource::Core);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where it cannot be raised, the test below is skipped.
    let _ = setrlimit(Resource::Core, raised);
    // In a folder of its own: the core file goes with it.
    let home = Home::new("");
    let mut shell = home.command(Path::new("sh"));
    let aborted = shell.args(["-c", "kill -ABRT $$"]).status();
    aborted.is_ok_and(|status| status.core_dumped())
}

#[test]
fn a_crash_leaves_no_core_with_tokens_in_it() {
    if !cores_are_written() {
        println!("skipped: this system writes no core files at all");
        return;
    }
    let aborted = |status: ExitStatus| {
        assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
        assert!(!status.core_dumped());
    };
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    let waiting = signed_in.home.start_oic_token(&["get", "--force"]);
    signed_in.wait_for_held_request();
    let abort = |pid: u32| kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::ABORT);
    abort(waiting.pid()).unwrap();
    aborted(waiting.ended());
    abort(signed_in.daemon.pid()).unwrap();
    aborted(signed_in.daemon.ended());
}

/// The soft limit of core files, as the system has it for this process.
fn core_limit(pid: u32) -> String {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let cores = limits
        .lines()
        .find_map(|it| it.strip_prefix("Max core file size"));
    cores.unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn both_programs_forbid_core_files_and_leave_it_to_others_to_have_them() {
    cores_are_written();
    let signed_in = SignedIn::with_lifetime(3600);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    let waiting = signed_in.home.start_oic_token(&["get", "--force"]);
    signed_in.wait_for_held_request();
    assert_eq!(core_limit(waiting.pid()), "0");
    assert_eq!(core_limit(signed_in.daemon.pid()), "0");
    signed_in.domain.release();
    waiting.finish().succeeded();

    let own = signed_in
        .home
        .command(Path::new("sh"))
        .args(["-c", "ulimit -c"])
        .output();
    let own = text(own.unwrap().stdout);
    let exec = ["exec", "--", "sh", "-c", "ulimit -c"];
    assert_eq!(signed_in.home.oic_token(&exec).stdout, own);
}

/// What a client that waits has in memory was never a secret of anybody's:
/// what it asks for is not there yet.
#[test]
fn a_client_that_waits_has_no_token_in_memory() {
    let signed_in = SignedIn::with_lifetime(3600);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    let waiting = signed_in.home.start_oic_token(&["get", "--force"]);
    signed_in.wait_for_held_request();
    match writable_memory(waiting.pid()) {
        Ok(memory) => {
            let issued = signed_in.domain.secrets_issued();
            assert!(issued.iter().all(|secret| !memory.contains(secret)));
        }
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::PermissionDenied),
    }
    signed_in.domain.release();
    waiting.finish().succeeded();
}

/// Of a program that runs with a token, `oic-token exec` keeps in memory what
/// it handed on, and never what could renew that.
#[test]
fn a_client_that_has_a_token_has_no_refresh_token_in_memory() {
    let signed_in = SignedIn::with_lifetime(3600);
    // Ends with the client.
    let program = "echo started; exec tail --pid=$PPID -f /dev/null";
    let exec = ["exec", "--", "sh", "-c", program];
    let mut running = signed_in.home.start_oic_token(&exec);
    running.line();
    let token = signed_in.get();
    if let Ok(memory) = writable_memory(running.pid()) {
        let issued = signed_in.domain.secrets_issued();
        let others = issued.iter().filter(|secret| **secret != token);
        assert_eq!(others.filter(|it| memory.contains(*it)).count(), 0);
    }
    running.kill();
}

#[test]
fn no_command_line_or_environment_holds_a_secret() {
    let signed_in = SignedIn::with_lifetime(3600);
    signed_in.domain.fault(Fault::Hold, 1, Endpoint::Token);
    let waiting = signed_in.home.start_oic_token(&["get", "--force"]);
    signed_in.wait_for_held_request();
    let issued = signed_in.domain.secrets_issued();
    for pid in [waiting.pid(), signed_in.daemon.pid()] {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        // Closed to everybody but root.
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let shown = text(line) + &text(environment);
        for secret in &issued {
            assert!(!shown.contains(secret));
        }
    }
    signed_in.domain.release();
    assert_eq!(waiting.finish().code, 0);
}
