//! Why a command failed: the message, the hint and the exit code of every
//! failure are decided here.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use oic_proto::frame;
use oic_proto::message::{LoginFailed, Refusal};

use crate::{moment, terminal};

/// What the exit code says; part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Any failure that has no code of its own.
    Failure = 1,
    /// Wrong usage.
    Usage = 2,
    /// The end user must sign in.
    LoginRequired = 3,
    /// No daemon at the socket.
    NoDaemon = 4,
    /// No valid access token now; the authorization server is in trouble.
    TryLater = 5,
    /// This caller may not have this profile.
    NotAllowed = 6,
    /// No such profile.
    NoProfile = 7,
    /// No access tokens that are valid for as long as was asked.
    ValidityUnavailable = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

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
        user: u32,
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
    /// `--watch` without a terminal.
    NoTerminal,
    /// Whoever read our output has gone; nobody is left to tell.
    OutputClosed,
    /// The output cannot be written.
    Output(io::Error),
}

/// A failure in words.
#[derive(Debug, PartialEq, Eq)]
struct Explanation {
    exit: Exit,
    cause: String,
    hint: Option<String>,
}

impl Failure {
    /// Says on stderr what failed and what helps.
    pub fn report(&self) -> Exit {
        if !matches!(self, Self::OutputClosed) {
            for line in self.lines() {
                terminal::say(&line);
            }
        }
        self.explain().exit
    }

    /// What failed, and what helps.
    pub fn lines(&self) -> Vec<String> {
        let Explanation { cause, hint, .. } = self.explain();
        let mut lines = vec![format!("error: {cause}")];
        lines.extend(hint.map(|hint| format!("hint: {hint}")));
        lines
    }

    fn explain(&self) -> Explanation {
        match self {
            Self::Refused(refusal) => refused(refusal),
            Self::NoDaemon { tried } => no_daemon(tried),
            Self::Silent { place, waited } => explanation(
                Exit::NoDaemon,
                format!(
                    "the daemon at {} has not answered for {}",
                    place.display(),
                    moment::span(*waited)
                ),
            )
            .hint("restart oic-tokend: 'systemctl --user restart oic-tokend'"),
            Self::HungUp { place } => explanation(
                Exit::Failure,
                format!(
                    "the daemon at {} hung up before it had answered",
                    place.display()
                ),
            )
            .hint("try again; its log says why: 'journalctl --user -u oic-tokend'"),
            Self::TurnedAway { place, user } => explanation(
                Exit::NotAllowed,
                format!(
                    "the daemon at {} runs as user {user} and serves no other user",
                    place.display()
                ),
            )
            .hint("start one of your own: 'systemctl --user start oic-tokend'"),
            Self::Unreachable { place, error } => unreachable(place, error),
            Self::Unsendable(error) => explanation(
                Exit::Failure,
                format!("the request cannot be sent: {error}"),
            ),
            Self::Wrong { place, error } => wrong(place, *error),
            Self::UnusableToken { profile, why } => explanation(
                Exit::Failure,
                format!("the access token of profile '{profile}' is not printed: {why}"),
            )
            .hint("tell the administrator of the authorization server"),
            Self::OpaqueToken { profile } => explanation(
                Exit::Failure,
                format!("the access token of profile '{profile}' is not a JWT"),
            )
            .hint("only the authorization server can read it"),
            Self::TokenFile(error) => explanation(
                Exit::Failure,
                format!("cannot write the file for the access token: {error}"),
            ),
            Self::NotStarted { program, error } => not_started(program, error),
            Self::LoginFailed(failed) => login_failed(failed),
            Self::LoginTimedOut { profile, waited } => explanation(
                Exit::Failure,
                format!("nobody has signed in for {}", moment::span(*waited)),
            )
            .hint(format!(
                "try again: run '{}'",
                login_command(profile.as_deref())
            )),
            Self::NoTerminal => {
                explanation(Exit::Usage, "'--watch' needs a terminal that can redraw")
                    .hint("use 'oic-token status --json' in scripts")
            }
            Self::OutputClosed => explanation(Exit::Failure, "the output was closed"),
            Self::Output(error) => {
                explanation(Exit::Failure, format!("cannot write the output: {error}"))
            }
        }
    }
}

fn explanation(exit: Exit, cause: impl Into<String>) -> Explanation {
    Explanation {
        exit,
        cause: cause.into(),
        hint: None,
    }
}

