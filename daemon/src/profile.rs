//! The driver of one profile: one task that owns the core, performs its
//! actions and answers the callers that wait.

mod answers;
mod command;
mod counters;
mod log;
mod postponed;
mod shelf;
#[cfg(test)]
mod tests;

pub use command::{Command, Commands, NotTaken};
pub(crate) use log::shown;
pub use shelf::{Named, Shelf};

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::Refusal;
use tokio::sync::{oneshot, watch};
use tracing::info;

use crate::clock::Alarm;
use crate::examination;
use crate::lifecycle::{BootTime, Event, Lifecycle, Now, Settings};
use crate::requests::Requests;
use crate::world::World;
use answers::{LoginCaller, TokenCaller, Waiting};
use command::Incoming;
use counters::Counters;
use log::Log;
use postponed::Postponed;

/// How long `status` waits for the disk to say who is signed in: one that is
/// well does in milliseconds.
const READ_PATIENCE: Duration = Duration::from_secs(1);

/// How often a profile may be examined: that costs two of the 150 requests a
/// minute that a whole team has.
const EXAMINATION_INTERVAL: Duration = Duration::from_secs(5);

/// How long an examination waits for its turn at most.
const EXAMINATION_PAUSE_MAX: Duration = Duration::from_secs(10);

/// What the configuration wants of a profile.
#[derive(Debug)]
pub struct Wanted<W> {
    /// What the core has to know.
    pub settings: Settings,
    /// The way to the authorization server and the disk.
    pub world: Arc<W>,
    /// In what time the profiles that were changed together with this one try
    /// again what had failed.
    pub within: Duration,
}

/// A profile: where its commands go, and what it does, which somebody has to
/// run. It takes over what is sent to `wanted` and leaves what is under way
/// alone; it ends when `wanted` is closed and nothing is under way any more
/// whose loss would cost the session.
pub fn task<W: World>(
    mut wanted: watch::Receiver<Wanted<W>>,
) -> (Commands, impl Future<Output = ()> + Send) {
    let shelf = Arc::<Shelf>::default();
    let (sender, commands) = command::channel(Arc::clone(&shelf));
    let Wanted {
        settings, world, ..
    } = newest(&mut wanted);
    let now = world.now().boot;
    // In a box, or the task would have room for it at each place where it rests.
    let driver = Box::new(Driver {
        name: settings.profile.clone(),
        scopes: settings.scopes.clone(),
        hosts: settings.hosts.clone(),
        lifecycle: Lifecycle::new(settings),
        wanted,
        world,
        locked: true,
        requests: Requests::default(),
        waiting: Waiting::default(),
        postponed: Postponed::default(),
        views: Vec::new(),
        views_from: now.after(READ_PATIENCE),
        examined_from: now,
        served: None,
        shelf: OwnShelf(shelf),
        log: Log::default(),
        counters: Counters::default(),
    });
    (sender, driver.run(commands))
}

fn newest<W>(wanted: &mut watch::Receiver<Wanted<W>>) -> Wanted<W> {
    let newest = wanted.borrow_and_update();
    Wanted {
        settings: newest.settings.clone(),
        world: Arc::clone(&newest.world),
        within: newest.within,
    }
}

struct Driver<W> {
    name: String,
    scopes: Vec<String>,
    hosts: Vec<String>,
    lifecycle: Lifecycle,
    wanted: watch::Receiver<Wanted<W>>,
    world: Arc<W>,
    /// What the disk holds cannot be read yet: a passphrase is missing.
    locked: bool,
    requests: Requests,
    waiting: Waiting,
    postponed: Postponed,
    /// Callers of `status` that came before the disk had answered.
    views: Vec<oneshot::Sender<Response>>,
    /// From when on they are answered all the same.
    views_from: BootTime,
    /// From when on it may be examined again.
    examined_from: BootTime,
    /// Which access token the world was told of, once that is known: when it
    /// was obtained, and when it expires.
    served: Option<Option<(BootTime, BootTime)>>,
    shelf: OwnShelf,
    log: Log,
    counters: Counters,
}

/// Nothing is left on it by a driver that is gone, however that ended.
struct OwnShelf(Arc<Shelf>);

impl Drop for OwnShelf {
    fn drop(&mut self) {
        self.0.clear();
    }
}

impl<W: World> Driver<W> {
    async fn run(mut self: Box<Self>, mut commands: Incoming) {
        let mut alarm = self.world.alarm();
        loop {
            let deadline = self.next_deadline();
            let world = Arc::clone(&self.world);
            // In this order: what has happened already is known before callers
            // are answered by it. And a run in simulated time can be repeated.
            tokio::select! {
                biased;
                changed = self.wanted.changed() => match changed {
                    Ok(()) => self.reconfigure(),
                    Err(_closed) => break,
                },
                () = world.unlocked(), if self.locked => self.restore(),
                event = self.requests.next_answer() => {
                    self.handle(event);
                    self.accept_postponed();
                    if self.requests.is_empty() {
                        self.world.at_rest();
                    }
                }
                () = alarm.until(deadline) => self.handle_timeout(),
                Some(command) = commands.recv() => self.accept(command),
            }
        }
        self.finish(commands).await;
    }

    fn restore(&mut self) {
        self.locked = false;
        self.views_from = self.world.now().boot.after(READ_PATIENCE);
        self.requests.restore(&self.world);
    }

    /// The next request goes the new way; one under way ends as it began.
    fn reconfigure(&mut self) {
        let Wanted {
            settings,
            world,
            within,
        } = newest(&mut self.wanted);
        self.world = world;
        self.scopes.clone_from(&settings.scopes);
        self.hosts.clone_from(&settings.hosts);
        // A token file that is new knows nothing yet.
        self.served = None;
        // Its scopes and hosts may be others.
        self.shelf.0.clear();
        self.handle(Event::Reconfigured { settings, within });
    }

