//! Measures how long something takes.

use std::time::Instant;

/// The point in time from which [`Instant::elapsed`] counts.
#[expect(
    clippy::disallowed_methods,
    reason = "the only file of this program that reads a real clock"
)]
pub fn start() -> Instant {
    Instant::now()
}
