//! The conversation: what a caller may ask and what it may hear.
//!
//! No variant can hold a refresh token, a device code or a client secret:
//! those types live in the daemon and cannot be serialized.
//!
//! Variants and fields are only ever appended, and only together with a new
//! [`VERSION`](crate::frame::VERSION): bincode writes positions, not names.

mod finding;
mod login;
mod mapping;
mod metrics;
mod refusal;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::secret::{AccessToken, Fingerprint, Passphrase};
pub use finding::{Finding, Outcome};
pub use refusal::{PROFILES_NAMED_MAX, Refusal};

pub use login::{LoggedOut, LoginFailed, LoginPrompt, Remedy, Revocation, SignedIn};
pub use mapping::{MappedToken, MappingView};

pub use metrics::{Handouts, ProfileMetrics};

/// What a caller asks; on one connection, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// A live access token. Answered by [`Response::Token`] or
    /// [`Response::Refused`].
    GetToken {
        /// Whose token; `None` asks for the default profile.
        profile: Option<String>,
        /// How long the token must still be valid.
        min_validity: Duration,
        /// How long the caller is ready to wait for a renewal.
        patience: Duration,
        /// Refresh first, even if the present token is still valid.
        force: bool,
    },
    /// Sign in by the device flow (RFC 8628). Answered by
    /// [`Response::Prompt`], again whenever its trouble changes, then
    /// [`Response::SignedIn`] or [`Response::LoginFailed`]; or by [`Response::Refused`]. A login whose
    /// callers have all hung up is cancelled.
    Login {
        /// Which profile; `None` is the default one.
        profile: Option<String>,
        /// Accept another user than the one the profile belongs to.
        change_user: bool,
    },
    /// Revoke (RFC 7009) and forget. Answered by one [`Response::LoggedOut`]
    /// or [`Refusal::NotForgotten`] a profile, then [`Response::End`]; any
    /// other refusal is the last answer.
    Logout {
        /// Which profiles.
        profiles: Selection,
    },
    /// How things stand. Answered by [`Response::Daemon`], one
    /// [`Response::Profile`] a profile, then [`Response::End`]; a
    /// [`Response::Refused`] is the last answer.
    Status {
        /// One profile, or all.
        profile: Option<String>,
    },
    /// A resource refused an access token (RFC 6750 §3.1, `invalid_token`)
    /// although it should still be valid. It is not handed out again; one that
    /// is no longer handed out anyway changes nothing. Answered by
    /// [`Response::End`] or [`Response::Refused`].
    RejectToken {
        /// Whose token; `None` is the default profile's.
        profile: Option<String>,
        /// Which token.
        fingerprint: Fingerprint,
    },
    /// Look whether users could sign in, and what there is to mend. Asks the
    /// authorization servers, so seldom: callers wait for their turn. Answered
    /// by one [`Response::Findings`] a profile, then [`Response::End`]; a
    /// [`Response::Refused`] is the last answer.
    Examine {
        /// One profile, or all.
        profile: Option<String>,
    },
    /// Unlock the stored sessions. Answered by [`Response::End`], also where
    /// they are unlocked already, or [`Response::Refused`].
    Unlock {
        /// What opens them.
        passphrase: Passphrase,
    },
    /// Have another passphrase unlock the stored sessions from now on, or the
    /// first one; they are unlocked afterwards. Answered by [`Response::End`]
    /// or [`Response::Refused`].
    SetPassphrase {
        /// What opens them so far; `None` where there is none.
        present: Option<Passphrase>,
        /// What opens them from now on.
        new: Passphrase,
    },
    /// A live access token for a URL, by the `[[helper]]` entries of the
    /// configuration. Answered by [`Response::MappedToken`] or
    /// [`Response::Refused`], with [`Refusal::NotMapped`] where no entry covers
    /// the URL.
    GetTokenFor {
        /// Where the token will be sent; a host without a scheme means https,
        /// or http on loopback.
        url: String,
        /// The realms that the server named in its challenge (RFC 9110 §11.5).
        realms: Vec<String>,
        /// How long the token must still be valid.
        min_validity: Duration,
        /// How long the caller is ready to wait for a renewal.
        patience: Duration,
    },
    /// As [`Request::RejectToken`], of whichever profile a `[[helper]]` entry
    /// maps this URL to.
    RejectTokenFor {
        /// Where the token was refused.
        url: String,
        /// Which token.
        fingerprint: Fingerprint,
    },
    /// Which URLs there are tokens for. Answered by one
    /// [`Response::Mapping`] a `[[helper]]` entry, then [`Response::End`].
    ListMappings,
    /// What has happened since the daemon started. Answered by
    /// [`Response::Daemon`], one [`Response::Metrics`] a profile, then
    /// [`Response::End`].
    Metrics,
}

/// Which profiles a request is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selection {
    /// The default profile.
    Default,
    /// The profile of this name.
    Named(String),
    /// Every profile.
    All,
}

