//! `oic-token exec`: runs a program with an access token in its environment,
//! and a fresh one in a file for as long as it runs.

use std::process::Command;

use crate::args::Exec;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::start::ExitCode;
use crate::token_file::TokenFile;
use crate::{get, program};

/// Runs the command.
///
/// # Errors
///
/// Whatever kept the program from being started.
pub fn run(daemon: &Daemon, arguments: Exec) -> Result<ExitCode, Failure> {
    let view = get::access_token(daemon, arguments.profile, arguments.freshness, false)?;
    let file = TokenFile::create(&view).map_err(Failure::TokenFile)?;
    // The command line has at least one word.
    let (name, words) = (&arguments.command[0], &arguments.command[1..]);
    let mut command = Command::new(name);
    command
        .args(words)
        .env("OIC_ACCESS_TOKEN", view.access_token.expose())
        .env("BEARER_TOKEN_FILE", file.path());
    file.keep_fresh(daemon, view, arguments.freshness);
    program::run(command).map_err(|error| program::not_started(name, error))
}
