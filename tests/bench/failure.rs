//! Why there are no figures.

use std::fmt;

/// What could not be done, and why.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// `cause` kept us from `doing`.
    pub fn of(doing: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self(format!("{doing}: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
