//! Refresh tokens: rotation, lifetimes, replay, revocation.

use jiff::Timestamp;

use super::registry::Client;
use super::scope::Scopes;
use super::{Domain, Grant, Login, OAuthError, Rotation, TokenAnswer};
use crate::simulator::clock::after;
use crate::simulator::knobs::{Knobs, RefreshGrant, RefreshTokenExpiry};

/// A refresh token the domain has issued.
#[derive(Debug)]
pub(crate) struct RefreshToken {
    /// The session id of the login it belongs to. All refresh tokens of one
    /// login form a chain.
    session_id: String,
    expires_at: Timestamp,
    spent_at: Option<Timestamp>,
}

impl Domain {
    /// Answers a refresh request, RFC 6749 §6. The refresh token is spent when
    /// this returns, whatever becomes of the answer.
    pub(crate) fn refresh(
        &mut self,
        client: &'static Client,
        refresh_token: &str,
        scope: Option<&str>,
        rotation: Rotation,
        now: Timestamp,
    ) -> Result<TokenAnswer, OAuthError> {
        let login = self.check_refresh_token(client, refresh_token, now)?;
        let scopes = match scope {
            Some(scope) => Scopes::parse(scope, client)?,
            None => login.scopes.clone(),
        };
        if !scopes.within(&login.scopes) {
            return Err(OAuthError::invalid_scope(
                "The scope goes beyond the one granted",
            ));
        }
        let keep = rotation == Rotation::Keep || !self.knobs.rotate_refresh_tokens;
        let next = if keep {
            None
        } else {
            self.spend(refresh_token, now);
            Some(self.issue_refresh_token(&login, now))
        };
        Ok(self.answer(&login, &scopes, next, Grant::Refresh, now))
    }

    /// Revokes the login a refresh token belongs to, RFC 7009 §2. Unknown
    /// tokens are no error; access tokens stay valid until they expire.
    pub(crate) fn revoke(
        &mut self,
        client: &'static Client,
        token: &str,
    ) -> Result<(), OAuthError> {
        if client.secret.is_none() && !self.knobs.public_client_may_revoke {
            return Err(OAuthError::invalid_client());
        }
        let Some(session_id) = self
            .refresh_tokens
            .get(token)
            .map(|entry| &entry.session_id)
        else {
            return Ok(());
        };
        match self.logins.get_mut(session_id) {
            Some(login) if login.client != client => {
                // RFC 7009 §2.1: the token must have been issued to this client.
                Err(OAuthError::unknown_refresh_token(&self.knobs))
            }
            Some(login) => {
                login.revoked = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The first refresh token of a login, if all three switches allow one:
    /// the scope, the client's grant, and the resource (checked before).
    pub(super) fn first_refresh_token(
        &mut self,
        login: &Login,
        rotation: Rotation,
        now: Timestamp,
    ) -> Option<String> {
        let wanted = login.scopes.offline_access
            && self.knobs.refresh_grant == RefreshGrant::Granted
            && rotation == Rotation::Rotate;
        wanted.then(|| self.issue_refresh_token(login, now))
    }

    /// The login behind a refresh token that may be used now.
    fn check_refresh_token(
        &mut self,
        client: &'static Client,
        refresh_token: &str,
        now: Timestamp,
    ) -> Result<Login, OAuthError> {
        let unknown = || OAuthError::unknown_refresh_token(&self.knobs);
        let entry = self.refresh_tokens.get(refresh_token).ok_or_else(unknown)?;
        let login = self
            .logins
            .get_mut(&entry.session_id)
            .filter(|login| login.client == client)
            .ok_or_else(unknown)?;
        if entry.is_consumed(&self.knobs, now) {
            login.revoked |= self.knobs.reuse_revokes_chain;
            return Err(OAuthError::consumed());
        }
        if login.revoked {
            return Err(unknown());
        }
        if now >= entry.expires_at {
            return Err(OAuthError::expired_refresh_token(client.id));
        }
        Ok(login.clone())
    }

    /// Spends a refresh token. A second use within the grace period does not
    /// prolong that period.
    fn spend(&mut self, refresh_token: &str, now: Timestamp) {
        if let Some(entry) = self.refresh_tokens.get_mut(refresh_token) {
            entry.spent_at.get_or_insert(now);
        }
    }

    fn issue_refresh_token(&mut self, login: &Login, now: Timestamp) -> String {
        let token = self.mint.refresh_token(self.knobs.refresh_token_form);
        let counted_from = match self.knobs.refresh_token_expiry {
            RefreshTokenExpiry::Sliding => now,
            RefreshTokenExpiry::Absolute => login.since,
        };
        self.remember_issued(&token);
        self.refresh_tokens.insert(
            token.clone(),
            RefreshToken {
                session_id: login.session_id.clone(),
                expires_at: after(counted_from, self.knobs.refresh_token_lifetime),
                spent_at: None,
            },
        );
        token
    }
}

impl RefreshToken {
    fn is_consumed(&self, knobs: &Knobs, now: Timestamp) -> bool {
        self.spent_at
            .is_some_and(|spent_at| now >= after(spent_at, knobs.grace_seconds))
    }
}