/// What a caller hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// A live access token.
    Token(TokenView),
    /// What the end user has to do to sign in.
    Prompt(LoginPrompt),
    /// The login succeeded.
    SignedIn(SignedIn),
    /// The login failed.
    LoginFailed(LoginFailed),
    /// A profile was logged out.
    LoggedOut(LoggedOut),
    /// About the daemon itself.
    Daemon(DaemonView),
    /// About one profile.
    Profile(Box<ProfileView>),
    /// Nothing follows.
    End,
    /// Why not.
    Refused(Refusal),
    /// What was found of one profile.
    Findings(Vec<Finding>),
    /// A live access token for a URL.
    MappedToken(MappedToken),
    /// One `[[helper]]` entry.
    Mapping(MappingView),
    /// What has happened to one profile.
    Metrics(Box<ProfileMetrics>),
}

/// An access token as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// The token.
    pub access_token: AccessToken,
    /// Whose it is.
    pub profile: String,
    /// The scopes asked for at login, without `offline_access`.
    pub scopes: Vec<String>,
    /// When it expires, by the wall clock.
    pub expires_at: UnixTime,
    /// How long it is still valid, by a clock that no one sets.
    pub expires_in: Duration,
    /// The hosts that it is for, as [`HostPattern`](crate::host::HostPattern)s;
    /// none where the configuration does not say.
    pub hosts: Vec<String>,
}

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnixTime(pub i64);

/// About the daemon itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaemonView {
    /// Its package version.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// When it started.
    pub started_at: UnixTime,
    /// Where the key comes from that sessions are sealed with, in words.
    pub session_key: String,
    /// Whether a passphrase stands between the daemon and the sessions.
    pub lock: Lock,
}

/// Whether a passphrase stands between the daemon and the stored sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lock {
    /// None does.
    None,
    /// One is to, and nobody has set it yet.
    Unset,
    /// It has not been given since the daemon started.
    Locked,
    /// It was given.
    Unlocked,
}

/// About one profile. Never holds a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileView {
    /// Its name.
    pub name: String,
    /// Where its session stands.
    pub state: SessionState,
    /// What its renewal is doing; `None` while there is nothing to renew.
    pub renewal: Option<RenewalState>,
    /// The `sub` claim of the access token, not verified.
    pub subject: Option<String>,
    /// The access token's life, while there is one that has not expired.
    pub access_token: Option<AccessTokenView>,
    /// The refresh token's life, while there is one.
    pub refresh_token: Option<RefreshTokenView>,
    /// When the daemon will next ask for a new access token.
    pub next_renewal_at: Option<UnixTime>,
    /// Renewals that failed since the last one that did not.
    pub failures: u32,
    /// What went wrong last, until something goes right.
    pub last_error: Option<LastError>,
    /// Where its session is, besides the daemon's memory.
    pub keeping: Keeping,
}

/// Where a session is kept, besides the daemon's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keeping {
    /// On disk.
    Disk,
    /// Nowhere: a restart needs a login.
    Memory,
    /// On no disk; the service manager keeps it over a restart.
    Manager,
    /// Likewise, where it keeps anything, which it does not say.
    PerhapsManager,
}

/// Where a profile's session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionState {
    /// Nobody is signed in.
    SignedOut,
    /// The device authorization request is under way.
    Authorizing,
    /// The end user has the user code and has not answered yet.
    AwaitingUser,
    /// Somebody is signed in.
    SignedIn,
    /// Nobody knows: the stored sessions are locked.
    Locked,
}

/// What the renewal of a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RenewalState {
    /// Waiting for its time.
    Due,
    /// The refresh request is under way.
    InFlight,
    /// The last refresh failed and will be tried again.
    Backoff,
    /// A refresh was sent and no answer came: the server may or may not have
    /// used up the refresh token. It will be tried again.
    InDoubt,
}

/// An access token's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenView {
    /// When it expires, by the wall clock.
    pub expires_at: UnixTime,
    /// How long it is still valid.
    pub remaining: Duration,
}

/// A refresh token's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshTokenView {
    /// When the server gave it.
    pub obtained_at: UnixTime,
    /// When it will have expired unless it is used before, if known.
    pub renew_by: Option<UnixTime>,
    /// When the end user has to sign in anew, however often it is used; `None`
    /// where using it in time is enough, or where that is not known.
    pub login_needed_by: Option<UnixTime>,
}

/// What went wrong last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastError {
    /// An error code of RFC 6749 §5.2 or RFC 8628 §3.5, or one of ours:
    /// `unreachable`, `unanswered`, `unusable_answer`, `throttled`,
    /// `server_error`, `not_stored`, `not_read`, `copied_session`.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// When.
    pub at: UnixTime,
}

/// For people: the code first, where the message does not say it.
impl fmt::Display for LastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.message.contains(&self.code) {
            write!(f, "{}: ", self.code)?;
        }
        f.write_str(&self.message)
    }
}

/// Longest passphrase, in bytes: two of them fit a request.
pub const PASSPHRASE_LEN_MAX: usize = 1024;

/// How long the daemon waits for the authorization server, at most. A caller
/// of `login` or `logout` has to wait longer, or it gives up on an answer that
/// is on its way.
pub const SERVER_PATIENCE: Duration = Duration::from_secs(120);
