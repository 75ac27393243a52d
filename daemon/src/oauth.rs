//! The messages of RFC 6749, 8628 and 7009: forms out, answers in, and the
//! one judgement of what an answer means. Pure.

mod answer;
mod error;
mod form;
mod members;
#[cfg(test)]
mod tests;

use std::time::Duration;

use oic_proto::Secret;
use oic_proto::secret::AccessToken;

use crate::lifecycle::{DeviceCode, RefreshToken};

pub use answer::{device_authorization, revocation, seconds_of_date, token_grant};
pub use error::{EndpointError, OAuthError, Verdict};
pub use form::{Form, authorize_device, poll_token, refresh_token, revoke_token};

/// The id of an access token (`jti`, RFC 7519 §4.1.7), not verified; `None`
/// where it has none.
pub fn token_id(access_token: &AccessToken) -> Option<String> {
    members::Claims::of(access_token.expose()).jti.short()
}

/// What an endpoint answered, whole, before anybody judged it.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Retry-After` as sent: seconds or a date (RFC 9110 §10.2.3).
    pub retry_after: Option<String>,
    /// `Date`, against which a `Retry-After` date is read.
    pub date: Option<String>,
    /// `X-ORACLE-DMS-ECID`: what Oracle Support asks for.
    pub ecid: Option<String>,
    /// The body, bounded; it may hold tokens.
    pub body: Secret<Vec<u8>>,
}

/// No whole answer came.
#[derive(Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The request cannot have reached the server: no address, no
    /// connection, no TLS. Nothing was used up.
    NotSent(String),
    /// The request may have reached the server, and no whole answer came.
    Unanswered(String),
}

/// A device authorization answer (RFC 8628 §3.2).
#[derive(Debug, PartialEq, Eq)]
pub struct DeviceAuthorization {
    /// What we poll with.
    pub device_code: DeviceCode,
    /// What the end user types.
    pub user_code: String,
    /// Where the end user types it; checked.
    pub verification_uri: String,
    /// The same with the code in it; checked likewise.
    pub verification_uri_complete: Option<String>,
    /// How long both codes live.
    pub expires_in: Duration,
    /// How often to poll.
    pub interval: Duration,
}

/// A successful token answer (RFC 6749 §5.1).
#[derive(Debug, PartialEq, Eq)]
pub struct TokenGrant {
    /// The access token.
    pub access_token: AccessToken,
    /// How long it lives.
    pub lifetime: Duration,
    /// The refresh token, if one came with it.
    pub refresh_token: Option<RefreshToken>,
    /// How long the refresh token lives, where the answer says so.
    pub refresh_token_lifetime: Option<Duration>,
    /// The `sub` claim of the access token, not verified.
    pub subject: Option<String>,
}
