//! The login: a device authorization (RFC 8628) beside the session.

use std::time::Duration;

use oic_proto::message::{LoginFailed, LoginPrompt, Remedy, SignedIn};

use super::expiry::with_first_cause;
use super::{
    Action, BootTime, Lifecycle, Now, RefreshToken, Renewal, RequestId, Session, renewal::Granted,
    schedule, session::Live,
};
use crate::oauth::{DeviceAuthorization, EndpointError, TokenGrant, Verdict};

/// Where a login stands.
#[derive(Debug)]
pub(super) enum Login {
    /// The device authorization request is under way.
    Authorizing { request: RequestId },
    /// The end user has the user code.
    AwaitingUser(Box<Awaiting>),
    /// The grant is on its way to the disk.
    Granted,
}

/// A device code and how it is polled.
#[derive(Debug)]
pub(super) struct Awaiting {
    authorization: DeviceAuthorization,
    interval: Duration,
    expires: BootTime,
    poll: Poll,
    /// Polls in a row that got no definite answer.
    failures: u32,
    /// What became of the first of them that may have been the grant.
    lost: Option<String>,
    /// What became of the last one, if it got none.
    trouble: Option<String>,
}

#[derive(Debug)]
enum Poll {
    At(BootTime),
    InFlight { request: RequestId, sent: Now },
}

/// What a caller of `login` is told.
#[derive(Debug)]
pub enum LoginProgress {
    /// Nothing yet.
    Preparing,
    /// What the end user has to do.
    Prompt(LoginPrompt),
    /// How it ended.
    Ended(Result<SignedIn, LoginFailed>),
}

impl Login {
    pub(super) fn poll_timeout(&self) -> Option<BootTime> {
        match self {
            Self::AwaitingUser(awaiting) => match awaiting.poll {
                Poll::At(at) => Some(at.min(awaiting.expires)),
                Poll::InFlight { .. } => None,
            },
            Self::Authorizing { .. } | Self::Granted => None,
        }
    }
}

impl Awaiting {
    /// A poll got a definite answer: no earlier one was the grant.
    fn answered(&mut self) {
        self.failures = 0;
        self.lost = None;
        self.trouble = None;
    }

    fn unanswered(&mut self, error: &EndpointError) {
        self.failures = self.failures.saturating_add(1);
        self.trouble = Some(error.to_string());
        if error.verdict() == Verdict::InDoubt {
            self.lost.get_or_insert_with(|| error.to_string());
        }
    }
}

impl Lifecycle {
    /// What a caller of `login` is told now.
    pub fn login_progress(&self, now: Now) -> LoginProgress {
        if let Some(Login::AwaitingUser(awaiting)) = &self.login {
            let authorization = &awaiting.authorization;
            return LoginProgress::Prompt(LoginPrompt {
                profile: self.settings.profile.clone(),
                verification_uri: authorization.verification_uri.clone(),
                verification_uri_complete: authorization.verification_uri_complete.clone(),
                user_code: authorization.user_code.clone(),
                expires_at: now.wall_at(awaiting.expires),
                expires_in: awaiting.expires.since(now.boot),
                trouble: awaiting.trouble.clone(),
            });
        }
        match &self.login_outcome {
            Some(outcome) => LoginProgress::Ended(outcome.clone()),
            None => LoginProgress::Preparing,
        }
    }

    /// A second caller joins the login under way: one code, one prompt.
    pub(super) fn on_login_requested(&mut self, change_user: bool) {
        if self.login.is_some() {
            return;
        }
        self.login_may_change_user = change_user;
        let request = self.next_request();
        self.login_outcome = None;
        self.login = Some(Login::Authorizing { request });
        self.actions.push_back(Action::AuthorizeDevice { request });
    }

    pub(super) fn on_login_abandoned(&mut self) {
        if !matches!(self.login, None | Some(Login::Granted)) {
            self.fail_login("cancelled", "the login was cancelled");
        }
    }

    pub(super) fn on_device_authorized(
        &mut self,
        request: RequestId,
        answer: Result<DeviceAuthorization, EndpointError>,
        now: Now,
    ) {
        match self.login {
            Some(Login::Authorizing { request: current }) if current == request => {}
            _ => return,
        }
        match answer {
            Ok(authorization) => {
                let interval = schedule::poll_interval(authorization.interval);
                self.login = Some(Login::AwaitingUser(Box::new(Awaiting {
                    interval,
                    expires: now.boot.after(authorization.expires_in),
                    poll: Poll::At(now.boot.after(interval)),
                    failures: 0,
                    lost: None,
                    trouble: None,
                    authorization,
                })));
            }
            Err(error) => self.fail_login_by(&error),
        }
    }

    /// Polls, or gives up, if it is time to.
    pub(super) fn on_login_time(&mut self, now: Now) {
        let Some(Login::AwaitingUser(awaiting)) = &self.login else {
            return;
        };
        let Poll::At(at) = awaiting.poll else {
            return;
        };
        if awaiting.expires <= now.boot {
            // RFC 8628 §3.5: the client stops by its own clock too.
            return self.fail_login("expired_token", &self.why_failed(CODE_EXPIRED));
        }
        if now.boot < at {
            return;
        }
        let request = self.next_request();
        if let Some(Login::AwaitingUser(awaiting)) = &mut self.login {
            awaiting.poll = Poll::InFlight { request, sent: now };
            self.actions.push_back(Action::PollToken {
                request,
                device_code: awaiting.authorization.device_code.clone(),
            });
        }
    }

