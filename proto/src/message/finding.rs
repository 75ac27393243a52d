//! What is found when somebody asks what is wrong.

use serde::{Deserialize, Serialize};

/// What one look at a profile found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The profile that was looked at, if it was one.
    pub profile: Option<String>,
    /// What was looked at, in a word or two: `session`, `last error`,
    /// `scopes`, `connection`, `clock`, `endpoint`, `device authorization`,
    /// `client`.
    pub check: String,
    /// How it stands.
    pub outcome: Outcome,
    /// What was found, as a clause.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// How something stands that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should.
    Good,
    /// It works, or may; somebody should look.
    Doubtful,
    /// It does not work.
    Bad,
}
