//! The end of a refresh token's life: when it comes, as far as anybody knows.

use std::time::Duration;

use oic_proto::message::UnixTime;

use super::session::{HeldRefreshToken, Session};
use super::{BootTime, Lifecycle, Now, RefreshToken, RefreshTokenExpiry};
use crate::oauth::EndpointError;

/// When a refresh token will have expired.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expiry {
    pub(super) kind: RefreshTokenExpiry,
    /// How long it lives in all.
    pub(super) lifetime: Duration,
    /// Its end by the clock that decides; not before the core looked.
    pub(super) at: BootTime,
    /// Its end by the clock that is shown.
    pub(super) shown: UnixTime,
}

impl HeldRefreshToken {
    /// How long it lives unused, if using it prolongs its life.
    pub(super) fn idle_lifetime(&self) -> Option<Duration> {
        let sliding = |it: &Expiry| it.kind == RefreshTokenExpiry::Sliding;
        self.expiry.filter(sliding).map(|it| it.lifetime)
    }
}

impl Expiry {
    pub(super) fn has_passed(&self, now: Now) -> bool {
        self.at <= now.boot
    }
}

impl Lifecycle {
    /// The refresh token that is held after a grant. RFC 6749 §6: a server may
    /// issue a new one; if it sends none, the one `before` stays good, and its
    /// use counts as if it were new.
    pub(super) fn held(
        &self,
        before: Option<HeldRefreshToken>,
        arrived: Option<RefreshToken>,
        named_lifetime: Option<Duration>,
        sent: Now,
        now: Now,
    ) -> Option<HeldRefreshToken> {
        let mut held = match before {
            None => HeldRefreshToken {
                refresh_token: arrived?,
                obtained_at: sent.wall,
                session_began_at: sent.wall,
                named_lifetime: None,
                expiry: None,
            },
            Some(before) => HeldRefreshToken {
                refresh_token: arrived.unwrap_or(before.refresh_token),
                obtained_at: sent.wall,
                ..before
            },
        };
        let settled = |it: Expiry| it.kind == RefreshTokenExpiry::Absolute;
        if !held.expiry.is_some_and(settled) {
            held.named_lifetime = named_lifetime.or(held.named_lifetime);
            held.expiry = self.expiry(&held, now);
        }
        Some(held)
    }

    /// When this refresh token will have expired, if that is known.
    pub(super) fn expiry(&self, held: &HeldRefreshToken, now: Now) -> Option<Expiry> {
        let configured = self.settings.refresh_token_lifetime;
        let lifetime = held.named_lifetime.or(configured)?;
        let kind = self.settings.refresh_token_expiry;
        let counted_from = match kind {
            RefreshTokenExpiry::Sliding => held.obtained_at,
            RefreshTokenExpiry::Absolute => held.session_began_at,
        };
        let shown = UnixTime(counted_from.0.saturating_add_unsigned(lifetime.as_secs()));
        let left = u64::try_from(shown.0.saturating_sub(now.wall.0)).unwrap_or(0);
        Some(Expiry {
            kind,
            lifetime,
            // No more than all of it, whatever the wall clock was set to.
            at: now.boot.after(Duration::from_secs(left).min(lifetime)),
            shown,
        })
    }

    /// The end of the refresh token, once it has come. The token is tried all
    /// the same: only the authorization server ends a session.
    fn past_expiry(&self, now: Now) -> Option<Expiry> {
        let Session::SignedIn(live) = &self.session else {
            return None;
        };
        live.held.expiry.filter(|it| it.has_passed(now))
    }

    /// Why there is no access token: `why`, and what will probably come.
    pub(super) fn why_unavailable(&self, why: String, now: Now) -> String {
        match self.past_expiry(now) {
            Some(_) => format!("{why}; the refresh token has probably expired meanwhile"),
            None => why,
        }
    }

    /// Why the session is over that the server has ended with `error`.
    pub(super) fn why_over(&self, error: &EndpointError, now: Now) -> String {
        let refusal = match self.past_expiry(now).map(|it| it.kind) {
            Some(RefreshTokenExpiry::Sliding) => format!("{NOT_USED_IN_TIME}: {error}"),
            Some(RefreshTokenExpiry::Absolute) => format!("{END_REACHED}: {error}"),
            None => error.to_string(),
        };
        let lost = match &self.session {
            Session::SignedIn(live) => live.doubt.as_ref().map(|doubt| doubt.why.as_str()),
            _ => None,
        };
        with_first_cause(refusal, lost)
    }
}

/// What a refusal may come of: an answer that was lost, or could not be used,
/// may have been the grant.
pub(super) fn with_first_cause(refusal: String, lost: Option<&str>) -> String {
    match lost {
        Some(lost) => format!("{refusal}; before that, {lost}"),
        None => refusal,
    }
}

const NOT_USED_IN_TIME: &str = "the refresh token could not be used in time and has expired";

const END_REACHED: &str = "the session has reached the end that no renewal moves";
