//! The session: what it holds, how it goes to the disk and comes back.

use std::time::Duration;

use oic_proto::message::{LastError, UnixTime};

use super::expiry::Expiry;
use super::renewal::Renewal;
use super::{
    BootTime, Lifecycle, LiveAccessToken, Now, RefreshToken, StoredAccessToken, StoredRefreshToken,
    StoredSession, schedule,
};

/// Where a session stands.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a profile, and it is signed in nearly always"
)]
pub(super) enum Session {
    /// The disk has not said yet who is signed in.
    Unread,
    /// Nobody is signed in; why.
    SignedOut(String),
    /// There is no refresh token (any more): the access token is served to
    /// its end, then the session is over.
    Ending {
        why: String,
        /// The authorization server has ended the session, rather than never
        /// having given a refresh token.
        over: bool,
        access_token: LiveAccessToken,
    },
    /// Somebody is signed in.
    SignedIn(Live),
}

/// A session that can be renewed.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) held: HeldRefreshToken,
    /// Nothing since has told whether the server used the refresh token up.
    pub(super) doubt: Option<Doubt>,
    pub(super) access_token: Option<LiveAccessToken>,
    /// Callers cannot have a renewal before this.
    pub(super) early_renewal_from: BootTime,
    pub(super) subject: Option<String>,
    pub(super) renewal: Renewal,
}

/// A refresh may have used the refresh token up without our hearing of it.
#[derive(Debug)]
pub(super) struct Doubt {
    /// When it was sent, or was about to be when the daemon ended.
    pub(super) since: UnixTime,
    /// What became of its answer.
    pub(super) why: String,
}

/// A refresh token and what is known of its life.
#[derive(Debug)]
pub(super) struct HeldRefreshToken {
    pub(super) refresh_token: RefreshToken,
    /// When the answer was asked for that brought it, or that left it in use.
    pub(super) obtained_at: UnixTime,
    /// When the end user signed in.
    pub(super) session_began_at: UnixTime,
    /// How long it lives by the server's own words.
    pub(super) named_lifetime: Option<Duration>,
    pub(super) expiry: Option<Expiry>,
}

impl Session {
    /// Takes the session out; until another is put in, nobody is signed in.
    pub(super) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::SignedOut(String::new()))
    }

    /// The access token that may be handed out now, if it has time left.
    pub(super) fn access_token(&self, now: Now) -> Option<&LiveAccessToken> {
        let token = match self {
            Self::Unread | Self::SignedOut(_) => None,
            Self::Ending { access_token, .. } => Some(access_token),
            Self::SignedIn(live) => live.access_token.as_ref(),
        };
        token.filter(|token| token.is_live(now))
    }
}

impl Live {
    /// Since when the server may have used the refresh token up.
    pub(super) fn sent_at(&self) -> Option<UnixTime> {
        let doubt = self.doubt.as_ref().map(|doubt| doubt.since);
        doubt.or(self.renewal.sending_since())
    }
}

impl Lifecycle {
    pub(super) fn on_restored(&mut self, stored: StoredSession, now: Now) {
        self.disk.restored(stored.generation);
        self.owner.clone_from(&stored.subject);
        let access_token = stored
            .access_token
            .map(|token| restored_access_token(token, stored.subject.clone(), now))
            .filter(|token| token.is_live(now));
        let Some(refresh) = stored.refresh_token else {
            let over = stored.ended.is_some();
            let why = stored.ended.unwrap_or_else(|| NO_REFRESH_TOKEN.to_owned());
            self.session = ended(why, over, access_token);
            return;
        };
        let mut held = HeldRefreshToken {
            refresh_token: refresh.refresh_token,
            obtained_at: refresh.obtained_at,
            session_began_at: refresh.session_began_at,
            named_lifetime: refresh.lifetime,
            expiry: None,
        };
        held.expiry = self.expiry(&held, now);
        let due = match &access_token {
            // An open intent says that the server may have used up the
            // refresh token: the sooner that is known, the better.
            _ if refresh.sent_at.is_some() => now.boot,
            Some(token) => schedule::renew_at(token, held.idle_lifetime(), &mut self.jitter),
            None => {
                let time = self.settings.catch_up_time;
                now.boot.after(schedule::catch_up(time, &mut self.jitter))
            }
        };
        let early_renewal_from = access_token
            .as_ref()
            .map_or(now.boot, schedule::early_renewal_from);
        self.session = Session::SignedIn(Live {
            early_renewal_from,
            held,
            doubt: refresh.sent_at.map(|since| Doubt {
                since,
                why: CUT_OFF.to_owned(),
            }),
            access_token,
            subject: stored.subject,
            renewal: Renewal::Due(due),
        });
    }

