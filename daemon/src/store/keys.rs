//! The keys at hand: the one that sessions are sealed with, and those that some
//! were sealed with before.

use std::collections::BTreeSet;
use std::sync::Arc;

use oic_proto::message::Lock;
use zeroize::Zeroizing;

use super::file::Folder;
use super::key::{self, KeySource};
use super::passphrase;
use super::seal::{self, Key};
use super::{Error, Place};

/// The keys that open sessions; new ones are sealed with the current one.
#[derive(Debug)]
pub(super) struct Keys {
    source: KeySource,
    /// `None` while a passphrase is missing.
    current: Option<Arc<Key>>,
    /// Those that some session here is sealed with, of the sources that the
    /// configuration named before.
    former: Vec<(KeySource, Key)>,
    lock: Lock,
}

/// What was opened.
pub(super) struct Opened {
    pub(super) content: Zeroizing<Vec<u8>>,
    /// Where the key comes from that opened it, if not from where the
    /// configuration says now.
    pub(super) former: Option<KeySource>,
}

impl Keys {
    /// The keys of the source that the configuration names, and of the others
    /// as far as the sessions in `folder` need them.
    pub(super) fn find(place: &Place, folder: &Folder) -> Result<Self, Error> {
        let current = match &place.key {
            KeySource::File => Some(key::in_file_or_new(folder)?),
            KeySource::Credential(name) => {
                Some(key::in_credential(name, place.credentials.as_deref())?)
            }
            KeySource::Passphrase => None,
            KeySource::SecretService => Some(key::in_secret_service_or_new()?),
            KeySource::Dpapi => Some(key::under_dpapi_or_new(folder)?),
        };
        let mut keys = Self {
            source: place.key.clone(),
            current: current.map(Arc::new),
            former: Vec::new(),
            lock: Lock::None,
        };
        keys.find_former(place, folder)?;
        Ok(keys)
    }

    fn find_former(&mut self, place: &Place, folder: &Folder) -> Result<(), Error> {
        let mut needed = folder.key_ids()?;
        needed.extend(
            place
                .kept
                .all()
                .iter()
                .filter_map(|it| seal::key_id(it).ok()),
        );
        if let Some(current) = &self.current {
            needed.remove(current.id());
        }
        self.lock = self.find_lock(folder, &mut needed)?;
        if needed.is_empty() {
            return Ok(());
        }
        let in_file = key::in_file(folder)?.map(|key| (KeySource::File, key));
        let dpapi = key::under_dpapi(folder)?.map(|key| (KeySource::Dpapi, key));
        let credentials = key::in_credentials(place.credentials.as_deref());
        let near = in_file.into_iter().chain(dpapi).chain(credentials);
        self.former
            .extend(near.filter(|(_, key)| needed.remove(key.id())));
        // Last: it may take seconds to answer.
        if !needed.is_empty() {
            let far = key::in_secret_service().into_iter();
            let far = far.map(|key| (KeySource::SecretService, key));
            self.former
                .extend(far.filter(|(_, key)| needed.remove(key.id())));
        }
        Ok(())
    }

    /// Whether a passphrase is to be given: for the current key, or for one
    /// that a session needs which was sealed before the configuration changed.
    fn find_lock(&self, folder: &Folder, needed: &mut BTreeSet<String>) -> Result<Lock, Error> {
        let wanted = self.source == KeySource::Passphrase;
        let Some(file) = key::under_passphrase(folder)? else {
            return Ok(if wanted { Lock::Unset } else { Lock::None });
        };
        let needed = match passphrase::key_id(&file) {
            Ok(id) => needed.remove(&id),
            Err(why) if wanted => return Err(unusable(folder, why)),
            Err(_) => false,
        };
        Ok(if wanted || needed {
            Lock::Locked
        } else {
            Lock::None
        })
    }

    pub(super) const fn source(&self) -> &KeySource {
        &self.source
    }

    pub(super) const fn lock(&self) -> Lock {
        self.lock
    }

    pub(super) const fn is_locked(&self) -> bool {
        matches!(self.lock, Lock::Unset | Lock::Locked)
    }

    /// The key that sessions are sealed with. Shared, so that nobody who waits
    /// for the disk keeps others from the keys.
    pub(super) fn current(&self) -> Result<Arc<Key>, Error> {
        self.current.clone().ok_or(Error::Locked)
    }

    /// Opens a session's file with whichever key it names.
    pub(super) fn open(&self, profile: &str, file: &[u8]) -> Result<Opened, seal::Error> {
        let id = seal::key_id(file)?;
        let former = self.former.iter().find(|(_, key)| key.id() == id);
        let (key, former) = match (&self.current, former) {
            (Some(current), _) if current.id() == id => (&**current, None),
            (_, Some((source, key))) => (key, Some(source.clone())),
            (Some(current), None) => (&**current, None),
            (None, None) => return Err(seal::Error::OtherKey(id)),
        };
        let content = seal::open(key, profile, file)?;
        Ok(Opened { content, former })
    }

    /// The passphrase was given, and this is what it opens.
    pub(super) fn unlock(&mut self, key: Key) {
        match self.source {
            KeySource::Passphrase => self.current = Some(Arc::new(key)),
            _ => self.former.push((KeySource::Passphrase, key)),
        }
        self.lock = Lock::Unlocked;
    }
}

/// The file that a passphrase should open, and why none does.
pub(super) fn unusable(folder: &Folder, why: passphrase::Error) -> Error {
    let path = key::passphrase_file(folder);
    Error::Passphrase { path, why }
}
