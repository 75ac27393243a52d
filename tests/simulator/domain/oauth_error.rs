//! The error answers of RFC 6749 §5.2 and RFC 8628 §3.5, in the domain's words.

use crate::simulator::knobs::Knobs;

/// An error answer. `error` is for programs, `description` for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl OAuthError {
    fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            error,
            description: description.into(),
        }
    }

    pub(crate) fn invalid_request(description: &str) -> Self {
        Self::new(400, "invalid_request", description)
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::invalid_request(&format!("Missing parameter: {parameter}"))
    }

    pub(crate) fn invalid_scope(description: &str) -> Self {
        Self::new(400, "invalid_scope", description)
    }

    pub(crate) fn invalid_client() -> Self {
        Self::new(401, "invalid_client", "Client authentication failed")
    }

    pub(crate) fn unauthorized_client(description: &str, knobs: &Knobs) -> Self {
        let status = knobs.unauthorized_client_status.0;
        Self::new(status, "unauthorized_client", description)
    }

    pub(crate) fn unsupported_grant_type() -> Self {
        Self::new(
            400,
            "unsupported_grant_type",
            "The grant type is not supported",
        )
    }

    pub(crate) fn authorization_pending(knobs: &Knobs) -> Self {
        Self::new(
            knobs.pending_status.0,
            "authorization_pending",
            "The authorization request is still pending.",
        )
    }

    pub(crate) fn slow_down() -> Self {
        Self::new(400, "slow_down", "The polling interval is too short.")
    }

    pub(crate) fn access_denied() -> Self {
        Self::new(400, "access_denied", "The user denied the request.")
    }

    pub(crate) fn expired_token() -> Self {
        Self::new(400, "expired_token", "The device code has expired.")
    }

    pub(crate) fn invalid_device_code() -> Self {
        Self::new(400, "invalid_grant", "The device code is invalid.")
    }

    /// A refresh token that was used before.
    pub(crate) fn consumed() -> Self {
        Self::new(400, "invalid_grant", "The token has already been consumed")
    }

    /// A refresh token past its lifetime.
    pub(crate) fn expired_refresh_token(client_id: &str) -> Self {
        let description = format!("Token is expired for client : {client_id}");
        Self::new(400, "invalid_grant", description)
    }

    /// A refresh token that is unknown, revoked or another client's.
    pub(crate) fn unknown_refresh_token(knobs: &Knobs) -> Self {
        let status = knobs.unknown_refresh_token_status.0;
        Self::new(status, "invalid_grant", "The refresh token is invalid.")
    }
}
