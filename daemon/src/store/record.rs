//! What is in a session's file: a session to bytes and back. Pure. Secrets are
//! serialized here and nowhere else.
//!
//! ```json
//! {"format":1,"generation":7,"refresh_token":{"token":"…","obtained_at":1767225600,"sent_at":null},
//!  "access_token":{"token":"…","lifetime_seconds":3600,"expires_at":1767229200},
//!  "subject":"…","ended":null}
//! ```
//!
//! Times are seconds since 1970-01-01T00:00:00Z. JSON, not what the socket
//! speaks: a file outlives the program that wrote it, and a person may have to
//! look into it.

use std::io;
use std::time::Duration;

use oic_proto::Secret;
use oic_proto::message::UnixTime;
use oic_proto::secret::AccessToken;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::lifecycle::{RefreshToken, StoredAccessToken, StoredRefreshToken, StoredSession};

/// The format this program writes, and the only one it reads. Raised with
/// every change, an added field too: a program that does not know the field
/// would drop it on its next write.
const FORMAT: u32 = 1;

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
    /// Written by another version of this program.
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

/// The bytes of `session`.
pub(super) fn encode(session: &StoredSession) -> Zeroizing<Vec<u8>> {
    let record = Record::from(session.clone());
    let write = "writing to memory cannot fail, and no map key is other than a string";
    let mut len = Length(0);
    serde_json::to_writer(&mut len, &record).expect(write);
    // Exactly as long as needed: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(len.0));
    serde_json::to_writer(&mut *bytes, &record).expect(write);
    bytes
}

/// The session in `bytes`.
///
/// # Errors
///
/// [`Error`].
pub(super) fn decode(bytes: &[u8]) -> Result<StoredSession, Error> {
    let Envelope { format } = serde_json::from_slice(bytes)?;
    if format != FORMAT {
        return Err(Error::Format { found: format });
    }
    Ok(serde_json::from_slice::<Record>(bytes)?.into())
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
    refresh_token: Option<RefreshRecord>,
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
    sent_at: Option<UnixTime>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessRecord {
    token: AccessToken,
    lifetime_seconds: u64,
    expires_at: UnixTime,
}

fn expose<S: Serializer>(token: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

fn conceal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

impl From<StoredSession> for Record {
    fn from(session: StoredSession) -> Self {
        Self {
            format: FORMAT,
            generation: session.generation,
            refresh_token: session.refresh_token.map(|it| RefreshRecord {
                token: it.refresh_token.0,
                obtained_at: it.obtained_at,
                sent_at: it.sent_at,
            }),
            access_token: session.access_token.map(|it| AccessRecord {
                token: it.access_token,
                lifetime_seconds: it.lifetime.as_secs(),
                expires_at: it.expires_at,
            }),
            subject: session.subject,
            ended: session.ended,
        }
    }
}

impl From<Record> for StoredSession {
    fn from(record: Record) -> Self {
        Self {
            generation: record.generation,
            refresh_token: record.refresh_token.map(|it| StoredRefreshToken {
                refresh_token: RefreshToken(it.token),
                obtained_at: it.obtained_at,
                sent_at: it.sent_at,
            }),
            access_token: record.access_token.map(|it| StoredAccessToken {
                access_token: it.token,
                lifetime: Duration::from_secs(it.lifetime_seconds),
                expires_at: it.expires_at,
            }),
            subject: record.subject,
            ended: record.ended,
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
