//! A thousand profiles in one daemon beside one: how soon it serves, what each
//! costs, and when they renew.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use oic_proto::message::UnixTime;
use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE, Daemon, Home, allow_callers};
use oic_tests::simulator::{JANE, Options, Simulator};
use serde::Serialize;

use crate::clean_up::{self, Watched};
use crate::clock;
use crate::failure::Failure;
use crate::figures::median;
use crate::rest::{self, Memory, SETTLING};

/// How many the daemon has besides the one with which it is compared.
const PROFILES: usize = 1000;

/// How often the daemon is started.
const STARTS: usize = 5;

/// How long the access tokens live, in seconds.
const LIFETIME: u32 = 3600;

/// Logins under way at once. A login takes a second of waiting.
const LOGINS_AT_ONCE: usize = 250;

/// Renewals under way at once.
const RENEWALS_AT_ONCE: usize = 20;

/// What some profiles cost, and many.
#[derive(Debug, Serialize)]
pub struct ProfilesReport {
    /// One profile.
    pub one: ProfilesFigures,
    /// A thousand.
    pub many: ProfilesFigures,
    /// When the thousand will renew the tokens that they all got at once.
    pub renewals: Renewals,
}

/// What so many profiles cost.
#[derive(Debug, Serialize)]
pub struct ProfilesFigures {
    /// How many they are.
    pub profiles: usize,
    /// From the start of the process until it is ready, in milliseconds; the
    /// median of all starts.
    pub ready_ms: f64,
    /// Until every session is back; likewise.
    pub restored_ms: f64,
    /// Memory when the sessions are back and nobody has asked.
    pub restored: Memory,
    /// Memory when each token was renewed once.
    pub renewed: Memory,
    /// Descriptors that are open while nothing happens. `None` if the kernel
    /// does not let us see them.
    pub descriptors: Option<usize>,
}

/// When renewals are due, all tokens being equally old.
#[derive(Debug, PartialEq, Serialize)]
pub struct Renewals {
    /// From the first to the last of them, in seconds.
    pub span_s: u64,
    /// The most in any one second.
    pub fullest_second: usize,
    /// The most in any one minute.
    pub fullest_minute: usize,
}

/// A daemon with so many profiles, each signed in.
struct Stage {
    _watched: Watched,
    daemon: Daemon,
    home: Home,
    profiles: usize,
    _domain: Simulator,
}

/// Looks at one profile and at a thousand.
pub fn measure() -> Result<ProfilesReport, Failure> {
    if !allow_callers(PROFILES) {
        let limit = "the hard limit of descriptors (ulimit -Hn) is too low";
        return Err(Failure::of(format_args!("{PROFILES} profiles"), limit));
    }
    let (one, _) = look_at(1)?;
    let (many, renewals) = look_at(PROFILES)?;
    Ok(ProfilesReport {
        one,
        many,
        renewals,
    })
}

fn look_at(profiles: usize) -> Result<(ProfilesFigures, Renewals), Failure> {
    eprintln!("{profiles} profiles: signing in, starting {STARTS} times …");
    let mut stage = Stage::set(profiles)?;
    let renewals = stage.renewals()?;
    let (mut ready, mut restored) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let took = stage.start_again();
        ready.push(took.0);
        restored.push(took.1);
    }
    clock::let_pass(SETTLING);
    let (restored_memory, descriptors) = (stage.memory()?, stage.descriptors());
    stage.renew_all()?;
    clock::let_pass(SETTLING);
    let figures = ProfilesFigures {
        profiles,
        ready_ms: median(&ready),
        restored_ms: median(&restored),
        restored: restored_memory,
        renewed: stage.memory()?,
        descriptors,
    };
    Ok((figures, renewals))
}

impl Stage {
    fn set(profiles: usize) -> Result<Self, Failure> {
        let started = Simulator::try_start(
            Options::default()
                .knob("access_token_lifetime", &LIFETIME.to_string())
                .knob("interval", "1")
                .knob("auto_approve", JANE),
        );
        let domain =
            started.map_err(|error| Failure::of("the simulated domain does not start", error))?;
        let home = Home::new(&config(&domain, profiles));
        clean_up::at_sudden_end(&home.path(""))?;
        let daemon = Daemon::start(&home);
        let stage = Self {
            _watched: Watched::new(daemon.pid()),
            daemon,
            home,
            profiles,
            _domain: domain,
        };
        stage.of_each(LOGINS_AT_ONCE, |profile| Request::Login {
            profile,
            change_user: false,
        })?;
        Ok(stage)
    }

