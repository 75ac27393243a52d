//! A core, a clock, and what the core wants of a world that the test plays.

mod seen;

use std::time::Duration;

use oic_proto::message::UnixTime;

use super::super::{
    Action, BootTime, Event, Lifecycle, Notice, Now, RefreshTokenExpiry, Settings, StoredSession,
};
use super::answers::{device, grant, seconds};
use crate::oauth::{DeviceAuthorization, EndpointError, TokenGrant};

/// How often the core may want to be woken at one moment before the test says
/// that it spins.
const WAKES_AT_ONCE_MAX: usize = 4;

/// No test takes more steps than this; a core that keeps its world busy for ever
/// is stopped here.
const STEPS_MAX: u32 = 100_000;

pub(super) struct Sim {
    pub(super) core: Lifecycle,
    pub(super) now: Now,
    /// What the core wanted and nobody has answered yet, oldest first.
    pub(super) unanswered: Vec<Action>,
    /// What the core wanted since the last [`check`](Self::check), in words.
    wanted: Vec<String>,
    /// What users heard without asking, and nobody has looked at yet.
    notices: Vec<Notice>,
    settings: Settings,
    steps: u32,
}

impl Sim {
    /// A profile of which nobody knows anything, on a machine that has been up
    /// for weeks.
    pub(super) fn new() -> Self {
        Self::with(settings())
    }

    pub(super) fn with(settings: Settings) -> Self {
        let mut sim = Self::unread(settings);
        sim.handle(Event::NothingStored);
        sim
    }

    /// The disk has not answered yet.
    pub(super) fn unread(settings: Settings) -> Self {
        Self {
            core: Lifecycle::new(settings.clone()),
            settings,
            steps: 0,
            notices: Vec::new(),
            now: Now {
                boot: BootTime(seconds(2_000_000)),
                wall: UnixTime(1_700_000_000),
            },
            unanswered: Vec::new(),
            wanted: Vec::new(),
        }
    }

    /// Somebody has just signed in: at-1 lives this long, rt-1 is on disk.
    pub(super) fn signed_in(lifetime: u64) -> Self {
        let mut sim = Self::new();
        sim.log_in(grant(1, lifetime));
        sim.wanted.clear();
        sim
    }

    /// As [`signed_in`](Self::signed_in), with a refresh with rt-1 under way.
    pub(super) fn refreshing(lifetime: u64) -> Self {
        let mut sim = Self::signed_in(lifetime);
        sim.advance_to_renewal();
        sim.stored_ok();
        sim.wanted.clear();
        sim
    }

    /// The daemon starts again and finds `stored` on the disk.
    pub(super) fn restart(&mut self, stored: Option<StoredSession>) {
        self.core = Lifecycle::new(self.settings.clone());
        self.unanswered.clear();
        self.wanted.clear();
        self.handle(match stored {
            Some(stored) => Event::Restored(stored),
            None => Event::NothingStored,
        });
        self.wake();
    }

    /// The machine starts again, and the daemon with it. The clock of a new boot
    /// begins anew; the one on the wall goes on.
    pub(super) fn reboot(&mut self, mut stored: Option<StoredSession>) {
        self.now.boot = BootTime(seconds(20));
        if let Some(stored) = &mut stored {
            stored.forget_boot_clock();
        }
        self.restart(stored);
    }

    pub(super) fn handle(&mut self, event: Event) {
        self.core.handle(event, self.now);
        self.drain();
    }

    fn drain(&mut self) {
        self.steps += 1;
        assert!(self.steps < STEPS_MAX, "the core goes on and on");
        while let Some(action) = self.core.poll_action() {
            self.wanted.push(in_words(&action));
            self.unanswered.push(action);
        }
        while let Some(notice) = self.core.poll_notice() {
            self.notices.push(notice);
        }
    }

    /// Lets this many seconds pass, waking the core whenever it asked for it.
    pub(super) fn advance(&mut self, by: u64) {
        let end = self.now.boot.after(seconds(by));
        while let Some(deadline) = self.core.poll_timeout().filter(|&it| it <= end) {
            if deadline > self.now.boot {
                self.pass(deadline.since(self.now.boot));
            }
            self.wake();
        }
        self.pass(end.since(self.now.boot));
    }

    /// The daemon is told to end.
    pub(super) fn close(&mut self) {
        self.core.begin_closing(self.now);
        self.drain();
    }

    /// Lets this many seconds pass for a daemon that is ending.
    pub(super) fn advance_closing(&mut self, by: u64) {
        let end = self.now.boot.after(seconds(by));
        while let Some(deadline) = self.core.poll_closing_timeout().filter(|&it| it <= end) {
            self.pass(deadline.since(self.now.boot));
            self.core.handle_closing_timeout(self.now);
            self.drain();
        }
        self.pass(end.since(self.now.boot));
    }

    /// The machine sleeps: time passes and nobody is woken until its end.
    pub(super) fn suspend(&mut self, by: u64) {
        self.pass(seconds(by));
        self.wake();
    }

    /// Until the session wants to be renewed.
    pub(super) fn advance_to_renewal(&mut self) {
        let due = self
            .core
            .poll_timeout()
            .expect("a renewal is due some time");
        self.pass(due.since(self.now.boot));
        self.wake();
    }

    /// Moves both clocks, and nothing else.
    pub(super) fn pass(&mut self, by: Duration) {
        let before = self.now.boot;
        self.now.boot = before.after(by);
        self.now.wall.0 += (self.now.boot.0.as_secs() - before.0.as_secs()) as i64;
    }

    /// Somebody sets the clock on the wall.
    pub(super) fn set_wall_clock(&mut self, by: i64) {
        self.now.wall.0 += by;
    }

