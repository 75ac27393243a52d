//! `oic-token`: asks `oic-tokend` for a live access token.
//!
//! In reading order: [`args`] is the command line; one module a command
//! ([`get`], [`login`], [`logout`], [`status`]) says what to ask and what to
//! show; [`call`] asks, at one of the places of [`place`]; [`failure`] turns
//! whatever went wrong into a message, a hint and an exit code; [`terminal`]
//! prints. [`moment`], [`json`] and [`clock`] serve them.

mod args;
mod browser;
mod call;
mod clock;
mod failure;
mod get;
mod json;
mod login;
mod logout;
mod moment;
mod place;
mod status;
mod terminal;

use std::process::ExitCode;

use args::{Arguments, Command};
use call::Daemon;
use clap::Parser;
use failure::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return terminal::usage(&error),
    };
    match run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report().into(),
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let daemon = Daemon::at(place::places(arguments.socket));
    match arguments.command {
        Command::Get(get) => get::run(&daemon, get),
        Command::Login(login) => login::run(&daemon, login),
        Command::Logout(logout) => logout::run(&daemon, logout),
        Command::Status(status) => status::run(&daemon, status),
    }
}
