//! The whole simulated outside of one run: what driver, users and faults share.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oic_proto::secret::AccessToken;
use oic_tokend::config::ProfileConfig;
use oic_tokend::lifecycle::{BootTime, Now};
use tokio::sync::Notify;

use crate::disk::Disk;
use crate::network::Sky;
use crate::plan::Plan;
use crate::random::Random;
use crate::rules::Rules;
use crate::server::Server;
use crate::tally::{Kind, Tally};
use crate::time::Time;

/// How many of the last happenings a failure shows.
const TRACE_LEN: usize = 60;

/// One run's world. Locked for moments only, and by one thread.
pub struct Sim {
    state: Mutex<State>,
    pub profile: ProfileConfig,
    /// The machine woke up.
    pub woken: Notify,
    /// The disk is not what it was.
    pub disk_changed: Notify,
    /// The driver has nothing left to do.
    pub rested: Notify,
    /// The daemon was killed in the middle of something.
    pub died: Notify,
}

pub struct State {
    pub plan: Plan,
    pub random: Random,
    pub time: Time,
    pub server: Server,
    pub sky: Sky,
    /// Until when, by real time.
    pub sky_until: Duration,
    pub disk: Disk,
    pub rules: Rules,
    pub tally: Tally,
    pub trace: Trace,
    /// The number of the daemon's present life; the last one's, if it is dead.
    pub life: u64,
    pub alive: bool,
    /// It has been told to end.
    pub stopping: bool,
    /// How often the driver has come to rest.
    pub rests: u64,
    /// When the daemon started.
    pub able_since: BootTime,
    /// When somebody was seen signed in last, by real time.
    pub signed_in_at: Duration,
    /// The access token that was handed out last.
    pub last_token: Option<AccessToken>,
    /// Everything works from here on.
    pub calm: bool,
    /// What must not be, and was.
    pub failure: Option<String>,
}

impl Sim {
    pub fn new(plan: Plan, profile: ProfileConfig, traced: bool) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                random: Random::new(plan.seed ^ 0x5151_5151),
                time: Time::new(),
                server: Server::new(&plan),
                sky: Sky::Clear,
                sky_until: Duration::ZERO,
                disk: Disk::new(),
                rules: Rules::new(&plan),
                tally: Tally::default(),
                trace: Trace(traced.then(VecDeque::new)),
                life: 0,
                alive: false,
                stopping: false,
                rests: 0,
                able_since: BootTime(Duration::ZERO),
                signed_in_at: Duration::ZERO,
                last_token: None,
                calm: false,
                failure: None,
                plan,
            }),
            profile,
            woken: Notify::new(),
            disk_changed: Notify::new(),
            rested: Notify::new(),
            died: Notify::new(),
        })
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        // A panic is a failure of the run already.
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn now(&self) -> Now {
        self.with(|state| state.time.now())
    }

    pub fn boot(&self) -> BootTime {
        self.now().boot
    }

    pub fn at_rest(&self) {
        self.with(|state| state.rests += 1);
        self.rested.notify_one();
    }

    pub fn has_failed(&self) -> bool {
        self.with(|state| state.failure.is_some())
    }
}

impl State {
    /// The first failure counts; what follows from it does not.
    pub fn fail(&mut self, what: impl Into<String>) {
        let what = what.into();
        self.note(format_args!("WRONG: {what}"));
        self.failure.get_or_insert(what);
    }

    pub fn check(&mut self, result: Result<(), String>) {
        if let Err(what) = result {
            self.fail(what);
        }
    }

    pub fn note(&mut self, what: fmt::Arguments<'_>) {
        if let Some(trace) = &mut self.trace.0 {
            let real = self.time.real().as_secs_f64();
            let (life, boot) = (self.life, self.time.boot().0.as_secs_f64());
            if trace.len() == TRACE_LEN {
                trace.pop_front();
            }
            trace.push_back(format!(
                "{real:>13.3} s  life {life}, up {boot:.3} s: {what}"
            ));
        }
    }

    pub fn count(&mut self, kind: Kind, name: &'static str) {
        self.tally.count(kind, name);
    }

    /// What the way to the server is like now.
    pub fn sky(&self) -> Sky {
        if self.sky_until <= self.time.real() {
            Sky::Clear
        } else {
            self.sky
        }
    }

    /// Kills the daemon here, a few times in a million.
    pub fn may_die(&mut self, died: &Notify) {
        if self.plan.crashes
            && !self.calm
            && self.alive
            && self.random.in_a_million(DEATHS_IN_A_MILLION)
        {
            self.die(died);
        }
    }

    pub fn die(&mut self, died: &Notify) {
        self.note(format_args!("killed"));
        self.alive = false;
        died.notify_one();
    }
}

/// How often the daemon is killed at the beginning or end of a request or a
/// write: these are the moments that matter, so more often than at others.
const DEATHS_IN_A_MILLION: u64 = 3000;

/// The last happenings, in a run that is watched.
pub struct Trace(pub Option<VecDeque<String>>);
