//! No token files here; the configuration refuses them.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::config::TokenFile;

/// Whether there are token files.
pub const IS_POSSIBLE: bool = false;

/// Not here.
pub(super) fn write(_: &TokenFile, _: &str) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Not here.
pub(super) fn remove(_: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
