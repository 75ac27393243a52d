//! `cargo kills`: the real daemon, killed at every system call of a renewal,
//! and on a disk that refuses; no session may be lost that can be kept.
//!
//! The simulated identity domain is as strict as one can be: a refresh token
//! is good once, and using it twice revokes its whole chain. A renewal is
//! traced first, thread by thread; then, call by call, another daemon is killed
//! as it enters that call, and started again. It must be signed in, and the
//! next refresh must work. Only where the domain had used up the old refresh
//! token and the answer had not been written may the login be lost, and then
//! that must be said at once.
//!
//! Needs Linux and strace, and the right to trace the daemon: root, or
//! `kernel.yama.ptrace_scope=0`. Takes minutes, most of them waiting: forced
//! refreshes are five seconds apart.
//!
//! | file | holds |
//! |---|---|
//! | `stage.rs` | a strict domain, a daemon, a user signed in, in a folder of their own |
//! | `strace.rs` | one strace on one thread or one process, its output as events |
//! | `trace.rs` | that output as system calls |
//! | `step.rs` | the steps of a renewal, found in its system calls |
//! | `kill.rs` | one renewal that is traced, or killed and judged |
//! | `untraced.rs` | how long the steps take when nobody traces them |
//! | `campaign.rs` | from traced renewals to the kills, and all of those |
//! | `disk.rs` | renewals on a disk that refuses or hangs |
//! | `workers.rs` | several at a time |
//! | `report.rs` | the tables |
//! | `clock.rs` | the only file that reads a clock |
//!
//! What it does not show: the thread that writes to the disk is there before
//! the renewal (it stays for ten seconds after a write); one that is only
//! created for it has some system calls more, before it does anything. And a
//! kill is not a power cut: for that, only the order of writes and syncs is
//! checked.

mod campaign;
mod clock;
mod disk;
mod failure;
mod kill;
mod options;
mod report;
mod stage;
mod step;
mod strace;
#[cfg(test)]
mod tests;
mod trace;
mod untraced;
mod workers;

use std::process::ExitCode;

use clap::Parser;

use failure::Failure;
use options::{Options, Part};

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("oic-kills: error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything held.
fn run(options: &Options) -> Result<bool, Failure> {
    strace::check_installed()?;
    workers::stop_at_signals()?;
    let mut held = true;
    if options.part != Part::Disk {
        let campaign = campaign::run(options)?;
        print!("{campaign}");
        held &= campaign.held();
    }
    if options.part != Part::Kills {
        let faults = disk::run(options)?;
        print!("{faults}");
        held &= faults.held();
    }
    Ok(held)
}
