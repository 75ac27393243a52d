//! Answers to make others from.

use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::{
    AccessTokenView, DaemonView, Keeping, LastError, Lock, LoginPrompt, ProfileView,
    RefreshTokenView, RenewalState, SessionState, SignedIn, TokenView, UnixTime,
};
use oic_proto::secret::AccessToken;

/// 2001-09-09T01:46:40Z: never today.
pub const TIME: UnixTime = UnixTime(1_000_000_000);

pub fn token(token: &str) -> Response {
    Response::Token(TokenView {
        access_token: AccessToken::new(token.to_owned()),
        profile: "prod".to_owned(),
        scopes: vec!["urn:a".to_owned()],
        expires_at: TIME,
        expires_in: Duration::from_secs(3000),
        hosts: Vec::new(),
    })
}

pub fn prompt() -> LoginPrompt {
    LoginPrompt {
        profile: "prod".to_owned(),
        verification_uri: "https://id.example.com/device".to_owned(),
        verification_uri_complete: None,
        user_code: "ABCD-EFGH".to_owned(),
        expires_at: TIME,
        expires_in: Duration::from_secs(300),
        trouble: None,
    }
}

pub fn signed_in() -> SignedIn {
    SignedIn {
        profile: "prod".to_owned(),
        subject: Some("jane.doe@example.com".to_owned()),
        expires_at: TIME,
        renewable: true,
        not_stored: None,
    }
}

pub fn daemon() -> Response {
    Response::Daemon(DaemonView {
        version: "0.1.0".to_owned(),
        pid: 4242,
        started_at: TIME,
        session_key: "the key file".to_owned(),
        lock: Lock::None,
    })
}

pub fn profile() -> ProfileView {
    ProfileView {
        name: "prod".to_owned(),
        state: SessionState::SignedIn,
        renewal: Some(RenewalState::Backoff),
        subject: Some("jane.doe@example.com".to_owned()),
        access_token: Some(AccessTokenView {
            expires_at: TIME,
            remaining: Duration::from_secs(2520),
        }),
        refresh_token: Some(RefreshTokenView {
            obtained_at: TIME,
            renew_by: Some(TIME),
            login_needed_by: None,
        }),
        next_renewal_at: Some(TIME),
        failures: 2,
        last_error: Some(LastError {
            code: "unreachable".to_owned(),
            message: "the token endpoint cannot be reached".to_owned(),
            at: TIME,
        }),
        keeping: Keeping::Disk,
    }
}

pub fn signed_out() -> ProfileView {
    ProfileView {
        name: "test".to_owned(),
        state: SessionState::SignedOut,
        renewal: None,
        subject: None,
        access_token: None,
        refresh_token: None,
        next_renewal_at: None,
        failures: 0,
        last_error: None,
        keeping: Keeping::Memory,
    }
}

pub fn status(profiles: &[ProfileView]) -> Vec<Response> {
    let profiles = profiles.iter().cloned().map(Box::new);
    let mut responses = vec![daemon()];
    responses.extend(profiles.map(Response::Profile));
    responses.push(Response::End);
    responses
}
