//! A file that only this user can read, replaced whole, gone when it is
//! dropped.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private;

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
    pub fn create(contents: impl AsRef<[u8]>) -> io::Result<Self> {
        let contents = contents.as_ref();
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let runtime = runtime.filter(|folder| folder.is_absolute());
        let made = runtime.and_then(|parent| Self::create_in(&parent, contents).ok());
        made.map_or_else(|| Self::create_in(&std::env::temp_dir(), contents), Ok)
    }

    fn create_in(parent: &Path, contents: &[u8]) -> io::Result<Self> {
        // Each `RandomState` has keys of its own, so nobody else can be in a
        // public folder before us. If somebody is, making ours fails.
        let random = RandomState::new().build_hasher().finish();
        let folder = parent.join(format!("oic-token-{random:016x}"));
        private::folder().create(&folder)?;
        let file = Self { folder };
        file.replace(contents)?;
        Ok(file)
    }

    /// Puts other contents in its place: who reads it finds the old ones or
    /// the new ones, whole.
    ///
    /// # Errors
    ///
    /// Why it still has the old ones.
    pub fn replace(&self, contents: impl AsRef<[u8]>) -> io::Result<()> {
        let unnamed = self.folder.join("token.new");
        match self.write(&unnamed, contents.as_ref()) {
            Ok(()) => Ok(()),
            Err(error) => {
                // Half a token on a full disk would be in the way next time.
                let _ = fs::remove_file(&unnamed);
                Err(error)
            }
        }
    }

    fn write(&self, unnamed: &Path, contents: &[u8]) -> io::Result<()> {
        let mut file = private::file().create_new(true).open(unnamed)?;
        file.write_all(contents)?;
        fs::rename(unnamed, self.path())
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn each_version_is_its_owners_alone_and_nothing_is_left() {
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        let file = PrivateFile::create_in(&std::env::temp_dir(), b"first").unwrap();
        let (folder, path) = (file.folder.clone(), file.path());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        let mut reader = fs::File::open(&path).unwrap();
        file.replace("second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        let mut read = String::new();
        io::Read::read_to_string(&mut reader, &mut read).unwrap();
        assert_eq!(read, "first", "whoever is reading reads to the end");
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        drop(file);
        assert!(!folder.exists());
    }
}