    /// When the poll with this id was sent, if it is the current one.
    pub(super) fn poll_sent(&self, request: RequestId) -> Option<Now> {
        let Some(Login::AwaitingUser(awaiting)) = &self.login else {
            return None;
        };
        match awaiting.poll {
            Poll::InFlight {
                request: current,
                sent,
            } if current == request => Some(sent),
            _ => None,
        }
    }

    pub(super) fn on_polled(
        &mut self,
        answer: Result<TokenGrant, EndpointError>,
        sent: Now,
        now: Now,
    ) {
        let error = match answer {
            Ok(grant) => {
                if let Some(stranger) = self.stranger(&grant) {
                    return self.turn_away(&stranger, grant.refresh_token);
                }
                self.owner = grant.subject.clone().or(self.owner.take());
                self.login = Some(Login::Granted);
                return self.on_granted(Granted::ByLogin, grant, sent, now);
            }
            Err(error) => error,
        };
        if error.refresh_token().is_some() {
            // The login has failed, but there is a session, and its renewal
            // may mend it.
            self.failures = 1;
            self.note_error(error.code(), error.to_string(), now.wall);
            self.on_half_granted(Granted::ByLogin, &error, sent, now);
            return self.fail_login_by(&error);
        }
        let Some(Login::AwaitingUser(awaiting)) = &mut self.login else {
            return;
        };
        // RFC 8628 §3.5.
        match &error {
            EndpointError::Refused(refusal) => match refusal.error.as_str() {
                "authorization_pending" => awaiting.answered(),
                "slow_down" => {
                    awaiting.answered();
                    awaiting.interval += schedule::POLL_SLOW_DOWN;
                }
                "access_denied" => return self.fail_login("access_denied", ACCESS_DENIED),
                "expired_token" => {
                    return self.fail_login("expired_token", &self.why_failed(CODE_EXPIRED));
                }
                _ => return self.fail_login_by(&error),
            },
            _ => awaiting.unanswered(&error),
        }
        let pause = schedule::poll_pause(awaiting.interval, awaiting.failures, error.retry_after());
        awaiting.poll = Poll::At(now.boot.after(pause));
    }

    /// Who signed in, if the profile belongs to somebody else: a user who was
    /// talked into typing a stranger's code, or a stranger who allowed ours,
    /// would have every script act as the wrong person.
    fn stranger(&self, grant: &TokenGrant) -> Option<String> {
        let (owner, subject) = (self.owner.as_ref()?, grant.subject.as_ref()?);
        (owner != subject && !self.login_may_change_user).then(|| subject.clone())
    }

    fn turn_away(&mut self, stranger: &str, refresh_token: Option<RefreshToken>) {
        let owner = self.owner.as_deref().unwrap_or_default();
        let message = format!("{stranger} signed in, and the profile belongs to {owner}");
        self.fail_login("wrong_user", &message);
        refresh_token.and_then(|token| self.revoke(token));
    }

    /// A login has succeeded when its session is no longer on its way to the
    /// disk.
    pub(super) fn settle_login(&mut self) {
        if !matches!(self.login, Some(Login::Granted)) {
            return;
        }
        let (access_token, renewable) = match &self.session {
            Session::SignedIn(Live {
                renewal: Renewal::Storing { .. },
                ..
            }) => return,
            Session::SignedIn(live) => (live.access_token.as_ref(), true),
            Session::Ending { access_token, .. } => (Some(access_token), false),
            Session::Unread | Session::SignedOut(_) => (None, false),
        };
        self.login = None;
        self.login_outcome = access_token.map(|token| {
            Ok(SignedIn {
                profile: self.settings.profile.clone(),
                subject: token.subject.clone(),
                expires_at: token.expires_at,
                renewable,
                not_stored: self.disk.failure().map(str::to_owned),
            })
        });
    }

    /// The end user, or nobody in time, decided so.
    pub(super) fn fail_login(&mut self, reason: &str, message: &str) {
        self.end_login(reason, message, Remedy::SignInAgain);
    }

    fn fail_login_by(&mut self, error: &EndpointError) {
        let remedy = match error.verdict() {
            Verdict::AskAgain | Verdict::InDoubt => Remedy::Wait,
            Verdict::Over => Remedy::SignInAgain,
            Verdict::Rejected => Remedy::Administrator,
        };
        self.end_login(error.code(), &self.why_failed(&error.to_string()), remedy);
    }

    /// `why`, and what it may come of.
    fn why_failed(&self, why: &str) -> String {
        let lost = match &self.login {
            Some(Login::AwaitingUser(awaiting)) => awaiting.lost.as_deref(),
            _ => None,
        };
        with_first_cause(why.to_owned(), lost)
    }

    fn end_login(&mut self, reason: &str, message: &str, remedy: Remedy) {
        self.login = None;
        self.login_outcome = Some(Err(LoginFailed {
            profile: self.settings.profile.clone(),
            reason: reason.to_owned(),
            message: message.to_owned(),
            remedy,
        }));
    }
}

const ACCESS_DENIED: &str = "the request was denied in the browser";
const CODE_EXPIRED: &str = "the code expired before anybody allowed it";