impl Explanation {
    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn refused(refusal: &Refusal) -> Explanation {
    match refusal {
        Refusal::UnknownProfile { profile, known } => {
            explanation(Exit::NoProfile, format!("there is no profile '{profile}'"))
                .hint(known_profiles(known))
        }
        Refusal::NoDefaultProfile { known } => explanation(
            Exit::NoProfile,
            "no profile was named, and the configuration has no default_profile",
        )
        .hint(known_profiles(known)),
        Refusal::LoginRequired { profile, why } => explanation(
            Exit::LoginRequired,
            format!("profile '{profile}' needs a login: {why}"),
        )
        .hint(format!("run '{}'", login_command(Some(profile)))),
        Refusal::TryLater {
            profile,
            retry_in,
            why,
        } => explanation(
            Exit::TryLater,
            format!("no valid access token for profile '{profile}' now: {why}"),
        )
        .hint(try_later(profile, *retry_in)),
        Refusal::Rejected { profile, why } => explanation(
            Exit::Failure,
            format!("the authorization server refuses the client of profile '{profile}': {why}"),
        )
        .hint(
            "an administrator has to repair the registration there, or client_id and scopes in \
             the configuration here",
        ),
        Refusal::NotForgotten { profile, why } => explanation(
            Exit::Failure,
            format!("profile '{profile}' is logged out, but its session is still on disk: {why}"),
        )
        .hint(format!(
            "repair that and run 'oic-token logout {profile}' again"
        )),
        Refusal::ValidityUnavailable {
            profile,
            remaining,
            lifetime,
        } => validity_unavailable(profile, *remaining, *lifetime),
        Refusal::NotAllowed => {
            explanation(Exit::NotAllowed, "this caller may not have this profile")
                .hint("run it as the user that oic-tokend runs as")
        }
        Refusal::Busy => explanation(Exit::TryLater, "too many callers are waiting already")
            .hint("try again in a few seconds"),
        Refusal::NotUnderstood => {
            explanation(Exit::Failure, "the daemon could not read the request").hint(UPGRADE)
        }
        Refusal::ShuttingDown => explanation(Exit::TryLater, "the daemon is shutting down")
            .hint("try again once it has been started again"),
    }
}

const UPGRADE: &str = "install oic-token and oic-tokend of the same version, then restart \
                       the daemon: 'systemctl --user restart oic-tokend'";

fn known_profiles(known: &[String]) -> String {
    if known.is_empty() {
        "no profile is configured: add one to oic-tokend's config.toml".to_owned()
    } else {
        format!("known profiles: {}", known.join(", "))
    }
}

fn try_later(profile: &str, retry_in: Option<Duration>) -> String {
    match retry_in {
        Some(wait) => format!(
            "try again later; the daemon itself does in {}",
            moment::span(wait)
        ),
        None => format!("try again later; 'oic-token status {profile}' shows how it stands"),
    }
}

fn validity_unavailable(profile: &str, remaining: Duration, lifetime: Duration) -> Explanation {
    let (remaining, lifetime) = (remaining.as_secs(), lifetime.as_secs());
    explanation(
        Exit::ValidityUnavailable,
        format!(
            "the access token of profile '{profile}' is valid for {remaining} s more, and new \
             ones live {lifetime} s"
        ),
    )
    .hint(format!("ask for less, such as '--min-valid {remaining}'"))
}

fn no_daemon(tried: &[PathBuf]) -> Explanation {
    let places = tried.iter().map(|place| place.display().to_string());
    let places = Vec::from_iter(places).join(", nor at ");
    explanation(Exit::NoDaemon, format!("no daemon listens at {places}")).hint(
        "start oic-tokend: 'systemctl --user start oic-tokend', or 'oic-tokend' in a terminal",
    )
}

fn unreachable(place: &Path, error: &io::Error) -> Explanation {
    let cause = format!("cannot talk to the daemon at {}: {error}", place.display());
    if error.kind() == io::ErrorKind::PermissionDenied {
        explanation(Exit::NotAllowed, cause)
            .hint("run it as the user that oic-tokend runs as, or name another '--socket'")
    } else {
        explanation(Exit::Failure, cause).hint("name another '--socket'")
    }
}

fn wrong(place: &Path, error: frame::Error) -> Explanation {
    let explained = explanation(
        Exit::Failure,
        format!("the answer from {} is of no use: {error}", place.display()),
    );
    match error {
        frame::Error::NotOurs => {
            explained.hint("something else listens there; name another '--socket'")
        }
        _ => explained.hint(UPGRADE),
    }
}

fn not_started(program: &str, error: &io::Error) -> Explanation {
    let explained = |why| explanation(Exit::Failure, format!("cannot start '{program}': {why}"));
    match error.kind() {
        io::ErrorKind::NotFound => {
            explained("it was not found".to_owned()).hint("install it, or add its folder to PATH")
        }
        _ => explained(error.to_string()),
    }
}

fn login_failed(failed: &LoginFailed) -> Explanation {
    let exit = match failed.reason.as_str() {
        "unreachable" => Exit::TryLater,
        _ => Exit::Failure,
    };
    explanation(
        exit,
        format!(
            "the login of profile '{}' failed: {} ({})",
            failed.profile, failed.message, failed.reason
        ),
    )
    .hint(format!(
        "try again: run '{}'",
        login_command(Some(&failed.profile))
    ))
}

fn login_command(profile: Option<&str>) -> String {
    match profile {
        Some(profile) => format!("oic-token login {profile}"),
        None => "oic-token login".to_owned(),
    }
}
