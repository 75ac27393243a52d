//! The passphrase that stands between the daemon and its sessions.

use oic_proto::message::Lock;
use oic_proto::secret::Passphrase;

use super::keys::unusable;
use super::{Error, KeySource, Store, key, passphrase};

impl Store {
    /// Whether a passphrase stands between us and the sessions.
    pub fn lock(&self) -> Lock {
        self.keys().lock()
    }

    /// Whether it does now: until then no session is read or written.
    pub fn is_locked(&self) -> bool {
        !*self.unlocked.borrow()
    }

    /// Returns when it does not any more.
    pub async fn unlocked(&self) {
        let mut unlocked = self.unlocked.subscribe();
        // The other end is here, and so is not closed.
        let _ = unlocked.wait_for(|unlocked| *unlocked).await;
    }

    /// Unlocks the sessions. Takes time and memory. One of this and
    /// [`set_passphrase`](Self::set_passphrase) is called at a time.
    ///
    /// # Errors
    ///
    /// [`Error::Passphrase`], [`Error::NoPassphrase`], and what keeps the file
    /// from being read.
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<(), Error> {
        if !self.is_locked() {
            return Ok(());
        }
        let file = key::under_passphrase(&self.folder)?.ok_or(Error::NoPassphrase)?;
        let key = passphrase::open(&file, passphrase).map_err(|it| unusable(&self.folder, it))?;
        self.keys_mut().unlock(key);
        self.unlocked.send_replace(true);
        Ok(())
    }

    /// Has `new` unlock the sessions from now on, and unlocks them. Where a
    /// passphrase was set, `present` has to be it. Takes time and memory.
    ///
    /// # Errors
    ///
    /// Those of [`unlock`](Self::unlock), [`Error::NotByPassphrase`], and what
    /// keeps the file from being written.
    pub fn set_passphrase(
        &self,
        present: Option<&Passphrase>,
        new: &Passphrase,
    ) -> Result<(), Error> {
        let source = self.keys().source().clone();
        if source != KeySource::Passphrase {
            return Err(Error::NotByPassphrase(source));
        }
        let unusable = |why| unusable(&self.folder, why);
        let key = match (key::under_passphrase(&self.folder)?, present) {
            (None, _) => key::generate()?,
            (Some(_), None) => return Err(unusable(passphrase::Error::Wrong)),
            (Some(file), Some(present)) => passphrase::open(&file, present).map_err(unusable)?,
        };
        let (salt, nonce) = (key::random()?, key::nonce()?);
        let file = passphrase::seal(&key, new, salt, nonce).map_err(unusable)?;
        let path = key::passphrase_file(&self.folder);
        self.folder.replace(&path, |_| file)?;
        self.keys_mut().unlock(key);
        self.unlocked.send_replace(true);
        Ok(())
    }
}
