//! Where the key comes from that sessions are sealed with.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use oic_proto::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Error;
use super::file::{self, Folder};
use super::seal::{KEY_LEN, Key, NONCE_LEN};

/// Fewest bytes that a credential may have: as many as a key.
const CREDENTIAL_LEN_MIN: usize = KEY_LEN;

/// The name of the key file among the sessions.
const KEY_FILE: &str = "key";

/// Where the key is to come from; a choice of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeySource {
    /// A file of mode 0600 beside the sessions, made where there is none. It
    /// protects a session that is copied without it, and nothing else: who can
    /// read the folder has both.
    #[default]
    File,
    /// A credential of this name that the service manager passes in
    /// `$CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredentialEncrypted=`),
    /// where the key is sealed with the machine's TPM or host key.
    Credential(String),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the key file"),
            Self::Credential(name) => write!(f, "the credential '{name}'"),
        }
    }
}

/// The keys that open sessions: new ones are sealed with `current`.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) current: Key,
    /// The key file's, when the key comes from elsewhere now and the file is
    /// still there: what it sealed is sealed anew.
    pub(super) former: Option<Key>,
}

impl Keys {
    /// The keys that `source` gives for the sessions in `folder`;
    /// `credentials` is `$CREDENTIALS_DIRECTORY`.
    pub(super) fn find(
        source: &KeySource,
        folder: &Folder,
        credentials: Option<&OsStr>,
    ) -> Result<Self, Error> {
        let path = folder.path(KEY_FILE);
        match source {
            KeySource::File => {
                let kept = read_key_file(&path)?;
                let current = kept.map_or_else(|| make_key_file(folder, &path), Ok)?;
                Ok(Self {
                    current,
                    former: None,
                })
            }
            KeySource::Credential(name) => Ok(Self {
                current: credential(name, credentials)?,
                former: read_key_file(&path)?,
            }),
        }
    }
}

fn read_key_file(path: &Path) -> Result<Option<Key>, Error> {
    let Some(found) = file::read(path)? else {
        return Ok(None);
    };
    let bytes = <[u8; KEY_LEN]>::try_from(found.bytes.as_slice());
    let bytes = bytes.map_err(|_| Error::NotAKey(path.to_owned()))?;
    Ok(Some(Key::new(Secret::new(bytes))))
}

fn make_key_file(folder: &Folder, path: &Path) -> Result<Key, Error> {
    let bytes = Zeroizing::new(random::<KEY_LEN>()?);
    folder.replace(path, |_| bytes.to_vec())?;
    Ok(Key::new(Secret::new(*bytes)))
}

/// However long a credential is, and however its bytes are written, a key is
/// made of all of them.
fn credential(name: &str, credentials: Option<&OsStr>) -> Result<Key, Error> {
    let missing = || Error::NoCredential(name.to_owned());
    let path = PathBuf::from(credentials.ok_or_else(missing)?).join(name);
    // systemd guards the folder; the file in it is root's where it is loaded
    // for a user's service manager.
    let bytes = file::read_credential(&path)?.ok_or_else(missing)?;
    if bytes.len() < CREDENTIAL_LEN_MIN {
        return Err(Error::NotAKey(path));
    }
    let mut hash = Sha256::new();
    hash.update(b"oic-tokend credential ");
    hash.update(bytes.as_slice());
    Ok(Key::new(Secret::new(hash.finalize().into())))
}

pub(super) fn nonce() -> Result<[u8; NONCE_LEN], Error> {
    random()
}

fn random<const LEN: usize>() -> Result<[u8; LEN], Error> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(Error::NoRandomness)?;
    Ok(bytes)
}
