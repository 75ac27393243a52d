//! A systemd unit that loads a credential.

use std::io::{self, Read};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

use super::DEADLINE;

/// What the credential of `unit` holds that it loads from `socket`, as systemd
/// does it (`LoadCredential=` in systemd.exec(5)): from an address that says
/// who asks, and to the end.
///
/// # Panics
///
/// When there is no answer.
pub fn load_credential(socket: &Path, unit: &str, credential: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let random = format!("{:x}{number:08x}", std::process::id());
    let address = format!("{random}/unit/{unit}/{credential}");
    read_from(socket, &address).expect("the socket is served")
}

/// What is to be read at `socket` from an abstract address of this name.
///
/// # Errors
///
/// Where nobody listens, or whoever does leaves without an answer.
pub fn read_from(socket: &Path, address: &str) -> io::Result<String> {
    let own = SocketAddrUnix::new_abstract_name(address.as_bytes())?;
    let there = SocketAddrUnix::new(socket)?;
    let connection = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
    rustix::net::bind(connection.as_fd(), &own)?;
    rustix::net::connect(connection.as_fd(), &there)?;
    let mut connection = UnixStream::from(connection);
    connection.shutdown(Shutdown::Write)?;
    connection.set_read_timeout(Some(DEADLINE))?;
    let mut read = String::new();
    connection.read_to_string(&mut read)?;
    Ok(read)
}
