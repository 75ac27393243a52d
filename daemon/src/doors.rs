//! The ways in, kept as the configuration has them.

use std::path::PathBuf;

use tracing::warn;

use crate::config::Config;
use crate::listener::{Entrance, Listeners};

/// The ways in.
pub(crate) struct Doors {
    here: Entrance,
    forward: Option<Entrance>,
    /// Where the configuration had the second socket when the daemon started.
    forward_place: Option<PathBuf>,
}

impl Doors {
    /// Those of `listeners`, as wide as `config` has them.
    pub(crate) fn of(listeners: &Listeners, config: &Config) -> Self {
        let doors = Self {
            here: listeners.here.entrance(),
            forward: listeners.forward.as_ref().map(|it| it.entrance()),
            forward_place: place(config),
        };
        doors.set(config);
        doors
    }

    /// Makes them as wide as `config` has them. A socket in another place takes
    /// a restart.
    pub(crate) fn change(&mut self, config: &Config) {
        if place(config).is_some_and(|it| self.forward_place.as_ref() != Some(&it)) {
            warn!("'forward.socket' is changed, and read at start only: restart to have it so");
        }
        self.set(config);
    }

    fn set(&self, config: &Config) {
        self.here.open_to_others(config.serves_others());
        if let Some(forward) = &self.forward {
            let wanted = config.forward.as_ref();
            forward.open_to_others(wanted.is_some_and(|it| !it.allow.is_empty()));
        }
    }
}

fn place(config: &Config) -> Option<PathBuf> {
    config.forward.as_ref().map(|it| it.socket.clone())
}
