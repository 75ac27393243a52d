//! `oic-token completions`: the script that teaches a shell to complete our
//! command lines, and the answers that it then asks for at each TAB. Profile
//! names are the daemon's; where it does not answer at once there are none.

use std::ffi::OsString;
use std::io;
use std::time::Duration;

use clap::{Command, CommandFactory};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Powershell, Zsh};

use crate::args::{Arguments, Completions, Shell};
use crate::call::Daemon;
use crate::failure::Failure;
use crate::start::ExitCode;
use crate::status::Standing;
use crate::{clock, place, terminal};

/// Set by the scripts, it asks for candidates instead of for a command.
const VARIABLE: &str = "OIC_TOKEN_COMPLETE";

const PROGRAM: &str = "oic-token";

/// Longest that a TAB waits for the daemon.
const ANSWER_MAX: Duration = Duration::from_millis(300);

/// Prints the script.
///
/// # Errors
///
/// [`Failure::OutputClosed`] and [`Failure::Output`].
pub fn run(arguments: Completions) -> Result<ExitCode, Failure> {
    let shell: &dyn EnvCompleter = match arguments.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
    };
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
        .map_err(Failure::Output)?;
    terminal::print_script(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Whether a shell may have asked for candidates.
pub fn are_asked_for() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Whether a shell asked for candidates; it has been answered then.
///
/// # Errors
///
/// Why it could not be.
pub fn answer(words: &[OsString]) -> io::Result<bool> {
    CompleteEnv::with_factory(command)
        .var(VARIABLE)
        .bin(PROGRAM)
        .try_complete(words, std::env::current_dir().ok().as_deref())
        .map_err(io::Error::other)
}

/// The command line, with the candidates that it does not know itself.
fn command() -> Command {
    Arguments::command().mut_subcommands(|command| {
        command.mut_args(|argument| {
            if argument.get_id() == "profile" {
                argument.add(ArgValueCandidates::new(profiles))
            } else {
                argument
            }
        })
    })
}

/// Silent, whatever happens: it is not a command that was typed.
fn profiles() -> Vec<CompletionCandidate> {
    let daemon = Daemon::at(place::places(None));
    let standing = Standing::ask_by(&daemon, None, clock::after(ANSWER_MAX));
    let profiles = standing.map_or_else(|_| Vec::new(), |standing| standing.profiles);
    let candidate = |user: Option<String>, name: String| {
        CompletionCandidate::new(name).help(user.map(Into::into))
    };
    let profiles = profiles.into_iter();
    profiles.map(|it| candidate(it.subject, it.name)).collect()
}
