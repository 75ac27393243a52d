//! One file, replaced whole or not at all.

#[cfg(unix)]
#[path = "file/unix.rs"]
mod system;
#[cfg(windows)]
#[path = "file/windows.rs"]
mod system;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tracing::trace;
use zeroize::Zeroizing;

use super::Error;
use super::seal::{self, LABEL_LEN_MAX};
use system::{Names, check, created, open_without_following};

/// Longest session, in bytes, read or written. It holds two tokens and no
/// more, and both came in one answer of at most 256 KiB.
const SESSION_LEN_MAX: usize = 512 * 1024;

/// How much of a credential is read: a key needs 32 bytes.
const CREDENTIAL_LEN_MAX: usize = 4096;

/// Unreadable files of one profile that are kept side by side.
const ASIDE_MAX: usize = 100;

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        operation,
        path,
        source,
    }
}

/// What a session is written to before it gets its name. Known by name, so
/// that one that was left behind is found; hidden from a shell's `*.session`.
fn unnamed(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

/// The folder of the files.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    names: Names,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self {
            path: path.to_owned(),
            names: Names::of(path).map_err(failed("open", path))?,
        })
    }

    /// The file of this name, or what stands for it where the system knows
    /// something else by that name.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(system::file_name(name).as_ref())
    }

    /// The names of the keys that the sessions here are sealed with, as far as
    /// their labels can be read.
    pub(super) fn key_ids(&self) -> Result<BTreeSet<String>, Error> {
        let entries = fs::read_dir(&self.path).map_err(failed("look into", &self.path))?;
        let is_session = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().as_encoded_bytes();
            name.ends_with(b".session") || name.ends_with(b".session.new")
        };
        let paths = entries.flatten().map(|entry| entry.path());
        let ids = paths.filter(is_session).filter_map(|path| {
            let mut head = Vec::with_capacity(LABEL_LEN_MAX);
            let file = open_without_following(&path).ok()?;
            file.take(LABEL_LEN_MAX as u64)
                .read_to_end(&mut head)
                .ok()?;
            seal::key_id(&head).ok()
        });
        Ok(ids.collect())
    }

    /// Writes beside the file what `encode` makes of the time at which that was
    /// created, then puts it in the file's place.
    pub(super) fn replace(
        &self,
        path: &Path,
        encode: impl FnOnce(Option<u64>) -> Vec<u8>,
    ) -> Result<(), Error> {
        let unnamed = unnamed(path);
        let file = create(&unnamed)?;
        write(file, &unnamed, encode).inspect_err(|_| {
            // Best effort: half a session is known as one.
            let _ = fs::remove_file(&unnamed);
        })?;
        // Where this fails the session is whole all the same, and found by the
        // next daemon.
        self.name_unnamed(path)
    }

    /// Gives what was written its name, and makes the disk remember it.
    pub(super) fn name_unnamed(&self, path: &Path) -> Result<(), Error> {
        system::rename(&unnamed(path), path).map_err(failed("replace", path))?;
        trace!("{} renamed", path.display());
        self.sync()?;
        trace!("{} synced", self.path.display());
        Ok(())
    }

    /// Removes the file, and one that has no name yet, which would otherwise
    /// come back as the newer one.
    pub(super) fn remove(&self, path: &Path) -> Result<(), Error> {
        remove(&unnamed(path))?;
        remove(path)?;
        self.sync()
    }

    /// Moves the file to `aside`, or to the first free name of `aside.1`,
    /// `aside.2`, ...; returns which.
    pub(super) fn put_aside(&self, path: &Path, aside: &Path) -> Result<PathBuf, Error> {
        let numbered = |number| {
            let mut name = aside.as_os_str().to_owned();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        let free = std::iter::once(aside.to_owned())
            .chain((1..ASIDE_MAX).map(numbered))
            .find(|candidate| fs::symlink_metadata(candidate).is_err())
            .ok_or_else(|| failed("put aside", path)(ErrorKind::AlreadyExists.into()))?;
        system::rename(path, &free).map_err(failed("put aside", path))?;
        self.sync()?;
        Ok(free)
    }

    fn sync(&self) -> Result<(), Error> {
        self.names.sync().map_err(failed("sync", &self.path))
    }
}

/// Creates what a session is written to. One that is there already was left by
/// a write that failed: nobody else writes here.
fn create(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    system::keep_private(&mut options);
    let created = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            remove(path)?;
            options.open(path)
        }
        created => created,
    };
    created.map_err(failed("write", path))
}

fn write(
    mut file: File,
    path: &Path,
    encode: impl FnOnce(Option<u64>) -> Vec<u8>,
) -> Result<(), Error> {
    let metadata = file.metadata().map_err(failed("look at", path))?;
    let bytes = encode(created(&metadata));
    if bytes.len() > SESSION_LEN_MAX {
        return Err(Error::TooLong {
            len: bytes.len(),
            max: SESSION_LEN_MAX,
        });
    }
    file.write_all(&bytes).map_err(failed("write", path))?;
    trace!("{} written", path.display());
    // Before the rename: or a power cut leaves the new name on an empty file.
    file.sync_all().map_err(failed("sync", path))?;
    trace!("{} synced", path.display());
    Ok(())
}

/// What a file holds.
pub(super) struct Found {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// When it was created; see [`created`].
    pub(super) created: Option<u64>,
}

/// A file that others cannot read; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Found>, Error> {
    let file = match open_without_following(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("open", path)(error)),
    };
    let metadata = file.metadata().map_err(failed("look at", path))?;
    check(path, &metadata)?;
    // Once, as long as needed: a buffer that grows leaves copies behind.
    let len = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if len > SESSION_LEN_MAX {
        let max = SESSION_LEN_MAX;
        return Err(Error::TooLong { len, max });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(len + 1));
    file.take(SESSION_LEN_MAX as u64)
        .read_to_end(&mut bytes)
        .map_err(failed("read", path))?;
    Ok(Some(Found {
        bytes,
        created: created(&metadata),
    }))
}

/// A file that the service manager guards, whoever owns it.
pub(super) fn read_credential(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(CREDENTIAL_LEN_MAX));
    let read = File::open(path)
        .and_then(|file| file.take(CREDENTIAL_LEN_MAX as u64).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// What was written and did not get its name, if it can be read: it may as
/// well be half written.
pub(super) fn read_unnamed(path: &Path) -> Option<Found> {
    read(&unnamed(path)).ok().flatten()
}

/// Whether there is a file of this name, or one that has not got it yet.
pub(super) fn is_there(path: &Path) -> bool {
    let found = |path: &Path| match fs::symlink_metadata(path) {
        Err(error) => error.kind() != ErrorKind::NotFound,
        Ok(_) => true,
    };
    found(path) || found(&unnamed(path))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}
