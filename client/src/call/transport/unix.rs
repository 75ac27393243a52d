//! A Unix socket. The only file of this program that names `interprocess`.

use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use interprocess::ConnectWaitMode;
use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{ConnectOptions, GenericFilePath};

use crate::clock;

/// A connection.
pub type Stream = interprocess::local_socket::Stream;

/// Connects without waiting: a connect that waits on a full queue waits for
/// ever.
pub fn connect(place: &Path, deadline: Instant) -> io::Result<Stream> {
    ConnectOptions::new()
        .name(place.to_fs_name::<GenericFilePath>()?)
        .wait_mode(ConnectWaitMode::Timeout(clock::left_until(deadline)))
        .connect_sync()
}

/// On Linux a socket whose queue was full is given back unconnected, which the
/// first write tells.
pub fn is_queue_full(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotConnected
}

/// The user id of whoever made the socket, as far as the system says.
pub fn peer_user(stream: &Stream) -> Option<u32> {
    stream.peer_creds().ok()?.euid()
}

/// Reads what has come, or what comes first within `wait`.
pub fn read_within(mut stream: &Stream, buffer: &mut [u8], wait: Duration) -> io::Result<usize> {
    stream.set_recv_timeout(Some(wait))?;
    stream.read(buffer)
}
