//! The identity domain itself: a state machine without I/O. It is told the
//! time with every call, knows nothing of HTTP, and gets its random codes and
//! its signatures from the [`Mint`].

pub(crate) mod credentials;
pub(crate) mod device;
mod ledger;
mod oauth_error;
pub(crate) mod refresh;
pub(crate) mod registry;
pub(crate) mod scope;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::Value;

pub(crate) use oauth_error::OAuthError;

use super::claims::{self, Subject};
use super::clock::after;
use super::knobs::value::Seconds;
use super::knobs::{Knobs, SessionCut};
use super::tokens::{Mint, access_token_hash};
use device::DeviceCode;
use ledger::Ledger;
use refresh::RefreshToken;
use registry::{Client, User};
use scope::Scopes;

/// Device codes, logins and refresh tokens remembered; the oldest go first.
/// A spent refresh token must be remembered for its replay to be noticed.
const DEVICE_CODES_MAX: usize = 10_000;
const LOGINS_MAX: usize = 10_000;
const REFRESH_TOKENS_MAX: usize = 100_000;
/// Issued secrets remembered for tests that search logs for them.
const ISSUED_MAX: usize = 10_000;
/// The shortest lifetime an access token can be given in a domain.
const ACCESS_TOKEN_LIFETIME_MIN: i64 = 60;

/// One identity domain.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) knobs: Knobs,
    /// Where the domain listens: scheme, host and port.
    pub(crate) url: String,
    pub(crate) mint: Mint,
    device_codes: Ledger<DeviceCode>,
    /// By session id.
    logins: Ledger<Login>,
    refresh_tokens: Ledger<RefreshToken>,
    issued_access_tokens: VecDeque<String>,
    issued_secrets: VecDeque<String>,
}

/// What a user has allowed a client, from the approval on.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) session_id: String,
    pub(crate) client: &'static Client,
    pub(crate) user: &'static User,
    pub(crate) scopes: Scopes,
    pub(crate) since: Timestamp,
    /// When the browser session ends in which the user approved.
    pub(crate) session_ends: Timestamp,
    revoked: bool,
}

/// What becomes of the refresh token in a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// A new one is issued, an old one is spent.
    Rotate,
    /// None is issued; an old one stays good, as RFC 6749 §6 allows.
    Keep,
}

/// Which grant a token answer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    DeviceCode,
    Refresh,
}

/// A successful token answer, RFC 6749 §5.1.
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    /// One per resource.
    pub(crate) access_tokens: Vec<String>,
    pub(crate) expires_in: i64,
    pub(crate) id_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    /// Whether the answer has the form for several resources.
    pub(crate) multiresource: bool,
}

impl Domain {
    pub(crate) fn new(url: String, knobs: Knobs) -> Self {
        Self {
            knobs,
            url,
            mint: Mint::new(),
            device_codes: Ledger::new(DEVICE_CODES_MAX),
            logins: Ledger::new(LOGINS_MAX),
            refresh_tokens: Ledger::new(REFRESH_TOKENS_MAX),
            issued_access_tokens: VecDeque::new(),
            issued_secrets: VecDeque::new(),
        }
    }

    /// Forgets every login and code; `knobs` become what they were at the start.
    pub(crate) fn reset(&mut self, knobs: Knobs) {
        self.knobs = knobs;
        self.device_codes.clear();
        self.logins.clear();
        self.refresh_tokens.clear();
    }

    /// The claims of an access token that this domain signed and that has not
    /// expired. A revoked login does not matter: a JWT lives until `exp`.
    pub(crate) fn valid_access_token(&self, token: &str, now: Timestamp) -> Option<Value> {
        let claims = self.mint.verify(token)?;
        let unexpired = claims["exp"].as_i64()? > now.as_second();
        (unexpired && claims["tok_type"] == "AT").then_some(claims)
    }

    /// The access tokens issued, oldest first, at most [`ISSUED_MAX`].
    pub(crate) fn issued_access_tokens(&self) -> Vec<String> {
        self.issued_access_tokens.iter().cloned().collect()
    }

