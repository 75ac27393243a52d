//! Measures how long something takes, and lets time pass.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// The present point in time.
#[expect(
    clippy::disallowed_methods,
    reason = "the only file of this program that reads a clock"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// A seed that was not there before.
#[expect(
    clippy::disallowed_methods,
    reason = "the only file of this program that reads a clock"
)]
pub fn seed() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // Short enough to be typed.
    since.map_or(1, |since| since.as_millis() as u64 % 1_000_000_000)
}

/// Lets `duration` pass: a moment at which nothing happens cannot be waited
/// for.
pub fn let_pass(duration: Duration) {
    thread::sleep(duration);
}