    /// A copy does harm by its refresh token alone: that is neither used nor
    /// revoked. The access token is as good as any, and the disk keeps what it
    /// holds until somebody signs in or out.
    pub(super) fn on_restored_copy(&mut self, stored: StoredSession, why: String, now: Now) {
        self.on_restored(stored, now);
        let Session::SignedIn(live) = &mut self.session else {
            return;
        };
        let access_token = live.access_token.take();
        self.session = ended(why.clone(), false, access_token);
        self.note_unusable("copied_session", why, now);
    }

    pub(super) fn on_nothing_stored(&mut self) {
        self.session = Session::SignedOut("nobody has signed in yet".to_owned());
    }

    pub(super) fn on_unreadable(&mut self, why: String, now: Now) {
        self.session = Session::SignedOut(why.clone());
        self.note_unusable("not_read", why, now);
    }

    fn note_unusable(&mut self, code: &str, why: String, now: Now) {
        self.last_error = Some(LastError {
            code: code.to_owned(),
            message: why,
            at: now.wall,
        });
    }

    pub(super) fn subject(&self) -> Option<String> {
        match &self.session {
            Session::Unread | Session::SignedOut(_) => None,
            Session::Ending { access_token, .. } => access_token.subject.clone(),
            Session::SignedIn(live) => live.subject.clone(),
        }
    }

    /// The present state as the disk should hold it.
    pub(super) fn stored_session(&self, generation: u64, now: Now) -> Option<StoredSession> {
        let refresh_token = match &self.session {
            Session::Unread => return None,
            Session::SignedOut(_) if self.owner.is_none() => return None,
            Session::SignedOut(_) | Session::Ending { .. } => None,
            Session::SignedIn(live) => Some(StoredRefreshToken {
                refresh_token: live.held.refresh_token.clone(),
                obtained_at: live.held.obtained_at,
                session_began_at: live.held.session_began_at,
                lifetime: live.held.named_lifetime,
                sent_at: live.sent_at(),
            }),
        };
        let newest = match &self.session {
            Session::SignedIn(Live {
                renewal: Renewal::Storing { access_token, .. },
                ..
            }) => Some(access_token),
            session => session.access_token(now),
        };
        Some(StoredSession {
            generation,
            refresh_token,
            access_token: newest.map(|token| StoredAccessToken {
                access_token: token.access_token.clone(),
                lifetime: token.lifetime,
                // By the wall clock as it is now: it may have been set since
                // the token came.
                expires_at: now.wall_at(token.expires),
                expires: Some(token.expires),
            }),
            subject: self.subject().or_else(|| self.owner.clone()),
            ended: match &self.session {
                Session::SignedOut(why) => Some(why.clone()),
                Session::Ending {
                    why, over: true, ..
                } => Some(why.clone()),
                _ => None,
            },
        })
    }
}

/// Why a session that is restored with an open intent is in doubt.
const CUT_OFF: &str = "the daemon ended before the answer to a refresh was on disk";

/// What a session without a refresh token says of itself. The three switches
/// are those of an identity domain.
pub(super) const NO_REFRESH_TOKEN: &str = "the authorization server gave no refresh token \
    (in an identity domain that takes 'offline_access' in the scope, the 'Refresh token' grant \
    of the client and 'Allow token refresh' of the resource)";

/// A session without a refresh token: it lasts as long as its access token.
pub(super) fn ended(why: String, over: bool, access_token: Option<LiveAccessToken>) -> Session {
    match access_token {
        Some(access_token) => Session::Ending {
            why,
            over,
            access_token,
        },
        None => Session::SignedOut(why),
    }
}

fn restored_access_token(
    stored: StoredAccessToken,
    subject: Option<String>,
    now: Now,
) -> LiveAccessToken {
    let (left, remaining) = match stored.expires {
        // The clock that nobody sets has gone on while the daemon was away.
        Some(expires) => {
            let left = expires.since(now.boot);
            (left, schedule::remaining_in_one_boot(left, stored.lifetime))
        }
        None => {
            let seconds = stored.expires_at.0.saturating_sub(now.wall.0);
            let left = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
            (
                left,
                schedule::remaining_after_reboot(left, stored.lifetime),
            )
        }
    };
    // Not younger than it is: a caller that asked for a newer one while the
    // disk was read must not be given this one.
    let age = stored.lifetime.saturating_sub(left);
    let age = age.saturating_add(schedule::STORED_GRAIN);
    let expires = now.boot.after(remaining);
    LiveAccessToken {
        access_token: stored.access_token,
        subject,
        obtained: BootTime(now.boot.0.saturating_sub(age)),
        lifetime: stored.lifetime,
        expires,
        expires_at: now.wall_at(expires),
    }
}
