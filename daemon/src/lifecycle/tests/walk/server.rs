//! An authorization server with single-use refresh tokens, strictly: a used
//! one is refused for ever, and what it issued and when is the truth that the
//! core is held against.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::oauth::{EndpointError, TokenGrant};

use super::super::answers::{grant, refused};

#[derive(Default)]
pub(super) struct Server {
    issued: u64,
    /// Refresh tokens that would be taken.
    good: BTreeSet<String>,
    /// When each access token expires, by the time that nobody resets.
    expiries: BTreeMap<String, Duration>,
}

impl Server {
    /// A grant to somebody who has signed in.
    pub(super) fn sign_in(&mut self, now: Duration, lifetime: u64) -> TokenGrant {
        self.issued += 1;
        let grant = grant(self.issued, lifetime);
        let access_token = grant.access_token.expose().to_owned();
        self.expiries.insert(access_token, now + grant.lifetime);
        self.good.insert(format!("rt-{}", self.issued));
        grant
    }

    /// The refresh token is used up before the answer is written.
    pub(super) fn refresh(
        &mut self,
        refresh_token: &str,
        now: Duration,
        lifetime: u64,
    ) -> Result<TokenGrant, EndpointError> {
        if !self.good.remove(refresh_token) {
            return Err(refused("invalid_grant"));
        }
        Ok(self.sign_in(now, lifetime))
    }

    pub(super) fn revoke(&mut self, refresh_token: &str) {
        self.good.remove(refresh_token);
    }

    pub(super) fn expiry(&self, access_token: &str) -> Duration {
        self.expiries[access_token]
    }
}
