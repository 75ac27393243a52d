//! What this machine has written since it booted, noted outside the state
//! folder: so that an earlier state folder, put back in place, is known as one.
//!
//! Best effort. A note that is missing tells nothing, and one that is behind
//! does no harm.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tracing::debug;

use super::record::GENERATION_MAX;
use crate::digest;
use crate::directory::{self, Others};
use crate::private;

/// Longest note that is read, in bytes: a generation has 20 digits at most.
const NOTE_LEN_MAX: u64 = 20;

/// The notes on the sessions of one state folder.
#[derive(Debug)]
pub(super) struct Witness {
    /// Where they are kept; `None`: nowhere.
    notes: Option<PathBuf>,
    /// The state folder's real path.
    state: PathBuf,
}

impl Witness {
    /// Keeps notes in `runtime`, where it can.
    pub(super) fn new(runtime: Option<&Path>, state: &Path) -> Self {
        let prepared = |runtime: &Path| match prepare(runtime) {
            Ok(notes) => Some(notes),
            Err(error) => {
                debug!("generations are not noted: {error}");
                None
            }
        };
        Self {
            notes: runtime.and_then(prepared),
            state: fs::canonicalize(state).unwrap_or_else(|_| state.to_owned()),
        }
    }

    /// The newest generation of `profile` that was written.
    pub(super) fn newest(&self, profile: &str) -> Option<u64> {
        let mut note = String::new();
        let file = File::open(self.path(profile)?).ok()?;
        file.take(NOTE_LEN_MAX).read_to_string(&mut note).ok()?;
        let newest = note.parse().ok();
        newest.filter(|it| *it <= GENERATION_MAX)
    }

    /// Notes that `generation` has been written. Not synced: it need not
    /// outlive the boot.
    pub(super) fn note(&self, profile: &str, generation: u64) {
        let Some(path) = self.path(profile) else {
            return;
        };
        if let Err(error) = write(&path, generation) {
            debug!("cannot note a generation in {}: {error}", path.display());
        }
    }

    /// The next session of `profile` starts anew.
    pub(super) fn forget(&self, profile: &str) {
        let Some(path) = self.path(profile) else {
            return;
        };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                debug!("cannot remove {}: {error}", path.display());
            }
            _ => {}
        }
    }

    /// A hash for a name: the path of the state folder may be of any length.
    fn path(&self, profile: &str) -> Option<PathBuf> {
        let session = self.state.join(profile);
        let name = digest::sha256(&[session.as_os_str().as_encoded_bytes()]);
        Some(self.notes.as_ref()?.join(format!("{name}.generation")))
    }
}

/// A folder of their own below `runtime`, which others may pass through to the
/// socket: the name of a note would tell them that there is such a profile.
fn prepare(runtime: &Path) -> Result<PathBuf, directory::Error> {
    directory::prepare(runtime, Others::Look)?;
    let notes = runtime.join("generations");
    directory::prepare(&notes, Others::Nothing)?;
    Ok(notes)
}

/// Not atomic: half a note is none, or one that is behind.
fn write(path: &Path, generation: u64) -> io::Result<()> {
    let mut options = private::file();
    options.write(true).create(true).truncate(true);
    write!(options.open(path)?, "{generation}")
}
