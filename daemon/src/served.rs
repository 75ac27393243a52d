//! What the daemon serves: its profiles, until the configuration has others,
//! and what it says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oic_proto::Response;
use oic_proto::message::{DaemonView, PROFILES_NAMED_MAX, Refusal};
use tokio::sync::{mpsc, oneshot};

use crate::mapping::{self, Mapping};
use crate::profile::Command;
use crate::unlocking::Unlocking;

/// What the daemon serves.
#[derive(Debug)]
pub struct Served {
    /// Held for as long as it takes to look: nobody waits for it.
    profiles: Mutex<Profiles>,
    /// The daemon itself, as it was at the start.
    daemon: DaemonView,
    /// Where passphrases go.
    pub unlocking: Unlocking,
}

/// The profiles that there are.
#[derive(Debug)]
pub struct Profiles {
    /// The name of the one that is meant when none is named.
    pub default: Option<String>,
    /// The task of each.
    pub tasks: BTreeMap<String, mpsc::Sender<Command>>,
    /// Whose token belongs to which URL.
    pub mappings: Arc<Vec<Mapping>>,
}

/// One profile, as it was found; it may be gone by now.
#[derive(Debug)]
pub struct Profile {
    name: String,
    /// Where its commands go.
    pub commands: mpsc::Sender<Command>,
}

impl Served {
    /// These profiles, until others are put in their place.
    pub fn new(profiles: Profiles, daemon: DaemonView, unlocking: Unlocking) -> Self {
        Self {
            profiles: Mutex::new(profiles),
            daemon,
            unlocking,
        }
    }

    /// The daemon itself.
    pub fn daemon(&self) -> DaemonView {
        DaemonView {
            lock: self.unlocking.lock(),
            ..self.daemon.clone()
        }
    }

    /// Serves other profiles from now on.
    pub fn replace(&self, profiles: Profiles) {
        *self.profiles() = profiles;
    }

    /// The profile of this name, or the default one.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownProfile`] or [`Refusal::NoDefaultProfile`].
    pub fn find(&self, name: Option<&str>) -> Result<Profile, Refusal> {
        let profiles = self.profiles();
        let known = || {
            let names = profiles.tasks.keys().take(PROFILES_NAMED_MAX);
            names.cloned().collect()
        };
        let Some(name) = name.or(profiles.default.as_deref()) else {
            return Err(Refusal::NoDefaultProfile { known: known() });
        };
        let Some(commands) = profiles.tasks.get(name) else {
            return Err(Refusal::UnknownProfile {
                profile: name.to_owned(),
                known: known(),
            });
        };
        Ok(Profile {
            name: name.to_owned(),
            commands: commands.clone(),
        })
    }

    /// The profile whose token belongs to `url`, where the server has
    /// challenged with these `realms`, and the user name beside the token.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotMapped`], or as [`find`](Self::find).
    pub fn find_for(&self, url: &str, realms: &[String]) -> Result<(Profile, String), Refusal> {
        let mappings = self.mappings();
        let mapping = mapping::find(&mappings, url, realms).ok_or_else(|| not_mapped(url))?;
        let profile = self.find(Some(&mapping.profile))?;
        Ok((profile, mapping.username.clone()))
    }

    /// Every profile whose token may have been sent to `url`.
    ///
    /// # Errors
    ///
    /// As [`find_for`](Self::find_for).
    pub fn all_for(&self, url: &str) -> Result<Vec<Profile>, Refusal> {
        let mappings = self.mappings();
        let names = mapping::covering(&mappings, url).map(|it| it.profile.as_str());
        let names = BTreeSet::from_iter(names);
        if names.is_empty() {
            return Err(not_mapped(url));
        }
        names.into_iter().map(|it| self.find(Some(it))).collect()
    }

    /// Whose token belongs to which URL.
    pub fn mappings(&self) -> Arc<Vec<Mapping>> {
        Arc::clone(&self.profiles().mappings)
    }

    /// All profiles, by name.
    pub fn all(&self) -> Vec<Profile> {
        let profiles = self.profiles();
        let found = |(name, commands): (&String, &mpsc::Sender<_>)| Profile {
            name: name.clone(),
            commands: commands.clone(),
        };
        profiles.tasks.iter().map(found).collect()
    }

    /// What `profile` answers.
    pub async fn ask(
        &self,
        profile: &Profile,
        command: impl FnOnce(oneshot::Sender<Response>) -> Command,
    ) -> Response {
        let (reply, response) = oneshot::channel();
        // One that takes no commands, or drops one, is ending.
        if profile.commands.send(command(reply)).await.is_err() {
            return self.gone(profile);
        }
        response.await.unwrap_or_else(|_| self.gone(profile))
    }

    /// Why a profile does not answer that was there a moment ago: the
    /// configuration has it no longer, or the daemon ends.
    pub fn gone(&self, profile: &Profile) -> Response {
        let found = self.find(Some(&profile.name));
        Response::Refused(found.err().unwrap_or(Refusal::ShuttingDown))
    }

    fn profiles(&self) -> MutexGuard<'_, Profiles> {
        // Nothing that is done under it leaves half a change behind.
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_mapped(url: &str) -> Refusal {
    Refusal::NotMapped {
        url: mapping::shown(url),
    }
}