    /// Wakes the core as its driver does, and fails where it would spin.
    pub(super) fn wake(&mut self) {
        for _ in 0..=WAKES_AT_ONCE_MAX {
            if self.core.poll_timeout().is_none_or(|it| it > self.now.boot) {
                return;
            }
            self.core.handle_timeout(self.now);
            self.drain();
        }
        panic!("the core wants to be woken at once, again and again");
    }

    /// Takes the oldest unanswered action of a kind.
    #[track_caller]
    fn take(&mut self, kind: fn(&Action) -> bool) -> Action {
        let found = self.unanswered.iter().position(kind);
        self.unanswered
            .remove(found.expect("the core has asked for it"))
    }

    #[track_caller]
    pub(super) fn answer_device(&mut self, answer: Result<DeviceAuthorization, EndpointError>) {
        let action = self.take(|it| matches!(it, Action::AuthorizeDevice { .. }));
        self.answer(action, Answers::Device(answer));
    }

    #[track_caller]
    pub(super) fn answer_poll(&mut self, answer: Result<TokenGrant, EndpointError>) {
        let action = self.take(|it| matches!(it, Action::PollToken { .. }));
        self.answer(action, Answers::Token(answer));
    }

    #[track_caller]
    pub(super) fn answer_refresh(&mut self, answer: Result<TokenGrant, EndpointError>) {
        let action = self.take(|it| matches!(it, Action::RefreshToken { .. }));
        self.answer(action, Answers::Token(answer));
    }

    #[track_caller]
    pub(super) fn answer_revocation(&mut self, answer: Result<(), EndpointError>) {
        let action = self.take(|it| matches!(it, Action::RevokeToken { .. }));
        self.answer(action, Answers::Revocation(answer));
    }

    /// The disk holds what it was to hold; returns that.
    #[track_caller]
    pub(super) fn stored_ok(&mut self) -> Option<StoredSession> {
        let action = self.take(|it| matches!(it, Action::Store { .. }));
        let Action::Store { ref session, .. } = action else {
            unreachable!("only a write was taken");
        };
        let durable = session.clone();
        self.answer(action, Answers::Disk(Ok(())));
        durable
    }

    /// Every write that is wanted succeeds, one after the other.
    pub(super) fn disk_catches_up(&mut self) {
        let write = |it: &Action| matches!(it, Action::Store { .. });
        while self.unanswered.iter().any(write) {
            self.stored_ok();
        }
    }

    #[track_caller]
    pub(super) fn stored_err(&mut self) {
        let action = self.take(|it| matches!(it, Action::Store { .. }));
        self.answer(
            action,
            Answers::Disk(Err("no space left on device".to_owned())),
        );
    }

    /// Gives `action`, taken from [`unanswered`](Self::unanswered), its answer.
    pub(super) fn answer(&mut self, action: Action, answer: Answers) {
        self.handle(match (action, answer) {
            (Action::AuthorizeDevice { request }, Answers::Device(answer)) => {
                Event::DeviceAuthorized { request, answer }
            }
            (
                Action::PollToken { request, .. } | Action::RefreshToken { request, .. },
                Answers::Token(answer),
            ) => Event::TokenAnswered { request, answer },
            (Action::RevokeToken { request, .. }, Answers::Revocation(answer)) => {
                Event::Revoked { request, answer }
            }
            (Action::Store { generation, .. }, Answers::Disk(result)) => {
                Event::Stored { generation, result }
            }
            (action, _) => panic!("no answer to '{}'", in_words(&action)),
        });
    }

    /// A whole login: asked for, allowed at the first poll, on disk.
    pub(super) fn log_in(&mut self, granted: TokenGrant) {
        self.begin_login();
        self.advance(5);
        self.answer_poll(Ok(granted));
        self.stored_ok();
    }

    /// A login up to the moment when the user has the code.
    pub(super) fn begin_login(&mut self) {
        self.handle(Event::LoginRequested { change_user: false });
        self.answer_device(Ok(device()));
    }
}

/// What the world may answer.
pub(super) enum Answers {
    Device(Result<DeviceAuthorization, EndpointError>),
    Token(Result<TokenGrant, EndpointError>),
    Revocation(Result<(), EndpointError>),
    Disk(Result<(), String>),
}

/// "refresh rt-1", "store rt-1 (sent) at-1".
fn in_words(action: &Action) -> String {
    match action {
        Action::AuthorizeDevice { .. } => "authorize".to_owned(),
        Action::PollToken { device_code, .. } => format!("poll {}", device_code.0.expose()),
        Action::RefreshToken { refresh_token, .. } => {
            format!("refresh {}", refresh_token.0.expose())
        }
        Action::RevokeToken { refresh_token, .. } => format!("revoke {}", refresh_token.0.expose()),
        Action::Store { session: None, .. } => "store nothing".to_owned(),
        Action::Store {
            session: Some(session),
            ..
        } => {
            let mut words = "store".to_owned();
            if let Some(refresh) = &session.refresh_token {
                words = format!("{words} {}", refresh.refresh_token.0.expose());
                if refresh.sent_at.is_some() {
                    words.push_str(" (sent)");
                }
            }
            if let Some(access) = &session.access_token {
                words = format!("{words} {}", access.access_token.expose());
            }
            words
        }
    }
}

pub(super) fn settings() -> Settings {
    Settings {
        profile: "prod".to_owned(),
        scopes: vec!["urn:example:api".to_owned()],
        hosts: Vec::new(),
        revocable: true,
        refresh_token_lifetime: Some(seconds(7 * 24 * 3600)),
        refresh_token_expiry: RefreshTokenExpiry::Sliding,
        memory_only: false,
        catch_up_time: seconds(0),
        seed: 1,
    }
}
