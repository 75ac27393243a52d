//! What is in a session's file: a session to bytes and back. Pure. Secrets are
//! serialized here and nowhere else.
//!
//! ```json
//! {"format":1,"generation":7,
//!  "home":{"machine":"…","file_created":1767225600123456789,"boot":"…"},
//!  "refresh_token":{"token":"…","obtained_at":1767225600,
//!   "session_began_at":1767139200,"lifetime_seconds":null},
//!  "intent":{"refresh_token_sha256":"…","sent_at":1767229000,"generation":7},
//!  "access_token":{"token":"…","lifetime_seconds":3600,"expires_at":1767229200,
//!   "expires_after_boot_ms":86400000},
//!  "subject":"…","ended":null}
//! ```
//!
//! Times are seconds since 1970-01-01T00:00:00Z, but for `file_created`. JSON,
//! not what the socket speaks: a file outlives the program that wrote it, and
//! a person may have to look into it.
//!
//! `expires_after_boot_ms`: the same end by the clock that nobody sets, for as
//! long as that `boot` of the machine lasts.
//!
//! `intent`: a refresh with this refresh token was about to be sent, and how it
//! ended is not known. It says of which token and of which write it speaks, so
//! that it is never taken for another's.

use std::io;
use std::time::Duration;

use oic_proto::Secret;
use oic_proto::message::UnixTime;
use oic_proto::secret::AccessToken;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::copied::Home;
use crate::digest;
use crate::lifecycle::{
    BootTime, RefreshToken, StoredAccessToken, StoredRefreshToken, StoredSession,
};

/// The format this program writes. Raised with every change, an added field
/// too: a program that does not know the field would drop it on its next
/// write.
const FORMAT: u32 = 1;

/// Highest generation that is believed. No daemon writes that often, and the
/// next ones have to fit.
pub(super) const GENERATION_MAX: u64 = u64::MAX / 2;

/// Why bytes are not a session. Says where, never what.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not what [`encode`] writes.
    #[error("not a session (line {line}, column {column})")]
    Garbled {
        /// Where it went wrong, from 1.
        line: usize,
        /// Likewise.
        column: usize,
    },
    /// The intent is not about the refresh token beside it.
    #[error("not a consistent session: its intent is about another refresh token")]
    OtherIntent,
    /// Its generation is none that was ever reached.
    #[error("not a consistent session: no session has been written {found} times")]
    Generation {
        /// Its generation.
        found: u64,
    },
    /// Written by a later version of this program.
    #[error("a session of format {found}, and this program reads format {FORMAT}")]
    Format {
        /// Its format.
        found: u32,
    },
}

