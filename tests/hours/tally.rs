//! What happened, in numbers.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

/// What one run, or many, came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub runs: u64,
    /// How long the daemon lived, on a machine that was awake.
    pub lived: Duration,
    /// How long the machine slept, with a daemon or without.
    pub asleep: Duration,
    /// How long there was no daemon.
    pub down: Duration,
    /// How often the driver came to rest and was looked at.
    pub steps: u64,
    pub renewals: u64,
    /// Most token requests in one hour, in runs without demanding callers.
    pub busiest_hour: usize,
    /// Everything else, by what it is and its name.
    pub counts: BTreeMap<(Kind, &'static str), u64>,
}

/// What is counted, in the order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Done,
    Answered,
    Fault,
    End,
    Lost,
}

impl Tally {
    pub fn count(&mut self, kind: Kind, name: &'static str) {
        *self.counts.entry((kind, name)).or_default() += 1;
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.lived += other.lived;
        self.asleep += other.asleep;
        self.down += other.down;
        self.steps += other.steps;
        self.renewals += other.renewals;
        self.busiest_hour = self.busiest_hour.max(other.busiest_hour);
        for (what, number) in other.counts {
            *self.counts.entry(what).or_default() += number;
        }
    }
}
