//! Where the key comes from that sessions are sealed with.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use oic_proto::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Error;
use super::file::{self, Folder};
use super::seal::{KEY_LEN, Key, NONCE_LEN};

/// Fewest bytes that a credential may have: as many as a key.
const CREDENTIAL_LEN_MIN: usize = KEY_LEN;

/// Credentials that are looked through for a key that was used before: a
/// service has a handful.
const CREDENTIALS_MAX: usize = 100;

/// The name of the key file among the sessions.
const KEY_FILE: &str = "key";

/// The name of the file, there too, with the key that a passphrase opens.
const PASSPHRASE_FILE: &str = "key.passphrase";

/// The name of the file, there too, with the key that DPAPI opens.
#[cfg(windows)]
const DPAPI_FILE: &str = "key.dpapi";

/// Where the key is to come from; a choice of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A file of mode 0600 beside the sessions, made where there is none. It
    /// protects a session that is copied without it, and nothing else: who can
    /// read the folder has both.
    File,
    /// A credential of this name that the service manager passes in
    /// `$CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredentialEncrypted=`),
    /// where the key is sealed with the machine's TPM or host key.
    Credential(String),
    /// A file beside the sessions that a passphrase opens. The daemon starts
    /// locked, until somebody gives it.
    Passphrase,
    /// The desktop's Secret Service, which holds the key and nothing else.
    SecretService,
    /// A file beside the sessions that Windows opens for this user alone.
    Dpapi,
}

impl Default for KeySource {
    fn default() -> Self {
        match HAS_DPAPI {
            true => Self::Dpapi,
            false => Self::File,
        }
    }
}

/// Whether this system has DPAPI.
pub const HAS_DPAPI: bool = cfg!(windows);

/// Whether this program can ask a Secret Service.
pub const HAS_SECRET_SERVICE: bool = cfg!(all(
    feature = "secret-service",
    unix,
    not(target_os = "macos")
));

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the key file"),
            Self::Credential(name) => write!(f, "the credential '{name}'"),
            Self::Passphrase => f.write_str("a passphrase"),
            Self::SecretService => f.write_str("a key in the Secret Service"),
            Self::Dpapi => f.write_str("a key under DPAPI"),
        }
    }
}

/// The key of the file beside the sessions, where there is one.
pub(super) fn in_file(folder: &Folder) -> Result<Option<Key>, Error> {
    let path = folder.path(KEY_FILE);
    let Some(found) = file::read(&path)? else {
        return Ok(None);
    };
    let bytes = <[u8; KEY_LEN]>::try_from(found.bytes.as_slice());
    let bytes = bytes.map_err(|_| Error::NotAKey(path))?;
    Ok(Some(Key::new(Secret::new(bytes))))
}

/// Likewise; made where there is none.
pub(super) fn in_file_or_new(folder: &Folder) -> Result<Key, Error> {
    if let Some(key) = in_file(folder)? {
        return Ok(key);
    }
    let key = generate()?;
    folder.replace(&folder.path(KEY_FILE), |_| key.bytes().expose().to_vec())?;
    Ok(key)
}

/// What a passphrase opens, where one was set.
pub(super) fn under_passphrase(folder: &Folder) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let found = file::read(&passphrase_file(folder))?;
    Ok(found.map(|it| it.bytes))
}

/// Where that is.
pub(super) fn passphrase_file(folder: &Folder) -> PathBuf {
    folder.path(PASSPHRASE_FILE)
}

/// The key in the Secret Service; made where there is none.
pub(super) fn in_secret_service_or_new() -> Result<Key, Error> {
    #[cfg(all(feature = "secret-service", unix, not(target_os = "macos")))]
    return super::secret_service::key_or_new();
    #[cfg(not(all(feature = "secret-service", unix, not(target_os = "macos"))))]
    Err(Error::NotBuiltIn(KeySource::SecretService))
}

