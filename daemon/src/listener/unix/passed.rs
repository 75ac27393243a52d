//! Socket activation (`sd_listen_fds(3)`).

use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, sockopt};

use super::Error;

/// The socket that systemd listens on for us, and its name; `None` where
/// there is none. Must be called once.
pub(super) fn by_systemd() -> Result<Option<(OwnedFd, PathBuf)>, Error> {
    let descriptors = sd_notify::listen_fds()
        .map_err(|error| Error::Passed(format!("descriptors that cannot be read ({error})")))?;
    match Vec::from_iter(descriptors).as_slice() {
        [] => Ok(None),
        &[descriptor] => socket(own(descriptor)).map(Some),
        several => Err(Error::Passed(format!("{} descriptors", several.len()))),
    }
}

/// The one place where a number becomes a descriptor.
#[expect(unsafe_code, reason = "systemd passes descriptors as numbers")]
fn own(descriptor: RawFd) -> OwnedFd {
    // SAFETY: `sd_notify::listen_fds` has just set a flag on this descriptor,
    // so it is open; systemd opened it for this process ($LISTEN_PID is
    // checked) and nothing else here knows of it.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

fn socket(descriptor: OwnedFd) -> Result<(OwnedFd, PathBuf), Error> {
    if !is_listening_stream(descriptor.as_fd()).unwrap_or(false) {
        return Err(Error::Passed("another kind of descriptor".to_owned()));
    }
    let address = rustix::net::getsockname(&descriptor)
        .and_then(SocketAddrUnix::try_from)
        .map_err(|error| Error::Passed(format!("a socket without a name ({error})")))?;
    let Some(path) = address.path_bytes() else {
        return Err(Error::Passed("a socket without a path".to_owned()));
    };
    let path = PathBuf::from(std::ffi::OsStr::from_bytes(path));
    Ok((descriptor, path))
}

fn is_listening_stream(socket: impl AsFd) -> io::Result<bool> {
    Ok(sockopt::socket_domain(&socket)? == AddressFamily::UNIX
        && sockopt::socket_type(&socket)? == SocketType::STREAM
        && sockopt::socket_acceptconn(&socket)?)
}
