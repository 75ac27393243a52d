//! Files and folders that others could read or change: a daemon refuses to
//! start with some of them, and whoever asks here may not have its log at hand.

#[cfg(unix)]
pub use unix::{configuration, key, socket, state, ways_in};

/// On Windows they are private by where they are, and a pipe by its access list.
#[cfg(not(unix))]
pub use elsewhere::{configuration, key, socket, state, ways_in};

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::fs::Metadata;
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};

    use oic_proto::message::{Finding, Outcome};

    use crate::doctor::host::{finding, good};
    use crate::place;

    const OTHERS: u32 = 0o077;
    const OTHERS_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;

    /// How long a key is, in bytes, as the daemon has it.
    const KEY_LEN: u64 = 32;

    /// Where a daemon listens: whoever may write there may put a socket of
    /// their own in its place.
    pub fn socket(place: &Path) -> Finding {
        open_folder(place).unwrap_or_else(|| good("socket", place.display().to_string()))
    }

    /// The folders in which one would listen, where it refuses to.
    pub fn ways_in(places: &[PathBuf]) -> impl Iterator<Item = Finding> {
        places.iter().filter_map(|place| open_folder(place))
    }

    fn open_folder(place: &Path) -> Option<Finding> {
        let folder = place.parent().unwrap_or(Path::new("/"));
        let found = std::fs::metadata(folder).ok()?;
        if !may_others_write(&found) || found.mode() & STICKY != 0 {
            return None;
        }
        Some(others_write("socket", Outcome::Bad, folder))
    }

    /// The folder of the sessions, in which a daemon refuses to start where
    /// others may look; one that is not there will be made.
    pub fn state() -> Option<Finding> {
        let folder = state_folder()?;
        let found = std::fs::metadata(&folder).ok()?;
        let shown = folder.display();
        if found.uid() != rustix::process::getuid().as_raw() {
            return Some(finding(
                "state",
                Outcome::Bad,
                format!("{shown} belongs to another user"),
                Some("name a folder of your own with 'oic-tokend --state-dir'".to_owned()),
            ));
        }
        if found.mode() & OTHERS != 0 {
            return Some(finding(
                "state",
                Outcome::Bad,
                format!("{shown} is open to other users"),
                Some(format!("run 'chmod 700 {shown}'")),
            ));
        }
        Some(good("state", shown.to_string()))
    }

    /// The key beside the sessions, with which a daemon refuses to start where
    /// it can be none.
    pub fn key() -> Option<Finding> {
        let path = state_folder()?.join("key");
        let found = std::fs::symlink_metadata(&path).ok()?;
        if found.is_file() && found.len() == KEY_LEN {
            return None;
        }
        let shown = path.display();
        Some(finding(
            "key",
            Outcome::Bad,
            format!("{shown} is not a key: it has to have {KEY_LEN} bytes"),
            Some(format!(
                "put the right one back; or give the sessions up that are sealed with it: run \
                 'rm {shown}', start oic-tokend, and sign in anew"
            )),
        ))
    }

    /// The configuration: whoever may change it may send users to a domain of
    /// their own to sign in.
    pub fn configuration() -> Option<Finding> {
        let file = place::config()?;
        let folder = file.parent()?;
        let found = std::fs::metadata(&file).ok()?;
        let exposed = [
            (file.as_path(), found),
            (folder, std::fs::metadata(folder).ok()?),
        ];
        let exposed = exposed.iter().find(|(_, found)| may_others_write(found));
        exposed.map(|(path, _)| others_write("configuration", Outcome::Doubtful, path))
    }

    fn may_others_write(found: &Metadata) -> bool {
        found.mode() & OTHERS_WRITE != 0
    }

    fn others_write(check: &str, outcome: Outcome, path: &Path) -> Finding {
        let shown = path.display();
        finding(
            check,
            outcome,
            format!("others may write to {shown}"),
            Some(format!("run 'chmod go-w {shown}'")),
        )
    }

    /// Where a daemon that this user starts keeps its sessions.
    fn state_folder() -> Option<PathBuf> {
        let set = |name| std::env::var_os(name).filter(|it: &OsString| !it.is_empty());
        let state = set("XDG_STATE_HOME").map(PathBuf::from);
        let state = state.filter(|path| path.is_absolute());
        let state = state.or_else(|| Some(PathBuf::from(set("HOME")?).join(".local/state")));
        Some(state?.join("oic-tokend"))
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::path::{Path, PathBuf};

    use oic_proto::message::Finding;

    use crate::doctor::host::good;

    pub fn socket(place: &Path) -> Finding {
        good("pipe", place.display().to_string())
    }

    pub fn ways_in(_: &[PathBuf]) -> impl Iterator<Item = Finding> {
        None.into_iter()
    }

    pub fn state() -> Option<Finding> {
        None
    }

    pub fn key() -> Option<Finding> {
        None
    }

    pub fn configuration() -> Option<Finding> {
        None
    }
}
