//! No service manager that wants to know.

use std::time::Duration;

/// Nobody is told.
pub fn ready() -> bool {
    false
}

/// Nobody.
pub fn reloading() {}

/// Nobody.
pub fn stopping() {}

/// Nobody.
pub fn status(_: &str) {}

/// Nobody.
pub fn alive() {}

/// Nobody looks.
pub fn watchdog() -> Option<Duration> {
    None
}
