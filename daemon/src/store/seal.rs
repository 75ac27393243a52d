//! What a session's file looks like from outside: a label that anybody may
//! read and nobody can change, and the session, sealed. Pure.
//!
//! ```text
//! {"format":1,"profile":"prod","generation":7,"key":"9c1f…"}   one line
//! nonce                                                        24 bytes
//! the session, encrypted, and its tag                          the rest
//! ```
//!
//! XChaCha20-Poly1305 with the line as associated data: a file that is given
//! the name of another profile, or the label of another generation, does not
//! open. The nonce is random; 24 bytes are enough for any number of writes.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use oic_proto::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::digest;

/// The format of the file. That of the session inside has a number of its own.
const FORMAT: u32 = 1;

/// Longest label, in bytes, with its line's end: a profile's name has at most
/// 64 bytes.
pub(super) const LABEL_LEN_MAX: usize = 512;

/// Bytes of a key.
pub const KEY_LEN: usize = 32;

/// Bytes of a nonce.
pub const NONCE_LEN: usize = 24;

/// A key, and the name that labels call it by.
#[derive(Debug)]
pub struct Key {
    bytes: Secret<[u8; KEY_LEN]>,
    id: String,
}

impl Key {
    /// The key of these bytes.
    pub fn new(bytes: Secret<[u8; KEY_LEN]>) -> Self {
        // Enough to tell keys apart; says nothing of the key.
        let mut id = digest::sha256(&[b"oic-tokend session key ", bytes.expose()]);
        id.truncate(16);
        Self { bytes, id }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself, for another key to seal.
    pub(super) const fn bytes(&self) -> &Secret<[u8; KEY_LEN]> {
        &self.bytes
    }

    /// `label` as it is, then the nonce, then `content`, sealed, and its tag.
    pub(super) fn seal(&self, label: Vec<u8>, nonce: [u8; NONCE_LEN], content: &[u8]) -> Vec<u8> {
        let payload = Payload {
            msg: content,
            aad: &label,
        };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .expect("the cipher takes 256 GiB, and a session is far shorter");
        let mut file = label;
        file.extend(nonce);
        file.extend(sealed);
        file
    }

    /// What was sealed under `label`, of which `rest` is what follows it;
    /// `None` where either was changed, or the key is another.
    pub(super) fn open(&self, label: &[u8], rest: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LEN>()?;
        let payload = Payload {
            msg: sealed,
            aad: label,
        };
        let content = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        content.ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.bytes.expose().into())
    }
}

/// Why a file does not open. Says where, never what.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no label.
    #[error("not a sealed session")]
    NotSealed,
    /// Written by a later version of this program.
    #[error("sealed in format {found}, and this program reads format {FORMAT}")]
    Format {
        /// Its format.
        found: u32,
    },
    /// Somebody gave it the name of another profile's file.
    #[error("it is the session of profile '{0}'")]
    OtherProfile(String),
    /// Sealed with another key.
    #[error("sealed with key {0}, which is not here")]
    OtherKey(String),
    /// Changed since it was sealed, or sealed by somebody else.
    #[error("damaged, or changed by somebody: the seal is broken")]
    Broken,
}

/// What is written on the outside.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    format: u32,
    profile: String,
    generation: u64,
    key: String,
}

/// What every format's label has.
#[derive(Deserialize)]
struct Envelope {
    format: u32,
}

/// The bytes of a file that holds this session.
pub fn seal(
    key: &Key,
    profile: &str,
    generation: u64,
    nonce: [u8; NONCE_LEN],
    session: &[u8],
) -> Vec<u8> {
    let label = Label {
        format: FORMAT,
        profile: profile.to_owned(),
        generation,
        key: key.id.clone(),
    };
    let mut line = serde_json::to_vec(&label).expect("its fields are numbers and strings");
    line.push(b'\n');
    key.seal(line, nonce, session)
}

/// The session in the file of this profile.
///
/// # Errors
///
/// [`Error`].
pub fn open(key: &Key, profile: &str, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (line, rest) = split_label(file).ok_or(Error::NotSealed)?;
    let label = read_label(line)?;
    if label.profile != profile {
        return Err(Error::OtherProfile(label.profile));
    }
    if label.key != key.id {
        return Err(Error::OtherKey(label.key));
    }
    key.open(line, rest).ok_or(Error::Broken)
}

/// The name of the key that opens this file, as its label has it. Nothing has
/// vouched for that.
///
/// # Errors
///
/// [`Error::NotSealed`] and [`Error::Format`].
pub(super) fn key_id(file: &[u8]) -> Result<String, Error> {
    let (line, _) = split_label(file).ok_or(Error::NotSealed)?;
    Ok(read_label(line)?.key)
}

