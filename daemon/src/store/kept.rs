//! What the service manager keeps beside the disk: the same sealed bytes as in a
//! session's file.

use oic_proto::message::Keeping;
use tracing::{info, warn};

use super::{Loaded, Store, file, key};
use crate::fd_store::Manager;
use crate::lifecycle::StoredSession;

impl Store {
    /// Has the service manager keep `session` too, where it does such a thing.
    /// Best effort: the disk, or memory alone, is what was asked for.
    pub fn keep(&self, profile: &str, session: &StoredSession) {
        if self.place.kept.manager() == Manager::Off {
            return;
        }
        let generation = session.generation;
        let kept = self.sealed_to_keep(profile, session).and_then(|sealed| {
            let kept = self.place.kept.keep(profile, generation, &sealed);
            kept.map_err(|error| error.to_string())
        });
        if let Err(why) = kept {
            warn!(
                profile,
                "the service manager does not keep the session: {why}"
            );
        }
    }

    pub(super) fn sealed_to_keep(
        &self,
        profile: &str,
        session: &StoredSession,
    ) -> Result<Vec<u8>, String> {
        let (key, nonce) = self
            .keys()
            .current()
            .and_then(|key| Ok((key, key::nonce()?)))
            .map_err(|error| error.to_string())?;
        Ok(self.sealed(&key, profile, session, None, nonce))
    }

    /// Whether the service manager keeps a session of `profile`.
    pub fn has_kept(&self, profile: &str) -> bool {
        self.place.kept.has(profile)
    }

    /// Where a session is kept that is to be on no disk.
    pub fn keeping(&self) -> Keeping {
        self.place.kept.manager().keeping()
    }

    pub(super) fn find_kept(&self, profile: &str) -> Option<Loaded> {
        let found = self.place.kept.read(profile)?.map_err(|it| it.to_string());
        let loaded = found.and_then(|bytes| {
            let found = file::Found {
                bytes,
                created: None,
            };
            let loaded = self.recognize(profile, &found);
            loaded.map_err(|error| error.to_string())
        });
        match loaded {
            Ok(loaded) => Some(Loaded {
                kept: true,
                ..loaded
            }),
            Err(why) => {
                warn!(profile, "what the service manager has kept is left: {why}");
                None
            }
        }
    }

    /// Makes the disk hold what the service manager had. Where that fails, the
    /// session's next write does it.
    pub(super) fn write_down(&self, profile: &str, loaded: &Loaded) {
        match self.save(profile, &loaded.session) {
            Ok(()) => info!(
                profile,
                "the service manager had kept it; the disk holds it now"
            ),
            Err(error) => warn!(profile, "kept by the service manager alone: {error}"),
        }
    }
}
