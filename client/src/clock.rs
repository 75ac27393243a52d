//! The only file that reads a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use oic_proto::message::UnixTime;

use crate::moment::Present;

/// Longest wait there is. An answer of the daemon may name any duration; the
/// clock's arithmetic must not overflow on it.
const WAIT_MAX: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// This instant, by a clock that no one sets.
#[expect(clippy::disallowed_methods, reason = "this is the file that reads it")]
pub fn now() -> Instant {
    Instant::now()
}

/// This long from now.
pub fn after(wait: Duration) -> Instant {
    now() + wait.min(WAIT_MAX)
}

/// How long it is until `deadline`; zero once it has passed.
pub fn left_until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(now())
}

/// How long it has been since `begun`.
pub fn since(begun: Instant) -> Duration {
    now().saturating_duration_since(begun)
}

/// Sleeps this long by a clock that goes on while the machine sleeps: a token
/// that expired meanwhile is replaced when it wakes.
#[cfg(target_os = "linux")]
pub fn sleep(wait: Duration) {
    use rustix::thread::{ClockId, NanosleepRelativeResult, clock_nanosleep_relative};

    let Ok(mut rest) = wait.min(WAIT_MAX).try_into() else {
        return;
    };
    while let NanosleepRelativeResult::Interrupted(left) =
        clock_nanosleep_relative(ClockId::Boottime, &rest)
    {
        rest = left;
    }
}

/// Likewise; where no such clock can be slept by, never for longer than a
/// minute, and whoever sleeps looks what has changed.
#[cfg(not(target_os = "linux"))]
pub fn sleep(wait: Duration) {
    const SLEEP_MAX: Duration = Duration::from_secs(60);
    std::thread::sleep(wait.min(SLEEP_MAX));
}

/// The present as the reader at this terminal sees it.
#[expect(clippy::disallowed_methods, reason = "this is the file that reads it")]
pub fn present() -> Present {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock set before 1970 shows wrong times here whatever is done.
    let seconds = since_epoch.map_or(0, |since| since.as_secs());
    Present {
        now: UnixTime(i64::try_from(seconds).unwrap_or(i64::MAX)),
        zone: TimeZone::system(),
    }
}
