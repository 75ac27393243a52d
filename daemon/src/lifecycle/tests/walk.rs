//! Random walks: whatever users, server, disk and clocks do in whatever
//! order, what must never happen does not.

mod random;
mod rules;
mod server;

use std::time::Duration;

use super::super::{Action, Ask, BootTime, Event, RequestId, StoredSession};
use super::sim::{
    Answers, Sim, all_but_invalid_grant, device, refused, seconds, unanswered,
    without_refresh_token,
};
use crate::oauth::{EndpointError, TokenGrant};
use random::Random;
use server::Server;

/// Walks of each kind. All of them take well under five seconds unoptimized.
const WALKS: u64 = 150;

/// Steps of a walk.
const STEPS: usize = 1_000;

/// What may go wrong on a walk.
#[derive(Clone, Copy)]
struct Plan {
    /// The server's answers get lost after it has acted.
    lost_answers: bool,
    /// The daemon, or the machine, goes down and starts again.
    crashes: bool,
    /// Somebody sets the wall clock. Not together with crashes: over a restart
    /// it is the only clock there is.
    wall_clock: bool,
    /// The server gives no refresh token at some logins.
    bare_logins: bool,
}

const TAME: Plan = Plan {
    lost_answers: false,
    crashes: false,
    wall_clock: true,
    bare_logins: false,
};

const WILD: Plan = Plan {
    lost_answers: true,
    crashes: true,
    wall_clock: false,
    bare_logins: true,
};

#[test]
fn nothing_forbidden_happens_while_no_answer_is_lost_and_nothing_crashes() {
    walk_all(TAME);
}

#[test]
fn nothing_forbidden_happens_when_answers_are_lost_and_the_daemon_crashes() {
    walk_all(WILD);
}

#[test]
fn nothing_forbidden_happens_when_answers_are_lost_and_somebody_sets_the_clock() {
    walk_all(Plan {
        crashes: false,
        wall_clock: true,
        ..WILD
    });
}

fn walk_all(plan: Plan) {
    let mut grants = 0;
    for seed in 0..WALKS {
        let mut walk = Walk::new(seed, plan);
        for _ in 0..STEPS {
            walk.step();
        }
        walk.recover();
        grants += walk.grants;
    }
    assert!(
        grants > 10 * WALKS,
        "the walks lead nowhere: {grants} grants"
    );
}

struct Walk {
    seed: u64,
    plan: Plan,
    random: Random,
    sim: Sim,
    server: Server,
    /// What a crash leaves.
    durable: Option<StoredSession>,
    /// The time that no reboot resets.
    real: Duration,
    /// The server has acted; the answer is on its way.
    on_the_way: Vec<(Action, Answers)>,
    /// The newest refresh token that an answer has told us.
    known: Option<String>,
    refresh: Option<RequestId>,
    poll: Option<RequestId>,
    /// Grants that the session took.
    grants: u64,
    /// The access token of the last one.
    newest_token: Option<String>,
    /// The last grant with a refresh token.
    granted: Option<Granted>,
    newest_request: u64,
    newest_generation: u64,
    /// What was done, for the one who must find out.
    steps: Vec<&'static str>,
}

/// An access token that may be handed out only after its refresh token is on
/// disk, or the disk has had its chance.
struct Granted {
    access_token: String,
    since: BootTime,
    disk_had_its_chance: bool,
}

impl Drop for Walk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = self.steps.len().saturating_sub(20);
            println!(
                "seed {}, step {}, after {:?}",
                self.seed,
                self.steps.len(),
                &self.steps[last..]
            );
        }
    }
}

impl Walk {
    fn new(seed: u64, plan: Plan) -> Self {
        Self {
            seed,
            plan,
            random: Random::new(seed),
            sim: Sim::new(),
            server: Server::default(),
            durable: None,
            real: Duration::ZERO,
            on_the_way: Vec::new(),
            known: None,
            refresh: None,
            poll: None,
            grants: 0,
            newest_token: None,
            granted: None,
            newest_request: 0,
            newest_generation: 0,
            steps: Vec::new(),
        }
    }

    fn step(&mut self) {
        let before = self.before();
        let (name, act) = self.choose();
        self.steps.push(name);
        act(self);
        self.look_at_new_actions();
        self.check(&before, name);
    }

    fn choose(&mut self) -> (&'static str, fn(&mut Self)) {
        match self.random.below(100) {
            0..20 => ("time passes", Self::time_passes),
            20..50 => ("the server acts", Self::server_acts),
            50..60 => ("an answer comes", Self::answer_comes),
            60..78 => ("the disk answers", Self::disk_answers),
            78..86 => ("a caller asks", Self::caller_asks),
            86..95 => ("login", |walk| walk.sim.handle(Event::LoginRequested)),
            95 => ("login abandoned", Self::abandon_login),
            96 => ("logout", Self::log_out),
            97 if self.plan.crashes => ("crash", Self::crash),
            97 | 98 if self.plan.wall_clock => ("wall clock", Self::set_wall_clock),
            _ => ("asleep", Self::sleep),
        }
    }

