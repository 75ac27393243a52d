//! Names and files as Windows has them.

#![allow(
    unsafe_code,
    reason = "a name that is on the disk when the call returns has no safe counterpart"
)]

use std::borrow::Cow;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_OPEN_REPARSE_POINT, MOVEFILE_REPLACE_EXISTING, MOVEFILE_WRITE_THROUGH, MoveFileExW,
};

use super::Error;

/// What Windows takes for a device in every folder, whatever follows after a
/// dot. Those of [`PORTS`] have a digit more.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

const PORTS: [&str; 2] = ["com", "lpt"];

/// Before such a name it makes that of a file. No profile has it in its name,
/// so no other file is called so.
const NO_DEVICE: char = '=';

/// The names in a folder.
#[derive(Debug)]
pub(super) struct Names;

impl Names {
    #[expect(
        clippy::unnecessary_wraps,
        reason = "elsewhere it is the system that may refuse"
    )]
    pub(super) fn of(_: &Path) -> io::Result<Self> {
        Ok(Self)
    }

    /// Nothing to do after [`rename`]. A name that is removed may come back
    /// after a power cut: that of a session that was logged out of, with a
    /// refresh token that was revoked.
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "elsewhere it is the system that may refuse"
    )]
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The name of a file that is wanted under `name`: the session of a profile
/// `con` is not to be read from the console.
pub(super) fn file_name(name: &str) -> Cow<'_, str> {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.to_ascii_lowercase();
    let port = stem.strip_suffix(|it: char| it.is_ascii_digit());
    let is_device = DEVICES.contains(&stem.as_str());
    match is_device || port.is_some_and(|it| PORTS.contains(&it)) {
        true => format!("{NO_DEVICE}{name}").into(),
        false => name.into(),
    }
}

/// Gives a file another's name, and returns when that is on the disk: or a
/// power cut may bring the old one back, and with it a refresh token that is
/// used up.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (wide(from)?, wide(to)?);
    let flags = MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH;
    // SAFETY: both names end with a zero and are only read.
    if unsafe { MoveFileExW(from.as_ptr(), to.as_ptr(), flags) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// With its drive, ended by a zero.
fn wide(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    Ok(path.as_os_str().encode_wide().chain([0]).collect())
}

/// A new file has the access list of its folder.
pub(super) fn keep_private(_: &mut OpenOptions) {}

/// Windows gives a file the time of one that had its name a moment ago.
pub(super) fn created(_: &Metadata) -> Option<u64> {
    None
}

/// Opens a link itself, which [`check`] then knows.
pub(super) fn open_without_following(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT)
        .open(path)
}

/// A file, and no link to one.
pub(super) fn check(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    if metadata.is_file() {
        Ok(())
    } else {
        Err(Error::NotOurs(path.to_owned()))
    }
}
