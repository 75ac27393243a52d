//! Why there is no verdict.

use std::fmt;

/// What could not be done, and why.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A whole sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// `cause` kept us from `doing`.
    pub fn of(doing: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self(format!("{doing}: {cause}"))
    }

    /// The same, and what repairs it.
    pub fn with_hint(self, hint: &str) -> Self {
        Self(format!("{self}\nhint: {hint}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
