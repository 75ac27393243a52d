//! Names and files as Unix has them.

use std::borrow::Cow;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use super::Error;

/// The folder of the files, open: to sync it takes no descriptor just when
/// callers may hold all of them.
#[derive(Debug)]
pub(super) struct Names(File);

impl Names {
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        File::open(folder).map(Self)
    }

    /// Makes the disk remember which names there are. Without this a power cut
    /// may bring an old one back, and with it a refresh token that is used up.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// The name of a file that is wanted under `name`: that name.
pub(super) fn file_name(name: &str) -> Cow<'_, str> {
    name.into()
}

/// Gives a file another's name; [`Names::sync`] makes it last.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// A new file is for its owner alone.
pub(super) fn keep_private(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// When a file was created, in nanoseconds since 1970, where its file system
/// keeps that.
pub(super) fn created(metadata: &Metadata) -> Option<u64> {
    let created = metadata.created().ok()?;
    let since = created.duration_since(std::time::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

pub(super) fn open_without_following(path: &Path) -> io::Result<File> {
    // Not to block on a pipe that somebody put in its place either.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// A file of ours that others cannot read.
pub(super) fn check(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    if !metadata.is_file() || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(Error::NotOurs(path.to_owned()));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Error::Open {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}
