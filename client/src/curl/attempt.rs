//! One run of curl, and what it took to see what was answered.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Attempt, become_curl, make};
#[cfg(windows)]
pub use windows::{Attempt, become_curl, make};
