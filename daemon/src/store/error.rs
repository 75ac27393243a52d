//! Why a session cannot be read or kept.

use std::io;
use std::path::PathBuf;

use super::{KeySource, passphrase, record, seal};
use crate::{directory, lock};

/// Why a session cannot be read or kept. Holds nothing of what is in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing says where to keep sessions.
    #[error(
        "no place for the sessions: there is no home directory\nhint: name one with '--state-dir DIR'"
    )]
    NoPlace,
    /// The folder will not do.
    #[error(transparent)]
    Directory(#[from] directory::Error),
    /// Another daemon keeps its sessions there.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// Others could have read the file.
    #[error(
        "{} is open to other users (mode {mode:04o}); run 'chmod 600 {}' and restart, or sign in anew",
        path.display(), path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file belongs to somebody else, or is no file.
    #[error("{} is not a file of ours", .0.display())]
    NotOurs(PathBuf),
    /// The file holds no session that this program can read; it was put aside.
    #[error("{}: {why}; kept as {}", path.display(), kept.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: Damage,
        /// Where it is now.
        kept: PathBuf,
    },
    /// The session is sealed with a key that is not here.
    #[error(
        "{}: sealed with key {key}, and the key here is {current}; put that key back and \
         restart, or sign in anew",
        path.display()
    )]
    OtherKey {
        /// The file.
        path: PathBuf,
        /// The name of the key it needs.
        key: String,
        /// The name of the key there is.
        current: String,
    },
    /// The service manager passes no such credential.
    #[error(
        "there is no credential '{0}' to seal sessions with\nhint: add \
         'LoadCredentialEncrypted={0}' to the service's unit, or set session_key = \"file\" in \
         the configuration"
    )]
    NoCredential(String),
    /// This program has no way to such a key.
    #[error("this oic-tokend cannot have sessions sealed with {0}")]
    NotBuiltIn(KeySource),
    /// The Secret Service gives none.
    #[error(
        "the desktop's Secret Service gives no key to seal sessions with: {0}\nhint: unlock the \
         keyring, and start the daemon in the desktop's session; or set another session_key in \
         the configuration"
    )]
    SecretService(String),
    /// Nobody has given the passphrase yet.
    #[error("the sessions are locked; run 'oic-token unlock'")]
    Locked,
    /// Nobody has set one.
    #[error("no passphrase is set")]
    NoPassphrase,
    /// None is wanted.
    #[error("the configuration has sessions sealed with {0}, and not with a passphrase")]
    NotByPassphrase(KeySource),
    /// It opens nothing.
    #[error("{}: {why}", path.display())]
    Passphrase {
        /// The file that it should open.
        path: PathBuf,
        /// Why not.
        why: passphrase::Error,
    },
    /// What should be a key is too short, or too long.
    #[error("{} is not a key: it has to have 32 bytes", .0.display())]
    NotAKey(PathBuf),
    /// The system has no random numbers.
    #[error("there are no random numbers to seal sessions with: {0}")]
    NoRandomness(getrandom::Error),
    /// The session is longer than one may be.
    #[error("the session of {len} bytes is over the limit of {max}")]
    TooLong {
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// The system refuses.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What is wrong with a file that was found.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It does not open.
    #[error(transparent)]
    Seal(#[from] seal::Error),
    /// What was in it is no session.
    #[error(transparent)]
    Record(#[from] record::Error),
}
