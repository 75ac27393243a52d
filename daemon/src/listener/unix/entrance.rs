//! Whom the modes on the way to the socket let through. Each caller is asked
//! who it is all the same.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tracing::warn;

/// The socket's mode while our own user alone is served, as it is made.
pub(super) const CLOSED: u32 = 0o600;

/// While others are served too: connecting takes the right to write.
const OPEN: u32 = 0o666;

/// The way in.
#[derive(Clone, Debug)]
pub struct Entrance {
    /// The socket, where it is ours: systemd's has the mode that its unit says.
    socket: Option<PathBuf>,
}

impl Entrance {
    pub(super) fn of(socket: Option<PathBuf>) -> Self {
        Self { socket }
    }

    /// Lets others than our own user reach the socket, or not. Its folder is
    /// left as it is, since other things may lie in it; where that keeps others
    /// out, the log says how to let them through.
    pub fn open_to_others(&self, open: bool) {
        let Some(socket) = &self.socket else {
            return;
        };
        let mode = if open { OPEN } else { CLOSED };
        if let Err(error) = fs::set_permissions(socket, Permissions::from_mode(mode)) {
            warn!("cannot set the mode of {}: {error}", socket.display());
        }
        if open && let Some(folder) = socket.parent().filter(|it| is_closed(it)) {
            let folder = folder.display();
            warn!(
                "other users that 'allow' names cannot reach the socket: {folder} is closed to \
                 them; run 'chmod go+x {folder}'"
            );
        }
    }
}

fn is_closed(folder: &Path) -> bool {
    const OTHERS_PASS: u32 = 0o001;
    fs::metadata(folder).is_ok_and(|found| found.mode() & OTHERS_PASS == 0)
}
