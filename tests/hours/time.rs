//! Simulated time: tokio's paused clock, which jumps to the next thing that
//! happens as soon as nothing is left to do, and what a machine makes of it.

use std::sync::Arc;
use std::time::Duration;

use oic_proto::message::UnixTime;
use oic_tokend::clock::Alarm;
use oic_tokend::lifecycle::{BootTime, Now};
use tokio::time::{Instant, sleep};

use crate::sim::Sim;

/// What the clock on the wall shows when a run begins.
const WALL_AT_START: i64 = 1_700_000_000;

/// For how long the machine has been up when a run begins.
const UPTIME_AT_START: Duration = Duration::from_secs(2_000_000);

/// And when a daemon starts on a machine that was just switched on.
const UPTIME_AFTER_REBOOT: Duration = Duration::from_secs(20);

/// How often an alarm may ring at one moment before the driver is said to
/// spin.
const RINGS_AT_ONCE_MAX: u32 = 50;

/// The machine's clocks.
pub struct Time {
    start: Instant,
    /// How long it has slept. Timers stand still meanwhile.
    asleep: Duration,
    /// When it was switched on, by [`real`](Self::real).
    booted: Duration,
    uptime_at_boot: Duration,
    /// By how many seconds the wall clock has been set forward.
    set_forward: i64,
    /// When it woke last.
    awake_since: BootTime,
}

impl Time {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            asleep: Duration::ZERO,
            booted: Duration::ZERO,
            uptime_at_boot: UPTIME_AT_START,
            set_forward: 0,
            awake_since: BootTime(Duration::ZERO),
        }
    }

    /// Since the run began, by the clock of the authorization server, which
    /// nobody sets.
    pub fn real(&self) -> Duration {
        self.start.elapsed() + self.asleep
    }

    pub fn now(&self) -> Now {
        let real = self.real();
        let seconds = real.as_secs() as i64;
        Now {
            boot: BootTime(self.uptime_at_boot + (real - self.booted)),
            wall: UnixTime(WALL_AT_START + seconds + self.set_forward),
        }
    }

    pub fn boot(&self) -> BootTime {
        self.now().boot
    }

    /// When the machine woke up last.
    pub fn awake_since(&self) -> BootTime {
        self.awake_since
    }

    /// By how many seconds the wall clock has been set forward in all.
    pub fn set_forward(&self) -> i64 {
        self.set_forward
    }

    pub fn asleep(&self) -> Duration {
        self.asleep
    }

    pub fn sleep(&mut self, by: Duration) {
        self.asleep += by;
        self.awake_since = self.boot();
    }

    pub fn set_wall_clock(&mut self, forward: i64) {
        self.set_forward += forward;
    }

    pub fn reboot(&mut self) {
        self.booted = self.real();
        self.uptime_at_boot = UPTIME_AFTER_REBOOT;
        self.awake_since = self.boot();
    }
}

/// An alarm that goes off on resume if its time passed during sleep.
pub struct SimulatedAlarm {
    sim: Arc<Sim>,
    rings: u32,
    rang_at: BootTime,
}

impl SimulatedAlarm {
    pub fn new(sim: &Arc<Sim>) -> Self {
        Self {
            sim: Arc::clone(sim),
            rings: 0,
            rang_at: BootTime(Duration::ZERO),
        }
    }
}

/// Waits for that moment, or for the end of the sleep in which it passes.
pub async fn until(sim: &Sim, deadline: BootTime) {
    loop {
        let woken = sim.woken.notified();
        let remaining = deadline.since(sim.boot());
        if remaining.is_zero() {
            return;
        }
        tokio::select! {
            biased;
            () = sleep(remaining) => {}
            () = woken => {}
        }
    }
}

impl Alarm for SimulatedAlarm {
    async fn until(&mut self, deadline: Option<BootTime>) {
        // Whoever waits has nothing left to do.
        self.sim.at_rest();
        let Some(deadline) = deadline else {
            return std::future::pending().await;
        };
        until(&self.sim, deadline).await;
        let now = self.sim.boot();
        self.rings = if self.rang_at == now {
            self.rings + 1
        } else {
            0
        };
        self.rang_at = now;
        if self.rings > RINGS_AT_ONCE_MAX {
            let spins = "the driver spins: it wants to be woken at once, again and again";
            self.sim.with(|state| state.fail(spins));
            std::future::pending::<()>().await;
        }
    }
}
