//! How a user signs in and out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::UnixTime;

/// What the end user has to do (RFC 8628 §3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginPrompt {
    /// Which profile is being signed in.
    pub profile: String,
    /// Where to type the user code.
    pub verification_uri: String,
    /// The same with the user code in it, where the server offers one.
    pub verification_uri_complete: Option<String>,
    /// What to type there.
    pub user_code: String,
    /// Until when, by the wall clock.
    pub expires_at: UnixTime,
    /// For how long from now.
    pub expires_in: Duration,
    /// Why the authorization server has not said whether the user has answered,
    /// if it did not when it was asked last.
    pub trouble: Option<String>,
}

/// A login that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Which profile.
    pub profile: String,
    /// The `sub` claim of the access token, not verified; `None` where the
    /// token is not a JWT.
    pub subject: Option<String>,
    /// When the access token expires.
    pub expires_at: UnixTime,
    /// Whether the server gave a refresh token. Without one the session ends
    /// with the access token.
    pub renewable: bool,
    /// Why the session is not on disk, if it is not: a restart of the daemon
    /// before that is mended loses it.
    pub not_stored: Option<String>,
}

/// A login that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginFailed {
    /// Which profile.
    pub profile: String,
    /// The error code of RFC 8628 §3.5 or RFC 6749 §5.2, or one of ours:
    /// `cancelled`, `wrong_user`, `unreachable`, `unanswered`, `unusable_answer`,
    /// `throttled`, `server_error`.
    pub reason: String,
    /// A sentence for people.
    pub message: String,
    /// What helps.
    pub remedy: Remedy,
}

/// What helps after a login that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Remedy {
    /// Signing in again.
    SignInAgain,
    /// Waiting: the authorization server is unreachable, throttling or
    /// failing.
    Wait,
    /// An administrator, at the authorization server or in the configuration.
    Administrator,
}

/// A logout that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedOut {
    /// Which profile.
    pub profile: String,
    /// What became of the refresh token at the authorization server.
    pub revocation: Revocation,
}

/// What became of a refresh token at the authorization server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Revocation {
    /// There was none.
    NothingToRevoke,
    /// The server confirmed the revocation.
    Revoked,
    /// The profile has no revocation endpoint; the refresh token lives on at
    /// the server until it expires there.
    NoEndpoint,
    /// The server refused or could not be reached; likewise.
    Failed {
        /// Why.
        message: String,
    },
}
