//! Reads the configuration again when the system says so.

use std::path::{Path, PathBuf};

use tracing::{error, info};

use crate::config::{self, Config};
use crate::readiness;
use crate::signals::{Signal, Signals};

/// Until a signal says that the daemon shall end. A configuration that is
/// wrong anywhere changes nothing; any other one is for `take_over`. `fenced`:
/// not every file is within reach any more.
pub async fn until_end(
    signals: &mut Signals,
    path: &Path,
    fenced: bool,
    mut take_over: impl FnMut(Config),
) {
    while signals.next().await == Signal::Reload {
        readiness::reloading();
        // A signal to reload that comes meanwhile is kept: what is being read
        // may be older than it.
        let loaded = tokio::select! {
            biased;
            () = signals.shutdown() => return,
            loaded = load(path.to_owned(), fenced) => loaded,
        };
        match loaded {
            Ok(config) => {
                take_over(config);
                info!("the configuration was read again: {}", path.display());
            }
            Err(why) => {
                // Where there is a hint, it is a line of its own.
                let why = why.replace('\n', "; ");
                error!("the configuration is refused and the one before stays, whole: {why}");
            }
        }
        readiness::reloaded();
    }
}

/// Where nobody waits for it: the file may lie on a network that hangs.
async fn load(path: PathBuf, fenced: bool) -> Result<Config, String> {
    let loading = tokio::task::spawn_blocking(move || Config::load(&path));
    match loading.await {
        Ok(Err(error)) if fenced && error.is_denied() => Err(error.hint(OUTSIDE).to_string()),
        Ok(loaded) => loaded.map_err(|error: config::Error| error.to_string()),
        Err(panic) => Err(format!("reading it was cut off: {panic}")),
    }
}

/// See [`crate::fence`]. Or its mode does not let us read it; the next start
/// will tell.
const OUTSIDE: &str = "a daemon that runs reads files in the folders that its configuration \
                       named at the start, and in no other: restart it";