/// The first line of a file, with its end, and what follows.
pub(super) fn split_label(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let head = &file[..file.len().min(LABEL_LEN_MAX)];
    let line_end = head.iter().position(|byte| *byte == b'\n')?;
    Some(file.split_at(line_end + 1))
}

fn read_label(line: &[u8]) -> Result<Label, Error> {
    let Envelope { format } = serde_json::from_slice(line).map_err(|_| Error::NotSealed)?;
    if format != FORMAT {
        return Err(Error::Format { found: format });
    }
    let label: Label = serde_json::from_slice(line).map_err(|_| Error::NotSealed)?;
    // Nothing has vouched for the label yet, and its words get into messages.
    if !is_word(&label.profile) || !is_word(&label.key) {
        return Err(Error::NotSealed);
    }
    Ok(label)
}

/// Whether this has the letters of a profile's name or a key's.
fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; NONCE_LEN] = [7; NONCE_LEN];

    fn key(byte: u8) -> Key {
        Key::new(Secret::new([byte; KEY_LEN]))
    }

    fn sealed() -> Vec<u8> {
        seal(&key(1), "prod", 7, NONCE, b"the session")
    }

    fn label_of(file: &[u8]) -> String {
        let end = file.iter().position(|byte| *byte == b'\n').unwrap();
        String::from_utf8(file[..end].to_vec()).unwrap()
    }

    /// `file` with another text in its label.
    fn relabelled(file: &[u8], from: &str, to: &str) -> Vec<u8> {
        let label = label_of(file);
        assert!(label.contains(from), "{label}");
        let mut changed = label.replace(from, to).into_bytes();
        changed.extend(&file[label.len()..]);
        changed
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_under_the_same_name() {
        let session = open(&key(1), "prod", &sealed()).unwrap();
        assert_eq!(session.as_slice(), b"the session");
    }

    #[test]
    fn a_label_is_readable_and_gives_nothing_away() {
        let file = sealed();
        let id = key(1).id;
        let label =
            format!("{{\"format\":1,\"profile\":\"prod\",\"generation\":7,\"key\":\"{id}\"}}");
        assert_eq!(label_of(&file), label);
        assert!(!file.windows(11).any(|it| it == b"the session"));
    }

    #[test]
    fn another_key_is_named() {
        let wanted = Error::OtherKey(key(1).id);
        assert_eq!(open(&key(2), "prod", &sealed()).unwrap_err(), wanted);
    }

    #[test]
    fn the_file_of_another_profile_is_known_as_such() {
        let wanted = Error::OtherProfile("prod".to_owned());
        assert_eq!(open(&key(1), "test", &sealed()).unwrap_err(), wanted);
    }

    #[test]
    fn a_label_that_somebody_changed_breaks_the_seal() {
        let file = sealed();
        let other = relabelled(&file, "\"prod\"", "\"test\"");
        assert_eq!(open(&key(1), "test", &other).unwrap_err(), Error::Broken);
        let newer = relabelled(&file, ":7,", ":8,");
        assert_eq!(open(&key(1), "prod", &newer).unwrap_err(), Error::Broken);
        let spaced = relabelled(&file, ":7,", ": 7,");
        assert_eq!(open(&key(1), "prod", &spaced).unwrap_err(), Error::Broken);
    }

    #[test]
    fn a_label_that_would_steer_a_terminal_is_not_repeated() {
        let id = key(1).id;
        for (from, to) in [("prod", r"\u001b[2J"), (id.as_str(), r"\u009b2J")] {
            let file = relabelled(&sealed(), from, to);
            assert_eq!(open(&key(1), "prod", &file).unwrap_err(), Error::NotSealed);
        }
    }

    #[test]
    fn every_changed_bit_and_every_missing_byte_breaks_the_seal() {
        let file = sealed();
        let body = label_of(&file).len() + 1;
        for at in body..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert_eq!(open(&key(1), "prod", &changed).unwrap_err(), Error::Broken);
            let cut = &file[..at];
            assert_eq!(open(&key(1), "prod", cut).unwrap_err(), Error::Broken);
        }
    }

    #[test]
    fn what_is_not_sealed_is_said_to_be_so() {
        for file in [
            &b""[..],
            b"{}",
            b"{}\n",
            b"\n",
            b"{\"format\":1}\n",
            &[b'x'; 4096],
        ] {
            assert_eq!(open(&key(1), "prod", file).unwrap_err(), Error::NotSealed);
        }
        let later = relabelled(&sealed(), "\"format\":1", "\"format\":9");
        let wanted = Error::Format { found: 9 };
        assert_eq!(open(&key(1), "prod", &later).unwrap_err(), wanted);
    }
}
