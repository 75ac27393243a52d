//! Why a command failed: the exit code, the message and the hint of every
//! failure are decided here.

mod exit;
mod refusal;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use oic_proto::frame;
use oic_proto::message::{LoginFailed, Refusal, Remedy};

use crate::call::{self, User};
use crate::moment::span;
use crate::setup::Trouble;
use crate::{place, service, terminal};
pub use exit::Exit;

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The daemon refused.
    Refused(Refusal),
    /// Nothing listens at any of these places.
    NoDaemon {
        /// In the order they were tried.
        tried: Vec<PathBuf>,
    },
    /// Something listens and does not answer.
    Silent {
        /// Where.
        place: PathBuf,
        /// For how long.
        waited: Duration,
    },
    /// The daemon hung up before it had answered.
    HungUp {
        /// Where.
        place: PathBuf,
    },
    /// The daemon runs as another user and does not serve this one.
    TurnedAway {
        /// Where.
        place: PathBuf,
        /// As whom it runs.
        user: User,
    },
    /// Somebody listens that no token is taken from.
    Stranger {
        /// Where.
        place: PathBuf,
        /// As whom.
        user: User,
    },
    /// The system does not let us talk to the daemon.
    Unreachable {
        /// Where.
        place: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The request is too long to be sent.
    Unsendable(frame::Error),
    /// The answer is not one of our protocol, or not one to the question.
    Wrong {
        /// Where.
        place: PathBuf,
        /// What is wrong.
        error: frame::Error,
    },
    /// The access token holds characters that no access token may hold.
    UnusableToken {
        /// Whose it is.
        profile: String,
        /// What they would do.
        why: &'static str,
    },
    /// The access token is not a JWT.
    OpaqueToken {
        /// Whose it is.
        profile: String,
    },
    /// curl would take the access token where it does not belong, or may.
    TokenKept {
        /// How.
        why: String,
        /// What helps.
        hint: &'static str,
    },
    /// The file for the access token cannot be made.
    TokenFile(io::Error),
    /// The program cannot be started.
    NotStarted {
        /// Its name.
        program: String,
        /// Why not.
        error: io::Error,
    },
    /// The login was tried and failed.
    LoginFailed(LoginFailed),
    /// The user has not signed in within `--timeout`.
    LoginTimedOut {
        /// Which profile; `None` is the default one.
        profile: Option<String>,
        /// `--timeout`.
        waited: Duration,
    },
    /// There is no access token on stdin.
    NoToken {
        /// What is wrong with what is there.
        why: String,
    },
    /// There is no passphrase to give.
    NoPassphrase {
        /// What is wrong with what is there.
        why: String,
    },
    /// No passphrase is wanted.
    NoLock {
        /// Where the key of the sessions comes from.
        session_key: String,
    },
    /// `--watch` without a terminal.
    NoTerminal,
    /// `setup` cannot go on.
    Setup(Trouble),
    /// No credential helper has this name.
    NoHelper {
        /// The name.
        name: String,
    },
    /// A program cannot be told of its helper.
    Install {
        /// What was tried.
        what: String,
        /// Why it did not work.
        why: String,
    },
    /// Stdin cannot be read.
    Input(io::Error),
    /// Whoever read our output has gone; nobody is left to tell.
    OutputClosed,
    /// The output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// Says on stderr what failed and what helps.
    pub fn report(&self) -> Exit {
        if !matches!(self, Self::OutputClosed) {
            for line in self.lines() {
                terminal::say(&line);
            }
        }
        self.exit()
    }

    /// What failed, and what helps.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("error: {self}")];
        lines.extend(self.hint().map(|hint| format!("hint: {hint}")));
        lines
    }

    /// What the exit code says of it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Refused(refusal) => refusal::exit(refusal),
            Self::NoDaemon { .. } | Self::Silent { .. } => Exit::NoDaemon,
            Self::TurnedAway { .. } => Exit::NotAllowed,
            Self::Unreachable { error, .. } if is_denied(error) => Exit::NotAllowed,
            Self::LoginFailed(failed) if failed.remedy == Remedy::Wait => Exit::TryLater,
            Self::Setup(trouble) => trouble.exit(),
            Self::NoToken { .. }
            | Self::NoPassphrase { .. }
            | Self::NoTerminal
            | Self::NoHelper { .. }
            | Self::TokenKept { .. } => Exit::Usage,
            Self::HungUp { .. }
            | Self::Stranger { .. }
            | Self::Unreachable { .. }
            | Self::Unsendable(_)
            | Self::Wrong { .. }
            | Self::UnusableToken { .. }
            | Self::OpaqueToken { .. }
            | Self::TokenFile(_)
            | Self::NotStarted { .. }
            | Self::LoginFailed(_)
            | Self::LoginTimedOut { .. }
            | Self::NoLock { .. }
            | Self::Install { .. }
            | Self::Input(_)
            | Self::OutputClosed
            | Self::Output(_) => Exit::Failure,
        }
    }

    /// What helps, if anything is known to.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Refused(refusal) => return Some(refusal::hint(refusal)),
            Self::NoDaemon { tried } => start(tried),
            Self::Silent { place, .. } => service::restart(place),
            Self::HungUp { place } => {
                let log = service::log(place);
                return Some(format!("try again; its log says why: {log}"));
            }
            Self::TurnedAway { .. } => service::OWN,
            Self::Stranger { user, .. } => return Some(call::remedy(user)),
            Self::Unreachable { error, .. } if is_denied(error) => {
                "run this as the user that oic-tokend runs as, or name another '--socket'"
            }
            Self::Wrong { error, .. } if *error == frame::Error::NotOurs => {
                "something else listens there; name another '--socket'"
            }
            Self::Unreachable { .. } => "name another '--socket'",
            Self::Wrong { place, .. } => return Some(upgrade(place)),
            Self::UnusableToken { .. } => "tell the administrator of the authorization server",
            Self::OpaqueToken { .. } => "only the authorization server can read it",
            Self::NotStarted { error, .. } if is_missing(error) => {
                "install it, or add its folder to PATH"
            }
            Self::LoginFailed(failed) => return Some(after_login(failed)),
            Self::Setup(trouble) => return trouble.hint(),
            Self::LoginTimedOut { profile, .. } => return Some(try_again(profile.as_deref())),
            Self::NoToken { .. } => "give the token that was refused, and nothing else, on stdin",
            Self::TokenKept { hint, .. } => hint,
            Self::NoPassphrase { .. } => "type it on a terminal, or give it as one line on stdin",
            Self::NoLock { .. } => {
                "set session_key = \"passphrase\" in oic-tokend's configuration, and restart it"
            }
            Self::NoTerminal => "use 'oic-token status --json' in scripts",
            Self::NoHelper { .. } => "'oic-token helper list' names them all",
            Self::Unsendable(_)
            | Self::TokenFile(_)
            | Self::NotStarted { .. }
            | Self::Install { .. }
            | Self::Input(_)
            | Self::OutputClosed
            | Self::Output(_) => return None,
        };
        Some(hint.to_owned())
    }
}

