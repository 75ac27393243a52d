//! `oic-token`: asks `oic-tokend` for a live access token.
//!
//! In reading order: [`start`] is the way in and out; [`args`] is the command
//! line; one module a command ([`get`], [`login`], [`logout`], [`reject`],
//! [`unlock`], [`status`], [`metrics`], [`inspect`], [`curl`], [`exec`],
//! [`setup`], [`service`], [`doctor`], [`completions`], [`helper`] with [`install`]) says
//! what to ask and what to show; [`call`] asks, at one of the places of
//! [`place`]; [`failure`] turns whatever went wrong into a message, a hint and
//! an exit code; [`terminal`] prints. [`text`], [`layout`], [`json`],
//! [`claims`] and [`moment`] are pure text; [`browser`], [`program`],
//! [`private`], [`private_file`], [`token_file`], [`passphrase`], [`interrupt`], [`heap`]
//! and [`clock`] touch the system.

#![cfg_attr(all(target_os = "linux", not(test)), no_main)]

mod args;
mod browser;
mod call;
mod claims;
mod clock;
mod completions;
mod curl;
mod daemon_program;
mod doctor;
mod exec;
mod failure;
mod get;
mod heap;
mod helper;
mod inspect;
mod install;
mod interrupt;
mod json;
mod layout;
mod login;
mod logout;
#[cfg(test)]
mod manual;
mod metrics;
mod moment;
mod passphrase;
mod place;
mod private;
mod private_file;
mod program;
mod reject;
mod service;
mod setup;
mod start;
mod status;
mod terminal;
mod text;
mod token_file;
mod unlock;

use std::ffi::OsString;

use args::{Arguments, Command};
use call::Daemon;
use clap::Parser;
use failure::Failure;
use heap::Heap;
use helper::Helper;
use oic_proto::memory;
use start::ExitCode;

/// An access token passes through buffers that do not wipe themselves.
#[global_allocator]
static HEAP: Heap = Heap::new();

#[cfg(any(test, not(target_os = "linux")))]
fn main() -> std::process::ExitCode {
    run(std::env::args_os().collect()).into()
}

/// The whole program; the first of `words` is its name.
fn run(words: Vec<OsString>) -> ExitCode {
    memory::withhold();
    let (name, rest) = words.split_first().unzip();
    if let Some(helper) = name.and_then(|name| Helper::of_program(name)) {
        let daemon = Daemon::at(place::places(None));
        return ended(helper.run(&daemon, rest.unwrap_or_default()));
    }
    let plain = match completions::are_asked_for() {
        false => args::plain::parse(rest.unwrap_or_default()),
        true => None,
    };
    match plain {
        Some(arguments) => ended(command(arguments)),
        None => by_clap(&words),
    }
}

/// Whatever is not plain. Out of line: what it needs of the stack is a page that
/// all others would touch for nothing.
#[inline(never)]
fn by_clap(words: &[OsString]) -> ExitCode {
    match completions::answer(words) {
        Ok(false) => {}
        // At a TAB there is nobody to tell.
        Ok(true) | Err(_) => return ExitCode::SUCCESS,
    }
    match Arguments::try_parse_from(words) {
        Ok(arguments) => ended(command(arguments)),
        Err(error) => terminal::usage(&error),
    }
}

fn ended(result: Result<ExitCode, Failure>) -> ExitCode {
    result.unwrap_or_else(|failure| failure.report().into())
}

fn command(arguments: Arguments) -> Result<ExitCode, Failure> {
    let daemon = Daemon::at(place::places(arguments.socket));
    match arguments.command {
        Command::Get(get) => get::run(&daemon, get),
        other => other_command(&daemon, other),
    }
}

/// Out of line: all of them together are many pages, of which `get` needs none.
#[inline(never)]
fn other_command(daemon: &Daemon, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Get(get) => get::run(daemon, get),
        Command::Login(login) => login::run(daemon, login),
        Command::Logout(logout) => logout::run(daemon, logout),
        Command::Reject(reject) => reject::run(daemon, reject),
        Command::Unlock(unlock) => unlock::run(daemon, unlock),
        Command::Status(status) => status::run(daemon, status),
        Command::Metrics => metrics::run(daemon),
        Command::Inspect(inspect) => inspect::run(daemon, inspect),
        Command::Curl(curl) => curl::run(daemon, curl),
        Command::Exec(exec) => exec::run(daemon, exec),
        Command::Setup(setup) => setup::run(daemon, setup),
        Command::Service(service) => service::run(daemon, service),
        Command::Doctor(doctor) => doctor::run(daemon, doctor),
        Command::Completions(completions) => completions::run(completions),
        Command::Helper(command) => help(daemon, command),
    }
}

fn help(daemon: &Daemon, command: args::Helper) -> Result<ExitCode, Failure> {
    match command {
        args::Helper::List => install::list(daemon),
        args::Helper::Install(install) => install::install(daemon, install),
        args::Helper::Uninstall(install) => install::uninstall(install),
        // A person asks that; programs get no such answer from any helper.
        args::Helper::Answer(words) if matches!(&words[1..], [it] if it == "--help" || it == "-h") => {
            Ok(by_clap(
                &["oic-token", "helper", "--help"].map(OsString::from),
            ))
        }
        // clap gives at least the name.
        args::Helper::Answer(words) => Helper::named(&words[0])?.run(daemon, &words[1..]),
    }
}
