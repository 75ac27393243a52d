//! One run, from a seed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use oic_tokend::config::{Config, ProfileConfig};
use tokio::time::{Instant, sleep};

use crate::life::{End, Life};
use crate::plan::Plan;
use crate::sim::{Sim, State};
use crate::tally::{Kind, Tally};

/// The profile of every run: no domain, so that the end user's page may be
/// anywhere.
const CONFIG: &str = r#"
[profile.sim]
device_authorization_endpoint = "https://id.example.com/device"
token_endpoint = "https://id.example.com/token"
revocation_endpoint = "https://id.example.com/revoke"
client_id = "6b0c1d2e3f405162738495a6b7c8d9e0"
scopes = ["urn:example:api"]
"#;

/// A write that failed is tried again within a minute; so long after its bad
/// time, a disk holds everything.
const CAUGHT_UP: Duration = Duration::from_secs(65);

/// Whoever is signed out while everything works is signed in again by then.
const SIGNED_IN_AGAIN: Duration = Duration::from_secs(1800);

/// What a run came to.
pub struct Outcome {
    pub tally: Tally,
    /// What must not be, and was.
    pub failure: Option<String>,
    /// The last happenings, if it was traced.
    pub trace: Vec<String>,
}

/// Runs what this seed says.
pub fn run(plan: Plan, traced: bool) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing of the system");
    let profile = profile();
    runtime.block_on(async move {
        let sim = Sim::new(plan, profile, traced);
        live(&sim).await;
        sim.with(State::outcome)
    })
}

fn profile() -> ProfileConfig {
    let config = Config::parse(CONFIG, Path::new("simulated.toml"));
    let mut config = config.expect("the tests parse it");
    config.profiles.remove(0)
}

async fn live(sim: &Arc<Sim>) {
    let lasts = sim.with(|state| Duration::from_secs(state.plan.hours * 3600));
    loop {
        let began = Instant::now();
        let lived = sim.with(|state| state.tally.lived);
        let end = Life::start(sim, began + (lasts - lived)).live().await;
        sim.with(|state| {
            state.tally.lived += began.elapsed().min(lasts - lived);
            state.end_life(end);
        });
        if end == End::Over {
            return;
        }
        let down = sim.with(State::draw_downtime);
        sleep(down).await;
        sim.with(|state| state.tally.down += down);
    }
}

impl State {
    /// A daemon that was not killed leaves everything well.
    pub fn check_end(&mut self, end: End) {
        let real = self.time.real();
        let caught_up = self.disk.is_good_for(CAUGHT_UP, real) && !self.disk.is_writing();
        if end != End::Killed && caught_up && self.rules.is_unsaved(&self.disk) {
            self.fail("the session is not on disk at the end");
        }
        let signed_out = self.signed_in_at + SIGNED_IN_AGAIN < real;
        if end == End::Over && signed_out && !self.plan.bare_logins {
            self.fail("nobody is signed in, although everything works");
        }
    }

    fn end_life(&mut self, end: End) {
        self.alive = false;
        self.rules.end_life();
        match end {
            End::Over => return,
            End::Stopped => self.count(Kind::End, "stopped in good order"),
            End::CutOff => self.count(Kind::End, "stopped, and cut off at a bad disk"),
            End::Killed => self.count(Kind::End, "killed"),
        }
        if end == End::Killed && self.random.percent(30) {
            self.note(format_args!("the power fails"));
            self.count(Kind::End, "of these by a power cut");
            self.disk.power_cut(&mut self.random);
            self.time.reboot();
        }
    }

    fn draw_downtime(&mut self) -> Duration {
        let most = self.random.of(&[1, 1, 60, 60, 7200, 7200, 10 * 86_400]);
        // The longest is rare: what it tests is soon seen.
        let most = if most > 7200 && self.random.percent(90) {
            5
        } else {
            most
        };
        self.random.up_to(Duration::from_secs(most))
    }

    fn outcome(&mut self) -> Outcome {
        let mut tally = std::mem::take(&mut self.tally);
        tally.runs = 1;
        tally.asleep = self.time.asleep();
        Outcome {
            tally,
            failure: self.failure.take(),
            trace: self.trace.0.take().map(Vec::from).unwrap_or_default(),
        }
    }
}
