//! What the exit code says.

use crate::start::ExitCode;

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
    /// The daemon's sessions are locked.
    Locked = 9,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
