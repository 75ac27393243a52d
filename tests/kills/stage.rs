//! What is tested: a domain that forgives nothing, the real daemon, and a user
//! who has signed in.

use std::fs;
use std::time::Duration;

use oic_tests::harness::{Daemon, Home, Outcome};
use oic_tests::simulator::{
    DeadlinePassed, Endpoint, JANE, LogEntry, Options, Outcome as RequestOutcome, Simulator,
};

use crate::failure::Failure;

/// How long the domain takes at most to look at a request that has arrived.
const LOOK_MAX: Duration = Duration::from_millis(500);

/// The stage; everything on it goes when it is dropped.
pub struct Stage {
    /// The daemon.
    pub daemon: Daemon,
    /// Where it lives.
    pub home: Home,
    domain: Simulator,
    /// How much the daemon logs.
    log_level: &'static str,
}

/// The threads of a daemon in which a renewal takes place.
#[derive(Debug, Clone, Copy)]
pub struct Threads {
    /// The one of everything else.
    pub main: u32,
    /// The one that writes to the disk.
    pub disk: u32,
}

impl Stage {
    /// A user signed in, and a daemon that has read the session from the disk:
    /// it has made no request yet, and its threads are there.
    pub fn signed_in() -> Result<Self, Failure> {
        Self::signed_in_and_logging("info")
    }

    /// The same with a daemon that logs this much.
    pub fn signed_in_and_logging(log_level: &'static str) -> Result<Self, Failure> {
        let strict = Options::default()
            .knob("interval", "1")
            .knob("auto_approve", JANE)
            .knob("grace_seconds", "0")
            .knob("reuse_revokes_chain", "true");
        let domain = Simulator::try_start(strict)
            .map_err(|error| Failure::of("the simulated domain does not start", error))?;
        let home = Home::new(&domain.config_toml());
        let daemon = Daemon::start(&home);
        let mut stage = Self {
            daemon,
            home,
            domain,
            log_level,
        };
        let login = stage.home.oic_token(&["login", "--no-browser"]);
        if login.code != 0 {
            return Err(Failure::of("'oic-token login' fails", login.stderr.trim()));
        }
        stage.daemon.terminate();
        stage.start_daemon();
        Ok(stage)
    }

    /// Kills the daemon, if nobody has yet, and starts another.
    pub fn restart(&mut self) {
        self.daemon.kill();
        self.start_daemon();
    }

    fn start_daemon(&mut self) {
        // Audit lines are written by a thread that has no part in a renewal.
        let levels = format!("{},oic_tokend::audit=off", self.log_level);
        let log = ("OIC_TOKEND_LOG", levels.as_str());
        self.daemon = Daemon::start_with(&self.home, &[log]);
        self.daemon.wait_for_log("session restored");
    }

    /// `oic-token get --force`: gets nothing but the token of a new refresh.
    pub fn get_renewed(&self) -> Outcome {
        self.home.oic_token(&["get", "--force"])
    }

    /// The daemon's threads.
    pub fn threads(&self) -> Result<Threads, Failure> {
        let main = self.daemon.pid();
        let tasks = format!("/proc/{main}/task");
        let failed = |cause: String| Failure::of(&tasks, cause);
        let mut others = Vec::new();
        for entry in fs::read_dir(&tasks).map_err(|error| failed(error.to_string()))? {
            let entry = entry.map_err(|error| failed(error.to_string()))?;
            let thread: Option<u32> = entry.file_name().to_str().and_then(|it| it.parse().ok());
            others.extend(thread.filter(|thread| *thread != main));
        }
        match others[..] {
            [disk] => Ok(Threads { main, disk }),
            _ => Err(failed(format!(
                "the daemon has {} threads and not two",
                others.len() + 1
            ))),
        }
    }

    /// Whether the domain has used up a refresh token. `sent`: the killed
    /// daemon has sent a refresh. The domain is given a moment to look at it;
    /// it does not, where it first sees that the connection is gone.
    pub fn has_rotated(&self, sent: bool) -> bool {
        let answered = |log: &[LogEntry]| !sent || refreshes(log).any(is_answered);
        let log = match self.domain.wait_for_requests(answered, LOOK_MAX) {
            Ok(log) | Err(DeadlinePassed { log }) => log,
        };
        refreshes(&log).any(|entry| entry.status == Some(200))
    }

    /// How the domain answered refreshes, oldest first.
    pub fn refresh_statuses(&self) -> Vec<Option<u16>> {
        let log = self.domain.log();
        refreshes(&log).map(|entry| entry.status).collect()
    }
}

fn refreshes(log: &[LogEntry]) -> impl Iterator<Item = &LogEntry> {
    log.iter().filter(|entry| {
        entry.endpoint == Endpoint::Token && entry.grant_type == Some("refresh_token")
    })
}

fn is_answered(entry: &LogEntry) -> bool {
    entry.outcome == RequestOutcome::Answered
}
