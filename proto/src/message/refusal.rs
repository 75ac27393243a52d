//! Why a request was refused.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a request was refused: what should the caller do now?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// No profile of this name is configured.
    UnknownProfile {
        /// The name asked for.
        profile: String,
        /// The names there are, at most [`PROFILES_NAMED_MAX`] of them.
        known: Vec<String>,
    },
    /// None was named and the configuration has no default.
    NoDefaultProfile {
        /// The names there are, at most [`PROFILES_NAMED_MAX`] of them.
        known: Vec<String>,
    },
    /// The end user must sign in.
    LoginRequired {
        /// Which profile.
        profile: String,
        /// Why, as a clause: "nobody has signed in yet".
        why: String,
    },
    /// No valid token now; the authorization server is unreachable,
    /// throttling or failing.
    TryLater {
        /// Which profile.
        profile: String,
        /// When the daemon will ask again, from now, if it knows.
        retry_in: Option<Duration>,
        /// What went wrong, as a clause.
        why: String,
    },
    /// The authorization server refuses this client, and not this session: an
    /// administrator has to repair something there, or here in the
    /// configuration.
    Rejected {
        /// Which profile.
        profile: String,
        /// What the server said, as a clause.
        why: String,
    },
    /// The session was ended at the authorization server, but this machine's
    /// disk still holds it.
    NotForgotten {
        /// Which profile.
        profile: String,
        /// Why, as a clause.
        why: String,
    },
    /// The server does not issue tokens that are valid for as long as was
    /// asked.
    ValidityUnavailable {
        /// Which profile.
        profile: String,
        /// What is left of the present token.
        remaining: Duration,
        /// How long the server's tokens live when they are new.
        lifetime: Duration,
    },
    /// This caller may not have this profile.
    NotAllowed,
    /// Too many callers are waiting already.
    Busy,
    /// The request could not be read.
    NotUnderstood,
    /// The daemon is shutting down.
    ShuttingDown,
    /// The stored sessions are locked until somebody gives the passphrase.
    Locked,
    /// It is another passphrase that unlocks the sessions.
    WrongPassphrase {
        /// When the next one may be tried, from now.
        retry_in: Duration,
    },
    /// A wrong passphrase was given a moment ago; this one was not tried.
    TooSoon {
        /// When one may be tried, from now.
        retry_in: Duration,
    },
    /// The sessions could not be unlocked, whatever the passphrase.
    NotUnlocked {
        /// Why, as a clause.
        why: String,
    },
    /// No `[[helper]]` entry covers the URL, and so no token is sent there.
    NotMapped {
        /// The URL, without user name, password and query.
        url: String,
    },
}

/// How many profile names a refusal lists at most, so that it fits a frame.
pub const PROFILES_NAMED_MAX: usize = 20;
