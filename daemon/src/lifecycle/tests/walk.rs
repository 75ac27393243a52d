//! Random walks: whatever users, server, disk and clocks do in whatever
//! order, what must never happen does not.

mod random;
mod rules;
mod server;
mod steps;

use std::time::Duration;

use super::super::{Action, BootTime, Event, RequestId, Settings, StoredSession};
use super::expiry::{absolute, sliding};
use super::sim::{Answers, Sim, settings};
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
    /// The daemon goes down and starts again.
    crashes: bool,
    /// The machine does.
    reboots: bool,
    /// Somebody sets the wall clock. Not together with reboots: over those it
    /// is the only clock there is.
    wall_clock: bool,
    /// The server gives no refresh token at some logins.
    bare_logins: bool,
}

const TAME: Plan = Plan {
    lost_answers: false,
    crashes: false,
    reboots: false,
    wall_clock: true,
    bare_logins: false,
};

const WILD: Plan = Plan {
    lost_answers: true,
    crashes: true,
    reboots: true,
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
        reboots: false,
        wall_clock: true,
        ..WILD
    });
}

#[test]
fn nothing_forbidden_happens_when_the_daemon_crashes_and_somebody_sets_the_clock() {
    walk_all(Plan {
        reboots: false,
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
            // However long refresh tokens are said to live: what is known of it
            // moves renewals and warns users, and changes nothing else.
            sim: Sim::with(match seed % 4 {
                0 => settings(),
                1 => sliding(3600),
                2 => absolute(24 * 3600),
                _ => Settings {
                    refresh_token_lifetime: None,
                    ..settings()
                },
            }),
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
            86..95 => ("login", |walk| {
                walk.sim
                    .handle(Event::LoginRequested { change_user: false });
            }),
            95 => ("login abandoned", Self::abandon_login),
            96 => ("logout", Self::log_out),
            97 if self.plan.crashes => ("crash", Self::crash),
            97 | 98 if self.plan.wall_clock => ("wall clock", Self::set_wall_clock),
            _ => ("asleep", Self::sleep),
        }
    }
}
