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
/// writes none of it to a core file. Until the next `execve`: a program that
/// takes our place is not kept from anything.
///
/// On Linux `PR_SET_DUMPABLE`; elsewhere nothing is done. After it `/proc/self`
/// belongs to root.
pub fn withhold() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Refused by no kernel that this program runs on; if it were, the
        // modes of files and the socket would still hold.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}
