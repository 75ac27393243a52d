//! Directories that other users must keep out of: created so, never narrowed
//! afterwards, and refused when found otherwise.

#[cfg_attr(not(unix), path = "directory/way_elsewhere.rs")]
mod way;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::private;

/// What other users may do in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// Nothing: tokens lie in it.
    Nothing,
    /// Look, but not put or replace anything: a socket lies in it, and
    /// whoever may replace the socket is taken for the daemon.
    Look,
}

/// Why a directory will not do. Where a command or another choice repairs it,
/// the text ends with that, on a line of its own.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be made or looked at.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is something else in its place.
    #[error("{} is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// It belongs to somebody else.
    #[error(
        "{} belongs to user {owner}, who could replace what is in it; this is user {own}\nhint: choose a directory of your own",
        path.display()
    )]
    NotOurs {
        /// The directory.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        own: u32,
    },
    /// Others may do more in it than they must.
    #[error(
        "{} is open to other users (mode {mode:04o}): {risk}\nhint: {}",
        path.display(),
        hint(path, *mode, repair)
    )]
    Open {
        /// The directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// What they could do.
        risk: &'static str,
        /// What chmod has to be told.
        repair: &'static str,
    },
}

/// A sticky directory, such as `/tmp`, is shared on purpose: closing it would
/// break the machine.
fn hint(path: &Path, mode: u32, repair: &str) -> String {
    const STICKY: u32 = 0o1000;
    if mode & STICKY != 0 {
        return "choose a directory of your own".to_owned();
    }
    format!("run 'chmod {repair} {}'", path.display())
}

/// Makes the directory and its parents, as far as they are missing, with mode
/// 0700; then checks that it is ours, that others cannot do more in it than
/// `others` says, and that nobody but root can put another in its place.
///
/// A symbolic link is followed: systemd makes one of `$STATE_DIRECTORY`.
///
/// # Errors
///
/// [`Error`].
pub fn prepare(path: &Path, others: Others) -> Result<(), Error> {
    let failed = |operation| {
        move |source| Error::Io {
            operation,
            path: path.to_owned(),
            source,
        }
    };
    private::folder().create(path).map_err(failed("create"))?;
    let metadata = fs::metadata(path).map_err(failed("look at"))?;
    if !metadata.is_dir() {
        return Err(Error::NotADirectory(path.to_owned()));
    }
    check(path, &metadata, others)?;
    way::check(path)
}

#[cfg(unix)]
fn check(path: &Path, metadata: &fs::Metadata, others: Others) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;

    let own = rustix::process::geteuid().as_raw();
    if metadata.uid() != own {
        return Err(Error::NotOurs {
            path: path.to_owned(),
            owner: metadata.uid(),
            own,
        });
    }
    let mode = metadata.mode() & 0o7777;
    let (forbidden, risk, repair) = match others {
        Others::Nothing => (0o077, "they could reach the tokens in it", "700"),
        Others::Look => (0o022, "they could put a socket of their own there", "go-w"),
    };
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(Error::Open {
        path: path.to_owned(),
        mode,
        risk,
        repair,
    })
}

/// Elsewhere a directory inherits the access list of the user's profile.
#[cfg(not(unix))]
fn check(_: &Path, _: &fs::Metadata, _: Others) -> Result<(), Error> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::testbed::{Scratch, mode, set_mode};

    #[test]
    fn missing_directories_are_made_for_their_owner_alone() {
        let scratch = Scratch::new();
        let inner = scratch.path().join("outer/inner");
        prepare(&inner, Others::Nothing).unwrap();
        assert_eq!(mode(&inner), 0o700);
        assert_eq!(mode(inner.parent().unwrap()), 0o700);
    }

    #[test]
    fn tokens_are_not_kept_where_others_may_look() {
        let scratch = Scratch::new();
        set_mode(scratch.path(), 0o750);
        let error = prepare(scratch.path(), Others::Nothing).unwrap_err();
        let folder = scratch.path().display();
        let expected = format!(
            "{folder} is open to other users (mode 0750): they could reach the tokens in it\nhint: run 'chmod 700 {folder}'"
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(mode(scratch.path()), 0o750, "that is for its owner to do");
    }

    #[test]
    fn a_socket_may_lie_where_others_look_but_not_where_they_write() {
        let scratch = Scratch::new();
        set_mode(scratch.path(), 0o755);
        prepare(scratch.path(), Others::Look).unwrap();
        set_mode(scratch.path(), 0o775);
        let error = prepare(scratch.path(), Others::Look).unwrap_err();
        assert!(error.to_string().contains("hint: run 'chmod go-w "));
    }

    #[test]
    fn a_link_to_a_good_directory_is_good() {
        let scratch = Scratch::new();
        let (target, link) = (scratch.path().join("target"), scratch.path().join("link"));
        prepare(&target, Others::Nothing).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        prepare(&link, Others::Nothing).unwrap();
    }

    #[test]
    fn a_file_is_no_directory() {
        let scratch = Scratch::new();
        let file = scratch.file("file", "", 0o600);
        assert!(prepare(&file, Others::Nothing).is_err());
    }

    #[test]
    fn another_users_directory_is_refused() {
        // Root owns it, and cannot be told apart from its own.
        if !rustix::process::geteuid().is_root() {
            let error = prepare(Path::new("/usr"), Others::Look).unwrap_err();
            assert!(error.to_string().contains("belongs to user 0"));
        }
    }
}
