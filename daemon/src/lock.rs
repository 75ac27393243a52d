//! The file that one daemon holds, so that a second one stays away. The kernel
//! lets go of it when the daemon ends, however it ends; the file itself stays,
//! because removing it would let two daemons each hold one of that name.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::private;

/// Longest process id that is read from a lock file, in bytes.
const PID_LEN_MAX: u64 = 20;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Why a lock is not held.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds it.
    #[error("another oic-tokend is running{}: it holds {}", of(*pid), path.display())]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, as far as it is known.
        pid: Option<u32>,
    },
    /// It cannot be made or taken.
    #[error("cannot lock {}: {source}", path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn of(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" as process {pid}"))
}

impl Lock {
    /// Takes the lock at `path`, without waiting, and writes our process id
    /// into it for whoever comes second.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn take(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Io {
            path: path.to_owned(),
            source,
        };
        let mut options = private::file();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Held {
                    path: path.to_owned(),
                    pid: holder(file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        write_own_pid(&mut file).map_err(failed)?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would not let go while a process that is just being
        // started still has a copy of the descriptor.
        let _ = self.file.unlock();
    }
}

/// Between taking the lock and writing its id a daemon is not known by name.
fn holder(file: File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_LEN_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_own_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::testbed::{Scratch, mode};

    #[test]
    fn the_second_is_refused_and_told_who_is_first() {
        let scratch = Scratch::new();
        let path = scratch.path().join("lock");
        let first = Lock::take(&path).unwrap();
        let expected = format!(
            "another oic-tokend is running as process {}: it holds {}",
            std::process::id(),
            path.display()
        );
        assert_eq!(Lock::take(&path).unwrap_err().to_string(), expected);
        drop(first);
        Lock::take(&path).unwrap();
    }

    #[test]
    fn the_file_stays_and_is_for_its_owner_alone() {
        let scratch = Scratch::new();
        let path = scratch.path().join("lock");
        drop(Lock::take(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_longer_process_id_of_an_earlier_daemon_leaves_no_trace() {
        let scratch = Scratch::new();
        let path = scratch.file("lock", "99999999999999999\n", 0o600);
        let _lock = Lock::take(&path).unwrap();
        let expected = format!("{}\n", std::process::id());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }

    #[test]
    fn a_holder_that_wrote_no_process_id_is_refused_all_the_same() {
        let scratch = Scratch::new();
        let path = scratch.file("lock", "", 0o600);
        let held = File::open(&path).unwrap();
        held.lock().unwrap();
        let expected = format!("another oic-tokend is running: it holds {}", path.display());
        assert_eq!(Lock::take(&path).unwrap_err().to_string(), expected);
    }
}
