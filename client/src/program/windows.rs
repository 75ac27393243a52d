//! Programs on Windows, where Ctrl-C reaches every program of a console.

use std::io;
use std::process::Command;

use crate::start::ExitCode;

/// A file that keeps nothing.
pub const NOWHERE: &str = "NUL";

/// Runs the program of `command` to its end: no process can become another.
pub fn become_program(command: Command) -> io::Result<ExitCode> {
    run(command)
}

/// Runs the program of `command` to its end.
///
/// # Errors
///
/// Why it could not be started.
pub fn run(mut command: Command) -> io::Result<ExitCode> {
    let code = command.status()?.code();
    let code = code.and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(u8::MAX)))
}
