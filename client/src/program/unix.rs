//! Programs and signals on Unix.

use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use oic_proto::memory;
use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;

use crate::start::ExitCode;

/// The signals that are passed on, as the two crates call them.
const PASSED_ON: [(c_int, Signal); 6] = [
    (SIGHUP, Signal::HUP),
    (SIGINT, Signal::INT),
    (SIGQUIT, Signal::QUIT),
    (SIGTERM, Signal::TERM),
    (SIGUSR1, Signal::USR1),
    (SIGUSR2, Signal::USR2),
];

/// A file that keeps nothing.
pub const NOWHERE: &str = "/dev/null";

/// What a shell adds to the number of the signal that killed a program.
const KILLED: i32 = 128;

/// Puts the program of `command` into this process; returns only why that
/// failed.
pub fn become_program(mut command: Command) -> io::Result<ExitCode> {
    Err(memory::starting(|| command.exec()))
}

/// Runs the program of `command` to its end.
///
/// # Errors
///
/// Why it could not be started.
pub fn run(command: Command) -> io::Result<ExitCode> {
    run_beside(command, |_| {})
}

/// The same, and does `beside` when it has been started.
///
/// # Errors
///
/// Why it could not be started.
pub fn run_beside(mut command: Command, beside: impl FnOnce(&mut Child)) -> io::Result<ExitCode> {
    // Before the program is there, so that its end cannot be missed.
    let mut signals = Signals::new(heard(&std::fs::read_to_string(STATUS).unwrap_or_default()))?;
    let mut child = memory::starting(|| command.spawn())?;
    // It holds a copy of the access token for the program's environment.
    drop(command);
    beside(&mut child);
    Ok(exit_code(attend(child, &mut signals)?))
}

fn attend(mut child: Child, signals: &mut Signals) -> io::Result<ExitStatus> {
    let pid = Pid::from_child(&child);
    for signal in signals.forever() {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        // The child has not been waited for, so the number is still its own.
        match PASSED_ON.iter().find(|(number, _)| *number == signal) {
            Some(_) if came_from_terminal(signal) => {}
            Some((_, signal)) => {
                // A program that runs as somebody else now is out of reach.
                let _ = kill_process(pid, *signal);
            }
            None => {}
        }
    }
    child.wait()
}

/// Ctrl-C and Ctrl-\ go to every process in the foreground of the terminal:
/// the program has got them already, and a second one often means "at once".
fn came_from_terminal(signal: c_int) -> bool {
    matches!(signal, SIGINT | SIGQUIT)
        && File::open("/dev/tty")
            .and_then(|terminal| Ok(tcgetpgrp(terminal)?))
            .is_ok_and(|foreground| foreground == getpgrp())
}

/// Where Linux says which signals are ignored; elsewhere it is not there.
const STATUS: &str = "/proc/self/status";

/// The signals to hear, given this process's status. One that is ignored (by
/// `nohup`, say) stays so: a handler of ours would be the end of that for the
/// program, too.
fn heard(status: &str) -> Vec<c_int> {
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    let is_heard = |signal: &c_int| ignored & 1 << (signal - 1) == 0;
    let passed_on = PASSED_ON.iter().map(|(number, _)| *number);
    passed_on.filter(is_heard).chain([SIGCHLD]).collect()
}

fn exit_code(status: ExitStatus) -> ExitCode {
    let killed = || status.signal().map(|signal| KILLED + signal);
    let code = status.code().or_else(killed);
    let code = code.and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_nohup_ignores_stays_ignored() {
        let all = heard("Name:\tx\nSigIgn:\t0000000000001000\nSigCgt:\t0");
        assert!(all.contains(&SIGHUP) && all.contains(&SIGCHLD));
        let under_nohup = heard("SigIgn:\t0000000000000001\n");
        assert!(!under_nohup.contains(&SIGHUP));
        assert!(under_nohup.contains(&SIGTERM));
        assert!(heard("").contains(&SIGHUP));
    }

    #[test]
    fn a_killed_program_has_the_exit_code_a_shell_gives_it() {
        assert_eq!(exit_code(ExitStatus::from_raw(9)), ExitCode::from(137));
        assert_eq!(exit_code(ExitStatus::from_raw(42 << 8)), ExitCode::from(42));
    }
}
