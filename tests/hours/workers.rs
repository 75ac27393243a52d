//! Many runs, several at a time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::plan::Plan;
use crate::run::run;
use crate::tally::Tally;

/// What all runs came to.
pub struct Total {
    pub tally: Tally,
    /// The seed after the last run's.
    pub next_seed: u64,
    /// The seed of a run in which something was wrong.
    pub failed: Option<u64>,
}

/// Runs seed after seed until `hours` have been lived, or one fails.
pub fn run_all(first: u64, hours: u64, jobs: usize) -> Total {
    let next = AtomicU64::new(first);
    let over = AtomicBool::new(false);
    let total = Mutex::new((Tally::default(), None));
    let work = || {
        while !over.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let outcome = run(Plan::new(seed), false);
            let (tally, failed) = &mut *total.lock().unwrap_or_else(PoisonError::into_inner);
            *tally += outcome.tally;
            if outcome.failure.is_some() {
                failed.get_or_insert(seed);
            }
            let enough = tally.lived >= Duration::from_secs(hours * 3600);
            if enough || failed.is_some() {
                over.store(true, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(work);
        }
    });
    let (tally, failed) = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    Total {
        tally,
        next_seed: next.into_inner(),
        failed,
    }
}
