//! The daemon, in reading order:
//!
//! * [`lifecycle`] decides: a pure state machine, one a profile.
//! * [`oauth`] knows the messages of the authorization server. Pure.
//! * [`profile`] drives one lifecycle: performs what it wants, answers callers.
//! * [`server`] accepts callers and passes their requests to the profiles.
//! * [`world`] takes the lifecycle's actions to [`endpoint`] (HTTP) and
//!   [`store`] (disk).
//! * [`config`], [`listener`], [`peer`], [`clock`], [`signals`], [`readiness`],
//!   [`directory`], [`lock`], [`machine`], [`descriptors`], [`swap`] and [`logging`] each
//!   touch the one outside thing they are named after.
//!
//! [`run`] ties them together.

pub mod clock;
pub mod config;
pub mod descriptors;
mod digest;
pub mod directory;
pub mod endpoint;
pub mod lifecycle;
pub mod listener;
pub mod lock;
pub mod logging;
pub mod machine;
pub mod oauth;
pub mod peer;
pub mod profile;
pub mod readiness;
mod requests;
pub mod server;
pub mod signals;
pub mod store;
pub mod swap;
#[cfg(test)]
mod testbed;
pub mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use oic_proto::message::DaemonView;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use config::{Config, ProfileConfig};
use endpoint::Endpoint;
use lifecycle::Settings;
use listener::Listener;
use server::{Answering, Served};
use signals::{Signal, Signals};
use store::Store;
use world::Outside;

/// Serves `config` on `listener` until a signal ends it; returns when nothing
/// is under way any more whose loss would cost a session.
pub async fn run(config: Config, store: Store, listener: Listener, signals: Signals) {
    let descriptors = descriptors::raise_limit();
    let endpoint = Arc::new(Endpoint::new(config.ca_file.as_deref()));
    let store = Arc::new(store);
    let (stop, shutdown) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let mut profiles = BTreeMap::new();
    let catch_up_time = lifecycle::catch_up_time(config.profiles.len());
    for profile in config.profiles {
        let settings = settings(&profile, catch_up_time);
        let world = Outside {
            profile: Arc::new(profile),
            endpoint: Arc::clone(&endpoint),
            store: Arc::clone(&store),
        };
        let name = settings.profile.clone();
        let commands = profile::start(settings, world, shutdown.clone(), &mut tasks);
        profiles.insert(name, commands);
    }
    let served = Arc::new(Served {
        default_profile: config.default_profile,
        profiles,
        daemon: DaemonView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            started_at: clock::now().wall,
        },
        answering: Answering::default(),
    });
    readiness::ready(listener.place());
    let serving = tokio::spawn(server::serve(listener, Arc::clone(&served), descriptors));
    wait_for_end(signals).await;
    readiness::stopping();
    info!("stopping; a refresh under way is waited for");
    // A profile that is gone already does not have to be told.
    let _ = stop.send(true);
    while tasks.join_next().await.is_some() {}
    serving.abort();
    served.answering.finished().await;
    info!("stopped");
}

async fn wait_for_end(mut signals: Signals) {
    loop {
        match signals.next().await {
            Signal::Shutdown => return,
            Signal::Reload => warn!("the configuration is read at start only; restart to read it"),
        }
    }
}

fn settings(profile: &ProfileConfig, catch_up_time: Duration) -> Settings {
    Settings {
        profile: profile.name.clone(),
        scopes: profile.scopes.clone(),
        revocable: profile.endpoints.revocation.is_some(),
        refresh_token_lifetime: profile.refresh_token_lifetime,
        refresh_token_expiry: profile.refresh_token_expiry,
        catch_up_time,
        // Where the system has no randomness to give, profiles renew in the
        // same rhythm; nothing secret hangs on it.
        seed: getrandom::u64().unwrap_or(0),
    }
}
