//! What both programs do so that their memory gives away no secret: what is
//! freed is wiped, and nobody but root reads the rest.
//!
//! [`Secret`](crate::Secret) wipes itself, but a token passes through buffers
//! of libraries too: of HTTP, TLS and JSON, which know nothing of secrets and
//! simply free them.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, which wipes whatever is given back to it.
///
/// For `#[global_allocator]`. What it costs is one `memset` a block; a block
/// that grows is always moved, since one that grows in place by the system's
/// own `realloc` may be moved without being wiped.
#[derive(Debug)]
pub struct Wiping;

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: every call is passed on to the system's allocator as it came, so its
// promises are ours; before a block is given back it is written to within its
// own bounds, while it is still ours.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above. The black box keeps the compiler from leaving out
        // a write that nobody reads.
        unsafe {
            block.write_bytes(0, layout.size());
            std::hint::black_box(block);
            System.dealloc(block, layout);
        }
    }
}

/// From here on no other process of this user reads our memory, and the system
/// writes none of it to a core file.
///
/// On Linux by `PR_SET_DUMPABLE`, until the next `execve`; after it
/// `/proc/self` belongs to root. On every Unix by the limit of core files too,
/// which programs that we start inherit: see [`starting`].
pub fn withhold() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Refused by no kernel that this program runs on; if it were, the
        // modes of files and the socket would still hold.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    #[cfg(unix)]
    core_files::forbid();
}

/// What `start` returns, which starts another program, or puts one in our
/// place. That one has the limit of core files that we were started with: how
/// its own crashes are looked into is not for us to say.
pub fn starting<T>(start: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    core_files::allow_as_before();
    let started = start();
    #[cfg(unix)]
    core_files::forbid();
    started
}

/// Only the soft limit is touched, so that it can be put back.
#[cfg(unix)]
mod core_files {
    use std::sync::OnceLock;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// The limits that we were started with.
    static BEFORE: OnceLock<Rlimit> = OnceLock::new();

    pub(super) fn forbid() {
        limit(BEFORE.get_or_init(|| getrlimit(Resource::Core)), Some(0));
    }

    pub(super) fn allow_as_before() {
        if let Some(before) = BEFORE.get() {
            limit(before, before.current);
        }
    }

    fn limit(before: &Rlimit, current: Option<u64>) {
        // Mostly there are no core files anyway.
        if before.current != Some(0) {
            let maximum = before.maximum;
            // Never above the maximum, so it is never refused.
            let _ = setrlimit(Resource::Core, Rlimit { current, maximum });
        }
    }
}