    fn time_passes(&mut self) {
        let by = self.random.of(&[1, 1, 2, 5, 5, 30, 120, 900]);
        self.sim.advance(by);
        self.real += seconds(by);
    }

    fn sleep(&mut self) {
        let by = self.random.of(&[10, 3600, 8 * 3600]);
        self.sim.suspend(by);
        self.real += seconds(by);
    }

    fn set_wall_clock(&mut self) {
        let by = self
            .random
            .of(&[-400 * 86_400, -3600, -60, 60, 3600, 86_400]);
        self.sim.set_wall_clock(by);
        self.sim.wake();
    }

    fn abandon_login(&mut self) {
        self.sim.handle(Event::LoginAbandoned);
        self.poll = None;
    }

    fn log_out(&mut self) {
        self.sim.handle(Event::LogoutRequested);
        self.forget();
    }

    fn forget(&mut self) {
        (self.known, self.refresh, self.poll, self.granted) = (None, None, None, None);
    }

    /// A random request reaches the server, or does not.
    fn server_acts(&mut self) {
        let network = |it: &Action| !matches!(it, Action::Store { .. });
        let requests =
            (0..self.sim.unanswered.len()).filter(|&at| network(&self.sim.unanswered[at]));
        let requests: Vec<usize> = requests.collect();
        if requests.is_empty() {
            return;
        }
        let chosen = self.random.of(&requests);
        let action = self.sim.unanswered.remove(chosen);
        let answer = self.answer_to(&action);
        if self.random.percent(70) {
            self.deliver(action, answer);
        } else {
            self.on_the_way.push((action, answer));
        }
    }

    fn answer_to(&mut self, action: &Action) -> Answers {
        let lost = self.plan.lost_answers && self.random.percent(10);
        let fails = self.random.percent(15);
        match action {
            Action::AuthorizeDevice { .. } if fails => Answers::Device(Err(self.some_error())),
            Action::AuthorizeDevice { .. } => Answers::Device(Ok(device())),
            Action::RevokeToken { .. } if fails => Answers::Revocation(Err(self.some_error())),
            Action::RevokeToken { refresh_token, .. } => {
                self.server.revoke(refresh_token.0.expose());
                Answers::Revocation(Ok(()))
            }
            _ if fails => Answers::Token(Err(self.some_error())),
            _ => {
                let answer = self.token_answer(action);
                Answers::Token(if lost { Err(unanswered()) } else { answer })
            }
        }
    }

    fn token_answer(&mut self, action: &Action) -> Result<TokenGrant, EndpointError> {
        let lifetime = self.random.of(&[0, 2, 20, 300, 3600, 3600]);
        if let Action::RefreshToken { refresh_token, .. } = action {
            let sent = refresh_token.0.expose();
            return self.server.refresh(sent, self.real, lifetime);
        }
        match self.random.below(10) {
            0..4 => Err(refused("authorization_pending")),
            4 => Err(refused("slow_down")),
            5 => Err(refused(self.random.of(&["access_denied", "expired_token"]))),
            _ => {
                let grant = self.server.sign_in(self.real, lifetime);
                let bare = self.plan.bare_logins && self.random.percent(20);
                Ok(if bare {
                    without_refresh_token(grant)
                } else {
                    grant
                })
            }
        }
    }

    /// One that does not say that the session is over. Where no answer may be
    /// lost, the server has not acted.
    fn some_error(&mut self) -> EndpointError {
        let all = all_but_invalid_grant();
        all[self.random.below(all.len())].clone()
    }

    fn answer_comes(&mut self) {
        if self.on_the_way.is_empty() {
            return;
        }
        let chosen = self.random.below(self.on_the_way.len());
        let (action, answer) = self.on_the_way.remove(chosen);
        self.deliver(action, answer);
    }

    fn deliver(&mut self, action: Action, answer: Answers) {
        self.note_answer(&action, &answer);
        self.sim.answer(action, answer);
    }

    /// What an answer changes about what we know: nothing, unless its request
    /// is the current one.
    fn note_answer(&mut self, action: &Action, answer: &Answers) {
        let Answers::Token(answer) = answer else {
            return;
        };
        match action {
            Action::RefreshToken { request, .. } if self.refresh == Some(*request) => {
                self.refresh = None;
                match answer {
                    Ok(grant) => self.note_grant(grant),
                    Err(error) if *error == refused("invalid_grant") => self.known = None,
                    Err(_) => {}
                }
            }
            Action::PollToken { request, .. } if self.poll == Some(*request) => {
                self.poll = None;
                if let Ok(grant) = answer {
                    self.refresh = None;
                    self.note_grant(grant);
                }
            }
            _ => {}
        }
    }

