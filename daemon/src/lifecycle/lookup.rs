//! What callers see: the lookup of an access token and the status view. Reads
//! only.

use oic_proto::message::{
    AccessTokenView, Keeping, LastError, ProfileView, RefreshTokenView, RenewalState, SessionState,
    UnixTime,
};

use super::login::Login;
use super::{
    Ask, BootTime, Lifecycle, LiveAccessToken, Lookup, Now, RefreshTokenExpiry, Renewal, Session,
    schedule, session::Live,
};

/// Why a caller that wants more than the present token is told to come again.
const RENEWED_JUST_NOW: &str =
    "the access token was renewed a moment ago and is not renewed again so soon";

/// Why nothing can be said of a session yet.
const UNREAD: &str = "the disk has not said yet who is signed in";

impl Lifecycle {
    /// What a caller gets who asks now. Feed `Event::TokenWanted` first, or a
    /// token that is too short for the ask is not renewed for it.
    pub fn access_token(&self, ask: &Ask, now: Now) -> Lookup<'_> {
        let token = self.session.access_token(now);
        if let Some(token) = token {
            if token.satisfies(ask, now) {
                return Lookup::Fresh(token);
            }
            if token.cannot_satisfy(ask) {
                return Lookup::TooShort {
                    remaining: token.remaining(now),
                    lifetime: token.lifetime,
                };
            }
        }
        match &self.session {
            Session::Unread if now.boot < ask.deadline => Lookup::Wait,
            Session::Unread => Lookup::Unavailable {
                retry_at: None,
                why: UNREAD.to_owned(),
            },
            Session::SignedOut(why) | Session::Ending { why, .. } => {
                Lookup::LoginRequired(self.login_required(why))
            }
            Session::SignedIn(live) => self.look_up_renewal(live, ask, now),
        }
    }

    /// The access token that is served now.
    pub fn served(&self, now: Now) -> Option<&LiveAccessToken> {
        self.session.access_token(now)
    }

    fn look_up_renewal(&self, live: &Live, ask: &Ask, now: Now) -> Lookup<'_> {
        let (retry_at, rejected) = match live.renewal {
            Renewal::Backoff {
                until, rejected, ..
            } => (Some(until), rejected),
            Renewal::Due(at) => (Some(at), false),
            _ => (None, false),
        };
        let ridden_out = retry_at.is_none_or(|at| {
            at <= ask.deadline && self.failures <= schedule::FAILURES_RIDDEN_OUT && !rejected
        });
        if ridden_out && now.boot < ask.deadline {
            return Lookup::Wait;
        }
        let why = match (&self.last_error, &live.renewal) {
            (Some(error), _) => error.message.clone(),
            (None, Renewal::Due(_)) => RENEWED_JUST_NOW.to_owned(),
            (None, _) => "the authorization server has not answered yet".to_owned(),
        };
        let why = self.why_unavailable(why, now);
        if rejected {
            Lookup::Rejected(why)
        } else {
            Lookup::Unavailable { retry_at, why }
        }
    }

    fn login_required(&self, why: &str) -> String {
        match self.login {
            Some(_) => "a login is under way and waits for the user".to_owned(),
            None => why.to_owned(),
        }
    }

    /// The profile as `status` shows it.
    pub fn view(&self, now: Now) -> ProfileView {
        let live = match &self.session {
            Session::SignedIn(live) => Some(live),
            _ => None,
        };
        let next = live.and_then(|live| match live.renewal {
            Renewal::Due(at) | Renewal::Backoff { until: at, .. } => Some(now.wall_at(at)),
            _ => None,
        });
        ProfileView {
            name: self.settings.profile.clone(),
            state: self.state(now),
            renewal: live.map(Live::renewal_state),
            subject: self.subject(),
            access_token: self.session.access_token(now).map(|token| AccessTokenView {
                expires_at: token.expires_at,
                remaining: token.remaining(now),
            }),
            refresh_token: live.map(refresh_token_view),
            next_renewal_at: next,
            failures: self.failures,
            last_error: self.error_shown(now),
            keeping: match self.settings.memory_only {
                true => Keeping::Memory,
                false => Keeping::Disk,
            },
        }
    }

    fn state(&self, now: Now) -> SessionState {
        let serving = self.session.access_token(now).is_some();
        match (&self.session, &self.login) {
            (Session::SignedIn(_), _) => SessionState::SignedIn,
            (Session::Ending { over: false, .. }, _) if serving => SessionState::SignedIn,
            (_, Some(Login::Authorizing { .. })) => SessionState::Authorizing,
            (_, Some(_)) => SessionState::AwaitingUser,
            (_, None) => SessionState::SignedOut,
        }
    }

    /// A session that is not on disk is the worst that can be wrong: a restart
    /// would lose it.
    fn error_shown(&self, now: Now) -> Option<LastError> {
        if !self.is_read() {
            return Some(LastError {
                code: "not_read".to_owned(),
                message: UNREAD.to_owned(),
                at: now.wall,
            });
        }
        let Some((why, at)) = self.disk.error(now) else {
            return self.last_error.clone();
        };
        let what = match &self.session {
            Session::SignedOut(_) => "the session that ended is still on disk",
            _ => "the session is not on disk and a restart may lose it",
        };
        Some(LastError {
            code: "not_stored".to_owned(),
            message: format!("{what}: {why}"),
            at,
        })
    }
}

impl Live {
    fn renewal_state(&self) -> RenewalState {
        match self.renewal {
            _ if self.renewal.is_under_way() => RenewalState::InFlight,
            _ if self.doubt.is_some() => RenewalState::InDoubt,
            Renewal::Backoff { .. } => RenewalState::Backoff,
            _ => RenewalState::Due,
        }
    }
}

impl LiveAccessToken {
    /// Whether this is what the caller asks for.
    fn satisfies(&self, ask: &Ask, now: Now) -> bool {
        self.is_new_enough(ask) && ask.min_validity <= self.remaining(now)
    }

    /// Whether a new one would not be either: the server's tokens are valid
    /// for less than is asked even when they are new.
    fn cannot_satisfy(&self, ask: &Ask) -> bool {
        self.is_new_enough(ask) && self.lifetime < ask.min_validity
    }

    /// Whether the ask can be answered, one way or the other, without a
    /// refresh.
    pub(super) fn settles(&self, ask: &Ask, now: Now) -> bool {
        self.satisfies(ask, now) || self.cannot_satisfy(ask)
    }

    fn is_new_enough(&self, ask: &Ask) -> bool {
        ask.newer_than.is_none_or(|moment| moment < self.obtained)
    }
}

impl Now {
    /// What the wall clock shows at `moment` if nobody sets it.
    pub(super) fn wall_at(self, moment: BootTime) -> UnixTime {
        let ahead = moment.since(self.boot).as_secs();
        let behind = self.boot.since(moment).as_secs();
        UnixTime(
            self.wall
                .0
                .saturating_add_unsigned(ahead)
                .saturating_sub_unsigned(behind),
        )
    }
}

fn refresh_token_view(live: &Live) -> RefreshTokenView {
    let expiry = live.held.expiry;
    let of_kind = |kind| expiry.filter(|it| it.kind == kind).map(|it| it.shown);
    RefreshTokenView {
        obtained_at: live.held.obtained_at,
        renew_by: of_kind(RefreshTokenExpiry::Sliding),
        login_needed_by: of_kind(RefreshTokenExpiry::Absolute),
    }
}
