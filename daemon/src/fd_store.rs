//! The service manager's store of file descriptors (`FDSTORE=1` in
//! `sd_notify(3)`): sealed sessions in memory that outlive the daemon, through a
//! restart, a crash and an upgrade, and end with the boot. Why so:
//! `docs/decisions/0043-file-descriptor-store.md`.
//!
//! A descriptor is called `session.PROFILE.GENERATION`: the next one is there
//! before the last one is taken away. What is in it is what [`crate::store`]
//! writes to a file, and nothing here looks inside.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod none;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use none as system;

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use oic_proto::message::Keeping;
use zeroize::Zeroizing;

pub use system::Memory;

/// What our descriptors are called, before the name of the profile.
const PREFIX: &str = "session.";

/// Sessions that the service manager keeps.
#[derive(Debug)]
pub struct FdStore {
    manager: Manager,
    /// The newest of each profile; held for as long as it takes to look.
    kept: Mutex<HashMap<String, Kept>>,
}

/// What is known of the service manager's store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// There is none, or it keeps nothing.
    Off,
    /// Systemd before 254 does not say whether it keeps anything, and later ones
    /// do not say that they keep nothing.
    Untold,
    /// It keeps what it is given.
    On,
}

#[derive(Debug)]
struct Kept {
    generation: u64,
    memory: Memory,
}

/// Nothing is kept.
impl Default for FdStore {
    fn default() -> Self {
        Self {
            manager: Manager::Off,
            kept: Mutex::default(),
        }
    }
}

/// Whether descriptors of this name are ours.
pub fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX)
}

impl FdStore {
    /// What the service manager has kept for this daemon: by name, descriptors
    /// for which [`is_ours`] holds.
    pub fn new(passed: Vec<(String, Memory)>) -> Self {
        let told = Manager::told(system::has_manager(), system::limit());
        // Systemd before 254 shows it by what it has kept.
        let manager = match told {
            Manager::Untold if !passed.is_empty() => Manager::On,
            told => told,
        };
        let (kept, older) = newest(passed);
        for name in older {
            // It is in the way of nothing, and the next start tries again.
            let _ = system::remove(&name);
        }
        Self {
            manager,
            kept: Mutex::new(kept),
        }
    }

    /// What is known of the service manager's store.
    pub const fn manager(&self) -> Manager {
        self.manager
    }

    /// The bytes that are kept of `profile`.
    pub fn read(&self, profile: &str) -> Option<io::Result<Zeroizing<Vec<u8>>>> {
        self.kept().get(profile).map(|kept| kept.memory.read())
    }

    /// The bytes that are kept of all profiles, as far as they can be read.
    pub fn all(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let kept = self.kept();
        let read = kept.values().filter_map(|kept| kept.memory.read().ok());
        read.collect()
    }

    /// Whether anything is kept of `profile`.
    pub fn has(&self, profile: &str) -> bool {
        self.kept().contains_key(profile)
    }

    /// Has `bytes` kept, the state of `profile` with this number, in place of
    /// what was kept before.
    ///
    /// # Errors
    ///
    /// The service manager cannot be told; what it has it keeps.
    pub fn keep(&self, profile: &str, generation: u64, bytes: &[u8]) -> io::Result<()> {
        if self.manager == Manager::Off {
            return Ok(());
        }
        let memory = Memory::of(bytes)?;
        system::store(&name(profile, generation), &memory)?;
        let kept = Kept { generation, memory };
        let before = self.kept().insert(profile.to_owned(), kept);
        match before.filter(|before| before.generation != generation) {
            Some(before) => system::remove(&name(profile, before.generation)),
            None => Ok(()),
        }
    }

    /// Has nothing kept of `profile`.
    ///
    /// # Errors
    ///
    /// The service manager cannot be told.
    pub fn forget(&self, profile: &str) -> io::Result<()> {
        match self.kept().remove(profile) {
            Some(kept) => system::remove(&name(profile, kept.generation)),
            None => Ok(()),
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        // Nothing that is done under it leaves half a change behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Manager {
    /// By whether there is one, and what it says it keeps (`$FDSTORE`).
    fn told(is_there: bool, limit: Option<u64>) -> Self {
        match limit {
            _ if !is_there => Self::Off,
            None => Self::Untold,
            Some(0) => Self::Off,
            Some(_) => Self::On,
        }
    }

    /// Where a session is kept that is on no disk.
    pub const fn keeping(self) -> Keeping {
        match self {
            Self::Off => Keeping::Memory,
            Self::Untold => Keeping::PerhapsManager,
            Self::On => Keeping::Manager,
        }
    }
}

/// The newest of each profile, and the names of the others.
fn newest(passed: Vec<(String, Memory)>) -> (HashMap<String, Kept>, Vec<String>) {
    let mut kept = HashMap::<String, Kept>::new();
    let mut older = Vec::new();
    for (called, memory) in passed {
        let Some((profile, generation)) = read_name(&called) else {
            older.push(called);
            continue;
        };
        let known = kept.get(&profile).map(|it| it.generation);
        if known.is_some_and(|known| known >= generation) {
            older.push(called);
            continue;
        }
        older.extend(known.map(|known| name(&profile, known)));
        kept.insert(profile, Kept { generation, memory });
    }
    (kept, older)
}

fn name(profile: &str, generation: u64) -> String {
    format!("{PREFIX}{profile}.{generation}")
}

fn read_name(name: &str) -> Option<(String, u64)> {
    let (profile, generation) = name.strip_prefix(PREFIX)?.rsplit_once('.')?;
    Some((profile.to_owned(), generation.parse().ok()?))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn memory(text: &str) -> Memory {
        Memory::of(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_newest_of_each_profile_is_kept_and_the_others_are_taken_away() {
        let passed = [
            ("session.prod.9", "9"),
            ("session.prod.10", "10"),
            ("session.prod.2", "2"),
            ("session.a.b.7", "7"),
            ("session.odd", "odd"),
        ];
        let passed = passed.map(|(name, text)| (name.to_owned(), memory(text)));
        let (kept, mut older) = newest(passed.into());
        let text = |profile: &str| kept[profile].memory.read().unwrap().to_vec();
        assert_eq!(text("prod"), b"10");
        assert_eq!(text("a.b"), b"7");
        older.sort();
        assert_eq!(older, ["session.odd", "session.prod.2", "session.prod.9"]);
    }

    #[test]
    fn what_is_not_known_of_the_store_is_not_claimed() {
        assert_eq!(Manager::told(false, Some(8)), Manager::Off);
        assert_eq!(Manager::told(true, Some(0)), Manager::Off);
        assert_eq!(Manager::told(true, None), Manager::Untold);
        assert_eq!(Manager::told(true, Some(8)), Manager::On);
    }

    #[test]
    fn nobody_changes_what_is_kept() {
        use std::io::Write;
        let memory = memory("sealed");
        let mut file = memory.as_file();
        assert!(file.write_all(b"forged").is_err());
        assert!(file.set_len(0).is_err());
        assert_eq!(memory.read().unwrap().as_slice(), b"sealed");
    }

    #[test]
    fn memory_that_somebody_could_still_change_is_not_read() {
        let open = rustix::fs::memfd_create("open", rustix::fs::MemfdFlags::ALLOW_SEALING);
        assert!(Memory::from(open.unwrap()).read().is_err());
    }
}
