//! The profiles that run, one task each, as the configuration has them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::alarms::Alarms;
use crate::board::Board;
use crate::config::{Config, CredentialsConfig, ForwardConfig, ProfileConfig};
use crate::endpoint::Endpoint;
use crate::hooks::Hooks;
use crate::lifecycle::{self, Settings};
use crate::mapping::Mapping;
use crate::profile::{self, Commands, Wanted};
use crate::seat::{Seat, Seats};
use crate::served::{Offered, Profiles};
use crate::sink::Sink;
use crate::store::{KeySource, Store};
use crate::units::Units;
use crate::world::Outside;

/// The profiles that run.
pub struct Roster {
    default: Option<String>,
    mappings: Arc<Vec<Mapping>>,
    units: Arc<Units>,
    ca_file: Option<PathBuf>,
    use_copied_sessions: bool,
    fence: bool,
    session_key: KeySource,
    endpoint: Arc<Endpoint>,
    /// As of the last change; profiles that were not touched since have that
    /// of an earlier number of profiles, which is as good.
    catch_up_time: Duration,
    store: Arc<Store>,
    alarms: Arc<Alarms>,
    board: Arc<Board>,
    hooks: Arc<Hooks>,
    seats: Seats,
    running: BTreeMap<String, Running>,
    /// Those of `running`, and of removed profiles that have not ended yet.
    tasks: JoinSet<()>,
}

/// One of them. Its task ends when this is dropped.
struct Running {
    config: Arc<ProfileConfig>,
    seat: Arc<Seat>,
    sink: Arc<Sink>,
    wanted: watch::Sender<Wanted<Outside>>,
    commands: Commands,
}

impl Roster {
    /// Starts the profiles of `config`.
    pub fn start(config: Config, store: Arc<Store>, hooks: Hooks) -> Self {
        let mut roster = Self {
            default: config.default_profile,
            mappings: Arc::new(config.mappings),
            units: units(config.credentials),
            endpoint: Arc::new(Endpoint::new(config.ca_file.as_deref())),
            ca_file: config.ca_file,
            catch_up_time: lifecycle::catch_up_time(config.profiles.len()),
            use_copied_sessions: config.use_copied_sessions,
            fence: config.fence,
            session_key: config.session_key,
            store,
            alarms: Arc::new(Alarms::start()),
            board: Arc::new(Board::start()),
            hooks: Arc::new(hooks),
            seats: Seats::default(),
            running: BTreeMap::new(),
            tasks: JoinSet::new(),
        };
        for profile in config.profiles {
            roster.add(profile);
        }
        roster
    }

    /// Makes the profiles what `config` says. One that it has as before is not
    /// touched.
    pub fn change(&mut self, config: Config) {
        while self.tasks.try_join_next().is_some() {}
        let other_way = config.ca_file != self.ca_file;
        if other_way {
            self.endpoint = Arc::new(Endpoint::new(config.ca_file.as_deref()));
            self.ca_file = config.ca_file;
        }
        let read_at_start = [
            (
                "copied_sessions",
                config.use_copied_sessions != self.use_copied_sessions,
            ),
            ("session_key", config.session_key != self.session_key),
            ("fence", config.fence != self.fence),
        ];
        for (key, _) in read_at_start.iter().filter(|(_, changed)| *changed) {
            warn!("'{key}' is changed, and read at start only: restart to have it so");
        }
        if !self.hooks.are(&config.hooks) {
            warn!("'hooks' is changed, and read at start only: restart to have it so");
        }
        self.default = config.default_profile;
        self.mappings = Arc::new(config.mappings);
        self.units = units(config.credentials);
        self.catch_up_time = lifecycle::catch_up_time(config.profiles.len());
        self.remove_all_but(&config.profiles);
        let mut changed = Vec::new();
        for profile in config.profiles {
            match self.running.get(&profile.name) {
                None => {
                    info!(profile = profile.name, "added");
                    self.add(profile);
                }
                Some(running) if other_way || *running.config != profile => changed.push(profile),
                Some(_) => {}
            }
        }
        let within = lifecycle::catch_up_time(changed.len());
        for profile in changed {
            info!(profile = profile.name, "changed");
            self.reconfigure(profile, within);
        }
    }