impl From<serde_json::Error> for Error {
    /// Without the message of serde_json, which quotes what it found.
    fn from(error: serde_json::Error) -> Self {
        Self::Garbled {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// The bytes of `session` in a file at `home`.
pub fn encode(session: &StoredSession, home: Home) -> Zeroizing<Vec<u8>> {
    let record = Record::new(session.clone(), home);
    let write = "writing to memory cannot fail, and no map key is other than a string";
    let mut len = Length(0);
    serde_json::to_writer(&mut len, &record).expect(write);
    // Exactly as long as needed: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(len.0));
    serde_json::to_writer(&mut *bytes, &record).expect(write);
    bytes
}

/// The session in `bytes`, and where it says that it was written.
///
/// # Errors
///
/// [`Error`].
pub fn decode(bytes: &[u8]) -> Result<(StoredSession, Home), Error> {
    let Envelope { format } = serde_json::from_slice(bytes)?;
    match format {
        FORMAT => serde_json::from_slice::<Record>(bytes)?.into_session(),
        found => Err(Error::Format { found }),
    }
}

/// What every format has.
#[derive(Deserialize)]
struct Envelope {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: u32,
    generation: u64,
    home: Home,
    refresh_token: Option<RefreshRecord>,
    intent: Option<IntentRecord>,
    access_token: Option<AccessRecord>,
    subject: Option<String>,
    ended: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshRecord {
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    token: Secret<String>,
    obtained_at: UnixTime,
    /// Absent where an earlier version has obtained the token.
    session_began_at: Option<UnixTime>,
    lifetime_seconds: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IntentRecord {
    refresh_token_sha256: String,
    sent_at: UnixTime,
    generation: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessRecord {
    token: AccessToken,
    lifetime_seconds: u64,
    expires_at: UnixTime,
    /// Absent where an earlier version has written it.
    expires_after_boot_ms: Option<u64>,
}

impl IntentRecord {
    fn new(token: &Secret<String>, sent_at: UnixTime, generation: u64) -> Self {
        Self {
            refresh_token_sha256: sha256(token),
            sent_at,
            generation,
        }
    }

    fn is_about(&self, refresh: Option<&RefreshRecord>, generation: u64) -> bool {
        let of_token = refresh.is_some_and(|it| sha256(&it.token) == self.refresh_token_sha256);
        of_token && self.generation == generation
    }
}

/// Rounded down: no token gains by it.
fn whole_ms(moment: BootTime) -> Option<u64> {
    u64::try_from(moment.0.as_millis()).ok()
}

fn sha256(token: &Secret<String>) -> String {
    digest::sha256(&[token.expose().as_bytes()])
}

fn expose<S: Serializer>(token: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

fn conceal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

impl Record {
    fn new(session: StoredSession, home: Home) -> Self {
        let generation = session.generation;
        let intent = |it: &StoredRefreshToken| {
            let sent_at = it.sent_at?;
            Some(IntentRecord::new(&it.refresh_token.0, sent_at, generation))
        };
        Self {
            format: FORMAT,
            generation,
            home,
            intent: session.refresh_token.as_ref().and_then(intent),
            refresh_token: session.refresh_token.map(|it| RefreshRecord {
                token: it.refresh_token.0,
                obtained_at: it.obtained_at,
                session_began_at: Some(it.session_began_at),
                lifetime_seconds: it.lifetime.map(|it| it.as_secs()),
            }),
            access_token: session.access_token.map(|it| AccessRecord {
                token: it.access_token,
                lifetime_seconds: it.lifetime.as_secs(),
                expires_at: it.expires_at,
                expires_after_boot_ms: it.expires.and_then(whole_ms),
            }),
            subject: session.subject,
            ended: session.ended,
        }
    }

    fn into_session(self) -> Result<(StoredSession, Home), Error> {
        let about =
            |intent: &IntentRecord| intent.is_about(self.refresh_token.as_ref(), self.generation);
        if !self.intent.as_ref().is_none_or(about) {
            return Err(Error::OtherIntent);
        }
        let found = self.generation;
        if found > GENERATION_MAX {
            return Err(Error::Generation { found });
        }
        let sent_at = self.intent.map(|it| it.sent_at);
        let session = StoredSession {
            generation: self.generation,
            refresh_token: self.refresh_token.map(|it| StoredRefreshToken {
                refresh_token: RefreshToken(it.token),
                obtained_at: it.obtained_at,
                session_began_at: it.session_began_at.unwrap_or(it.obtained_at),
                lifetime: it.lifetime_seconds.map(Duration::from_secs),
                sent_at,
            }),
            access_token: self.access_token.map(AccessRecord::into_token),
            subject: self.subject,
            ended: self.ended,
        };
        Ok((session, self.home))
    }
}

impl AccessRecord {
    fn into_token(self) -> StoredAccessToken {
        StoredAccessToken {
            access_token: self.token,
            lifetime: Duration::from_secs(self.lifetime_seconds),
            expires_at: self.expires_at,
            expires: self
                .expires_after_boot_ms
                .map(|ms| BootTime(Duration::from_millis(ms))),
        }
    }
}

/// Counts what is written to it.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
