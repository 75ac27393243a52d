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
