//! The pure core of one profile: where its session and its login stand, and
//! what to do next. No clock, no I/O, no `await`, no lock.
//!
//! Its driver calls [`Lifecycle::handle`] with what the world says and
//! [`Lifecycle::handle_timeout`] when [`Lifecycle::poll_timeout`] has come,
//! and after each of these performs every [`Lifecycle::poll_action`]. What a
//! caller gets, [`Lifecycle::access_token`] and the views say at any moment.
//!
//! `vocabulary` has the state tables; read them first.

mod disk;
mod expiry;
mod failed_renewal;
mod login;
mod logout;
mod lookup;
mod notice;
mod reconfigured;
mod renewal;
pub(crate) mod schedule;
mod session;
mod standing;
#[cfg(test)]
mod tests;
mod vocabulary;

use std::collections::VecDeque;
use std::time::Duration;

use oic_proto::message::{LastError, LoginFailed, SignedIn, UnixTime};

use crate::oauth::EndpointError;
use disk::Disk;
use login::Login;
use logout::Logout;
use notice::Warned;
use renewal::Renewal;
use schedule::Jitter;
use session::Session;

pub use login::LoginProgress;
pub use schedule::catch_up_time;
pub use standing::Standing;
pub use vocabulary::{
    Action, Ask, BootTime, DeviceCode, Event, LiveAccessToken, Lookup, Notice, Now, RefreshToken,
    RefreshTokenExpiry, RequestId, StoredAccessToken, StoredRefreshToken, StoredSession,
};

/// What the core knows of its profile.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The profile's name.
    pub profile: String,
    /// The scopes asked for at login, without `offline_access`.
    pub scopes: Vec<String>,
    /// The hosts that access tokens are for; none where that is not said.
    pub hosts: Vec<String>,
    /// Whether there is a revocation endpoint.
    pub revocable: bool,
    /// How long a refresh token lives, where that is known; what an answer
    /// says of its own goes before.
    pub refresh_token_lifetime: Option<Duration>,
    /// From when that is counted.
    pub refresh_token_expiry: RefreshTokenExpiry,
    /// Whether the session is to be on no disk. Whatever is to be written is
    /// written all the same, to a world that takes it and has nothing of it on
    /// its disk.
    pub memory_only: bool,
    /// In what time the profiles of this daemon make up renewals that all of
    /// them missed: [`catch_up_time`].
    pub catch_up_time: Duration,
    /// Where the random part of the schedule starts.
    pub seed: u64,
}

/// One profile's session and login.
#[derive(Debug)]
pub struct Lifecycle {
    settings: Settings,
    session: Session,
    login: Option<Login>,
    /// Whom the profile belongs to: the `sub` claim of its first login, until
    /// a logout.
    owner: Option<String>,
    /// Whether the login under way may give it to another user.
    login_may_change_user: bool,
    /// How the last login ended, until the next one starts.
    login_outcome: Option<Result<SignedIn, LoginFailed>>,
    logout: Option<Logout>,
    disk: Disk,
    /// Renewals that failed since the last one that did not.
    failures: u32,
    /// What the authorization server did wrong last, until it does right.
    last_error: Option<LastError>,
    jitter: Jitter,
    last_request: u64,
    actions: VecDeque<Action>,
    /// The last notice of a login that becomes necessary, while it does.
    warned: Option<Warned>,
    /// Where the profile stood when that was last told.
    standing: Standing,
    notices: VecDeque<Notice>,
}

