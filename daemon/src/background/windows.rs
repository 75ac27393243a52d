//! No console, and a file in the place of stderr.

#![allow(
    unsafe_code,
    reason = "the system's own calls about consoles have no safe counterpart"
)]

use std::fs::{self, OpenOptions};
use std::io;
use std::os::windows::io::IntoRawHandle;
use std::path::Path;

use windows_sys::Win32::System::Console::{FreeConsole, STD_ERROR_HANDLE, SetStdHandle};

use crate::directory::{self, Others};

/// What a log may have grown to when a daemon starts, in bytes: then it is the
/// former one, and another is begun. A daemon logs a line or two a renewal: in
/// a year it writes less than this.
const LOG_LEN_MAX: u64 = 4 * 1024 * 1024;

/// Leaves the console, and with it its window, which is closed unless somebody
/// else is in it. What goes to stderr goes to `log.txt` in `folder` from now on.
///
/// # Errors
///
/// There is no such file; nothing has changed then.
pub fn enter(folder: &Path) -> io::Result<()> {
    directory::prepare(folder, Others::Nothing).map_err(io::Error::other)?;
    let path = folder.join("log.txt");
    if fs::metadata(&path).is_ok_and(|log| log.len() > LOG_LEN_MAX) {
        fs::rename(&path, folder.join("log.old.txt"))?;
    }
    let log = OpenOptions::new().append(true).create(true).open(path)?;
    // SAFETY: the file is open, and stays so for as long as the process.
    if unsafe { SetStdHandle(STD_ERROR_HANDLE, log.into_raw_handle()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // Without a console there is none to leave.
    // SAFETY: nothing of ours has to do with the console.
    unsafe { FreeConsole() };
    Ok(())
}
