//! The callers that wait, and what each is answered.

use oic_proto::Response;
use oic_proto::message::{
    Keeping, LoggedOut, LoginPrompt, ProfileView, Refusal, SessionState, SignedIn, TokenView,
};
use tokio::sync::{mpsc, oneshot};
use tracing::info;

use super::Driver;
use crate::lifecycle::{Ask, BootTime, Event, LiveAccessToken, LoginProgress, Lookup, Now};
use crate::world::World;

/// Callers that wait for one profile's renewal. More are told that the daemon
/// is busy; fewer than may be connected, so that others still get in, and more
/// than one user may connect, each connection waiting for one answer at a time:
/// no user's callers take the last place.
pub(super) const WAITING_MAX: usize = 14 * 1024;

/// The callers that wait.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) tokens: Vec<TokenCaller>,
    /// The nearest deadline among `tokens`.
    pub(super) deadline: Option<BootTime>,
    pub(super) logins: Vec<LoginCaller>,
    pub(super) logouts: Vec<oneshot::Sender<Response>>,
}

/// A caller of `get`.
pub(super) struct TokenCaller {
    pub(super) ask: Ask,
    /// When it asked.
    pub(super) asked: BootTime,
    pub(super) reply: oneshot::Sender<Response>,
}

pub(super) struct LoginCaller {
    pub(super) reply: mpsc::Sender<Response>,
    /// The trouble of the prompt that it has been sent, if it has been.
    pub(super) prompted: Option<Option<String>>,
}

impl LoginCaller {
    /// Sends what it has not been told yet. The last place on the way to it is
    /// for the end of the login.
    fn prompt(&mut self, prompt: &LoginPrompt) {
        let is_told = self.prompted.as_ref() == Some(&prompt.trouble);
        if !is_told && self.reply.capacity() > 1 {
            self.prompted = Some(prompt.trouble.clone());
            let _ = self.reply.try_send(Response::Prompt(prompt.clone()));
        }
    }
}

impl Waiting {
    fn keep(&mut self, caller: TokenCaller) {
        let nearest = self.deadline.get_or_insert(caller.ask.deadline);
        *nearest = (*nearest).min(caller.ask.deadline);
        self.tokens.push(caller);
    }

    /// Callers that have hung up want nothing any more, and make room.
    pub(super) fn forget_the_gone(&mut self) {
        self.tokens.retain(|caller| !caller.reply.is_closed());
    }
}

impl<W: World> Driver<W> {
    /// What `status` shows.
    pub(super) fn view(&self, now: Now) -> ProfileView {
        let mut view = self.lifecycle.view(now);
        if view.keeping == Keeping::Memory {
            view.keeping = self.world.keeping();
        }
        if !self.locked {
            view.last_error = view.last_error.or_else(|| self.world.trouble());
            return view;
        }
        ProfileView {
            state: SessionState::Locked,
            last_error: None,
            ..view
        }
    }

    /// A caller whose answer is there gets it at once; the others are not
    /// looked at, so that a stampede costs each caller the same.
    pub(super) fn accept_ask(&mut self, caller: TokenCaller) {
        // What is due by now also answers others; the alarm, once it finds
        // nothing due, would not.
        if self
            .next_deadline()
            .is_some_and(|at| at <= self.world.now().boot)
        {
            self.handle_timeout();
        }
        let now = self.world.now();
        self.shelf.0.withdraw();
        self.lifecycle.handle(Event::TokenWanted(caller.ask), now);
        self.perform_actions();
        if self.waiting.tokens.len() >= WAITING_MAX {
            self.waiting.forget_the_gone();
        }
        if let Some(response) = self.answer_to(&caller.ask, now) {
            self.hand_out(caller, response, now);
        } else if self.waiting.tokens.len() >= WAITING_MAX {
            let _ = caller.reply.send(Response::Refused(Refusal::Busy));
        } else {
            self.waiting.keep(caller);
        }
        self.offer(now);
    }