/// The cause, without the hint.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => f.write_str(&refusal::cause(refusal)),
            Self::NoDaemon { tried } => f.write_str(&no_daemon(tried)),
            Self::Silent { place, waited } => {
                let (place, waited) = (place.display(), span(*waited));
                write!(f, "the daemon at {place} has not answered for {waited}")
            }
            Self::HungUp { place } => {
                let place = place.display();
                write!(f, "the daemon at {place} hung up before it had answered")
            }
            Self::TurnedAway { place, user } => {
                let place = place.display();
                write!(f, "the daemon at {place} serves user {user}, and not you")
            }
            Self::Stranger { place, user } => {
                let place = place.display();
                write!(
                    f,
                    "what listens at {place} belongs to user {user}, and not to you or root"
                )
            }
            Self::Unreachable { place, error } => {
                let place = place.display();
                write!(f, "cannot talk to the daemon at {place}: {error}")
            }
            Self::Unsendable(error) => write!(f, "the request cannot be sent: {error}"),
            Self::Wrong { place, error } => {
                let place = place.display();
                write!(f, "the answer from {place} is of no use: {error}")
            }
            Self::UnusableToken { profile, why } => {
                write!(
                    f,
                    "the access token of profile '{profile}' is held back: {why}"
                )
            }
            Self::OpaqueToken { profile } => {
                write!(f, "the access token of profile '{profile}' is not a JWT")
            }
            Self::TokenKept { why, .. } => write!(f, "the access token is not sent: {why}"),
            Self::TokenFile(error) => {
                write!(f, "cannot write the file for the access token: {error}")
            }
            Self::NotStarted { program, error } if is_missing(error) => {
                write!(f, "cannot start '{program}': it was not found")
            }
            Self::NotStarted { program, error } => write!(f, "cannot start '{program}': {error}"),
            Self::LoginFailed(failed) => {
                let (profile, message, reason) = (&failed.profile, &failed.message, &failed.reason);
                write!(
                    f,
                    "the login of profile '{profile}' failed: {message} ({reason})"
                )
            }
            Self::LoginTimedOut { waited, .. } => {
                write!(f, "nobody has signed in for {}", span(*waited))
            }
            Self::NoToken { why } => write!(f, "there is no access token on stdin: {why}"),
            Self::Setup(trouble) => trouble.fmt(f),
            Self::NoPassphrase { why } => write!(f, "there is no passphrase: {why}"),
            Self::NoLock { session_key } => f.write_str(&no_lock(session_key)),
            Self::NoTerminal => f.write_str("'--watch' needs a terminal that can redraw"),
            Self::NoHelper { name } => write!(f, "there is no credential helper '{name}'"),
            Self::Install { what, why } => write!(f, "cannot {what}: {why}"),
            Self::Input(error) => write!(f, "cannot read stdin: {error}"),
            Self::OutputClosed => f.write_str("the output was closed"),
            Self::Output(error) => write!(f, "cannot write the output: {error}"),
        }
    }
}

