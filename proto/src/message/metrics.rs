//! The numbers that a daemon keeps of itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ProfileView;

/// What has happened to one profile since the daemon started, or since the
/// configuration has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileMetrics {
    /// How it stands now.
    pub view: ProfileView,
    /// Refreshes that brought an access token.
    pub renewals: u64,
    /// Refreshes that did not, by the code of [`LastError`](super::LastError); those that are
    /// none of RFC 6749's, RFC 8628's or ours are `other`.
    pub renewal_failures: Vec<(String, u64)>,
    /// How long callers waited for the access tokens that they were handed.
    pub handouts: Vec<Handouts>,
    /// The sum of these waits.
    pub waited: Duration,
}

/// Access tokens that were handed out after about the same wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handouts {
    /// Longest wait that is counted here, if there is one; each shorter one is
    /// counted in the first place that it fits.
    pub up_to: Option<Duration>,
    /// How many.
    pub count: u64,
}