impl Lifecycle {
    /// A profile about whose past nothing is known yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            session: Session::Unread,
            login: None,
            owner: None,
            login_may_change_user: false,
            login_outcome: None,
            logout: None,
            disk: Disk::default(),
            failures: 0,
            last_error: None,
            jitter: Jitter::new(settings.seed),
            last_request: 0,
            actions: VecDeque::new(),
            warned: None,
            standing: Standing::Unread,
            notices: VecDeque::new(),
            settings,
        }
    }

    /// What the world told us, and when.
    pub fn handle(&mut self, event: Event, now: Now) {
        match event {
            Event::NothingStored => self.on_nothing_stored(),
            Event::Restored(stored) => self.on_restored(stored, now),
            Event::RestoredCopy { session, why } => self.on_restored_copy(session, why, now),
            Event::Unreadable(why) => self.on_unreadable(why, now),
            Event::LoginRequested { change_user } => self.on_login_requested(change_user),
            Event::LoginAbandoned => self.on_login_abandoned(),
            Event::LogoutRequested => self.on_logout_requested(now),
            Event::TokenWanted(ask) => self.on_token_wanted(&ask, now),
            Event::TokenRejected(fingerprint) => self.on_token_rejected(fingerprint, now),
            Event::Reconfigured { settings, within } => {
                self.on_reconfigured(settings, within, now);
            }
            Event::DeviceAuthorized { request, answer } => {
                self.on_device_authorized(request, answer, now);
            }
            Event::TokenAnswered { request, answer } => {
                self.on_token_answered(request, answer, now);
            }
            Event::Revoked { request, answer } => self.on_revoked(request, answer),
            Event::Stored { generation, result } => self.disk.written(generation, result, now),
        }
        self.settle(now);
    }

    /// A deadline has passed. Calling early or twice does nothing.
    pub fn handle_timeout(&mut self, now: Now) {
        self.postpone_missed_renewal(now);
        self.on_renewal_time(now);
        self.on_login_time(now);
        self.settle(now);
    }

    /// Whether the disk has said who is signed in. Until then nobody can sign
    /// in or out.
    pub fn is_read(&self) -> bool {
        !matches!(self.session, Session::Unread)
    }

    /// What we want done, in order. Drain after every `handle*`.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What users should hear without asking, in order.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// When we want to be woken. `None`: only an event can change anything.
    pub fn poll_timeout(&self) -> Option<BootTime> {
        let renewal = self.renewal_timeout();
        let login = self.login.as_ref().and_then(Login::poll_timeout);
        let logout = self.logout_timeout();
        let disk = self.disk.poll_timeout();
        let notice = self.notice_timeout();
        let standing = self.standing_timeout();
        [renewal, login, logout, disk, notice, standing]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether the program may end: nothing is under way whose loss would
    /// cost the session, or a promise to the user.
    pub fn is_quiet(&self) -> bool {
        let logging_out = self.logout.is_some() && self.logout_outcome().is_none();
        !self.is_renewing() && !logging_out && self.disk.is_settled()
    }

    fn is_renewing(&self) -> bool {
        matches!(&self.session, Session::SignedIn(live) if live.renewal.is_under_way())
    }

    /// The daemon is ending: no login goes on, and a refresh that has not been
    /// sent yet is left to the next daemon.
    pub fn begin_closing(&mut self, now: Now) {
        self.on_login_abandoned();
        if let Session::SignedIn(live) = &mut self.session
            && matches!(live.renewal, Renewal::Recording { .. })
        {
            live.renewal = Renewal::Due(now.boot);
            self.disk.change();
        }
        self.settle(now);
    }

    /// Like [`poll_timeout`](Self::poll_timeout), for a daemon that is ending.
    pub fn poll_closing_timeout(&self) -> Option<BootTime> {
        let renewal = self.renewal_timeout().filter(|_| self.is_renewing());
        [renewal, self.logout_timeout(), self.disk.poll_timeout()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Like [`handle_timeout`](Self::handle_timeout), for a daemon that is
    /// ending: what was begun comes to its end, and nothing is begun.
    pub fn handle_closing_timeout(&mut self, now: Now) {
        self.settle(now);
    }

    /// What follows from the present state by itself: steps that waited for
    /// the disk, then the next write.
    fn settle(&mut self, now: Now) {
        self.settle_renewal(now);
        self.settle_login();
        self.settle_logout(now);
        self.settle_notice(now);
        self.settle_standing(now);
        self.notices.extend(self.disk.news(now));
        if let Some(generation) = self.disk.next_write(now) {
            let session = self.stored_session(generation, now);
            self.actions.push_back(Action::Store {
                generation,
                session,
            });
        }
    }

    /// The answer to a token request: to the renewal's, to the login's, or to
    /// one that nobody waits for any more.
    fn on_token_answered(
        &mut self,
        request: RequestId,
        answer: Result<crate::oauth::TokenGrant, EndpointError>,
        now: Now,
    ) {
        if let Some(sent) = self.refresh_sent(request) {
            self.on_refreshed(answer, sent, now);
        } else if let Some(sent) = self.poll_sent(request) {
            self.on_polled(answer, sent, now);
        } else if matches!(self.session, Session::SignedOut(_)) {
            // Signed out means signed out: a session that the server opened
            // while the user logged out or cancelled is closed there too.
            let arrived = match answer {
                Ok(grant) => grant.refresh_token,
                Err(error) => error.refresh_token().cloned(),
            };
            if let Some(refresh_token) = arrived {
                self.revoke(refresh_token);
            }
        }
    }

    fn revoke(&mut self, refresh_token: RefreshToken) -> Option<RequestId> {
        if !self.settings.revocable {
            return None;
        }
        let request = self.next_request();
        self.actions.push_back(Action::RevokeToken {
            request,
            refresh_token,
        });
        Some(request)
    }

    fn next_request(&mut self) -> RequestId {
        self.last_request += 1;
        RequestId(self.last_request)
    }

    fn note_error(&mut self, code: &str, message: String, at: UnixTime) {
        self.last_error = Some(LastError {
            code: code.to_owned(),
            message,
            at,
        });
    }
}
