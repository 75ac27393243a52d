//! `oic-token unlock`: gives the daemon the passphrase of the stored sessions,
//! or sets it.

use std::time::Duration;

use oic_proto::message::{DaemonView, Lock};
use oic_proto::{Request, Response};

use crate::args::Unlock;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::passphrase::Input;
use crate::start::ExitCode;
use crate::{clock, terminal};

/// How long the daemon may take: a try takes a fraction of a second of an idle
/// machine's time, and a busy one has others.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Runs the command.
///
/// # Errors
///
/// No passphrase is wanted, none is given or it is wrong, and whatever stands
/// between us and the daemon.
pub fn run(daemon: &Daemon, arguments: Unlock) -> Result<ExitCode, Failure> {
    let view = ask(daemon)?;
    let said = match view.lock {
        Lock::None => {
            let session_key = view.session_key;
            return Err(Failure::NoLock { session_key });
        }
        Lock::Unset => {
            let new = Input::open()?.new_passphrase("new passphrase")?;
            tell(daemon, &Request::SetPassphrase { present: None, new })?;
            "the passphrase is set, and the sessions are unlocked"
        }
        Lock::Locked | Lock::Unlocked if arguments.change => {
            let input = Input::open()?;
            let present = Some(input.passphrase("present passphrase")?);
            let new = input.new_passphrase("new passphrase")?;
            tell(daemon, &Request::SetPassphrase { present, new })?;
            "the passphrase is another one now, and the sessions are unlocked"
        }
        Lock::Locked => {
            let passphrase = Input::open()?.passphrase("passphrase")?;
            tell(daemon, &Request::Unlock { passphrase })?;
            "the sessions are unlocked"
        }
        Lock::Unlocked => "the sessions are unlocked already",
    };
    terminal::say(said);
    Ok(ExitCode::SUCCESS)
}

fn ask(daemon: &Daemon) -> Result<DaemonView, Failure> {
    let deadline = clock::after(ANSWER_MAX);
    let mut call = daemon.call(&Request::Status { profile: None }, deadline)?;
    match call.answer(deadline)? {
        Response::Daemon(view) => Ok(view),
        _ => Err(call.beside_the_point()),
    }
}

fn tell(daemon: &Daemon, request: &Request) -> Result<(), Failure> {
    let deadline = clock::after(ANSWER_MAX);
    let mut call = daemon.call(request, deadline)?;
    match call.answer(deadline)? {
        Response::End => Ok(()),
        _ => Err(call.beside_the_point()),
    }
}
