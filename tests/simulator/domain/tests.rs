//! The domain's rules, with a clock that is a field.

mod device;
mod login;
mod refresh;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::device::{Decision, DeviceAuthorization};
use super::registry::{self, CONFIDENTIAL_CLIENT, JANE, PUBLIC_CLIENT, SCOPE};
use super::{Domain, OAuthError, Rotation, TokenAnswer};
use crate::simulator::knobs::Knobs;

/// A domain, the time, and the public client's user at hand.
struct Scene {
    domain: Domain,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(knobs: &[(&str, &str)]) -> Self {
        let mut domain = Domain::new("http://127.0.0.1:1".into(), Knobs::default());
        for (name, value) in knobs {
            domain.knobs.set(name, value).unwrap();
        }
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        Self { domain, now }
    }

    fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    fn ask(&mut self, scope: &str) -> Result<DeviceAuthorization, OAuthError> {
        self.domain.authorize_device(PUBLIC_CLIENT, scope, self.now)
    }

    fn poll(&mut self, device_code: &str) -> Result<TokenAnswer, OAuthError> {
        let client = registry::client(PUBLIC_CLIENT).unwrap();
        self.domain
            .redeem_device_code(client, device_code, Rotation::Rotate, self.now)
    }

    fn decide(&mut self, user_code: &str, decision: Decision) -> Result<String, String> {
        self.domain
            .decide(user_code, Some(JANE), decision, self.now)
    }

    /// A login for `scope` from the request to its tokens.
    fn log_in(&mut self, scope: &str) -> TokenAnswer {
        let authorization = self.ask(scope).unwrap();
        self.decide(&authorization.user_code, Decision::Approve)
            .unwrap();
        self.poll(&authorization.device_code).unwrap()
    }

    /// The first refresh token of a login for calling integrations.
    fn refresh_token(&mut self) -> String {
        self.log_in(&offline()).refresh_token.unwrap()
    }

    fn refresh(&mut self, refresh_token: &str) -> Result<TokenAnswer, OAuthError> {
        self.refresh_as(PUBLIC_CLIENT, refresh_token, None)
    }

    fn refresh_as(
        &mut self,
        client: &str,
        refresh_token: &str,
        scope: Option<&str>,
    ) -> Result<TokenAnswer, OAuthError> {
        let client = registry::client(client).unwrap();
        self.domain
            .refresh(client, refresh_token, scope, Rotation::Rotate, self.now)
    }

    fn revoke_as(&mut self, client: &str, refresh_token: &str) -> Result<(), OAuthError> {
        let client = registry::client(client).unwrap();
        self.domain.revoke(client, refresh_token)
    }

    fn claims(&self, tokens: &TokenAnswer) -> Value {
        self.domain
            .valid_access_token(&tokens.access_tokens[0], self.now)
            .unwrap()
    }
}

/// The scope of a login that can be refreshed.
fn offline() -> String {
    format!("{SCOPE} offline_access")
}

/// Status, error and description of what must be a refusal.
fn refusal<T>(answer: Result<T, OAuthError>) -> (u16, &'static str, String) {
    let Err(refusal) = answer else {
        panic!("was not refused");
    };
    (refusal.status, refusal.error, refusal.description)
}

/// The error code of what must be a refusal.
fn error<T>(answer: Result<T, OAuthError>) -> &'static str {
    refusal(answer).1
}
