//! Sessions on disk: one file a profile, replaced whole or not at all. The
//! only file that touches them; `record` says what is in one.
//!
//! Every function blocks on the disk. Of one profile, one is called at a time:
//! the core has no second write under way.

mod copied;
#[cfg(windows)]
mod dpapi;
mod error;
mod file;
mod kept;
mod key;
mod keys;
mod passphrase;
pub mod record;
pub mod seal;
#[cfg(all(feature = "secret-service", unix, not(target_os = "macos")))]
mod secret_service;
mod unlock;
mod witness;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use oic_proto::place::Environment;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::directory::{self, Others};
use crate::fd_store::FdStore;
use crate::homes;
use crate::lifecycle::StoredSession;
use crate::lock::Lock;
pub use copied::{Copied, Home};
pub use error::{Damage, Error};
use file::Folder;
pub use key::{HAS_DPAPI, HAS_SECRET_SERVICE, KeySource};
use keys::{Keys, Opened};
pub use passphrase::Error as PassphraseError;
use seal::Key;
use witness::Witness;

/// The folder of sessions, held against any other daemon: two on one refresh
/// token look to the authorization server like a theft, and it revokes both
/// (RFC 9700 §4.14.2).
#[derive(Debug)]
pub struct Store {
    folder: Folder,
    /// Written when a passphrase is given, and read with every session.
    keys: RwLock<Keys>,
    /// Whether no passphrase is missing.
    unlocked: watch::Sender<bool>,
    witness: Witness,
    place: Place,
    _lock: Lock,
}

/// What tells the sessions that were written here from copies of others, and
/// opens them.
#[derive(Debug, Default)]
pub struct Place {
    /// Where the key comes from that sessions are sealed with.
    pub key: KeySource,
    /// `$CREDENTIALS_DIRECTORY`, where the service manager sets it.
    pub credentials: Option<OsString>,
    /// This machine's name, where it has one.
    pub machine: Option<String>,
    /// The name of this boot of it, where it has one.
    pub boot: Option<String>,
    /// A folder that is emptied when the machine boots, where there is one.
    pub runtime: Option<PathBuf>,
    /// Copies are sessions like any other.
    pub use_copies: bool,
    /// What the service manager keeps beside the disk.
    pub kept: FdStore,
}

/// What was found of a profile.
#[derive(Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The session.
    pub session: StoredSession,
    /// Why it must not be renewed: whatever it was copied from may be in use,
    /// and a refresh token that is used twice is revoked (RFC 9700 §4.14.2).
    pub copied: Option<Copied>,
    /// Where the key comes from that it is sealed with, if not from where the
    /// configuration says now.
    former: Option<KeySource>,
    /// The disk holds nothing, or something older.
    kept: bool,
}

/// Where sessions are kept: the first of `--state-dir`, `$STATE_DIRECTORY`,
/// `$XDG_STATE_HOME/oic-tokend` and `~/.local/state/oic-tokend` that there is.
///
/// # Errors
///
/// [`Error::NoPlace`].
pub fn locate(option: Option<PathBuf>, environment: Environment<'_>) -> Result<PathBuf, Error> {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    // systemd passes several, separated by colons; the first is the unit's own.
    let of_unit = || {
        let list = set("STATE_DIRECTORY")?;
        Some(PathBuf::from(list.to_str()?.split(':').next()?))
    };
    let of_user = || Some(homes::state_home(environment)?.join("oic-tokend"));
    option
        .or_else(of_unit)
        .or_else(of_user)
        .ok_or(Error::NoPlace)
}

impl Store {
    /// Opens the folder, which is made with mode 0700 where it is missing, and
    /// holds it until the store is dropped.
    ///
    /// # Errors
    ///
    /// The folder is not ours alone, or another daemon holds it.
    pub fn open(directory: &Path, place: Place) -> Result<Self, Error> {
        directory::prepare(directory, Others::Nothing)?;
        let lock = Lock::take(&directory.join("lock"))?;
        let folder = Folder::open(directory)?;
        let keys = Keys::find(&place, &folder)?;
        Ok(Self {
            folder,
            unlocked: watch::Sender::new(!keys.is_locked()),
            keys: RwLock::new(keys),
            witness: Witness::new(place.runtime.as_deref(), directory),
            place,
            _lock: lock,
        })
    }

