//! The device authorization grant, RFC 8628.

use jiff::Timestamp;

use super::registry::{self, Client, USERS, User};
use super::scope::Scopes;
use super::{Domain, OAuthError, Rotation, TokenAnswer};
use crate::simulator::clock::after;
use crate::simulator::knobs::{ExpiredDeviceCode, Knobs, RefreshGrant};

/// The answer to a device authorization request, RFC 8628 §3.2.
#[derive(Debug, Clone)]
pub(crate) struct DeviceAuthorization {
    pub(crate) device_code: String,
    pub(crate) user_code: String,
    pub(crate) verification_uri: String,
    pub(crate) verification_uri_complete: Option<String>,
    pub(crate) expires_in: i64,
    pub(crate) interval: Option<i64>,
}

/// A device code the domain has issued.
#[derive(Debug)]
pub(crate) struct DeviceCode {
    user_code: String,
    client: &'static Client,
    scopes: Scopes,
    expires_at: Timestamp,
    polled_at: Option<Timestamp>,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Pending,
    Approved { user: &'static User, at: Timestamp },
    Denied,
    Expired,
    Spent,
}

/// What the user does with a user code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Approve,
    Deny,
    Expire,
}

/// A login that waits for its user, as the verification page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingLogin {
    pub(crate) user_code: String,
    pub(crate) client_name: &'static str,
}

impl Domain {
    /// Answers a device authorization request. The request is not
    /// authenticated: naming the client is enough.
    pub(crate) fn authorize_device(
        &mut self,
        client_id: &str,
        scope: &str,
        now: Timestamp,
    ) -> Result<DeviceAuthorization, OAuthError> {
        let client = registry::client(client_id)
            .ok_or_else(|| OAuthError::unauthorized_client("The client is unknown", &self.knobs))?;
        let scopes = Scopes::parse(scope, client)?;
        self.check_offline_access(&scopes)?;
        let device_code = self.mint.device_code(self.knobs.device_code_form);
        let user_code = self.mint.user_code();
        let approver = self
            .knobs
            .auto_approve
            .and_then(|name| registry::user(name.0));
        self.remember_issued(&device_code);
        self.device_codes.insert(
            device_code.clone(),
            DeviceCode {
                user_code: user_code.clone(),
                client,
                scopes,
                expires_at: after(now, self.knobs.device_code_lifetime),
                polled_at: None,
                state: approver.map_or(State::Pending, |user| State::Approved { user, at: now }),
            },
        );
        Ok(self.device_authorization(device_code, user_code))
    }

    /// Plays the user: decides what becomes of a user code.
    ///
    /// # Errors
    /// A sentence for whoever asked.
    pub(crate) fn decide(
        &mut self,
        user_code: &str,
        user: Option<&str>,
        decision: Decision,
        now: Timestamp,
    ) -> Result<String, String> {
        let user = find_user(user)?;
        let typed = normalize_user_code(user_code);
        let code = self
            .device_codes
            .values_mut()
            .find(|code| code.user_code == typed)
            .ok_or_else(|| format!("no login has the user code {typed:?}"))?;
        if !code.is_pending(now) {
            return Err(format!("the login with the user code {typed} is over"));
        }
        code.state = match decision {
            Decision::Approve => State::Approved { user, at: now },
            Decision::Deny => State::Denied,
            Decision::Expire => State::Expired,
        };
        Ok(typed)
    }

    /// The logins that wait for their users, oldest first.
    pub(crate) fn pending_logins(&self, now: Timestamp) -> Vec<PendingLogin> {
        let pending = self
            .device_codes
            .values()
            .filter(|code| code.is_pending(now));
        pending
            .map(|code| PendingLogin {
                user_code: code.user_code.clone(),
                client_name: code.client.name,
            })
            .collect()
    }

    /// Answers a device access token request, RFC 8628 §3.4.
    pub(crate) fn redeem_device_code(
        &mut self,
        client: &'static Client,
        device_code: &str,
        rotation: Rotation,
        now: Timestamp,
    ) -> Result<TokenAnswer, OAuthError> {
        let code = self
            .device_codes
            .get_mut(device_code)
            .filter(|code| code.client == client)
            .ok_or_else(OAuthError::invalid_device_code)?;
        let (user, since) = code.poll(&self.knobs, now)?;
        code.state = State::Spent;
        let scopes = code.scopes.clone();
        Ok(self.log_in(client, user, scopes, since, rotation, now))
    }

    /// `offline_access` is refused here, at the device request, and not later.
    fn check_offline_access(&self, scopes: &Scopes) -> Result<(), OAuthError> {
        if !scopes.offline_access {
            return Ok(());
        }
        let refreshable = |resource: &registry::Resource| {
            resource.may_allow_refresh && self.knobs.allow_token_refresh
        };
        let refusal = if !scopes
            .resources
            .iter()
            .all(|(resource, _)| refreshable(resource))
        {
            "The resource does not support offline access"
        } else if self.knobs.refresh_grant == RefreshGrant::Refused {
            "The client does not have the refresh token grant"
        } else {
            return Ok(());
        };
        Err(OAuthError::unauthorized_client(refusal, &self.knobs))
    }

    fn device_authorization(&self, device_code: String, user_code: String) -> DeviceAuthorization {
        let knobs = &self.knobs;
        let own = || format!("{}/ui/v1/device", self.url);
        let verification_uri = knobs.verification_uri.clone().unwrap_or_else(own);
        let complete = format!("{verification_uri}?user_code={user_code}");
        DeviceAuthorization {
            device_code,
            user_code,
            verification_uri,
            verification_uri_complete: knobs.verification_uri_complete.then_some(complete),
            expires_in: knobs.device_code_lifetime.0,
            interval: knobs.interval.map(|interval| interval.0),
        }
    }
}

impl DeviceCode {
    fn is_pending(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Pending) && now < self.expires_at
    }

    /// One poll: the user who approved and when, or why there is no token yet.
    fn poll(
        &mut self,
        knobs: &Knobs,
        now: Timestamp,
    ) -> Result<(&'static User, Timestamp), OAuthError> {
        let earliest = self
            .polled_at
            .map(|last| after(last, knobs.slow_down_threshold));
        self.polled_at = Some(now);
        let expired = || match knobs.expired_device_code {
            ExpiredDeviceCode::ExpiredToken => OAuthError::expired_token(),
            ExpiredDeviceCode::InvalidGrant => OAuthError::invalid_device_code(),
        };
        match self.state {
            State::Spent => Err(OAuthError::invalid_device_code()),
            State::Expired => Err(expired()),
            _ if now >= self.expires_at => Err(expired()),
            State::Denied => Err(OAuthError::access_denied()),
            _ if earliest.is_some_and(|earliest| now < earliest) => Err(OAuthError::slow_down()),
            State::Pending => Err(OAuthError::authorization_pending(knobs)),
            State::Approved { user, at } => Ok((user, at)),
        }
    }
}

/// What the user typed, without the case, spaces and dashes that do not
/// matter (RFC 8628 §6.1).
fn normalize_user_code(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect::<String>()
        .to_uppercase()
}

fn find_user(name: Option<&str>) -> Result<&'static User, String> {
    let Some(name) = name else {
        return Ok(&USERS[0]);
    };
    registry::user(name).ok_or_else(|| {
        let names = registry::user_names().join(", ");
        format!("no user is called {name:?}; there are: {names}")
    })
}
