//! The renewal of a session: when, in what order, and what an answer changes.

use oic_proto::message::UnixTime;
use oic_proto::secret::Fingerprint;

use super::session::{HeldRefreshToken, Live, NO_REFRESH_TOKEN, Session, ended};
use super::{Action, Ask, BootTime, Lifecycle, LiveAccessToken, Notice, Now, RequestId, schedule};
use crate::oauth::{EndpointError, TokenGrant};

/// What brought a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granted {
    ByLogin,
    ByRefresh,
}

/// What the renewal of a session is doing.
#[derive(Debug)]
pub(super) enum Renewal {
    /// Waiting for its time.
    Due(BootTime),
    /// The intent to refresh is on its way to the disk.
    Recording {
        generation: u64,
        give_up: BootTime,
        since: UnixTime,
    },
    /// The refresh request is under way.
    InFlight { request: RequestId, sent: Now },
    /// The new refresh token is on its way to the disk; its access token is
    /// handed out after it.
    Storing {
        generation: u64,
        give_up: BootTime,
        access_token: LiveAccessToken,
        by: Granted,
    },
    /// The last refresh failed.
    Backoff {
        until: BootTime,
        /// Callers cannot have it before this.
        early_from: BootTime,
        /// The server refuses this client: only an administrator can help.
        rejected: bool,
    },
}

impl Renewal {
    /// Since when a refresh is being sent.
    pub(super) fn sending_since(&self) -> Option<UnixTime> {
        match self {
            Self::Recording { since, .. } => Some(*since),
            Self::InFlight { sent, .. } => Some(sent.wall),
            _ => None,
        }
    }

    pub(super) fn is_under_way(&self) -> bool {
        match self {
            Self::Due(_) | Self::Backoff { .. } => false,
            Self::Recording { .. } | Self::InFlight { .. } | Self::Storing { .. } => true,
        }
    }
}

impl Lifecycle {
    /// A caller wants more than the present token offers: renew early, within
    /// limits.
    pub(super) fn on_token_wanted(&mut self, ask: &Ask, now: Now) {
        let token = self.session.access_token(now);
        if token.is_some_and(|token| token.settles(ask, now)) {
            return;
        }
        let Session::SignedIn(live) = &mut self.session else {
            return;
        };
        match &mut live.renewal {
            Renewal::Due(due) => *due = (*due).min(live.early_renewal_from),
            // After an administrator's repair, only `--force` asks again.
            Renewal::Backoff {
                until,
                early_from,
                rejected,
            } if !*rejected || ask.newer_than.is_some() => *until = (*until).min(*early_from),
            _ => return,
        }
        self.on_renewal_time(now);
    }

    /// The access token that a resource refused is not handed out again, not
    /// after a restart either; the next one is asked for as soon as callers
    /// could have it by asking. Of many callers that report the same one, the
    /// first counts.
    pub(super) fn on_token_rejected(&mut self, fingerprint: Fingerprint, now: Now) {
        let token = self.session.access_token(now);
        if token.is_none_or(|token| token.access_token.fingerprint() != fingerprint) {
            return;
        }
        self.disk.change();
        self.session = match self.session.take() {
            Session::SignedIn(mut live) => {
                live.access_token = None;
                if let Renewal::Due(due) = &mut live.renewal {
                    *due = (*due).min(live.early_renewal_from);
                }
                Session::SignedIn(live)
            }
            Session::Ending { why, .. } => Session::SignedOut(why),
            other => other,
        };
        self.on_renewal_time(now);
    }

    /// A renewal that was missed by far is made up some time soon, and not at
    /// the same moment as those of all other profiles. A caller that wants a
    /// token does not wait for that.
    pub(super) fn postpone_missed_renewal(&mut self, now: Now) {
        let Session::SignedIn(live) = &mut self.session else {
            return;
        };
        if let Renewal::Due(due) = &mut live.renewal
            && now.boot.since(*due) > schedule::MISSED_AFTER
        {
            let time = self.settings.catch_up_time;
            *due = now.boot.after(schedule::catch_up(time, &mut self.jitter));
        }
    }

    /// Starts a refresh if its time has come: first the intent goes to disk.
    pub(super) fn on_renewal_time(&mut self, now: Now) {
        let Session::SignedIn(live) = &mut self.session else {
            return;
        };
        let (Renewal::Due(due) | Renewal::Backoff { until: due, .. }) = live.renewal else {
            return;
        };
        if now.boot < due {
            return;
        }
        live.renewal = Renewal::Recording {
            generation: self.disk.change(),
            give_up: now.boot.after(schedule::STORE_PATIENCE),
            since: now.wall,
        };
    }

