//! One task for each session on disk, also where a profile is taken out of the
//! configuration and put in again while its first task is still writing.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{Mutex, OnceCell, OwnedMutexGuard};

/// The seats of all sessions.
#[derive(Debug, Default)]
pub struct Seats(HashMap<String, Arc<Mutex<()>>>);

/// The right to read and write one session. It ends when nobody holds the seat
/// any more: neither a task nor a write that a hanging disk has kept.
#[derive(Debug)]
pub struct Seat {
    turn: Arc<Mutex<()>>,
    taken: OnceCell<OwnedMutexGuard<()>>,
}

impl Seats {
    /// A seat at the session of `profile`, not taken yet.
    pub fn at(&mut self, profile: &str) -> Arc<Seat> {
        // Those that nobody holds or waits for.
        self.0.retain(|_, turn| Arc::strong_count(turn) > 1);
        // Some file systems take Prod and prod for one file.
        let turn = self.0.entry(profile.to_ascii_lowercase()).or_default();
        Arc::new(Seat {
            turn: Arc::clone(turn),
            taken: OnceCell::new(),
        })
    }
}

impl Seat {
    /// Returns when everybody who had the session before has left.
    pub async fn take(&self) {
        let turn = || Arc::clone(&self.turn).lock_owned();
        self.taken.get_or_init(turn).await;
    }
}