    /// Where the key comes from that sessions are sealed with.
    pub fn key_source(&self) -> &KeySource {
        &self.place.key
    }

    /// The session of `profile`, if there is one. A file that cannot be read
    /// is put aside, never removed: it may hold a refresh token that a later
    /// version, or a person, can still use.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`], [`Error::OtherKey`], [`Error::Open`],
    /// [`Error::NotOurs`], [`Error::TooLong`] or [`Error::Io`].
    pub fn load(&self, profile: &str) -> Result<Option<Loaded>, Error> {
        let loaded = self.find(profile);
        match &loaded {
            Ok(Some(loaded)) if loaded.kept => self.write_down(profile, loaded),
            Ok(Some(loaded)) => self.seal_anew(profile, loaded),
            // The generations of what comes start anew.
            _ => self.witness.forget(profile),
        }
        loaded
    }

    /// Like [`load`](Self::load), for a session that is kept in memory from now
    /// on: the disk does not hold it any more. A copy stays, since whoever it
    /// was copied from is none of ours.
    ///
    /// # Errors
    ///
    /// As of [`load`](Self::load).
    pub fn take_over(&self, profile: &str) -> Result<Option<Loaded>, Error> {
        let loaded = self.find(profile)?;
        if let Some(loaded) = loaded.as_ref().filter(|it| it.copied.is_none()) {
            if !loaded.kept {
                self.keep(profile, &loaded.session);
            }
            self.remove(profile)?;
        }
        Ok(loaded)
    }

