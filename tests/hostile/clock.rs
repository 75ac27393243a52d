//! Measures how long something takes, and lets time pass.

use std::thread;
use std::time::{Duration, Instant};

/// The point in time from which [`Instant::elapsed`] counts.
#[expect(
    clippy::disallowed_methods,
    reason = "the only file of this program that reads a clock"
)]
pub fn start() -> Instant {
    Instant::now()
}

/// Lets `duration` pass: to see what a program does when nothing happens,
/// nothing can be waited for.
pub fn let_pass(duration: Duration) {
    thread::sleep(duration);
}