    /// Ends the daemon and starts another: how long until it was ready, and
    /// until all sessions were back, in milliseconds.
    fn start_again(&mut self) -> (f64, f64) {
        self.daemon.terminate();
        let started = clock::start();
        self.daemon = Daemon::spawn(&self.home, &[]);
        self._watched = Watched::new(self.daemon.pid());
        self.daemon.wait_for_log("oic-tokend: ready on ");
        let ready = started.elapsed();
        self.daemon
            .wait_for_log_times("session restored", self.profiles);
        let restored = started.elapsed();
        (ready.as_secs_f64() * 1e3, restored.as_secs_f64() * 1e3)
    }

    fn renew_all(&self) -> Result<(), Failure> {
        self.of_each(RENEWALS_AT_ONCE, |profile| Request::GetToken {
            profile,
            min_validity: Duration::ZERO,
            patience: DEADLINE,
            force: true,
        })
    }

    /// Makes this request of each profile, so many at once, and waits for the
    /// answers.
    fn of_each(
        &self,
        at_once: usize,
        request: impl Fn(Option<String>) -> Request,
    ) -> Result<(), Failure> {
        let failed = |error: io::Error| Failure::of("the daemon does not answer", error);
        let names = Vec::from_iter((0..self.profiles).map(name));
        for names in names.chunks(at_once) {
            let mut callers = Vec::new();
            for name in names {
                let mut caller = Caller::connect(&self.home.socket(), DEADLINE).map_err(failed)?;
                caller.ask(&request(Some(name.clone()))).map_err(failed)?;
                callers.push(caller);
            }
            for mut caller in callers {
                let mut answer = caller.answer().map_err(failed)?;
                if let Response::Prompt(_) = answer {
                    answer = caller.answer().map_err(failed)?;
                }
                if !matches!(answer, Response::SignedIn(_) | Response::Token(_)) {
                    return Err(Failure::of("the daemon refuses", format!("{answer:?}")));
                }
            }
        }
        Ok(())
    }

    /// When the profiles will renew, from what `status` says of each.
    fn renewals(&self) -> Result<Renewals, Failure> {
        let failed = |error: io::Error| Failure::of("the daemon does not answer", error);
        let mut caller = Caller::connect(&self.home.socket(), DEADLINE).map_err(failed)?;
        caller
            .ask(&Request::Status { profile: None })
            .map_err(failed)?;
        let mut due = Vec::new();
        loop {
            match caller.answer().map_err(failed)? {
                Response::Profile(view) => due.extend(view.next_renewal_at),
                Response::End => return Ok(Renewals::at(due)),
                _ => {}
            }
        }
    }

    fn memory(&self) -> Result<Memory, Failure> {
        rest::memory(&self.process())
            .map_err(|error| Failure::of("the daemon cannot be looked at", error))
    }

    fn descriptors(&self) -> Option<usize> {
        let descriptors = std::fs::read_dir(self.process().join("fd"));
        Some(descriptors.ok()?.count())
    }

    fn process(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.daemon.pid()))
    }
}

fn name(number: usize) -> String {
    format!("sim{number}")
}

/// So many profiles of one client at one domain.
fn config(domain: &Simulator, profiles: usize) -> String {
    let one = domain.config_toml();
    let profile = one.split_once("\n\n").map_or("", |(_, profile)| profile);
    let numbered = |number| profile.replace("profile.sim", &format!("profile.{}", name(number)));
    Vec::from_iter((0..profiles).map(numbered)).join("\n")
}

impl Renewals {
    /// With renewals at these moments, in any order.
    pub fn at(mut moments: Vec<UnixTime>) -> Self {
        moments.sort_unstable();
        let seconds = Vec::from_iter(moments.iter().map(|moment| moment.0));
        let fullest = |width: i64| {
            let within = |first: usize| {
                let rest = seconds[first..].iter();
                rest.take_while(|&&at| at < seconds[first] + width).count()
            };
            (0..seconds.len()).map(within).max().unwrap_or_default()
        };
        let span = seconds.last().unwrap_or(&0) - seconds.first().unwrap_or(&0);
        Self {
            span_s: span.unsigned_abs(),
            fullest_second: fullest(1),
            fullest_minute: fullest(60),
        }
    }
}

impl ProfilesReport {
    /// What one more profile costs, in KiB of PSS, before and after its token
    /// was renewed. `None` if the kernel does not let us see it.
    pub fn kib_a_profile(&self) -> Option<(f64, f64)> {
        let more = (self.many.profiles - self.one.profiles) as f64;
        let each =
            |one: &Memory, many: &Memory| Some((many.pss_kib? as f64 - one.pss_kib? as f64) / more);
        let restored = each(&self.one.restored, &self.many.restored)?;
        Some((restored, each(&self.one.renewed, &self.many.renewed)?))
    }
}