    fn next_deadline(&self) -> Option<BootTime> {
        let core = self.lifecycle.poll_timeout();
        let views = (!self.views.is_empty()).then_some(self.views_from);
        // The world is told of its end.
        let served = self.served.flatten().map(|(_, expires)| expires);
        let all = [core, self.waiting.deadline, views, served];
        all.into_iter().flatten().min()
    }

    fn handle(&mut self, event: Event) {
        self.tell(event);
        self.follow_up();
    }

    fn handle_timeout(&mut self) {
        self.shelf.0.withdraw();
        self.lifecycle.handle_timeout(self.world.now());
        self.follow_up();
    }

    fn tell(&mut self, event: Event) {
        self.shelf.0.withdraw();
        self.log.write(&self.name, &event);
        self.counters.happened(&event);
        self.lifecycle.handle(event, self.world.now());
    }

    /// After every change: the core's actions are performed, and callers whose
    /// answer is there get it.
    fn follow_up(&mut self) {
        self.perform_actions();
        self.waiting.forget_the_gone();
        let now = self.world.now();
        // A renewal that has just ended may have begun before a caller asked
        // for a newer token than it brought.
        for caller in 0..self.waiting.tokens.len() {
            let ask = self.waiting.tokens[caller].ask;
            self.lifecycle.handle(Event::TokenWanted(ask), now);
            self.perform_actions();
        }
        self.answer_all();
        self.answer_views();
        self.show_served(now);
        self.offer_again(now);
    }

    /// Last of all: what callers may have without asking here, until something
    /// happens, or falls due. Whether that is an answer now.
    fn offer_again(&self, now: Now) -> bool {
        let next = self.next_deadline().unwrap_or(now.boot);
        self.shelf.0.offer_again(self.lifecycle.served(now), next)
    }

    fn show_served(&mut self, now: Now) {
        let token = self.lifecycle.served(now);
        let served = token.map(|token| (token.obtained, token.expires));
        if self.lifecycle.is_read() && self.served != Some(served) {
            self.world.serve(token.map(|token| &token.access_token));
            self.served = Some(served);
        }
    }

    /// Who asks right after the start hears what the disk says, unless it
    /// hangs.
    fn answer_views(&mut self) {
        let now = self.world.now();
        if self.locked || self.lifecycle.is_read() || self.views_from <= now.boot {
            for reply in std::mem::take(&mut self.views) {
                let _ = reply.send(Response::Profile(Box::new(self.view(now))));
            }
        }
    }

    fn perform_actions(&mut self) {
        while let Some(action) = self.lifecycle.poll_action() {
            self.counters.begun(&action);
            self.requests.start(&self.world, action);
        }
        while let Some(notice) = self.lifecycle.poll_notice() {
            log::notice(&self.name, &notice);
            let view = self.lifecycle.view(self.world.now());
            self.world.tell(&notice, &view);
        }
    }

    fn accept_postponed(&mut self) {
        if self.lifecycle.is_read() {
            for command in self.postponed.take() {
                self.accept(command);
            }
        }
    }

    fn accept(&mut self, command: Command) {
        match command {
            Command::Status { reply } => {
                self.views.push(reply);
                self.answer_views();
            }
            command if self.locked => command.refuse(Refusal::Locked),
            Command::GetToken { ask, asked, reply } => {
                self.accept_ask(TokenCaller { ask, asked, reply });
            }
            Command::Examine { reply } => self.examine(reply),
            Command::Metrics { reply } => {
                let view = self.view(self.world.now());
                self.counters
                    .handed_out_at_once(self.shelf.0.take_handed_out());
                let metrics = self.counters.metrics(view);
                let _ = reply.send(Response::Metrics(Box::new(metrics)));
            }
            command if !self.lifecycle.is_read() => self.postponed.add(command),
            Command::RejectToken { fingerprint, reply } => {
                self.handle(Event::TokenRejected(fingerprint));
                // A caller that hung up does not matter, here and below.
                let _ = reply.send(Response::End);
            }
            Command::Login { change_user, reply } => {
                self.waiting.logins.push(LoginCaller {
                    reply,
                    prompted: None,
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

    /// Beside everything else: nobody's token waits for it, and it changes
    /// nothing.
    fn examine(&mut self, reply: oneshot::Sender<Response>) {
        let now = self.world.now();
        let pause = self.examined_from.since(now.boot);
        if pause > EXAMINATION_PAUSE_MAX {
            let _ = reply.send(Response::Refused(Refusal::Busy));
            return;
        }
        self.examined_from = now.boot.after(pause + EXAMINATION_INTERVAL);
        let mut findings = examination::of_session(&self.lifecycle.view(now));
        let world = Arc::clone(&self.world);
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            findings.extend(world.examine().await);
            let _ = reply.send(Response::Findings(findings));
        });
    }

    /// No new work, for callers that wait neither; what is under way is waited
    /// for, since a refresh whose answer is lost loses the session.
    async fn finish(&mut self, commands: Incoming) {
        self.shelf.0.clear();
        drop(commands);
        self.lifecycle.begin_closing(self.world.now());
        let mut alarm = self.world.alarm();
        loop {
            self.perform_actions();
            self.answer_all();
            if self.lifecycle.is_quiet() {
                return;
            }
            let core = self.lifecycle.poll_closing_timeout();
            let wake = [core, self.waiting.deadline].into_iter().flatten().min();
            tokio::select! {
                biased;
                event = self.requests.next_answer() => self.tell(event),
                () = alarm.until(wake) => {
                    self.lifecycle.handle_closing_timeout(self.world.now());
                }
            }
        }
    }
}
