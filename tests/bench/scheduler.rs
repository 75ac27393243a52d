//! A hundred thousand profiles in the schedule of alarms.

use std::hint::black_box;
use std::time::Duration;

use serde::Serialize;

use crate::clock;
use schedule::Schedule;

/// The daemon's own.
#[path = "../../daemon/src/alarms/schedule.rs"]
#[cfg_attr(not(test), expect(dead_code, reason = "not all of it is measured"))]
mod schedule;

/// As the daemon has it, and the schedule with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct BootTime(Duration);

/// How many there are.
const PROFILES: usize = 100_000;

/// How often each question is asked.
const TIMES: usize = 1_000_000;

/// Deadlines are within this time.
const WITHIN: Duration = Duration::from_secs(3600);

/// What the schedule of so many costs.
#[derive(Debug, Serialize)]
pub struct SchedulerReport {
    /// How many profiles there were.
    pub profiles: usize,
    /// To say which deadline is next, in nanoseconds.
    pub next_ns: f64,
    /// To give one of them another deadline; likewise.
    pub rearm_ns: f64,
    /// To take the one that is due and give it its next deadline; likewise.
    pub due_ns: f64,
}

/// Moments that follow no order; the same in every run.
struct Moments(u64);

/// Fills a schedule and asks it.
pub fn measure() -> SchedulerReport {
    let mut moments = Moments(1);
    let mut schedule = Schedule::default();
    let profiles = Vec::from_iter((0..PROFILES).map(|_| schedule.owner()));
    for owner in &profiles {
        schedule.set(*owner, moments.next(), *owner);
    }
    let next_ns = each(|_| {
        black_box(black_box(&schedule).next());
    });
    let rearm_ns = each(|time| {
        let owner = profiles[time * 7919 % PROFILES];
        schedule.set(owner, moments.next(), owner);
    });
    let due_ns = each(|_| {
        let now = schedule.next().expect("there are deadlines");
        let owner = schedule.take_due(now).expect("one is due");
        schedule.set(owner, BootTime(now.0 + WITHIN), owner);
    });
    SchedulerReport {
        profiles: PROFILES,
        next_ns,
        rearm_ns,
        due_ns,
    }
}

/// How long `work` takes on average, in nanoseconds.
fn each(mut work: impl FnMut(usize)) -> f64 {
    let began = clock::start();
    (0..TIMES).for_each(&mut work);
    began.elapsed().as_secs_f64() * 1e9 / TIMES as f64
}

impl Moments {
    /// By Knuth's constants (MMIX).
    fn next(&mut self) -> BootTime {
        const FACTOR: u64 = 6_364_136_223_846_793_005;
        const SUMMAND: u64 = 1_442_695_040_888_963_407;
        self.0 = self.0.wrapping_mul(FACTOR).wrapping_add(SUMMAND);
        let part = (self.0 >> 32) as f64 / (1u64 << 32) as f64;
        BootTime(WITHIN.mul_f64(part))
    }
}
