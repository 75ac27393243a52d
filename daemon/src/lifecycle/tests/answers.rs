//! What the world may answer: grants, codes and errors.

use std::time::Duration;

use oic_proto::Secret;
use oic_proto::secret::AccessToken;

use super::super::{DeviceCode, RefreshToken};
use crate::oauth::{DeviceAuthorization, EndpointError, OAuthError, TokenGrant};

pub(super) const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// at-`number` with this lifetime, and rt-`number`.
pub(super) fn grant(number: u64, lifetime: u64) -> TokenGrant {
    TokenGrant {
        access_token: AccessToken::new(format!("at-{number}")),
        lifetime: seconds(lifetime),
        refresh_token: Some(RefreshToken(Secret::new(format!("rt-{number}")))),
        refresh_token_lifetime: None,
        subject: Some("jane.doe@example.com".to_owned()),
    }
}

pub(super) fn without_refresh_token(grant: TokenGrant) -> TokenGrant {
    TokenGrant {
        refresh_token: None,
        ..grant
    }
}

/// dc-1 for five minutes, to be polled every five seconds.
pub(super) fn device() -> DeviceAuthorization {
    DeviceAuthorization {
        device_code: DeviceCode(Secret::new("dc-1".to_owned())),
        user_code: "QTZLMCBW".to_owned(),
        verification_uri: "https://id.example.com/ui/v1/device".to_owned(),
        verification_uri_complete: None,
        expires_in: seconds(300),
        interval: seconds(5),
    }
}

pub(super) fn refused(error: &str) -> EndpointError {
    EndpointError::Refused(OAuthError {
        error: error.to_owned(),
        description: None,
        ecid: None,
    })
}

pub(super) fn not_sent() -> EndpointError {
    EndpointError::NotSent("connection refused".to_owned())
}

pub(super) fn unanswered() -> EndpointError {
    EndpointError::Unanswered("connection reset".to_owned())
}

pub(super) fn unusable() -> EndpointError {
    EndpointError::Unusable {
        why: "HTTP 200 with a body of type text/html".to_owned(),
        refresh_token: None,
    }
}

/// Without an access token, but with rt-`number`.
pub(super) fn unusable_but_for(number: u64) -> EndpointError {
    EndpointError::Unusable {
        why: "it has no access_token".to_owned(),
        refresh_token: grant(number, 0).refresh_token,
    }
}

pub(super) fn unavailable(status: u16, retry_after: Option<u64>) -> EndpointError {
    EndpointError::Unavailable {
        status,
        why: "overloaded".to_owned(),
        retry_after: retry_after.map(seconds),
    }
}

/// Every way in which a refresh can go wrong short of `invalid_grant`.
pub(super) fn all_but_invalid_grant() -> Vec<EndpointError> {
    let refusals = [
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_token_type",
        "temporarily_unavailable",
        "access_denied",
        "expired_token",
        "something_else",
    ];
    let statuses = [302, 400, 401, 403, 404, 429, 500, 502, 503, 504];
    let mut all = vec![not_sent(), unanswered(), unusable()];
    all.extend(refusals.map(refused));
    all.extend(statuses.map(|status| unavailable(status, None)));
    all
}
