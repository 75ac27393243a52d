//! The name that a caller gives its own end in the abstract namespace, which is
//! Linux' own.

use std::os::fd::AsFd;

use rustix::net::SocketAddrUnix;

pub(super) fn of_peer(socket: impl AsFd) -> Option<Vec<u8>> {
    let address = rustix::net::getpeername(socket).ok()??;
    let address = SocketAddrUnix::try_from(address).ok()?;
    address.abstract_name().map(<[u8]>::to_vec)
}
