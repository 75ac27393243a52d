//! A key that a passphrase opens: random, and sealed with what Argon2id makes
//! of the passphrase. Pure.
//!
//! ```text
//! {"format":1,"key":"9c1f…","argon2id":{"memory_kib":65536,"passes":3,"lanes":4,"salt":"…"}}
//! nonce                                24 bytes
//! the key, encrypted, and its tag      48 bytes
//! ```
//!
//! Nothing in it is secret to whoever does not know the passphrase. A wrong one
//! is known at once, since the seal does not open. Another passphrase changes
//! this file and no session, so that no power cut comes between the two.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oic_proto::Secret;
use oic_proto::secret::Passphrase;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::seal::{self, KEY_LEN, Key, NONCE_LEN};

/// The format of the file.
const FORMAT: u32 = 1;

/// What one try costs, by RFC 9106 §4, the second recommended option: for
/// machines that cannot spare 2 GiB. A fifth of a second of one core.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// Likewise: 128 bits.
pub(super) const SALT_LEN: usize = 16;

/// The most that a file may have one try cost: a gibibyte, and a minute.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 64;
const LANES_MAX: u32 = 64;

/// Why a passphrase opens nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is another one, or the file was changed.
    #[error("the passphrase is wrong")]
    Wrong,
    /// The file is none that this program writes.
    #[error("not a key under a passphrase that this program can read")]
    Damaged,
    /// Argon2id does not run.
    #[error("the passphrase cannot be tried: {0}")]
    NotTried(argon2::Error),
}

/// What is written on the outside.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Label {
    format: u32,
    key: String,
    argon2id: Cost,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

/// The bytes of a file that holds `key` for whoever knows `passphrase`. Takes
/// time and memory.
///
/// # Errors
///
/// [`Error::NotTried`].
pub(super) fn seal(
    key: &Key,
    passphrase: &Passphrase,
    salt: [u8; SALT_LEN],
    nonce: [u8; NONCE_LEN],
) -> Result<Vec<u8>, Error> {
    let label = Label {
        format: FORMAT,
        key: key.id().to_owned(),
        argon2id: Cost {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt: STANDARD.encode(salt),
        },
    };
    let mut line = serde_json::to_vec(&label).expect("its fields are numbers and strings");
    line.push(b'\n');
    let outer = label.argon2id.derive(passphrase)?;
    Ok(outer.seal(line, nonce, key.bytes().expose()))
}

/// The key in `file`, if this is its passphrase. Takes time and memory.
///
/// # Errors
///
/// [`Error`].
pub(super) fn open(file: &[u8], passphrase: &Passphrase) -> Result<Key, Error> {
    let (line, rest) = seal::split_label(file).ok_or(Error::Damaged)?;
    let outer = read_label(line)?.argon2id.derive(passphrase)?;
    let bytes = outer.open(line, rest).ok_or(Error::Wrong)?;
    let bytes = <[u8; KEY_LEN]>::try_from(bytes.as_slice()).map_err(|_| Error::Damaged)?;
    Ok(Key::new(Secret::new(bytes)))
}

/// The name of the key in `file`. Nothing has vouched for it.
///
/// # Errors
///
/// [`Error::Damaged`].
pub(super) fn key_id(file: &[u8]) -> Result<String, Error> {
    let (line, _) = seal::split_label(file).ok_or(Error::Damaged)?;
    Ok(read_label(line)?.key)
}

fn read_label(line: &[u8]) -> Result<Label, Error> {
    let label: Label = serde_json::from_slice(line).map_err(|_| Error::Damaged)?;
    let Cost {
        memory_kib,
        passes,
        lanes,
        ..
    } = label.argon2id;
    let affordable = memory_kib <= MEMORY_KIB_MAX && passes <= PASSES_MAX && lanes <= LANES_MAX;
    if label.format != FORMAT || !affordable {
        return Err(Error::Damaged);
    }
    Ok(label)
}

impl Cost {
    fn derive(&self, passphrase: &Passphrase) -> Result<Key, Error> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(KEY_LEN));
        let params = params.map_err(|_| Error::Damaged)?;
        let salt = STANDARD.decode(&self.salt).map_err(|_| Error::Damaged)?;
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, bytes.as_mut())
            .map_err(Error::NotTried)?;
        Ok(Key::new(Secret::new(*bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(text.to_owned())
    }

    fn key() -> Key {
        Key::new(Secret::new([1; KEY_LEN]))
    }

    fn sealed() -> Vec<u8> {
        let horse = passphrase("correct horse");
        seal(&key(), &horse, [2; SALT_LEN], [3; NONCE_LEN]).unwrap()
    }

    fn error(file: &[u8]) -> Option<Error> {
        open(file, &passphrase("correct horse")).err()
    }

    #[test]
    fn the_passphrase_opens_the_key_and_another_is_known_to_be_wrong() {
        let file = sealed();
        let opened = open(&file, &passphrase("correct horse")).unwrap();
        assert_eq!(opened.bytes(), key().bytes());
        assert_eq!(key_id(&file).unwrap(), key().id());
        let wrong = open(&file, &passphrase("correct horse ")).err();
        assert_eq!(wrong, Some(Error::Wrong));
    }

    /// What RFC 9106 recommends, for whoever reads the file years later.
    #[test]
    fn the_file_says_what_a_try_costs_and_nothing_of_key_or_passphrase() {
        let file = sealed();
        let (line, _) = seal::split_label(&file).unwrap();
        let expected = format!(
            "{{\"format\":1,\"key\":\"{}\",\"argon2id\":{{\"memory_kib\":65536,\"passes\":3,\
             \"lanes\":4,\"salt\":\"AgICAgICAgICAgICAgICAg==\"}}}}\n",
            key().id()
        );
        assert_eq!(String::from_utf8_lossy(line), expected);
        assert!(!file.windows(KEY_LEN).any(|it| it == [1; KEY_LEN]));
        assert!(!file.windows(5).any(|it| it == b"horse"));
    }

    #[test]
    fn a_file_that_was_changed_opens_nothing() {
        let file = sealed();
        let mut changed = file.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(error(&changed), Some(Error::Wrong));
        let text = |from: &str, to: &str| {
            let (line, rest) = seal::split_label(&file).unwrap();
            let line = String::from_utf8(line.to_vec()).unwrap();
            assert!(line.contains(from), "{line}");
            [line.replace(from, to).as_bytes(), rest].concat()
        };
        let cheaper = text("\"passes\":3", "\"passes\":1");
        assert_eq!(error(&cheaper), Some(Error::Wrong));
        for (from, to) in [
            ("65536", "4194304"),
            ("\"passes\":3", "\"passes\":300"),
            ("\"lanes\":4", "\"lanes\":400"),
            ("\"format\":1", "\"format\":2"),
            ("AgICAgICAgICAgICAgICAg==", "AgIC"),
            ("AgICAgICAgICAgICAgICAg==", "*"),
        ] {
            assert!(error(&text(from, to)).is_some(), "{to}");
        }
        for file in [&b""[..], b"\n", b"{}\n", &[b'x'; 4096]] {
            assert_eq!(error(file), Some(Error::Damaged));
        }
    }
}