    fn remove_all_but(&mut self, wanted: &[ProfileConfig]) {
        self.running.retain(|name, running| {
            let stays = wanted.iter().any(|profile| profile.name == *name);
            if !stays {
                running.sink.configure(None);
                self.board.remove(name);
                info!(
                    profile = name,
                    "removed; its session, if there is one, stays on disk for when it is added \
                     again"
                );
            }
            stays
        });
    }

    fn add(&mut self, profile: ProfileConfig) {
        let seat = self.seats.at(&profile.name);
        let config = Arc::new(profile);
        let sink = Arc::new(Sink::start(&config.name, config.file.clone()));
        let wanted = self.wanted(&config, &seat, &sink, Duration::ZERO);
        let (wanted, receiver) = watch::channel(wanted);
        let (commands, task) = profile::task(receiver);
        self.tasks.spawn(task);
        let running = Running {
            config,
            seat,
            sink,
            wanted,
            commands,
        };
        self.running.insert(running.config.name.clone(), running);
    }

    fn reconfigure(&mut self, profile: ProfileConfig, within: Duration) {
        let Some(mut running) = self.running.remove(&profile.name) else {
            return;
        };
        running.config = Arc::new(profile);
        running.sink.configure(running.config.file.clone());
        let wanted = self.wanted(&running.config, &running.seat, &running.sink, within);
        running.wanted.send_replace(wanted);
        self.running.insert(running.config.name.clone(), running);
    }

    fn wanted(
        &self,
        profile: &Arc<ProfileConfig>,
        seat: &Arc<Seat>,
        sink: &Arc<Sink>,
        within: Duration,
    ) -> Wanted<Outside> {
        Wanted {
            settings: settings(profile, self.catch_up_time),
            world: Arc::new(Outside {
                profile: Arc::clone(profile),
                endpoint: Arc::clone(&self.endpoint),
                store: Arc::clone(&self.store),
                seat: Arc::clone(seat),
                sink: Arc::clone(sink),
                alarms: Arc::clone(&self.alarms),
                board: Arc::clone(&self.board),
                hooks: Arc::clone(&self.hooks),
            }),
            within,
        }
    }

    /// Whether the daemon was to fence itself in when it started.
    pub fn is_fenced(&self) -> bool {
        self.fence
    }

    /// The profiles, for those who ask for them.
    pub fn profiles(&self) -> Profiles {
        let offered = |running: &Running| Offered {
            commands: running.commands.clone(),
            allow: running.config.allow.clone(),
        };
        let running = self.running.iter();
        Profiles {
            default: self.default.clone(),
            offered: running
                .map(|(name, it)| (name.clone(), offered(it)))
                .collect(),
            mappings: Arc::clone(&self.mappings),
            units: Arc::clone(&self.units),
        }
    }

    /// Those of them that callers from elsewhere may have.
    pub fn forwarded(&self, forward: Option<&ForwardConfig>) -> Profiles {
        let named = |name: &String| forward.is_some_and(|it| it.profiles.contains(name));
        let allow = forward.map(|it| it.allow.clone()).unwrap_or_default();
        let mut profiles = self.profiles();
        profiles.offered.retain(|name, _| named(name));
        for offered in profiles.offered.values_mut() {
            offered.allow.clone_from(&allow);
        }
        profiles
    }

    /// Ends all profiles; returns when nothing is under way any more whose
    /// loss would cost a session.
    pub async fn end(&mut self) {
        self.running.clear();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Without `[credentials]` no unit gets any.
fn units(credentials: Option<CredentialsConfig>) -> Arc<Units> {
    Arc::new(credentials.map(|it| it.units).unwrap_or_default())
}

/// What the core has to know of `profile`.
pub fn settings(profile: &ProfileConfig, catch_up_time: Duration) -> Settings {
    Settings {
        profile: profile.name.clone(),
        scopes: profile.scopes.clone(),
        hosts: profile.hosts.clone(),
        revocable: profile.endpoints.revocation.is_some(),
        refresh_token_lifetime: profile.refresh_token_lifetime,
        refresh_token_expiry: profile.refresh_token_expiry,
        memory_only: profile.memory_only,
        catch_up_time,
        // Where the system has no randomness to give, profiles renew in the
        // same rhythm; nothing secret hangs on it.
        seed: getrandom::u64().unwrap_or(0),
    }
}
