//! `oic-token exec`: runs a program with an access token in its environment,
//! and in a file for as long as it runs.

use std::process::{Command, ExitCode};

use crate::args::Exec;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::private_file::PrivateFile;
use crate::{get, program};

/// Runs the command.
///
/// # Errors
///
/// Whatever kept the program from being started.
pub fn run(daemon: &Daemon, arguments: Exec) -> Result<ExitCode, Failure> {
    let view = get::access_token(daemon, arguments.profile, arguments.freshness, false)?;
    let token = view.access_token.expose();
    let file = PrivateFile::create(token).map_err(Failure::TokenFile)?;
    // The command line has at least one word.
    let (name, words) = (&arguments.command[0], &arguments.command[1..]);
    let mut command = Command::new(name);
    command
        .args(words)
        .env("OIC_ACCESS_TOKEN", token)
        .env("BEARER_TOKEN_FILE", file.path());
    drop(view);
    program::run(command).map_err(|error| program::not_started(name, error))
}
