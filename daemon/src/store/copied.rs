//! How a session's file is told from a copy of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lifecycle::StoredSession;

/// Where a session's file was written. It stands in the file, and a copy of
/// the file is elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// The machine, where it has a name.
    pub(super) machine: Option<String>,
    /// When the file was created, in nanoseconds since 1970, where the file
    /// system keeps that. Renaming keeps it and copying does not: no tool can
    /// set it, as `cp -a`, `rsync` and `tar` set the other times.
    pub(super) file_created: Option<u64>,
    /// Since when the machine has been up, by the name that it gave that boot.
    /// Tells no copies: it tells how long the clock of that boot counts.
    pub(super) boot: Option<String>,
}

impl Home {
    /// What gives a file away that says it was written here, and was found at
    /// `found`. What one of the two does not know tells nothing: not every
    /// machine has a name, and not every file system keeps birth times.
    pub(super) fn gives_away(&self, found: &Self) -> Option<Copied> {
        if differ(self.machine.as_ref(), found.machine.as_ref()) {
            return Some(Copied::OtherMachine);
        }
        differ(self.file_created, found.file_created).then_some(Copied::OtherFile)
    }

    /// Leaves in a session that was written here, and found at `found`, the
    /// times of the boot clock only where that has gone on since.
    pub(super) fn keep_time(&self, found: &Self, session: &mut StoredSession) {
        if self.boot.is_none() || self.boot != found.boot {
            session.forget_boot_clock();
        }
    }
}

fn differ<T: PartialEq>(written: Option<T>, found: Option<T>) -> bool {
    written.is_some() && found.is_some() && written != found
}

/// Why a session is not the one that this daemon's last predecessor left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The disk, or the folder, came from elsewhere.
    OtherMachine,
    /// Somebody copied the file.
    OtherFile,
    /// Somebody put an earlier file in its place.
    Older {
        /// Its generation.
        generation: u64,
        /// The last one that was written here.
        newest: u64,
    },
}

impl fmt::Display for Copied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored session ")?;
        match self {
            Self::OtherMachine => f.write_str("was written on another machine")?,
            Self::OtherFile => f.write_str("is a copy (a backup, or a copied folder)")?,
            Self::Older { generation, newest } => write!(
                f,
                "is older (generation {generation}) than what this machine had written \
                 (generation {newest})"
            )?,
        }
        f.write_str(
            "; a refresh token that is used twice can end the session everywhere. If nothing \
             else uses it, set copied_sessions = \"use\" in the configuration and restart",
        )
    }
}