    /// Whoever comes next can have the same without asking here.
    fn offer(&mut self, now: Now) {
        let is_there = self.offer_again(now);
        if let (false, Some(token), Some(until)) =
            (is_there, self.lifecycle.served(now), self.next_deadline())
        {
            self.shelf
                .0
                .offer(token, self.token_view(token, now), until);
        }
    }

    fn hand_out(&mut self, caller: TokenCaller, response: Response, now: Now) {
        if matches!(response, Response::Token(_)) {
            self.counters.handed_out(now.boot.since(caller.asked));
        }
        // A caller that hung up does not matter.
        let _ = caller.reply.send(response);
    }

    /// Every caller whose answer is there gets it.
    pub(super) fn answer_all(&mut self) {
        let now = self.world.now();
        self.answer_tokens(now);
        self.answer_logins(now);
        self.answer_logouts();
    }

    /// What a caller gets now; `None`: it waits.
    fn answer_to(&self, ask: &Ask, now: Now) -> Option<Response> {
        let profile = self.name.clone();
        Some(Response::Refused(
            match self.lifecycle.access_token(ask, now) {
                Lookup::Wait => return None,
                Lookup::Fresh(token) => return Some(Response::Token(self.token_view(token, now))),
                Lookup::LoginRequired(why) => Refusal::LoginRequired { profile, why },
                Lookup::Unavailable { retry_at, why } => Refusal::TryLater {
                    profile,
                    retry_in: retry_at.map(|at| at.since(now.boot)),
                    why,
                },
                Lookup::Rejected(why) => Refusal::Rejected { profile, why },
                Lookup::TooShort {
                    remaining,
                    lifetime,
                } => Refusal::ValidityUnavailable {
                    profile,
                    remaining,
                    lifetime,
                },
            },
        ))
    }

    fn token_view(&self, token: &LiveAccessToken, now: Now) -> TokenView {
        TokenView {
            access_token: token.access_token.clone(),
            profile: self.name.clone(),
            scopes: self.scopes.clone(),
            expires_at: token.expires_at,
            expires_in: token.remaining(now),
            hosts: self.hosts.clone(),
        }
    }

    fn answer_tokens(&mut self, now: Now) {
        let waiting = std::mem::take(&mut self.waiting.tokens);
        self.waiting.deadline = None;
        for caller in waiting {
            match self.answer_to(&caller.ask, now) {
                Some(response) => self.hand_out(caller, response, now),
                None => self.waiting.keep(caller),
            }
        }
    }

    fn answer_logins(&mut self, now: Now) {
        if self.waiting.logins.is_empty() {
            return;
        }
        match self.lifecycle.login_progress(now) {
            LoginProgress::Preparing => {}
            LoginProgress::Prompt(prompt) => {
                for caller in &mut self.waiting.logins {
                    caller.prompt(&prompt);
                }
            }
            LoginProgress::Ended(outcome) => {
                let response = match outcome {
                    Ok(signed_in) => self.signed_in(signed_in),
                    Err(failed) => {
                        info!(profile = %self.name, reason = %failed.reason, "login failed");
                        Response::LoginFailed(failed)
                    }
                };
                for caller in self.waiting.logins.drain(..) {
                    let _ = caller.reply.try_send(response.clone());
                }
            }
        }
    }

    fn signed_in(&self, signed_in: SignedIn) -> Response {
        info!(profile = %self.name, subject = signed_in.subject, "signed in");
        Response::SignedIn(signed_in)
    }

    fn answer_logouts(&mut self) {
        if self.waiting.logouts.is_empty() {
            return;
        }
        let profile = self.name.clone();
        let response = match self.lifecycle.logout_outcome() {
            None => return,
            Some(Ok(revocation)) => Response::LoggedOut(LoggedOut {
                profile,
                revocation,
            }),
            Some(Err(why)) => Response::Refused(Refusal::NotForgotten { profile, why }),
        };
        if matches!(response, Response::LoggedOut(_)) {
            info!(profile = %self.name, "logged out");
        }
        for reply in self.waiting.logouts.drain(..) {
            let _ = reply.send(response.clone());
        }
    }
}
