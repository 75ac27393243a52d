//! Files and folders that are their owner's alone: how they are made, and
//! whether one is.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;

/// Opens or makes files that nobody else may read or write. What is there
/// already keeps its mode.
#[cfg(unix)]
pub fn file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Elsewhere a file inherits the access list of the user's profile.
#[cfg(not(unix))]
pub fn file() -> OpenOptions {
    OpenOptions::new()
}

/// Makes a folder that nobody else may enter, and those above it.
pub fn folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// The file's mode, if it lets others in.
///
/// # Errors
///
/// The system does not say.
#[cfg(unix)]
pub fn open_to_others(file: &File) -> io::Result<Option<u32>> {
    use std::os::unix::fs::MetadataExt;

    let mode = file.metadata()?.mode() & 0o7777;
    Ok(Some(mode).filter(|mode| mode & 0o077 != 0))
}

/// Elsewhere it has none.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub fn open_to_others(_: &File) -> io::Result<Option<u32>> {
    Ok(None)
}
