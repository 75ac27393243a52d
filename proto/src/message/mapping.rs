//! What credential helpers hear: tokens by URL.

use serde::{Deserialize, Serialize};

use super::TokenView;

/// An access token for a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedToken {
    /// The token.
    pub token: TokenView,
    /// The user name for programs that want one beside it.
    pub username: String,
}

/// One `[[helper]]` entry: whose token belongs to which URLs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingView {
    /// The pattern: a URL in which `*` stands for any characters of one label
    /// or path segment.
    pub url: String,
    /// Only where the server names this realm in its challenge.
    pub realm: Option<String>,
    /// Whose token.
    pub profile: String,
    /// The user name for programs that want one beside it.
    pub username: String,
}
