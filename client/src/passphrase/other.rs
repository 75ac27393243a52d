//! Terminals that cannot be told not to show what is typed, as far as this
//! program knows.

use std::io;

/// The terminal at stdin.
#[derive(Clone)]
pub enum Screen {}

impl Screen {
    /// Refuses: a passphrase on the screen is one that others may read.
    pub fn of_stdin() -> io::Result<Self> {
        Err(io::Error::other(
            "this terminal would show it; give it on stdin instead",
        ))
    }

    /// There is none.
    pub fn unseen<T>(&self, _: impl FnOnce() -> T) -> io::Result<T> {
        match *self {}
    }
}
