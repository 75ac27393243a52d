//! Where the client's memory comes from: a room of its own first, which lies
//! in the program, and the system's allocator when that is full.
//!
//! A `get` fits into the room: it asks the system for no memory and gives none
//! back, which would be a third of all its system calls (see
//! `docs/decisions/0034-start.md`). Whatever is freed is wiped, here as there.

#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use oic_proto::memory::Wiping;

/// How much the room holds, in bytes: a long access token, thrice. What is not
/// used of it costs nothing.
const LEN: usize = 64 * 1024;

/// The strictest alignment there is in the room.
const ALIGN_MAX: usize = 16;

/// The allocator; for `#[global_allocator]`.
#[derive(Debug)]
#[repr(C)]
pub struct Heap {
    /// How much of the room is taken, from its beginning. Behind that every
    /// byte is zero. It comes first, to be in a page that is touched anyhow.
    taken: AtomicUsize,
    room: UnsafeCell<Room>,
}

#[derive(Debug)]
#[repr(C, align(16))]
struct Room([u8; LEN]);

// SAFETY: `taken` gives each byte of the room to one block at a time.
unsafe impl Sync for Heap {}

impl Heap {
    /// With an empty room.
    pub const fn new() -> Self {
        Self {
            taken: AtomicUsize::new(0),
            room: UnsafeCell::new(Room([0; LEN])),
        }
    }

    /// A block of the room, full of zeros; none where there is no place.
    fn take(&self, layout: Layout) -> Option<*mut u8> {
        if layout.align() > ALIGN_MAX {
            return None;
        }
        let start = |taken: usize| taken.next_multiple_of(layout.align());
        let end = |taken| start(taken).checked_add(layout.size());
        let (acquired, seen) = (Ordering::AcqRel, Ordering::Acquire);
        let taken = self
            .taken
            .fetch_update(acquired, seen, |taken| end(taken).filter(|end| *end <= LEN));
        let room = self.room.get().cast::<u8>();
        // It stays within the room: its end does.
        taken.ok().map(|taken| room.wrapping_add(start(taken)))
    }

    /// Where in the room this block begins, if it is there.
    fn position(&self, block: *mut u8) -> Option<usize> {
        let position = block.addr().checked_sub(self.room.get().addr());
        position.filter(|position| *position < LEN)
    }
}

// SAFETY: a block of the room is given to nobody else before it is given back,
// is aligned as the room is or less, and lies within it. All others are
// `Wiping`'s, which are passed on as they came.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let other = || unsafe { Wiping.alloc(layout) };
        self.take(layout).unwrap_or_else(other)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let other = || unsafe { Wiping.alloc_zeroed(layout) };
        self.take(layout).unwrap_or_else(other)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(start) = self.position(block) else {
            // SAFETY: as above.
            return unsafe { Wiping.dealloc(block, layout) };
        };
        // SAFETY: the block is still ours, and as long as that. The black box
        // keeps the compiler from leaving out a write that nobody reads.
        unsafe { ptr::write_bytes(block, 0, layout.size()) };
        std::hint::black_box(block);
        let end = start + layout.size();
        let (released, missed) = (Ordering::AcqRel, Ordering::Relaxed);
        // The last block makes room for the next; any other stays where it is.
        let _ = self.taken.compare_exchange(end, start, released, missed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[expect(clippy::mut_from_ref, reason = "no block is given to two")]
    fn allocated(heap: &Heap, layout: Layout) -> &mut [u8] {
        // SAFETY: no layout here is empty, and nothing is freed twice.
        unsafe { std::slice::from_raw_parts_mut(heap.alloc_zeroed(layout), layout.size()) }
    }

    fn freed(heap: &Heap, block: &mut [u8], layout: Layout) {
        // SAFETY: it was allocated so.
        unsafe { heap.dealloc(block.as_mut_ptr(), layout) };
    }

    #[test]
    fn blocks_lie_apart_and_aligned_in_the_room_and_elsewhere() {
        let heap = Box::new(Heap::new());
        let layouts = [
            (1, 1),
            (24, 8),
            (3, 2),
            (100, 16),
            (LEN, 1),
            (64, 64),
            (8, 8),
        ];
        let layouts = layouts.map(|(size, align)| layout(size, align));
        let blocks = layouts.map(|layout| allocated(&heap, layout));
        for (number, (block, layout)) in (1..).zip(blocks.iter().zip(layouts)) {
            assert_eq!(block.as_ptr().addr() % layout.align(), 0);
            assert!(block.iter().all(|byte| *byte == 0), "{number}");
            let is_in_room = layout.size() < LEN && layout.align() <= ALIGN_MAX;
            let position = heap.position(block.as_ptr().cast_mut());
            assert_eq!(position.is_some(), is_in_room, "{number}");
        }
        for (number, block) in (1..).zip(blocks) {
            assert!(block.iter().all(|byte| *byte == 0), "{number} overlaps");
            block.fill(number);
        }
    }

    #[test]
    fn what_is_freed_is_wiped_and_the_last_block_makes_room() {
        let heap = Box::new(Heap::new());
        let kept = allocated(&heap, layout(32, 8));
        let secret = allocated(&heap, layout(32, 8));
        let place = secret.as_ptr();
        secret.fill(7);
        freed(&heap, secret, layout(32, 8));
        // SAFETY: the room outlives its blocks.
        assert_eq!(unsafe { std::slice::from_raw_parts(place, 32) }, [0; 32]);
        assert_eq!(allocated(&heap, layout(32, 8)).as_ptr(), place);
        kept.fill(7);
        freed(&heap, kept, layout(32, 8));
        assert_ne!(allocated(&heap, layout(32, 8)).as_ptr(), kept.as_ptr());
    }
}
