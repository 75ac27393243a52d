//! Files and folders that are their owner's alone: how they are made, and how
//! one takes over whose it was.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// Makes files that nobody else may read or write. On Windows they inherit the
/// access list of the user's profile.
pub fn file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes folders that nobody else may enter.
#[cfg(unix)]
pub fn folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;

    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// The same is true of Windows.
#[cfg(not(unix))]
pub fn folder() -> DirBuilder {
    DirBuilder::new()
}

/// Who may read the file at `present`, if it is there, may read the one at
/// `new`: a service that has a user of its own.
///
/// # Errors
///
/// The system refuses.
#[cfg(unix)]
pub fn keep_readers(present: &Path, new: &Path) -> io::Result<()> {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, chown};

    let (before, now) = match fs::metadata(present) {
        Ok(before) => (before, fs::metadata(new)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if (before.uid(), before.gid()) != (now.uid(), now.gid()) {
        chown(new, Some(before.uid()), Some(before.gid()))?;
    }
    fs::set_permissions(new, before.permissions())
}

/// Elsewhere whoever may read the folder may read both.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub fn keep_readers(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}
