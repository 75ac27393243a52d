//! A file that only this user can read, gone when it is dropped.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file in a folder of its own. A kill -9 leaves both behind, in a folder
/// that the system empties when the user's last session ends.
#[derive(Debug)]
pub struct PrivateFile {
    folder: PathBuf,
}

impl PrivateFile {
    /// A new file named `token` with these contents: in `$XDG_RUNTIME_DIR`,
    /// which is in memory, or else in the folder for temporary files.
    ///
    /// # Errors
    ///
    /// Why it could not be made in the last of those.
    pub fn create(contents: &str) -> io::Result<Self> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let runtime = runtime.filter(|folder| folder.is_absolute());
        let made = runtime.and_then(|parent| Self::create_in(&parent, contents).ok());
        made.map_or_else(|| Self::create_in(&std::env::temp_dir(), contents), Ok)
    }

    fn create_in(parent: &Path, contents: &str) -> io::Result<Self> {
        // Each `RandomState` has keys of its own, so nobody else can be in a
        // public folder before us. If somebody is, making ours fails.
        let random = RandomState::new().build_hasher().finish();
        let folder = parent.join(format!("oic-token-{random:016x}"));
        folder_options().create(&folder)?;
        let file = Self { folder };
        file_options()
            .open(file.path())?
            .write_all(contents.as_bytes())?;
        Ok(file)
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.join("token")
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        // What cannot be removed any more, nobody can repair from here.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(unix)]
fn folder_options() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut options = DirBuilder::new();
    options.mode(0o700);
    options
}

#[cfg(unix)]
fn file_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

/// The folder for temporary files is the user's own on Windows, and what is
/// in it inherits that.
#[cfg(windows)]
fn folder_options() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(windows)]
fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}
