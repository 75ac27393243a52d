//! What the allocator keeps of memory that nobody needs any more: a crowd of
//! callers, or a thousand sessions that are read at once, would leave megabytes
//! behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;

/// How long after there is something to give back: others are about to leave
/// too, and looking through all of it takes milliseconds.
const LATER: Duration = Duration::from_secs(2);

/// Whether somebody is about to give back what there is.
static SOON: AtomicBool = AtomicBool::new(false);

/// Everything is kept in one place. Each thread that reads a session would keep
/// what it needed for that in one of its own, with the session in between.
pub fn keep_together() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::use_one_arena();
}

/// Gives back to the system what is free, soon. Nothing happens outside of a
/// runtime: at the end everything is given back.
pub fn give_back_soon() {
    let Ok(runtime) = Handle::try_current() else {
        return;
    };
    if !SOON.swap(true, Ordering::Relaxed) {
        runtime.spawn(async {
            tokio::time::sleep(LATER).await;
            SOON.store(false, Ordering::Relaxed);
            #[cfg(all(target_os = "linux", target_env = "gnu"))]
            glibc::give_back();
        });
    }
}

/// Other C libraries give back what is free by themselves.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "no crate below us has these calls")]
mod glibc {
    pub(super) fn use_one_arena() {
        // SAFETY: it sets a number that later allocations look at.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    }

    pub(super) fn give_back() {
        // SAFETY: it is a function of the allocator, and takes its locks.
        unsafe { libc::malloc_trim(0) };
    }
}
