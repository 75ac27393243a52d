//! A limit on what may be allocated. One that is passed aborts, and that is a
//! finding.

use std::alloc::System;

use cap::Cap;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Runs `deed` with this many more bytes than are in use.
pub fn within<T>(bytes: usize, deed: impl FnOnce() -> T) -> T {
    ALLOCATOR
        .set_limit(ALLOCATOR.allocated() + bytes)
        .expect("more than is in use");
    let done = deed();
    ALLOCATOR.set_limit(usize::MAX).expect("no limit");
    done
}