    /// Like [`forget`](Self::forget), for a session that is kept in memory:
    /// where the disk holds nothing of it, as it should, it is not touched.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn keep_off(&self, profile: &str) -> Result<(), Error> {
        if file::is_there(&self.path(profile)) {
            self.remove(profile)?;
        }
        Ok(())
    }

    /// The newest of what the disk holds and what the service manager has kept.
    fn find(&self, profile: &str) -> Result<Option<Loaded>, Error> {
        let on_disk = self.find_on_disk(profile);
        let Some(kept) = self.find_kept(profile) else {
            return on_disk;
        };
        match on_disk {
            Ok(Some(on_disk)) if on_disk.rank() >= kept.rank() => return Ok(Some(on_disk)),
            Ok(_) => {}
            Err(error) => warn!(profile, "the service manager has kept the session: {error}"),
        }
        Ok(Some(kept))
    }

    fn find_on_disk(&self, profile: &str) -> Result<Option<Loaded>, Error> {
        let (named, unreadable) = match file::read(&self.path(profile))? {
            None => (None, None),
            Some(found) => match self.recognize(profile, &found) {
                Ok(loaded) => (Some(loaded), None),
                Err(why) => (None, Some(self.reject(profile, why)?)),
            },
        };
        match (self.recover(profile, named)?, unreadable) {
            (None, Some(error)) => Err(error),
            (loaded, _) => Ok(loaded),
        }
    }

    /// Takes a session away from a former key. Where that fails the session is
    /// good all the same, and its next write does it.
    fn seal_anew(&self, profile: &str, loaded: &Loaded) {
        let Some(former) = loaded.former.as_ref().filter(|_| loaded.copied.is_none()) else {
            return;
        };
        let now = &self.place.key;
        match self.save(profile, &loaded.session) {
            Ok(()) => info!(profile, "sealed with {now}, and with {former} no longer"),
            Err(error) => warn!(profile, "still sealed with {former}: {error}"),
        }
    }

    /// A daemon that was killed between writing a session and giving it its
    /// name left it whole: then its refresh token is the one that still works,
    /// and that of the `named` session is used up.
    fn recover(&self, profile: &str, named: Option<Loaded>) -> Result<Option<Loaded>, Error> {
        let path = self.path(profile);
        let unnamed = file::read_unnamed(&path)
            .and_then(|found| self.recognize(profile, &found).ok())
            .filter(|unnamed| Some(unnamed.rank()) > named.as_ref().map(Loaded::rank));
        let Some(unnamed) = unnamed else {
            return Ok(named);
        };
        // What was copied stays as it was found.
        if unnamed.copied.is_none() {
            self.folder.name_unnamed(&path)?;
        }
        Ok(Some(unnamed))
    }

    fn recognize(&self, profile: &str, found: &file::Found) -> Result<Loaded, Damage> {
        let Opened { content, former } = self.keys().open(profile, &found.bytes)?;
        let (mut session, home) = record::decode(&content)?;
        let here = self.home(found.created);
        let mut copied = home.gives_away(&here);
        home.keep_time(&here, &mut session);
        let generation = session.generation;
        if let Some(newest) = self.witness.newest(profile).filter(|it| *it > generation) {
            copied = copied.or(Some(Copied::Older { generation, newest }));
            // Generations only grow: what is written next is newer than all.
            session.generation = newest;
        }
        if let Some(why) = copied.filter(|_| self.place.use_copies) {
            warn!(profile, "used as the configuration wants it: {why}");
            copied = None;
        }
        Ok(Loaded {
            session,
            copied,
            former,
            kept: false,
        })
    }

    fn keys(&self) -> RwLockReadGuard<'_, Keys> {
        // Nothing that is done under it leaves half a change behind.
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys_mut(&self) -> RwLockWriteGuard<'_, Keys> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn home(&self, file_created: Option<u64>) -> Home {
        Home {
            machine: self.place.machine.clone(),
            boot: self.place.boot.clone(),
            file_created,
        }
    }

    /// What is wrong with the profile's file, which is put aside unless it may
    /// be as good as ever once its key is back.
    fn reject(&self, profile: &str, why: Damage) -> Result<Error, Error> {
        let path = self.path(profile);
        if let Damage::Seal(seal::Error::OtherKey(key)) = why {
            let current = self.keys().current()?.id().to_owned();
            return Ok(Error::OtherKey { path, key, current });
        }
        let aside = self.folder.path(&format!("{profile}.unreadable"));
        let kept = self.folder.put_aside(&path, &aside)?;
        Ok(Error::Unreadable { path, why, kept })
    }

    /// Makes the disk hold `session`. When this returns, it survives a crash
    /// and a power cut; when it fails, the disk holds it or what it held
    /// before, either of them whole.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] or [`Error::Io`].
    pub fn save(&self, profile: &str, session: &StoredSession) -> Result<(), Error> {
        let nonce = key::nonce()?;
        let key = self.keys().current()?;
        self.folder.replace(&self.path(profile), |created| {
            self.sealed(&key, profile, session, created, nonce)
        })?;
        self.witness.note(profile, session.generation);
        Ok(())
    }

    /// The bytes of a file that was created then.
    fn sealed(
        &self,
        key: &Key,
        profile: &str,
        session: &StoredSession,
        created: Option<u64>,
        nonce: [u8; seal::NONCE_LEN],
    ) -> Vec<u8> {
        let record = record::encode(session, self.home(created));
        seal::seal(key, profile, session.generation, nonce, &record)
    }

    /// Makes the disk, and the service manager, hold nothing of `profile`. They
    /// may hold nothing already.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn forget(&self, profile: &str) -> Result<(), Error> {
        if let Err(error) = self.place.kept.forget(profile) {
            warn!(
                profile,
                "the service manager may still keep the session: {error}"
            );
        }
        self.remove(profile)
    }

    fn remove(&self, profile: &str) -> Result<(), Error> {
        // First: it would make an older copy of the next session.
        self.witness.forget(profile);
        self.folder.remove(&self.path(profile))
    }

    /// Names of profiles are checked by [`crate::config`]: none holds a `/` or
    /// starts with a dot.
    fn path(&self, profile: &str) -> PathBuf {
        self.folder.path(&format!("{profile}.session"))
    }
}

impl Loaded {
    /// Our own before any copy, then the newest.
    fn rank(&self) -> (bool, u64) {
        (self.copied.is_none(), self.session.generation)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
