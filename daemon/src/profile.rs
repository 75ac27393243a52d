//! The driver of one profile: one task that owns the core, performs its
//! actions and answers the callers that wait.

mod log;

use std::sync::Arc;
use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::{LoggedOut, Refusal, SERVER_PATIENCE, SignedIn, TokenView};
use oic_proto::secret::Fingerprint;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tracing::info;

use crate::clock::Alarm;
use crate::lifecycle::{
    Ask, BootTime, Event, Lifecycle, LiveAccessToken, LoginProgress, Lookup, Now, Settings,
};
use crate::requests::Requests;
use crate::world::World;
use log::Log;

/// Commands on their way to one profile. The task answers each in
/// microseconds; a full queue makes senders wait that long.
const COMMANDS_MAX: usize = 1024;

/// Callers that wait for one profile's renewal. More are told that the daemon
/// is busy; fewer than may be connected, so that others still get in.
const WAITING_MAX: usize = 12 * 1024;

/// How long the daemon's end waits for a refresh under way: its answer may
/// hold the only refresh token that is still good. Longer than the answer may
/// take, and than its way to the disk.
const FAREWELL_MAX: Duration = SERVER_PATIENCE.saturating_add(Duration::from_secs(10));

/// What the server asks of a profile.
#[derive(Debug)]
pub enum Command {
    /// An access token; answered when there is one or there will be none.
    GetToken {
        /// Which.
        ask: Ask,
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// A login; answered by its prompt and its end.
    Login {
        /// The profile may belong to another user afterwards.
        change_user: bool,
        /// Where the answers go.
        reply: mpsc::Sender<Response>,
    },
    /// A caller of `login` has hung up.
    LoginHungUp,
    /// A logout; answered when it is done.
    Logout {
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// A resource refused an access token; answered when that is noted.
    RejectToken {
        /// Which one.
        fingerprint: Fingerprint,
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// How things stand.
    Status {
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
}

/// Starts the task of a profile; commands go to what is returned. It ends
/// when `shutdown` turns true and no answer that matters is outstanding.
pub fn start<W: World>(
    settings: Settings,
    world: W,
    shutdown: watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> mpsc::Sender<Command> {
    let (sender, commands) = mpsc::channel(COMMANDS_MAX);
    let driver = Driver {
        name: settings.profile.clone(),
        scopes: settings.scopes.clone(),
        lifecycle: Lifecycle::new(settings),
        world: Arc::new(world),
        requests: Requests::default(),
        waiting: Waiting::default(),
        log: Log::default(),
    };
    tasks.spawn(driver.run(commands, shutdown));
    sender
}

struct Driver<W> {
    name: String,
    scopes: Vec<String>,
    lifecycle: Lifecycle,
    world: Arc<W>,
    requests: Requests,
    waiting: Waiting,
    log: Log,
}

/// The callers that wait.
#[derive(Default)]
struct Waiting {
    tokens: Vec<(Ask, oneshot::Sender<Response>)>,
    /// The nearest deadline among `tokens`.
    deadline: Option<BootTime>,
    logins: Vec<LoginCaller>,
    logouts: Vec<oneshot::Sender<Response>>,
}

struct LoginCaller {
    reply: mpsc::Sender<Response>,
    prompted: bool,
}

impl<W: World> Driver<W> {
    async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut shutdown: watch::Receiver<bool>,
    ) {
        tokio::select! {
            biased;
            restored = self.world.restore() => {
                if let Some(event) = restored {
                    self.handle(event);
                }
            }
            _ = shutdown.wait_for(|&stop| stop) => return,
        }
        let mut alarm = self.world.alarm();
        loop {
            let deadline = self.next_deadline();
            // In this order: what has happened already is known before callers
            // are answered by it. And a run in simulated time can be repeated.
            tokio::select! {
                biased;
                _ = shutdown.wait_for(|&stop| stop) => break,
                event = self.requests.next_answer() => self.handle(event),
                () = alarm.until(deadline) => self.handle_timeout(),
                Some(command) = commands.recv() => self.accept(command),
            }
        }
        self.finish(commands).await;
    }

    fn next_deadline(&self) -> Option<BootTime> {
        let core = self.lifecycle.poll_timeout();
        [core, self.waiting.deadline].into_iter().flatten().min()
    }

    fn handle(&mut self, event: Event) {
        self.log.write(&self.name, &event);
        self.lifecycle.handle(event, self.world.now());
        self.follow_up();
    }

    fn handle_timeout(&mut self) {
        self.lifecycle.handle_timeout(self.world.now());
        self.follow_up();
    }

    /// After every change: the core's actions are performed, and callers whose
    /// answer is there get it.
    fn follow_up(&mut self) {
        self.perform_actions();
        let now = self.world.now();
        // A renewal that has just ended may have begun before a caller asked
        // for a newer token than it brought.
        for caller in 0..self.waiting.tokens.len() {
            let ask = self.waiting.tokens[caller].0;
            self.lifecycle.handle(Event::TokenWanted(ask), now);
            self.perform_actions();
        }
        self.answer_tokens(now);
        self.answer_logins(now);
        self.answer_logouts();
    }

    fn perform_actions(&mut self) {
        while let Some(action) = self.lifecycle.poll_action() {
            self.requests.start(&self.world, action);
        }
        while let Some(notice) = self.lifecycle.poll_notice() {
            log::notice(&self.name, &notice);
        }
    }

    fn accept(&mut self, command: Command) {
        match command {
            Command::GetToken { ask, reply } => self.accept_ask(ask, reply),
            Command::RejectToken { fingerprint, reply } => {
                self.handle(Event::TokenRejected(fingerprint));
                // A caller that hung up does not matter, here and below.
                let _ = reply.send(Response::End);
            }
            Command::Status { reply } => {
                let view = self.lifecycle.view(self.world.now());
                let _ = reply.send(Response::Profile(Box::new(view)));
            }
            Command::Login { change_user, reply } => {
                self.waiting.logins.push(LoginCaller {
                    reply,
                    prompted: false,
                });
                self.handle(Event::LoginRequested { change_user });
            }
            Command::LoginHungUp => {
                self.waiting.logins.retain(|it| !it.reply.is_closed());
                if self.waiting.logins.is_empty() {
                    info!(profile = %self.name, "login cancelled: nobody waits for it");
                    self.handle(Event::LoginAbandoned);
                }
            }
            Command::Logout { reply } => {
                self.waiting.logouts.push(reply);
                self.handle(Event::LogoutRequested);
            }
        }
    }

    /// A caller whose answer is there gets it at once; the others are not
    /// looked at, so that a stampede costs each caller the same.
    fn accept_ask(&mut self, ask: Ask, reply: oneshot::Sender<Response>) {
        // What is due by now also answers others; the alarm, once it finds
        // nothing due, would not.
        if self
            .next_deadline()
            .is_some_and(|at| at <= self.world.now().boot)
        {
            self.handle_timeout();
        }
        let now = self.world.now();
        self.lifecycle.handle(Event::TokenWanted(ask), now);
        self.perform_actions();
        if let Some(response) = self.answer_to(&ask, now) {
            let _ = reply.send(response);
        } else if self.waiting.tokens.len() >= WAITING_MAX {
            let _ = reply.send(Response::Refused(Refusal::Busy));
        } else {
            let nearest = self.waiting.deadline.get_or_insert(ask.deadline);
            *nearest = (*nearest).min(ask.deadline);
            self.waiting.tokens.push((ask, reply));
        }
    }

    /// What a caller gets now; `None`: it waits.
    fn answer_to(&self, ask: &Ask, now: Now) -> Option<Response> {
        let profile = self.name.clone();
        Some(Response::Refused(
            match self.lifecycle.access_token(ask, now) {
                Lookup::Wait => return None,
                Lookup::Fresh(token) => return Some(self.token_response(token, now)),
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

    fn token_response(&self, token: &LiveAccessToken, now: Now) -> Response {
        Response::Token(TokenView {
            access_token: token.access_token.clone(),
            profile: self.name.clone(),
            scopes: self.scopes.clone(),
            expires_at: token.expires_at,
            expires_in: token.remaining(now),
        })
    }

    fn answer_tokens(&mut self, now: Now) {
        let waiting = std::mem::take(&mut self.waiting.tokens);
        self.waiting.deadline = None;
        for (ask, reply) in waiting {
            if reply.is_closed() {
                continue;
            }
            if let Some(response) = self.answer_to(&ask, now) {
                let _ = reply.send(response);
                continue;
            }
            let nearest = self.waiting.deadline.get_or_insert(ask.deadline);
            *nearest = (*nearest).min(ask.deadline);
            self.waiting.tokens.push((ask, reply));
        }
    }

    fn answer_logins(&mut self, now: Now) {
        if self.waiting.logins.is_empty() {
            return;
        }
        match self.lifecycle.login_progress(now) {
            LoginProgress::Preparing => {}
            LoginProgress::Prompt(prompt) => {
                for caller in self.waiting.logins.iter_mut().filter(|it| !it.prompted) {
                    caller.prompted = true;
                    let _ = caller.reply.try_send(Response::Prompt(prompt.clone()));
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

    /// No new work; what is under way is waited for, since a refresh whose
    /// answer is lost loses the session.
    async fn finish(mut self, commands: mpsc::Receiver<Command>) {
        drop(commands);
        self.lifecycle.begin_closing(self.world.now());
        self.follow_up();
        let deadline = self.world.now().boot.after(FAREWELL_MAX);
        let mut alarm = self.world.alarm();
        while !self.lifecycle.is_quiet() && self.world.now().boot < deadline {
            let core = self.lifecycle.poll_closing_timeout();
            let wake = [core, self.waiting.deadline].into_iter().flatten();
            let wake = wake.fold(deadline, BootTime::min);
            tokio::select! {
                biased;
                event = self.requests.next_answer() => self.handle(event),
                () = alarm.until(Some(wake)) => {
                    self.lifecycle.handle_closing_timeout(self.world.now());
                    self.follow_up();
                }
            }
        }
    }
}