/// Those that are there, if it can be asked.
pub(super) fn in_secret_service() -> Vec<Key> {
    #[cfg(all(feature = "secret-service", unix, not(target_os = "macos")))]
    return super::secret_service::keys().unwrap_or_else(|error| {
        // Where no desktop is, there is nothing to find.
        tracing::debug!("{error}");
        Vec::new()
    });
    #[cfg(not(all(feature = "secret-service", unix, not(target_os = "macos"))))]
    Vec::new()
}

/// The key that DPAPI opens, where there is one.
#[cfg(windows)]
pub(super) fn under_dpapi(folder: &Folder) -> Result<Option<Key>, Error> {
    let path = folder.path(DPAPI_FILE);
    let Some(found) = file::read(&path)? else {
        return Ok(None);
    };
    let opened = super::dpapi::unprotect(&found.bytes);
    opened.map(Some).map_err(|source| Error::Io {
        operation: "open with DPAPI",
        path,
        source,
    })
}

/// Elsewhere none does.
#[cfg(not(windows))]
pub(super) fn under_dpapi(_: &Folder) -> Result<Option<Key>, Error> {
    Ok(None)
}

/// Likewise; made where there is none.
#[cfg(windows)]
pub(super) fn under_dpapi_or_new(folder: &Folder) -> Result<Key, Error> {
    if let Some(key) = under_dpapi(folder)? {
        return Ok(key);
    }
    let key = generate()?;
    let path = folder.path(DPAPI_FILE);
    let file = super::dpapi::protect(&key).map_err(|source| Error::Io {
        operation: "protect with DPAPI",
        path: path.clone(),
        source,
    })?;
    folder.replace(&path, |_| file.to_vec())?;
    Ok(key)
}

/// Elsewhere none is.
#[cfg(not(windows))]
pub(super) fn under_dpapi_or_new(_: &Folder) -> Result<Key, Error> {
    Err(Error::NotBuiltIn(KeySource::Dpapi))
}

/// The key that the service manager passes under this name.
pub(super) fn in_credential(name: &str, credentials: Option<&OsStr>) -> Result<Key, Error> {
    let missing = || Error::NoCredential(name.to_owned());
    let path = PathBuf::from(credentials.ok_or_else(missing)?).join(name);
    of_credential(&path)?.ok_or_else(missing)
}

/// All keys that the service manager's credentials give, each with its name;
/// one that cannot be read gives none.
pub(super) fn in_credentials(credentials: Option<&OsStr>) -> Vec<(KeySource, Key)> {
    let entries = credentials.and_then(|folder| fs::read_dir(folder).ok());
    let entries = entries.into_iter().flatten().flatten();
    let keys = entries.take(CREDENTIALS_MAX).filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let key = of_credential(&entry.path()).ok()??;
        Some((KeySource::Credential(name), key))
    });
    keys.collect()
}

/// However long a credential is, and however its bytes are written, a key is
/// made of all of them.
fn of_credential(path: &Path) -> Result<Option<Key>, Error> {
    // systemd guards the folder; the file in it is root's where it is loaded
    // for a user's service manager.
    let Some(bytes) = file::read_credential(path)? else {
        return Ok(None);
    };
    if bytes.len() < CREDENTIAL_LEN_MIN {
        return Err(Error::NotAKey(path.to_owned()));
    }
    let mut hash = Sha256::new();
    hash.update(b"oic-tokend credential ");
    hash.update(bytes.as_slice());
    Ok(Some(Key::new(Secret::new(hash.finalize().into()))))
}

/// A key that nobody has had before.
pub(super) fn generate() -> Result<Key, Error> {
    Ok(Key::new(Secret::new(random()?)))
}

pub(super) fn nonce() -> Result<[u8; NONCE_LEN], Error> {
    random()
}

pub(super) fn random<const LEN: usize>() -> Result<[u8; LEN], Error> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(Error::NoRandomness)?;
    Ok(bytes)
}
