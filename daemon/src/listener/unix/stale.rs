//! What a daemon that was killed leaves behind.

use std::fs;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

use super::{Error, failed};

/// Removes the socket of a daemon that is gone. The lock is ours by now, so
/// no other daemon is between its own look and its own removal; the probe
/// finds those that hold no lock: a socket of systemd, or another program's.
pub(super) fn remove(place: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("look at", place)(error)),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(Error::NotASocket(place.to_owned()));
        }
        Ok(_) => {}
    }
    match probe(place) {
        Err(Errno::CONNREFUSED) => fs::remove_file(place).map_err(failed("remove", place)),
        // A queue that is full, like a connection, is somebody's.
        Ok(()) | Err(Errno::AGAIN | Errno::INPROGRESS) => Err(Error::Taken(place.to_owned())),
        Err(error) => Err(failed("connect to", place)(error.into())),
    }
}

/// Connects without waiting: a daemon that hangs would make us hang.
fn probe(place: &Path) -> Result<(), Errno> {
    let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(place)?)
}
