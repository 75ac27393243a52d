//! No hooks here yet.

use std::io;
use std::process::{ChildStdin, ExitCode};

use oic_proto::place::Environment;

/// Not here.
pub fn run() -> ExitCode {
    ExitCode::FAILURE
}

/// Nobody reads it.
pub fn without_waiting(_: &ChildStdin) -> io::Result<()> {
    Ok(())
}

/// Not here.
pub fn may_have_desktop(_: Environment<'_>) -> bool {
    false
}
