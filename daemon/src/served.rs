//! What the daemon serves: its profiles, until the configuration has others,
//! and what it says of itself.

mod at_once;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use oic_proto::Response;
use oic_proto::message::{DaemonView, PROFILES_NAMED_MAX, Refusal};
use tokio::sync::oneshot;

use crate::access::{AllowList, Door};
use crate::audit::Audit;
use crate::mapping::{self, Mapping};
use crate::peer::Peer;
use crate::profile::{Command, Commands};
use crate::units::{Unit, Units};
use crate::unlocking::Unlocking;
pub use at_once::HandedOut;

/// What the daemon serves.
#[derive(Debug)]
pub struct Served {
    /// Held for as long as it takes to look: nobody waits for it.
    profiles: Mutex<Profiles>,
    /// The daemon itself, as it was at the start.
    daemon: DaemonView,
    /// Where passphrases go.
    pub unlocking: Arc<Unlocking>,
    /// What it has handed out, at any door.
    pub audit: Arc<Audit>,
    /// Where these profiles are served.
    pub door: Door,
}

/// The profiles that there are.
#[derive(Debug)]
pub struct Profiles {
    /// The name of the one that is meant when none is named.
    pub default: Option<String>,
    /// All of them, by name.
    pub offered: BTreeMap<String, Offered>,
    /// Whose token belongs to which URL.
    pub mappings: Arc<Vec<Mapping>>,
    /// Whose token units get as a credential.
    pub units: Arc<Units>,
}

/// One of them.
#[derive(Debug)]
pub struct Offered {
    /// Where its commands go.
    pub commands: Commands,
    /// Who may have it.
    pub allow: AllowList,
}

/// One profile, as it was found; it may be gone by now.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Where its commands go.
    pub commands: Commands,
}

impl Served {
    /// These profiles, until others are put in their place.
    pub fn new(profiles: Profiles, daemon: DaemonView, unlocking: Unlocking) -> Self {
        Self {
            profiles: Mutex::new(profiles),
            daemon,
            unlocking: Arc::new(unlocking),
            audit: Arc::default(),
            door: Door::Here,
        }
    }

