//! The ways in, kept as the configuration has them.

use std::path::PathBuf;

use tracing::warn;

use crate::config::Config;
use crate::listener::{Entrance, Listeners};

/// The ways in.
pub(crate) struct Doors {
    here: Entrance,
    forward: Option<Entrance>,
    /// Where the configuration had those beside the first when the daemon
    /// started. That for credentials is never widened.
    places: [Place; 2],
}

impl Doors {
    /// Those of `listeners`, as wide as `config` has them.
    pub(crate) fn of(listeners: &Listeners, config: &Config) -> Self {
        let doors = Self {
            here: listeners.here.entrance(),
            forward: listeners.forward.as_ref().map(|it| it.entrance()),
            places: places(config),
        };
        doors.set(config);
        doors
    }

    /// Makes them as wide as `config` has them. A socket in another place takes
    /// a restart.
    pub(crate) fn change(&mut self, config: &Config) {
        let changed = |(now, before): &(&Place, &Place)| now.1.is_some() && now != before;
        for ((key, _), _) in places(config).iter().zip(&self.places).filter(changed) {
            warn!("'{key}' is changed, and read at start only: restart to have it so");
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

/// The key of a socket's place, and what it says.
type Place = (&'static str, Option<PathBuf>);

fn places(config: &Config) -> [Place; 2] {
    let forward = config.forward.as_ref().map(|it| it.socket.clone());
    let credentials = config.credentials.as_ref().map(|it| it.socket.clone());
    [
        ("forward.socket", forward),
        ("credentials.socket", credentials),
    ]
}
