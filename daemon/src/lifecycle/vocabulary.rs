//! The words of the core: what it is told, what it wants done, what it keeps.
//!
//! A profile has a session and, beside it, perhaps a login. The session:
//!
//! | in state | on | becomes | emits |
//! |---|---|---|---|
//! | not read yet | `Restored` | signed in, due | – |
//! | not read yet | `RestoredCopy` | ending, or signed out | – |
//! | not read yet | `NothingStored`, `Unreadable` | signed out | – |
//! | signed in, due or backoff | its time | recording | `Store` (the intent) |
//! | recording | `Stored`, or the disk takes too long | in flight | `RefreshToken` |
//! | in flight | granted | storing | `Store` |
//! | storing | `Stored`, or the disk takes too long | due, new token served | – |
//! | in flight | an error that used nothing up | backoff; a valid access token stays | `Store` |
//! | in flight | a refresh token alone | backoff with that one; the same | `Store` |
//! | in flight | no definite answer | backoff, in doubt; the same | – |
//! | in flight | `invalid_grant` | ending, or signed out | `Store` |
//! | any | `TokenRejected` | the same without that access token; due soon | `Store` |
//! | backoff | `Reconfigured` | recording | `Store` (the intent) |
//! | any | `LogoutRequested` | signed out | `RevokeToken`, `Store` |
//!
//! The login (RFC 8628):
//!
//! | in state | on | becomes | emits |
//! |---|---|---|---|
//! | none | `LoginRequested` | authorizing | `AuthorizeDevice` |
//! | authorizing | `DeviceAuthorized` | awaiting the user | – |
//! | authorizing | an error | none, failed | – |
//! | awaiting | poll time | awaiting, poll under way | `PollToken` |
//! | awaiting | `authorization_pending` | awaiting, next poll | – |
//! | awaiting | no definite answer | awaiting, later poll | – |
//! | awaiting | `slow_down` | awaiting, interval + 5 s for good | – |
//! | awaiting | any other error, or the code expires | none, failed | – |
//! | awaiting | a refresh token alone | none, failed; the session has it, backoff | `Store` |
//! | awaiting | granted | none; the session is storing the grant | `Store` |
//! | awaiting | granted to another user than before | none, failed | `RevokeToken` |
//!
//! A failed login changes nothing about the session beside it. An answer whose
//! request is no longer the current one changes nothing; if it carries a
//! refresh token and nobody is signed in, that token is revoked.

use std::time::Duration;

use oic_proto::Secret;
use oic_proto::message::UnixTime;
use oic_proto::secret::{AccessToken, Fingerprint};

use super::{Settings, Standing};
use crate::oauth::{DeviceAuthorization, EndpointError, TokenGrant};

/// Time since the machine booted, suspend included. What decides: nobody can
/// set it, and it goes on while the machine sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BootTime(pub Duration);

impl BootTime {
    /// This much later.
    pub fn after(self, delay: Duration) -> Self {
        Self(self.0.saturating_add(delay))
    }

    /// How long from `earlier` to here; zero if it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// One moment by both clocks: `boot` decides, `wall` is shown and stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// By the clock that nobody sets.
    pub boot: BootTime,
    /// By the clock on the wall.
    pub wall: UnixTime,
}

/// A refresh token (RFC 6749 §1.5). Not serializable: it cannot cross the
/// socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken(pub Secret<String>);

/// From when the life of a refresh token is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokenExpiry {
    /// From its last use: each renewal starts it anew.
    Sliding,
    /// From the login: no renewal moves its end.
    Absolute,
}

/// A device code (RFC 8628 §3.2). A secret: whoever has it gets the tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCode(pub Secret<String>);

/// Names one request to the authorization server, so that an answer that
/// comes too late is known as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub u64);

/// What the world told us.
#[derive(Debug)]
pub enum Event {
    /// The disk held nothing at start.
    NothingStored,
    /// What the disk held at start.
    Restored(StoredSession),
    /// What the disk held at start is a copy of a session that may be in use
    /// elsewhere: its refresh token is left alone.
    RestoredCopy {
        /// The session.
        session: StoredSession,
        /// How it was recognised, and what to do.
        why: String,
    },
    /// What the disk held at start cannot be read; why.
    Unreadable(String),
    /// Somebody wants to sign in.
    LoginRequested {
        /// The profile may belong to another user afterwards.
        change_user: bool,
    },
    /// Nobody waits for the login any more.
    LoginAbandoned,
    /// Somebody wants to log out.
    LogoutRequested,
    /// A caller asks for a token that the present one may not satisfy.
    TokenWanted(Ask),
    /// A resource refused the access token of this fingerprint.
    TokenRejected(Fingerprint),
    /// The configuration of this profile was changed; the client and the
    /// authorization server are the same.
    Reconfigured {
        /// What is to be known now.
        settings: Settings,
        /// In what time the profiles that were changed together try again
        /// what had failed.
        within: Duration,
    },
    /// The device authorization endpoint answered, or did not.
    DeviceAuthorized {
        /// To which request.
        request: RequestId,
        /// With what.
        answer: Result<DeviceAuthorization, EndpointError>,
    },
    /// The token endpoint answered, or did not.
    TokenAnswered {
        /// To which request.
        request: RequestId,
        /// With what.
        answer: Result<TokenGrant, EndpointError>,
    },
    /// The revocation endpoint answered, or did not.
    Revoked {
        /// To which request.
        request: RequestId,
        /// With what.
        answer: Result<(), EndpointError>,
    },
    /// A write to the disk ended.
    Stored {
        /// Which one.
        generation: u64,
        /// How; the error is a sentence.
        result: Result<(), String>,
    },
}

