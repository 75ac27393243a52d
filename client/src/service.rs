//! `oic-token service`, and the daemon that `setup` starts: by the service manager
//! of this system, or one that runs already.

#[cfg(unix)]
mod systemd;
#[cfg(windows)]
mod task;

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use oic_proto::message::Refusal;
use oic_proto::{Request, Response};

use crate::args::Service;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::setup::Trouble;
use crate::start::ExitCode;
use crate::{clock, daemon_program, place, terminal};
#[cfg(unix)]
use systemd as system;
#[cfg(windows)]
use task as system;

use system::tell_to_reload;
pub use system::{
    ELSEWHERE, LOG, OWN, QUESTION, RELOAD, START, install, is_possible, log, restart,
};

/// How long a daemon may take until it runs and knows a new profile.
const START_MAX: Duration = Duration::from_secs(10);

/// How often to look whether it does.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Runs the command.
///
/// # Errors
///
/// There is no service manager, or it refuses; the configuration is not good; the
/// daemon does not come up.
pub fn run(daemon: &Daemon, arguments: Service) -> Result<ExitCode, Failure> {
    if !is_possible() {
        return Err(Trouble::NoManager.into());
    }
    match arguments {
        Service::Install { config } => {
            let config = config.or_else(place::config).ok_or(Trouble::NoPlace)?;
            check_place(daemon)?;
            let good = daemon_program::check_config(Some(&config))?;
            good.map_err(Trouble::Refused)?;
            install(&config)?;
            wait_until_up(daemon)?;
            terminal::say("oic-tokend runs, and will whenever you log in");
        }
        Service::Uninstall => {
            system::uninstall()?;
            terminal::say("oic-tokend runs no more, unless somebody starts it");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses what would end without a login: a user service that nobody finds who
/// looks where we were told to look.
///
/// # Errors
///
/// [`Trouble::Elsewhere`].
pub fn check_place(daemon: &Daemon) -> Result<(), Failure> {
    let listens = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let listens = listens.unwrap_or_default().join("oic-tokend/socket");
    let Some(told) = daemon.only_place().filter(|&told| told != listens) else {
        return Ok(());
    };
    let told = told.to_owned();
    match daemon.call(&Request::Status { profile: None }, clock::after(START_MAX)) {
        Err(Failure::NoDaemon { .. }) => Err(Trouble::Elsewhere { told, listens }.into()),
        _ => Ok(()),
    }
}

/// Has a daemon that runs read its configuration again; whether there is one.
///
/// # Errors
///
/// [`Trouble::NotTaken`], or what else stands between us and a daemon that
/// runs.
pub fn reload(daemon: &Daemon, profile: &str) -> Result<bool, Failure> {
    let deadline = clock::after(START_MAX);
    let mut call = match daemon.call(&Request::Status { profile: None }, deadline) {
        Ok(call) => call,
        Err(Failure::NoDaemon { .. }) => return Ok(false),
        Err(failure) => return Err(failure),
    };
    let view = match call.answer(deadline) {
        Ok(Response::Daemon(view)) => view,
        Ok(_) => return Err(call.beside_the_point()),
        Err(Failure::TurnedAway { .. }) => return Ok(false),
        Err(failure) => return Err(failure),
    };
    // The machine's own is no daemon of ours, even where it has tokens for us.
    if !tell_to_reload(view.pid) {
        return Ok(false);
    }
    wait(daemon, profile)?;
    Ok(true)
}

/// Waits until there is a daemon, whatever it answers.
fn wait_until_up(daemon: &Daemon) -> Result<(), Failure> {
    let deadline = clock::after(START_MAX);
    loop {
        match daemon.call(&Request::Status { profile: None }, deadline) {
            Err(Failure::NoDaemon { .. }) if !clock::left_until(deadline).is_zero() => {
                thread::sleep(LOOK_INTERVAL);
            }
            Err(Failure::NoDaemon { .. }) => return Err(Trouble::NotUp.into()),
            called => return called.map(drop),
        }
    }
}

/// Waits until the daemon knows the profile.
///
/// # Errors
///
/// [`Trouble::NotTaken`], or what else stands between us and a daemon that
/// runs.
pub fn wait(daemon: &Daemon, profile: &str) -> Result<(), Failure> {
    let deadline = clock::after(START_MAX);
    while !clock::left_until(deadline).is_zero() {
        match knows(daemon, profile, deadline) {
            Ok(true) => return Ok(()),
            Ok(false) | Err(Failure::NoDaemon { .. }) => thread::sleep(LOOK_INTERVAL),
            Err(failure) => return Err(failure),
        }
    }
    Err(Trouble::NotTaken(profile.to_owned()).into())
}

fn knows(daemon: &Daemon, profile: &str, deadline: std::time::Instant) -> Result<bool, Failure> {
    let request = Request::Status {
        profile: Some(profile.to_owned()),
    };
    match daemon.call(&request, deadline)?.answer(deadline) {
        Ok(_) => Ok(true),
        Err(Failure::Refused(Refusal::UnknownProfile { .. })) => Ok(false),
        Err(failure) => Err(failure),
    }
}
