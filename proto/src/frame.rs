//! Messages to bytes and back. The only file that names `bincode`.

mod token;

use std::fmt;

use bincode::config::{self, Configuration, Fixint, LittleEndian};
use bincode::enc::write::SizeWriter;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::message::{Request, Response};
pub use token::TokenFrame;

/// The protocol version this build speaks. Its own small integer, raised when
/// the meaning of any existing byte changes; never derived from the package
/// version.
pub const VERSION: u16 = 1;

/// Length of the header in front of every body, in bytes.
pub const HEADER_LEN: usize = 8;

/// Longest body of a [`Request`], in bytes. No request carries a token; names
/// and numbers fit many times over. Small, because a caller that is not known
/// yet decides how much of it the daemon holds.
pub const REQUEST_LEN_MAX: usize = 4 * 1024;

/// Longest body of a [`Response`], in bytes. Access tokens with many group
/// claims reach 16 KiB; this leaves them room.
pub const RESPONSE_LEN_MAX: usize = 64 * 1024;

/// The first two bytes of every frame: a stranger's bytes are told from ours
/// before a length is believed.
const MAGIC: [u8; 2] = *b"OT";

/// What stands in the version field of a version refusal.
const REFUSAL: u16 = 0;

/// A message that can be framed.
pub trait Message: Serialize + DeserializeOwned {
    /// Longest body of this message, in bytes.
    const LEN_MAX: usize;
}

impl Message for Request {
    const LEN_MAX: usize = REQUEST_LEN_MAX;
}

impl Message for Response {
    const LEN_MAX: usize = RESPONSE_LEN_MAX;
}

/// Why bytes are not a frame of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The first two bytes are not ours: something else is at this socket.
    NotOurs,
    /// The frame is of a protocol version that this build does not speak.
    Version {
        /// The version the peer wrote.
        theirs: u16,
    },
    /// The peer refused our version, and speaks these.
    VersionRefused {
        /// The oldest version the peer speaks.
        oldest: u16,
        /// The newest version the peer speaks.
        newest: u16,
    },
    /// The body is, or would be, longer than its message may be.
    TooLong {
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// The body is not a message of this version, or bytes were left over.
    Garbled,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("the peer does not speak the oic-tokend protocol"),
            Self::Version { theirs } => write!(
                f,
                "the peer speaks protocol version {theirs}, this program speaks {VERSION}"
            ),
            Self::VersionRefused { oldest, newest } if oldest == newest => write!(
                f,
                "the daemon speaks protocol version {newest}, this program speaks {VERSION}"
            ),
            Self::VersionRefused { oldest, newest } => write!(
                f,
                "the daemon speaks protocol versions {oldest} to {newest}, this program speaks {VERSION}"
            ),
            Self::TooLong { len, max } => {
                write!(f, "a message of {len} bytes is over the limit of {max}")
            }
            Self::Garbled => f.write_str("the message cannot be read"),
        }
    }
}

impl std::error::Error for Error {}

/// The frame that carries `message`, header included.
///
/// # Errors
///
/// [`Error::TooLong`] when the body is over the message's limit.
pub fn encode<M: Message>(message: &M) -> Result<Zeroizing<Vec<u8>>, Error> {
    let len = encoded_len(message)?;
    if len > M::LEN_MAX {
        return Err(Error::TooLong {
            len,
            max: M::LEN_MAX,
        });
    }
    // Exactly as long as needed: a buffer that grows leaves copies behind.
    let mut frame = Zeroizing::new(vec![0; HEADER_LEN + len]);
    frame[..2].copy_from_slice(&MAGIC);
    frame[2..4].copy_from_slice(&VERSION.to_le_bytes());
    frame[4..8].copy_from_slice(&(len as u32).to_le_bytes());
    bincode::serde::encode_into_slice(message, &mut frame[HEADER_LEN..], codec())
        .map_err(|_| Error::Garbled)?;
    Ok(frame)
}

fn encoded_len<M: Message>(message: &M) -> Result<usize, Error> {
    let mut counter = SizeWriter::default();
    bincode::serde::encode_into_writer(message, &mut counter, codec())
        .map_err(|_| Error::Garbled)?;
    Ok(counter.bytes_written)
}

/// How many bytes of body follow this header. Checked against the limit of
/// `M` before anything is allocated for them.
///
/// # Errors
///
/// [`Error::NotOurs`], [`Error::Version`], [`Error::VersionRefused`] or
/// [`Error::TooLong`].
pub fn body_len<M: Message>(header: &[u8; HEADER_LEN]) -> Result<usize, Error> {
    let [m0, m1, v0, v1, rest @ ..] = *header;
    if [m0, m1] != MAGIC {
        return Err(Error::NotOurs);
    }
    match u16::from_le_bytes([v0, v1]) {
        VERSION => {}
        REFUSAL => {
            return Err(Error::VersionRefused {
                oldest: u16::from_le_bytes([rest[0], rest[1]]),
                newest: u16::from_le_bytes([rest[2], rest[3]]),
            });
        }
        theirs => return Err(Error::Version { theirs }),
    }
    let len = u32::from_le_bytes(rest) as usize;
    if len > M::LEN_MAX {
        return Err(Error::TooLong {
            len,
            max: M::LEN_MAX,
        });
    }
    Ok(len)
}

/// The message in `body`, which must hold it and nothing else.
///
/// # Errors
///
/// [`Error::Garbled`].
pub fn decode<M: Message>(body: &[u8]) -> Result<M, Error> {
    let (message, used) =
        bincode::serde::decode_from_slice(body, codec()).map_err(|_| Error::Garbled)?;
    // bincode ignores trailing bytes; a second message hidden there would be
    // read by one version and not by the next.
    if used != body.len() {
        return Err(Error::Garbled);
    }
    Ok(message)
}

/// The eight bytes that tell a peer of another version which versions we
/// speak. The same in every version of the protocol.
pub fn version_refusal() -> [u8; HEADER_LEN] {
    let mut bytes = [0; HEADER_LEN];
    bytes[..2].copy_from_slice(&MAGIC);
    bytes[2..4].copy_from_slice(&REFUSAL.to_le_bytes());
    bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
    bytes[6..8].copy_from_slice(&VERSION.to_le_bytes());
    bytes
}

/// Fixed-width little-endian integers: one encoding for each value, and a
/// layout that docs/protocol.md can draw. The limit is also the most that is
/// allocated for a false length of a text inside a body; for a false count of
/// a list, of which a request has one at most, serde allocates 1 MiB at most.
const fn codec() -> Configuration<LittleEndian, Fixint, config::Limit<RESPONSE_LEN_MAX>> {
    config::standard()
        .with_fixed_int_encoding()
        .with_limit::<RESPONSE_LEN_MAX>()
}