    /// When the renewal wants to be woken.
    pub(super) fn renewal_timeout(&self) -> Option<BootTime> {
        let Session::SignedIn(live) = &self.session else {
            return None;
        };
        match live.renewal {
            Renewal::Due(at)
            | Renewal::Backoff { until: at, .. }
            | Renewal::Recording { give_up: at, .. }
            | Renewal::Storing { give_up: at, .. } => Some(at),
            Renewal::InFlight { .. } => None,
        }
    }

    /// When the refresh with this id was sent, if it is the current one.
    pub(super) fn refresh_sent(&self, request: RequestId) -> Option<Now> {
        match &self.session {
            Session::SignedIn(Live {
                renewal:
                    Renewal::InFlight {
                        request: current,
                        sent,
                    },
                ..
            }) if *current == request => Some(*sent),
            _ => None,
        }
    }

    pub(super) fn on_refreshed(
        &mut self,
        answer: Result<TokenGrant, EndpointError>,
        sent: Now,
        now: Now,
    ) {
        match answer {
            Ok(grant) => self.on_granted(Granted::ByRefresh, grant, sent, now),
            Err(error) => self.on_refresh_failed(&error, sent, now),
        }
    }

    /// A grant: its refresh token goes to disk before its access token is
    /// served. Until then the old one is.
    pub(super) fn on_granted(&mut self, by: Granted, grant: TokenGrant, sent: Now, now: Now) {
        self.failures = 0;
        self.last_error = None;
        let access_token = granted_access_token(&grant, sent, now);
        let early_renewal_from = schedule::early_renewal_from(&access_token);
        let (before, subject, served) = self.before(by);
        let subject = grant.subject.or(subject);
        let (arrived, lifetime) = (grant.refresh_token, grant.refresh_token_lifetime);
        let generation = self.disk.change();
        self.session = match self.held(before, arrived, lifetime, sent, now) {
            None => ended(NO_REFRESH_TOKEN.to_owned(), false, Some(access_token)),
            Some(held) => Session::SignedIn(Live {
                held,
                doubt: None,
                access_token: served,
                early_renewal_from,
                subject,
                renewal: Renewal::Storing {
                    generation,
                    give_up: now.boot.after(schedule::STORE_PATIENCE),
                    access_token,
                    by,
                },
            }),
        };
    }

    /// Takes the session out that stands where a grant has come: its refresh
    /// token and whose it is, unless a login replaces them, and the access
    /// token that is served meanwhile.
    pub(super) fn before(
        &mut self,
        by: Granted,
    ) -> (
        Option<HeldRefreshToken>,
        Option<String>,
        Option<LiveAccessToken>,
    ) {
        match self.session.take() {
            Session::Unread | Session::SignedOut(_) => (None, None, None),
            Session::Ending { access_token, .. } => (None, None, Some(access_token)),
            Session::SignedIn(live) if by == Granted::ByLogin => (None, None, live.access_token),
            Session::SignedIn(live) => (Some(live.held), live.subject, live.access_token),
        }
    }

    /// Steps that waited for the disk, or have waited long enough.
    pub(super) fn settle_renewal(&mut self, now: Now) {
        let Session::SignedIn(live) = &mut self.session else {
            return;
        };
        let (Renewal::Recording {
            generation,
            give_up,
            ..
        }
        | Renewal::Storing {
            generation,
            give_up,
            ..
        }) = live.renewal
        else {
            return;
        };
        if !self.disk.reached(generation) && now.boot < give_up {
            return;
        }
        if let Renewal::Storing {
            access_token, by, ..
        } = &live.renewal
        {
            if *by == Granted::ByRefresh {
                self.notices.push_back(Notice::Renewed);
            }
            let access_token = access_token.clone();
            let idle_lifetime = live.held.idle_lifetime();
            let due = schedule::renew_at(&access_token, idle_lifetime, &mut self.jitter);
            // One that has expired on its way pushes out none that has not.
            let serves = |token: &LiveAccessToken| token.is_live(now);
            if serves(&access_token) || !live.access_token.as_ref().is_some_and(serves) {
                live.access_token = Some(access_token);
            }
            live.renewal = Renewal::Due(due);
        } else {
            self.send_refresh(now);
        }
    }

    fn send_refresh(&mut self, now: Now) {
        let request = self.next_request();
        if let Session::SignedIn(live) = &mut self.session {
            live.renewal = Renewal::InFlight { request, sent: now };
            self.actions.push_back(Action::RefreshToken {
                request,
                refresh_token: live.held.refresh_token.clone(),
            });
        }
    }
}

/// The life of a token counts from when it was asked for: the answer may have
/// been long on its way, and what is left of it then is what callers can have.
fn granted_access_token(grant: &TokenGrant, sent: Now, now: Now) -> LiveAccessToken {
    let expires = sent.boot.after(grant.lifetime);
    LiveAccessToken {
        access_token: grant.access_token.clone(),
        subject: grant.subject.clone(),
        obtained: now.boot,
        lifetime: expires.since(now.boot),
        expires,
        expires_at: now.wall_at(expires),
    }
}