    fn note_grant(&mut self, grant: &TokenGrant) {
        self.grants += 1;
        self.newest_token = Some(grant.access_token.expose().to_owned());
        let refresh_token = grant.refresh_token.as_ref();
        self.known = refresh_token.map(|it| it.0.expose().clone());
        self.granted = refresh_token.map(|_| Granted {
            access_token: grant.access_token.expose().to_owned(),
            since: self.sim.now.boot,
            disk_had_its_chance: false,
        });
    }

    fn disk_answers(&mut self) {
        let write = |it: &Action| matches!(it, Action::Store { .. });
        let Some(at) = self.sim.unanswered.iter().position(write) else {
            return;
        };
        // Nothing for a while: the disk hangs.
        if self.random.percent(20) {
            return;
        }
        let action = self.sim.unanswered.remove(at);
        let fails = self.random.percent(15);
        let Action::Store { session, .. } = &action else {
            unreachable!("only a write was taken");
        };
        self.note_write(session.as_ref());
        let result = if fails {
            Err("no space left on device".to_owned())
        } else {
            self.durable = session.clone();
            Ok(())
        };
        self.sim.answer(action, Answers::Disk(result));
    }

    fn note_write(&mut self, session: Option<&StoredSession>) {
        let access_token = session.and_then(|it| it.access_token.as_ref());
        let written = access_token.map(|it| it.access_token.expose());
        if let Some(granted) = &mut self.granted {
            granted.disk_had_its_chance |= written == Some(&granted.access_token);
        }
    }

    fn caller_asks(&mut self) {
        let before = self.sim.served();
        let forced = self.random.percent(20);
        let ask = Ask {
            min_validity: seconds(self.random.of(&[0, 1, 60, 600, 3600, 7200])),
            newer_than: forced.then_some(self.sim.now.boot),
            deadline: self
                .sim
                .now
                .boot
                .after(seconds(self.random.of(&[0, 5, 30, 3600]))),
        };
        self.sim.want(ask);
        self.check_handed_out(&ask, before.as_deref());
    }

    /// The daemon is killed and starts again, or the machine is and its boot
    /// clock starts again too.
    fn crash(&mut self) {
        for action in std::mem::take(&mut self.sim.unanswered) {
            let reached = self.random.percent(50);
            match &action {
                Action::Store { session, .. } if reached => self.durable = session.clone(),
                Action::Store { .. } => {}
                _ if reached => drop(self.answer_to(&action)),
                _ => {}
            }
        }
        self.on_the_way.clear();
        let down = self.random.of(&[0, 1, 60, 7200]);
        self.sim.pass(seconds(down));
        self.real += seconds(down);
        if self.random.percent(30) {
            self.sim.now.boot = BootTime(seconds(20));
        }
        self.forget();
        self.newest_request = 0;
        self.newest_generation = self.durable.as_ref().map_or(0, |it| it.generation);
        let refresh = self
            .durable
            .as_ref()
            .and_then(|it| it.refresh_token.as_ref());
        self.known = refresh.map(|it| it.refresh_token.0.expose().clone());
        self.sim.restart(self.durable.clone());
    }

    /// Everything works again: then there is a token soon.
    fn recover(&mut self) {
        for _ in 0..200 {
            self.heal();
            self.sim.advance(60);
            self.real += seconds(60);
            self.look_at_new_actions();
            self.heal();
            if self.known.is_none() || self.sim.served().is_some() {
                return;
            }
        }
        panic!("no token although everything works: {}", self.sim.stands());
    }

    fn heal(&mut self) {
        self.sim.disk_catches_up();
        self.look_at_new_actions();
        while !self.on_the_way.is_empty() {
            self.answer_comes();
            self.look_at_new_actions();
        }
        while let Some(action) = self.sim.unanswered.pop() {
            let answer = match &action {
                Action::RefreshToken { refresh_token, .. } => {
                    let sent = refresh_token.0.expose();
                    Answers::Token(self.server.refresh(sent, self.real, 3600))
                }
                Action::PollToken { .. } => Answers::Token(Err(refused("access_denied"))),
                Action::AuthorizeDevice { .. } => Answers::Device(Err(unanswered())),
                Action::RevokeToken { .. } => Answers::Revocation(Ok(())),
                Action::Store { .. } => Answers::Disk(Ok(())),
            };
            self.note_answer(&action, &answer);
            self.sim.answer(action, answer);
            self.look_at_new_actions();
        }
    }
}