/// What we want done. Each but `Store` names a request and is answered by the
/// event that carries the same one; `Store` is answered by `Stored`. Exactly
/// once, on time-out and panic too.
#[derive(Debug)]
pub enum Action {
    /// Ask for a device code (RFC 8628 §3.1).
    AuthorizeDevice {
        /// Which request this is.
        request: RequestId,
    },
    /// Ask whether the user has answered (RFC 8628 §3.4).
    PollToken {
        /// Which request this is.
        request: RequestId,
        /// The device code.
        device_code: DeviceCode,
    },
    /// Refresh (RFC 6749 §6).
    RefreshToken {
        /// Which request this is.
        request: RequestId,
        /// The refresh token, which the server uses up.
        refresh_token: RefreshToken,
    },
    /// Revoke (RFC 7009 §2.1).
    RevokeToken {
        /// Which request this is.
        request: RequestId,
        /// The refresh token.
        refresh_token: RefreshToken,
    },
    /// Make the disk hold this; `None`: nothing. At most one is under way.
    Store {
        /// Grows with every write of a profile.
        generation: u64,
        /// What to hold.
        session: Option<StoredSession>,
    },
}

/// What users should hear without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A write to the disk takes longer than any should. One that fails is told
    /// by its event.
    DiskHangs,
    /// A write to the disk has succeeded after such a one, or after one that
    /// failed.
    DiskHolds,
    /// The session ends then, however often it is renewed.
    LoginNeeded {
        /// When.
        by: UnixTime,
    },
    /// The session ends then unless a renewal succeeds before, and for long
    /// none has.
    RenewalNeeded {
        /// When.
        by: UnixTime,
    },
    /// The refresh token has lived its life, and the authorization server has
    /// not been heard about it yet.
    ProbablyExpired {
        /// Since when.
        since: UnixTime,
    },
    /// The access token that a refresh has brought is served.
    Renewed,
    /// The profile stands elsewhere than before.
    Stands {
        /// Where.
        now: Standing,
        /// Where it stood.
        before: Standing,
    },
}

/// A session as the disk holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Grows with every write; an older copy is known by it.
    pub generation: u64,
    /// The refresh token; `None` when the session ends with its access token.
    pub refresh_token: Option<StoredRefreshToken>,
    /// The access token, so that a restart costs no request.
    pub access_token: Option<StoredAccessToken>,
    /// The `sub` claim of the last access token.
    pub subject: Option<String>,
    /// Why the authorization server ended the session, if it did: what is left
    /// is an access token that is served to its end.
    pub ended: Option<String>,
}

impl StoredSession {
    /// The machine was restarted since: its clock has begun anew.
    pub fn forget_boot_clock(&mut self) {
        if let Some(token) = &mut self.access_token {
            token.expires = None;
        }
    }
}

/// A refresh token as the disk holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRefreshToken {
    /// The token.
    pub refresh_token: RefreshToken,
    /// When the server was asked for it, or last took it and left it in use.
    pub obtained_at: UnixTime,
    /// When the end user signed in.
    pub session_began_at: UnixTime,
    /// How long it lives by the server's own words.
    pub lifetime: Option<Duration>,
    /// A refresh with it was about to be sent then, and no definite answer to
    /// it has been stored.
    pub sent_at: Option<UnixTime>,
}

/// An access token as the disk holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccessToken {
    /// The token.
    pub access_token: AccessToken,
    /// How long it lives when new.
    pub lifetime: Duration,
    /// When it expires, by the clock that is shown.
    pub expires_at: UnixTime,
    /// The same by the clock that decides: `None` where that one has begun
    /// anew since.
    pub expires: Option<BootTime>,
}

/// What a caller of `get` asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// How long the token must still be valid.
    pub min_validity: Duration,
    /// The token must have been obtained after this (`--force`).
    pub newer_than: Option<BootTime>,
    /// Until when the caller waits.
    pub deadline: BootTime,
}

/// What a caller gets who asks now.
#[derive(Debug)]
pub enum Lookup<'a> {
    /// A token that satisfies the ask.
    Fresh(&'a LiveAccessToken),
    /// An answer is on its way: ask again after the next event.
    Wait,
    /// Only the end user can help; why.
    LoginRequired(String),
    /// The authorization server cannot help just now.
    Unavailable {
        /// When we shall ask it again, if that is known.
        retry_at: Option<BootTime>,
        /// What went wrong.
        why: String,
    },
    /// The authorization server refuses this client; an administrator must
    /// act.
    Rejected(String),
    /// The server's tokens do not live as long as was asked.
    TooShort {
        /// What is left of the present one.
        remaining: Duration,
        /// How long it lived when new.
        lifetime: Duration,
    },
}

/// An access token and the time it has.
#[derive(Clone, Debug)]
pub struct LiveAccessToken {
    /// The token.
    pub access_token: AccessToken,
    /// The `sub` claim, not verified; `None` when it is not a JWT.
    pub subject: Option<String>,
    /// When the answer that brought it came.
    pub obtained: BootTime,
    /// How long it was valid then.
    pub lifetime: Duration,
    /// When it expires, by the clock that decides.
    pub expires: BootTime,
    /// When it expires, by the clock that is shown.
    pub expires_at: UnixTime,
}

impl LiveAccessToken {
    /// Whether it has not expired.
    pub(super) fn is_live(&self, now: Now) -> bool {
        now.boot < self.expires
    }

    /// How long it is still valid.
    pub fn remaining(&self, now: Now) -> Duration {
        self.expires.since(now.boot)
    }
}
