//! The daemon, in reading order:
//!
//! * [`lifecycle`] decides: a pure state machine, one a profile.
//! * [`oauth`] knows the messages of the authorization server. Pure.
//! * [`profile`] drives one lifecycle: performs what it wants, answers callers.
//! * [`alarms`] wakes each at its time.
//! * [`roster`] has the profiles that the configuration names; [`reload`] reads
//!   that again.
//! * [`server`] accepts callers and passes their requests to the profiles, which
//!   [`served`] finds; [`mapping`] says whose token belongs to which URL.
//! * [`unlocking`] tries the passphrases that they give.
//! * [`world`] takes the lifecycle's actions to [`endpoint`] (HTTP) and
//!   [`store`] (disk, and [`fd_store`] beside it); [`sink`] keeps a token file;
//!   [`board`] and [`hooks`] tell those who do not ask.
//! * [`examination`] looks whether users could sign in, for `oic-token doctor`.
//! * [`access`] says who may have which profile, [`units`] which unit gets whose
//!   token as a credential (both pure), [`places`] how many of
//!   them may be connected, and [`audit`] writes down what each got.
//! * [`config`], [`accounts`], [`listener`], [`peer`], [`program`], [`clock`], [`signals`], [`readiness`],
//!   [`directory`], [`homes`], [`lock`], [`machine`], [`background`], [`descriptors`], [`heap`], [`swap`] and [`logging`] each
//!   touch the one outside thing they are named after.
//! * [`fence`] has the kernel take away what none of them needs.
//!
//! [`run`] ties them together.

pub mod access;
pub mod accounts;
pub mod alarms;
pub mod audit;
pub mod background;
pub mod board;
pub mod clock;
pub mod config;
pub mod descriptors;
mod digest;
pub mod directory;
mod doors;
pub mod endpoint;
pub mod examination;
pub mod fd_store;
pub mod fence;
pub mod heap;
pub mod homes;
pub mod hooks;
pub mod lifecycle;
pub mod listener;
pub mod lock;
pub mod logging;
pub mod machine;
pub mod mapping;
pub mod oauth;
pub mod peer;
pub mod places;
pub mod private;
pub mod profile;
pub mod program;
pub mod readiness;
pub mod reload;
mod requests;
pub mod roster;
pub mod seat;
pub mod served;
pub mod server;
pub mod signals;
pub mod sink;
pub mod store;
pub mod swap;
#[cfg(test)]
mod testbed;
pub mod units;
pub mod unlocking;
pub mod world;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use oic_proto::message::{DaemonView, Keeping, SERVER_PATIENCE};
use tokio::time::timeout;
use tracing::{error, info, warn};

use access::Door;
use config::Config;
use doors::Doors;
use hooks::Hooks;
use listener::Listeners;
use places::Places;
use roster::Roster;
use served::Served;
use server::Serving;
use signals::Signals;
use store::Store;
use unlocking::Unlocking;

/// How long the daemon's end waits for a refresh under way: its answer may
/// hold the only refresh token that is still good. Longer than the answer may
/// take, and than its way to the disk.
const FAREWELL_MAX: Duration = SERVER_PATIENCE.saturating_add(Duration::from_secs(10));

/// Serves `config`, which was read from `path`, on `listeners` until a signal
/// ends it; returns when nothing is under way any more whose loss would cost a
/// session.
pub async fn run(
    config: Config,
    path: &Path,
    store: Store,
    listeners: Listeners,
    mut signals: Signals,
    hooks: Hooks,
) {
    tokio::spawn(logging::count_repeats());
    let descriptors = descriptors::raise_limit();
    let session_key = store.key_source().to_string();
    let store = Arc::new(store);
    let mut doors = Doors::of(&listeners, &config);
    let forward = config.forward.clone();
    let memory_only = config.profiles.iter().any(|it| it.memory_only);
    let mut roster = Roster::start(config, Arc::clone(&store), hooks);
    let daemon = DaemonView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_at: clock::now().wall,
        session_key,
        lock: store.lock(),
    };
    match store.keeping() {
        Keeping::Memory if memory_only => {
            warn!(
                "no service manager keeps sessions over a restart: those in memory only end with it"
            );
        }
        Keeping::PerhapsManager if memory_only => info!(
            "sessions in memory only outlive a restart if systemd has FileDescriptorStoreMax= for this unit"
        ),
        _ => {}
    }
    if store.is_locked() {
        warn!("the sessions are locked until somebody runs 'oic-token unlock'");
    }
    let unlocking = Unlocking::new(store);
    let here = Arc::new(Served::new(roster.profiles(), daemon, unlocking));
    let elsewhere = Arc::new(here.behind(Door::Forward, roster.forwarded(forward.as_ref())));
    let units = Arc::new(here.behind(Door::Units, roster.profiles()));
    readiness::ready(listeners.here.place());
    let mut serving = Serving::default();
    let places = Places::within(descriptors, here.count());
    serving.open(listeners.here, &here, places);
    if let Some(listener) = listeners.forward {
        serving.open(listener, &elsewhere, Places::forwarded());
    }
    if let Some(listener) = listeners.credentials {
        serving.open(listener, &units, Places::of_units());
    }
    let fenced = roster.is_fenced();
    let take_over = |config: Config| {
        doors.change(&config);
        let forward = config.forward.clone();
        roster.change(config);
        here.replace(roster.profiles());
        units.replace(roster.profiles());
        elsewhere.replace(roster.forwarded(forward.as_ref()));
    };
    reload::until_end(&mut signals, path, fenced, take_over).await;
    readiness::stopping();
    serving.leave();
    info!("stopping; a refresh under way is waited for");
    if timeout(FAREWELL_MAX, roster.end()).await.is_err() {
        error!("stopped before everything was done; what is not on disk is lost");
    }
    serving.end().await;
    here.audit.write();
    logging::end_counting();
    info!("stopped");
}
