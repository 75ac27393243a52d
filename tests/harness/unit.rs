//! A systemd unit that loads a credential.

use std::io::Read;
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
    read_from(socket, &format!("{random}/unit/{unit}/{credential}"))
}

/// What is to be read at `socket` from an abstract address of this name.
///
/// # Panics
///
/// When there is no answer.
pub fn read_from(socket: &Path, address: &str) -> String {
    let own = SocketAddrUnix::new_abstract_name(address.as_bytes()).expect("it is short");
    let there = SocketAddrUnix::new(socket).expect("it is short");
    let connection = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)
        .expect("a socket is made");
    rustix::net::bind(connection.as_fd(), &own).expect("nobody else has this address");
    rustix::net::connect(connection.as_fd(), &there).expect("somebody listens");
    let mut connection = UnixStream::from(connection);
    connection
        .shutdown(Shutdown::Write)
        .expect("somebody listens");
    connection
        .set_read_timeout(Some(DEADLINE))
        .expect("it is no zero");
    let mut read = String::new();
    connection
        .read_to_string(&mut read)
        .expect("it ends by hanging up");
    read
}