    /// Device codes, access, ID and refresh tokens issued, at most [`ISSUED_MAX`].
    pub(crate) fn issued_secrets(&self) -> Vec<String> {
        self.issued_secrets.iter().cloned().collect()
    }

    /// Opens a login for a user who has approved, and answers with its tokens.
    fn log_in(
        &mut self,
        client: &'static Client,
        user: &'static User,
        scopes: Scopes,
        since: Timestamp,
        rotation: Rotation,
        now: Timestamp,
    ) -> TokenAnswer {
        if self.knobs.second_login_revokes_first {
            let same = |login: &&mut Login| login.client == client && login.user == user;
            self.logins
                .values_mut()
                .filter(same)
                .for_each(|login| login.revoked = true);
        }
        let login = Login {
            session_id: format!("{}:{}", self.mint.hex(16), self.mint.hex(3)),
            client,
            user,
            scopes,
            since,
            session_ends: after(since, self.knobs.session_lifetime),
            revoked: false,
        };
        self.logins.insert(login.session_id.clone(), login.clone());
        let refresh_token = self.first_refresh_token(&login, rotation, now);
        self.answer(&login, &login.scopes, refresh_token, Grant::DeviceCode, now)
    }

    fn answer(
        &mut self,
        login: &Login,
        scopes: &Scopes,
        refresh_token: Option<String>,
        grant: Grant,
        now: Timestamp,
    ) -> TokenAnswer {
        let lifetime = self.access_token_lifetime(login, scopes, grant, now);
        let subject = Subject {
            login,
            issued_at: now,
            expires_at: after(now, lifetime),
            token_id: self.mint.hex(16),
        };
        let sign = |resource| {
            self.mint
                .sign(&claims::access_token(&subject, resource, &self.knobs))
        };
        let access_tokens: Vec<String> = if scopes.resources.is_empty() {
            vec![sign(None)]
        } else {
            let resources = scopes.resources.iter();
            resources
                .map(|(resource, values)| sign(Some((resource, values))))
                .collect()
        };
        let id_token = (scopes.openid() && self.knobs.id_token).then(|| {
            let at_hash = access_token_hash(&access_tokens[0]);
            self.mint
                .sign(&claims::id_token(&subject, at_hash, &self.knobs))
        });
        for token in &access_tokens {
            remember(&mut self.issued_access_tokens, token);
        }
        for token in access_tokens.iter().chain(&id_token) {
            remember(&mut self.issued_secrets, token);
        }
        TokenAnswer {
            access_tokens,
            expires_in: lifetime.0,
            id_token,
            refresh_token,
            multiresource: scopes.multiresource || self.knobs.multiresource_reply,
        }
    }

    /// The least of what the resource app, the request and the user's session allow.
    fn access_token_lifetime(
        &self,
        login: &Login,
        scopes: &Scopes,
        grant: Grant,
        now: Timestamp,
    ) -> Seconds {
        let mut lifetime = self.knobs.access_token_lifetime.0;
        if let Some(Seconds(asked)) = scopes.expiry {
            lifetime = lifetime.min(asked);
        }
        let cut = match self.knobs.session_cut {
            SessionCut::Never => false,
            SessionCut::Login => grant == Grant::DeviceCode,
            SessionCut::Always => true,
        };
        if cut {
            let left = login.session_ends.as_second() - now.as_second();
            let left = if left > 0 {
                left
            } else {
                ACCESS_TOKEN_LIFETIME_MIN
            };
            lifetime = lifetime.min(left);
        }
        Seconds(lifetime)
    }

    fn remember_issued(&mut self, secret: &str) {
        remember(&mut self.issued_secrets, secret);
    }
}

fn remember(issued: &mut VecDeque<String>, secret: &str) {
    if issued.len() == ISSUED_MAX {
        issued.pop_front();
    }
    issued.push_back(secret.to_owned());
}