    /// These profiles, behind another door.
    pub fn behind(&self, door: Door, profiles: Profiles) -> Self {
        Self {
            profiles: Mutex::new(profiles),
            daemon: self.daemon.clone(),
            unlocking: Arc::clone(&self.unlocking),
            audit: Arc::clone(&self.audit),
            door,
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

    /// Whether there is any profile that `peer` may have.
    pub fn serves(&self, peer: &Peer) -> bool {
        let profiles = self.profiles();
        let may_have_any = || profiles.admitting(peer).next().is_some();
        self.door.tells_all(peer) || (self.door.is_for_others() && may_have_any())
    }

    /// The profile of this name, or the default one, if `peer` may have it. One
    /// that it may not have is to it like one that does not exist.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownProfile`], [`Refusal::NoDefaultProfile`] or
    /// [`Refusal::NotAllowed`].
    pub fn find(&self, peer: &Peer, name: Option<&str>) -> Result<Profile, Refusal> {
        let profiles = self.profiles();
        let known = || {
            let names = profiles.admitting(peer).map(|(name, _)| name);
            names.take(PROFILES_NAMED_MAX).cloned().collect()
        };
        let Some(name) = name.or_else(|| profiles.default_of(peer)) else {
            return Err(Refusal::NoDefaultProfile { known: known() });
        };
        match profiles.offered.get(name) {
            Some(offered) if offered.allow.admits(peer) => Ok(offered.found(name)),
            None if self.door.tells_all(peer) => Err(Refusal::UnknownProfile {
                profile: name.to_owned(),
                known: known(),
            }),
            _ => Err(Refusal::NotAllowed),
        }
    }

    /// The profile that `peer` may have whose token belongs to `url`, where the server has
    /// challenged with these `realms`, and the user name beside the token.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotMapped`], or as [`find`](Self::find).
    pub fn find_for(
        &self,
        peer: &Peer,
        url: &str,
        realms: &[String],
    ) -> Result<(Profile, String), Refusal> {
        let mappings = self.mappings_of(peer);
        let mapping = mapping::find(&mappings, url, realms).ok_or_else(|| not_mapped(url))?;
        let profile = self.find(peer, Some(&mapping.profile))?;
        Ok((profile, mapping.username.clone()))
    }

    /// The name of the profile whose token `unit` gets.
    pub fn profile_for(&self, unit: &Unit) -> Option<String> {
        self.profiles().units.profile_of(unit).map(str::to_owned)
    }

    /// Every profile that `peer` may have whose token may have been sent to `url`.
    ///
    /// # Errors
    ///
    /// As [`find_for`](Self::find_for).
    pub fn all_for(&self, peer: &Peer, url: &str) -> Result<Vec<Profile>, Refusal> {
        let mappings = self.mappings_of(peer);
        let names = mapping::covering(&mappings, url).map(|it| it.profile.as_str());
        let names = BTreeSet::from_iter(names);
        if names.is_empty() {
            return Err(not_mapped(url));
        }
        let find = |it| self.find(peer, Some(it));
        names.into_iter().map(find).collect()
    }

    /// Whose token belongs to which URL, of those that `peer` may have.
    pub fn mappings_of(&self, peer: &Peer) -> Vec<Mapping> {
        let may_have = |it: &&Mapping| self.find(peer, Some(&it.profile)).is_ok();
        self.mappings().iter().filter(may_have).cloned().collect()
    }

    fn mappings(&self) -> Arc<Vec<Mapping>> {
        Arc::clone(&self.profiles().mappings)
    }

    /// All profiles that `peer` may have, by name.
    pub fn all(&self, peer: &Peer) -> Vec<Profile> {
        let profiles = self.profiles();
        let found = |(name, offered): (&String, &Offered)| offered.found(name);
        profiles.admitting(peer).map(found).collect()
    }

    /// How many profiles there are.
    pub fn count(&self) -> usize {
        self.profiles().offered.len()
    }

    /// What `profile` answers `peer`.
    pub async fn ask(
        &self,
        peer: &Peer,
        profile: &Profile,
        command: impl FnOnce(oneshot::Sender<Response>) -> Command,
    ) -> Response {
        let (reply, response) = oneshot::channel();
        // One that takes no commands, or drops one, is ending.
        if profile.commands.send(command(reply)).await.is_err() {
            return self.gone(peer, profile);
        }
        response.await.unwrap_or_else(|_| self.gone(peer, profile))
    }

    /// Why a profile does not answer that was there a moment ago: the
    /// configuration has it no longer, or the daemon ends.
    pub fn gone(&self, peer: &Peer, profile: &Profile) -> Response {
        let found = self.find(peer, Some(&profile.name));
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

impl Profiles {
    fn admitting(&self, peer: &Peer) -> impl Iterator<Item = (&String, &Offered)> {
        let offered = self.offered.iter();
        offered.filter(|(_, offered)| offered.allow.admits(peer))
    }

    /// To one who may not have the default profile there is none.
    fn default_of(&self, peer: &Peer) -> Option<&str> {
        let name = self.default.as_deref()?;
        let offered = self.offered.get(name)?;
        offered.allow.admits(peer).then_some(name)
    }
}

impl Offered {
    fn found(&self, name: &str) -> Profile {
        Profile {
            name: name.to_owned(),
            commands: self.commands.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use oic_proto::message::{Lock, UnixTime};

    use super::*;
    use crate::store::{Place, Store};
    use crate::testbed::Scratch;

    /// Neither root nor whoever runs the tests.
    const ALICE: u32 = 4_000_000_000;

    fn peer(uid: u32) -> Peer {
        Peer {
            uid,
            groups: Vec::new(),
            pid: None,
        }
    }

    /// `ops` is the default, `shared` is Alice's too.
    fn served(default: Option<&str>) -> Served {
        let offered = |users: &[u32]| Offered {
            commands: Commands::of_nobody(),
            allow: AllowList {
                users: users.iter().copied().collect(),
                groups: BTreeSet::new(),
            },
        };
        let profiles = Profiles {
            default: default.map(str::to_owned),
            offered: BTreeMap::from([
                ("ops".to_owned(), offered(&[])),
                ("shared".to_owned(), offered(&[ALICE])),
            ]),
            mappings: Arc::new(vec![mapping("ops"), mapping("shared")]),
            units: Arc::default(),
        };
        let daemon = DaemonView {
            version: String::new(),
            pid: 1,
            started_at: UnixTime(0),
            session_key: String::new(),
            lock: Lock::None,
        };
        // Nothing is asked of it.
        let scratch = Scratch::new();
        let store = Store::open(scratch.path(), Place::default()).unwrap();
        Served::new(profiles, daemon, Unlocking::new(Arc::new(store)))
    }

    fn nothing() -> Profiles {
        Profiles {
            default: None,
            offered: BTreeMap::new(),
            mappings: Arc::default(),
            units: Arc::default(),
        }
    }

    /// Of the URLs of a host that is named after the profile.
    fn mapping(profile: &str) -> Mapping {
        let host = format!("https://{profile}.example.com/");
        Mapping {
            pattern: mapping::Pattern::parse(&host).unwrap(),
            realm: None,
            profile: profile.to_owned(),
            username: "oauth2".to_owned(),
        }
    }

    fn refusal(served: &Served, uid: u32, name: Option<&str>) -> Refusal {
        served.find(&peer(uid), name).unwrap_err()
    }

    #[test]
    fn who_is_on_a_list_has_that_profile_and_no_other() {
        let served = served(Some("ops"));
        assert!(served.serves(&peer(ALICE)));
        assert!(!served.serves(&peer(ALICE + 1)));
        assert_eq!(
            served.find(&peer(ALICE), Some("shared")).unwrap().name,
            "shared"
        );
        let all = |uid| Vec::from_iter(served.all(&peer(uid)).into_iter().map(|it| it.name));
        assert_eq!(all(ALICE), ["shared"]);
        assert_eq!(all(0), ["ops", "shared"]);
    }

    #[test]
    fn a_profile_that_one_may_not_have_is_like_one_that_is_not_there() {
        let served = served(Some("ops"));
        assert_eq!(refusal(&served, ALICE, Some("ops")), Refusal::NotAllowed);
        assert_eq!(refusal(&served, ALICE, Some("none")), Refusal::NotAllowed);
        let known = vec!["ops".to_owned(), "shared".to_owned()];
        let profile = "none".to_owned();
        let unknown = Refusal::UnknownProfile { profile, known };
        assert_eq!(refusal(&served, 0, Some("none")), unknown);
    }

    #[test]
    fn a_url_of_a_profile_that_one_may_not_have_belongs_to_none() {
        let served = served(None);
        let url = |name: &str| format!("https://{name}.example.com/");
        let found = |uid, name| served.find_for(&peer(uid), &url(name), &[]);
        assert_eq!(found(ALICE, "shared").unwrap().0.name, "shared");
        assert_eq!(found(0, "ops").unwrap().0.name, "ops");
        for name in ["ops", "none"] {
            let not_mapped = not_mapped(&url(name));
            assert_eq!(found(ALICE, name).unwrap_err(), not_mapped);
            let all = served.all_for(&peer(ALICE), &url(name));
            assert_eq!(all.unwrap_err(), not_mapped);
        }
    }

    #[test]
    fn from_elsewhere_no_name_is_told_to_anybody() {
        let elsewhere = served(None).behind(Door::Forward, nothing());
        assert!(!elsewhere.serves(&peer(0)), "there is nothing to be had");
        assert_eq!(refusal(&elsewhere, 0, Some("none")), Refusal::NotAllowed);
    }

    #[test]
    fn only_systemd_may_say_which_unit_it_asks_for() {
        let here = served(None);
        let profiles = std::mem::replace(&mut *here.profiles(), nothing());
        let units = here.behind(Door::Units, profiles);
        assert!(units.serves(&peer(0)));
        assert!(!units.serves(&peer(ALICE)), "whatever she may have");
    }

    #[test]
    fn a_default_profile_that_one_may_not_have_is_like_none() {
        let known = vec!["shared".to_owned()];
        let none = Refusal::NoDefaultProfile { known };
        assert_eq!(refusal(&served(Some("ops")), ALICE, None), none);
        assert_eq!(refusal(&served(None), ALICE, None), none);
        let theirs = served(Some("shared"));
        assert_eq!(theirs.find(&peer(ALICE), None).unwrap().name, "shared");
    }
}
