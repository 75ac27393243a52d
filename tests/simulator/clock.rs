//! The domain's clock: the machine's, moved by hand. The only file of the
//! simulator that reads a clock.

use jiff::{SignedDuration, Timestamp};

use super::knobs::value::Seconds;

/// How far the clock may stand from the machine's: a century, so that sums of
/// times stay far from the ends of what a timestamp can hold.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(100 * 365 * 24);

/// A clock that runs with the machine's and can be moved.
#[derive(Debug, Default)]
pub(crate) struct DomainClock {
    ahead: SignedDuration,
}

impl DomainClock {
    /// The time by which the domain decides.
    pub(crate) fn now(&self) -> Timestamp {
        machine_now() + self.ahead
    }

    /// Moves the clock; a negative step moves it back. It stops a century away.
    pub(crate) fn advance(&mut self, step: SignedDuration) {
        let ahead = self.ahead.saturating_add(step);
        self.ahead = ahead.clamp(-AHEAD_MAX, AHEAD_MAX);
    }
}

/// The machine's own time, which the `Date` of every answer is in.
fn machine_now() -> Timestamp {
    Timestamp::now()
}

/// The end of a lifetime that starts at `start`.
pub(crate) fn after(start: Timestamp, lifetime: Seconds) -> Timestamp {
    start + SignedDuration::from_secs(lifetime.0)
}
