//! Points in time and spans, as programs and as people read them.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use oic_proto::message::UnixTime;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// From here on a span is said in days: hours would no longer be read.
const DAYS_FROM: u64 = 2 * DAY;

/// Now and here: what a local or relative time refers to.
#[derive(Clone, Debug)]
pub struct Present {
    /// What time it is.
    pub now: UnixTime,
    /// In which time zone it is read.
    pub zone: TimeZone,
}

impl Present {
    /// The local time of `at`: `14:05` today, `2026-11-24 14:05` on any other
    /// day.
    pub fn local(&self, at: UnixTime) -> String {
        let local = self.zoned(at);
        if local.date() == self.zoned(self.now).date() {
            local.strftime("%H:%M").to_string()
        } else {
            local.strftime("%Y-%m-%d %H:%M").to_string()
        }
    }

    /// How far `at` is from now: `in 42 min`, `now`, `3 min ago`.
    pub fn relative(&self, at: UnixTime) -> String {
        let seconds = at.0.saturating_sub(self.now.0);
        let distance = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 {
            format!("{} ago", span(distance))
        } else {
            ahead(distance)
        }
    }

    /// How long ago `at` was: `3 min ago`, `just now`.
    pub fn ago(&self, at: UnixTime) -> String {
        if at < self.now {
            self.relative(at)
        } else {
            "just now".to_owned()
        }
    }

    fn zoned(&self, at: UnixTime) -> ZonedDateTime {
        timestamp(at).to_zoned_datetime(self.zone.clone())
    }
}

/// `at` by RFC 3339, in UTC, to the second.
pub fn rfc3339(at: UnixTime) -> String {
    timestamp(at).to_string()
}

/// When it is after this much longer: `in 42 min`, `now`.
pub fn ahead(wait: Duration) -> String {
    match wait.as_secs() {
        0 => "now".to_owned(),
        _ => format!("in {}", span(wait)),
    }
}

/// A span in its one or two largest units, rounded down: `45 s`, `42 min`,
/// `3 h 5 min`, `6 days`.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < MINUTE {
        format!("{seconds} s")
    } else if seconds < HOUR {
        format!("{} min", seconds / MINUTE)
    } else if seconds < DAYS_FROM {
        format!("{} h {} min", seconds / HOUR, seconds % HOUR / MINUTE)
    } else {
        format!("{} days", seconds / DAY)
    }
}

/// A countdown: `4:58`, `1:00:00`.
pub fn countdown(left: Duration) -> String {
    let seconds = left.as_secs();
    let (hours, minutes, seconds) = (seconds / HOUR, seconds % HOUR / MINUTE, seconds % MINUTE);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A time no calendar has becomes the nearest one that it has: the number is
/// another program's and decides nothing here.
fn timestamp(at: UnixTime) -> Timestamp {
    let range = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    let seconds = at.0.clamp(*range.start(), *range.end());
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn present() -> Present {
        Present {
            now: UnixTime(1_795_000_000),
            zone: TimeZone::UTC,
        }
    }

    #[test]
    fn programs_read_rfc_3339_in_utc() {
        assert_eq!(rfc3339(UnixTime(0)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(UnixTime(1_795_000_000)), "2026-11-18T11:06:40Z");
    }

    #[test]
    fn a_time_outside_the_calendar_is_shown_as_its_edge() {
        assert!(rfc3339(UnixTime(i64::MAX)).starts_with("9999-12-3"));
        assert!(rfc3339(UnixTime(i64::MIN)).starts_with("-009999-01-0"));
        present().relative(UnixTime(i64::MIN));
    }

    #[test]
    fn people_read_the_time_today_and_the_date_otherwise() {
        let tomorrow = UnixTime(present().now.0 + 86_400);
        assert_eq!(present().local(present().now), "11:06");
        assert_eq!(present().local(tomorrow), "2026-11-19 11:06");
    }

    #[test]
    fn spans_are_said_in_their_largest_units() {
        for (seconds, said) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (3600, "1 h 0 min"),
            (11_100, "3 h 5 min"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), said);
        }
        let ago = UnixTime(present().now.0 - 180);
        assert_eq!(present().relative(ago), "3 min ago");
    }

    #[test]
    fn what_is_now_is_said_to_be() {
        let at = |seconds| UnixTime(present().now.0 + seconds);
        assert_eq!(present().relative(at(1)), "in 1 s");
        assert_eq!(present().relative(at(0)), "now");
        assert_eq!(present().relative(at(-1)), "1 s ago");
        assert_eq!(present().ago(at(-1)), "1 s ago");
        // A clock that has been set a little since.
        for seconds in [0, 1] {
            assert_eq!(present().ago(at(seconds)), "just now");
        }
        assert_eq!(ahead(Duration::from_millis(999)), "now");
        assert_eq!(ahead(Duration::from_secs(1)), "in 1 s");
    }

    #[test]
    fn a_countdown_has_hours_only_where_it_needs_them() {
        for (seconds, shown) in [(7, "0:07"), (298, "4:58"), (3600, "1:00:00")] {
            assert_eq!(countdown(Duration::from_secs(seconds)), shown);
        }
    }
}