/// Where one place was named it is not known what may listen there.
fn start(tried: &[PathBuf]) -> &'static str {
    match tried {
        [_] if !place::IS_SINGLE => {
            "start the oic-tokend that is to listen there, or leave out '--socket' and \
             OIC_TOKEND_SOCKET"
        }
        _ => service::START,
    }
}

/// What helps where the daemon at `place` is of another version.
fn upgrade(place: &Path) -> String {
    let restart = service::restart(place);
    format!("install oic-token and oic-tokend of one version, then {restart}")
}

fn no_lock(session_key: &str) -> String {
    format!("the sessions are sealed with {session_key}, and wait for no passphrase")
}

fn no_daemon(tried: &[PathBuf]) -> String {
    if tried.is_empty() {
        return "it is not known where the daemon listens".to_owned();
    }
    let places = tried.iter().map(|place| place.display().to_string());
    let places = Vec::from_iter(places).join(", nor at ");
    format!("no daemon listens at {places}")
}

fn try_again(profile: Option<&str>) -> String {
    format!("try again: run '{}'", login_command(profile))
}

fn after_login(failed: &LoginFailed) -> String {
    match failed.remedy {
        Remedy::SignInAgain if failed.reason == "wrong_user" => format!(
            "sign in as that user, or let the profile change hands: run '{} --change-user'",
            login_command(Some(&failed.profile))
        ),
        Remedy::SignInAgain => try_again(Some(&failed.profile)),
        Remedy::Wait => format!("{} in a while", try_again(Some(&failed.profile))),
        Remedy::Administrator => refusal::ADMINISTRATOR.to_owned(),
    }
}

fn login_command(profile: Option<&str>) -> String {
    match profile {
        Some(profile) => format!("oic-token login {profile}"),
        None => "oic-token login".to_owned(),
    }
}

fn is_denied(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}
