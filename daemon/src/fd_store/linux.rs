//! Memory with a descriptor (`memfd_create(2)`), and the way to systemd.

use std::env;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use zeroize::Zeroizing;

/// Longest that is read, in bytes: as long as a session's file may be.
const LEN_MAX: u64 = 512 * 1024;

/// Nobody changes it any more, and nobody allows that again.
const SEALS: SealFlags = SealFlags::WRITE
    .union(SealFlags::GROW)
    .union(SealFlags::SHRINK)
    .union(SealFlags::SEAL);

/// Memory that nobody can change.
#[derive(Debug)]
pub struct Memory(File);

impl From<OwnedFd> for Memory {
    fn from(descriptor: OwnedFd) -> Self {
        Self(descriptor.into())
    }
}

impl Memory {
    pub(crate) fn of(bytes: &[u8]) -> io::Result<Self> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = File::from(memfd_create("oic-tokend session", flags)?);
        file.write_all(bytes)?;
        fcntl_add_seals(&file, SEALS)?;
        Ok(Self(file))
    }

    pub(super) fn read(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        if !fcntl_get_seals(&self.0)?.contains(SEALS) {
            return Err(io::Error::other("it is not sealed against changes"));
        }
        let len = self.0.metadata()?.len();
        if len > LEN_MAX {
            return Err(io::Error::other(format!(
                "{len} bytes, and at most {LEN_MAX} are read"
            )));
        }
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(len).map_err(io::Error::other)?]);
        self.0.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    #[cfg(test)]
    pub(super) fn as_file(&self) -> &File {
        &self.0
    }
}

pub(super) fn has_manager() -> bool {
    env::var_os("NOTIFY_SOCKET").is_some()
}

/// How many it keeps, where it says so: systemd from 254 on.
pub(super) fn limit() -> Option<u64> {
    env::var("FDSTORE").ok()?.parse().ok()
}

pub(super) fn store(name: &str, memory: &Memory) -> io::Result<()> {
    // Nothing is to be polled of memory, and not every systemd knows that.
    let text = format!("FDSTORE=1\nFDNAME={name}\nFDPOLL=0\n");
    tell(&text, &[memory.0.as_fd()])
}

pub(super) fn remove(name: &str) -> io::Result<()> {
    tell(&format!("FDSTOREREMOVE=1\nFDNAME={name}\n"), &[])
}

fn tell(text: &str, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let place = env::var_os("NOTIFY_SOCKET").ok_or(io::ErrorKind::NotFound)?;
    let address = match place.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(&place)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let text = [IoSlice::new(text.as_bytes())];
    sendmsg(&socket, &text, &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}
