//! Runs another program in our place: with its exit code, and with the
//! signals that were meant for it.

use std::ffi::OsStr;
use std::io;

use crate::failure::Failure;

#[cfg(unix)]
#[path = "program/unix.rs"]
mod system;
#[cfg(windows)]
#[path = "program/windows.rs"]
mod system;

#[cfg(unix)]
pub use system::run_beside;
pub use system::{NOWHERE, become_program, run};

/// `program` could not be started.
pub fn not_started(program: &OsStr, error: io::Error) -> Failure {
    Failure::NotStarted {
        program: program.to_string_lossy().into_owned(),
        error,
    }
}
