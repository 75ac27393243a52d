//! Only systemd keeps descriptors, and that is a Linux program.

use std::io;

use zeroize::Zeroizing;

/// There is none.
#[derive(Debug)]
pub enum Memory {}

impl Memory {
    pub(super) fn of(_: &[u8]) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn read(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        match *self {}
    }
}

pub(super) fn has_manager() -> bool {
    false
}

pub(super) fn limit() -> Option<u64> {
    None
}

pub(super) fn store(_: &str, _: &Memory) -> io::Result<()> {
    Ok(())
}

pub(super) fn remove(_: &str) -> io::Result<()> {
    Ok(())
}
