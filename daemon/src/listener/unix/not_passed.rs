//! Only systemd passes sockets, and that is a Linux program.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use super::Error;
use crate::fd_store::Memory;

/// A socket that somebody listens on for us, and its name in the file system.
pub(super) type Passed = (OwnedFd, PathBuf);

/// The sockets that were passed: none.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    pub(super) here: Option<Passed>,
    pub(super) forward: Option<Passed>,
    pub(super) credentials: Option<Passed>,
    pub(super) kept: Vec<(String, Memory)>,
}

/// None.
pub(super) fn by_systemd() -> Result<Sockets, Error> {
    Ok(Sockets::default())
}

/// Nobody waits at none.
pub fn hang_up_on_all() {}
