//! When requests may be sent, and when they must be.

use std::collections::VecDeque;
use std::time::Duration;

use oic_tokend::lifecycle::{BootTime, catch_up_time};
use oic_tokend::oauth::{EndpointError, Verdict};

use super::{STORE_PATIENCE, hold};
use crate::plan::Plan;

/// Two renewals are never closer.
const SPACING_MIN: Duration = Duration::from_secs(3);

/// Callers cause no more than one renewal in this time.
const SPACING_OF_CALLERS: Duration = Duration::from_secs(5);

/// The part of a token's life in which it is renewed, in hundredths.
const RENEWED_FROM: u32 = 70;
const RENEWED_UNTIL: u32 = 80;

/// However long access tokens live, renewals are no farther apart, nor than
/// half of what a refresh token lives unused, where that is known.
const INTERVAL_MAX: Duration = Duration::from_secs(24 * 3600);

/// The longest pause between tries, of few profiles.
const BACKOFF_MAX: Duration = Duration::from_secs(120);

/// The pause after a refusal that an administrator has to end.
const BACKOFF_REJECTED: Duration = Duration::from_secs(600);

/// The longest wish of a server that is granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// How long an answer may be on its way.
const SERVER_PATIENCE: Duration = Duration::from_secs(120);

/// What a refresh takes, with its writes, if nothing is in its way.
const REFRESH_TAKES: Duration = Duration::from_secs(15);

/// Time that the driver may take where it has nothing to wait for.
const AT_ONCE: Duration = Duration::from_millis(100);

const HOUR: Duration = Duration::from_secs(3600);

/// First tries after a start that are not held against the budget: what was
/// held back before is not known any more.
const TRIES_OF_A_START: usize = 10;

pub struct Pace {
    demanding: bool,
    budget: usize,
    interval_max: Duration,
    /// What was missed may wait for so long, since other profiles have missed
    /// theirs.
    catch_up_time: Duration,
    /// Which refresh is under way.
    under_way: Option<u64>,
    /// The next refresh must not be sent before this …
    earliest: BootTime,
    /// … and must have been by then.
    latest: BootTime,
    /// Failures in a row.
    failures: u32,
    /// When refreshes were sent in the last hour, by real time.
    sent: VecDeque<Duration>,
    /// When the daemon started in the last hour.
    started: VecDeque<Duration>,
}

impl Pace {
    pub fn new(plan: &Plan) -> Self {
        let never = BootTime(Duration::ZERO);
        Self {
            demanding: plan.demanding,
            budget: plan.budget(),
            catch_up_time: catch_up_time(plan.profiles),
            interval_max: match plan.configured {
                true => INTERVAL_MAX.min(plan.refresh_lifetime / 2),
                false => INTERVAL_MAX,
            },
            under_way: None,
            earliest: never,
            latest: never,
            failures: 0,
            sent: VecDeque::new(),
            started: VecDeque::new(),
        }
    }

    pub fn is_current(&self, request: u64) -> bool {
        self.under_way == Some(request)
    }

    pub fn forget(&mut self) {
        (self.under_way, self.failures) = (None, 0);
    }

    /// A daemon starts with a token that lives this long and has this much
    /// left, or has none that it could use.
    pub fn restart(&mut self, real: Duration, now: BootTime, token: Option<(Duration, Duration)>) {
        self.forget();
        self.started.push_back(real);
        self.earliest = now;
        self.latest = now;
        if let Some((lifetime, left)) = token {
            let age = self.age(lifetime, RENEWED_UNTIL);
            self.latest = now.after(left.saturating_sub(lifetime - age));
        }
    }

    /// A grant came that is valid for `lifetime` from now.
    pub fn granted(&mut self, now: BootTime, lifetime: Duration) {
        self.forget();
        let from = self.age(lifetime, RENEWED_FROM).max(SPACING_MIN);
        let until = self.age(lifetime, RENEWED_UNTIL).max(SPACING_MIN);
        let expired = lifetime.max(SPACING_MIN);
        let asked = if self.demanding {
            expired.min(SPACING_OF_CALLERS)
        } else {
            expired
        };
        self.earliest = now.after(from.min(asked));
        self.latest = now.after(until);
    }

    /// At what age a token is renewed, this part of its life given.
    fn age(&self, lifetime: Duration, part: u32) -> Duration {
        let longest = self.interval_max * part / RENEWED_UNTIL;
        (lifetime * part / 100).min(longest)
    }

    /// A person has changed the configuration, and may have repaired what
    /// failed: it is tried at once, whatever was to be waited for.
    pub fn reconfigured(&mut self, real: Duration, now: BootTime) {
        if self.failures > 0 {
            self.started.push_back(real);
            self.earliest = now;
        }
    }

    /// The access token is of no use any more.
    pub fn refused(&mut self, now: BootTime) {
        if self.failures == 0 {
            self.latest = self.latest.min(now.after(SPACING_OF_CALLERS));
        }
    }

    /// What came holds no access token that could be used.
    pub fn half_granted(&mut self, now: BootTime, error: &EndpointError) {
        self.failures = 0;
        self.failed(now, error);
    }

    pub fn failed(&mut self, now: BootTime, error: &EndpointError) {
        self.under_way = None;
        self.failures += 1;
        let wish = error.retry_after().unwrap_or_default().min(RETRY_AFTER_MAX);
        let doubled = Duration::from_secs(1 << (self.failures - 1).min(16));
        let rejected = error.verdict() == Verdict::Rejected;
        let pause = if rejected {
            BACKOFF_REJECTED
        } else {
            doubled.min(BACKOFF_MAX)
        };
        // `--force` tries again what an administrator may have repaired.
        let least = if rejected && self.demanding {
            SPACING_OF_CALLERS
        } else {
            (pause * 3 / 4).max(wish)
        };
        self.earliest = now.after(least);
        let together = if rejected {
            Duration::ZERO
        } else {
            self.catch_up_time * 5 / 4
        };
        self.latest = now.after(pause.max(together).max(wish * 11 / 10));
    }

    pub fn sends(&mut self, request: u64, real: Duration, now: BootTime) -> Result<(), String> {
        hold!(
            self.under_way.is_none(),
            "two refreshes of one session at once"
        );
        self.under_way = Some(request);
        hold!(
            now >= self.earliest,
            "a refresh {:?} too early",
            self.earliest.since(now)
        );
        for times in [&mut self.sent, &mut self.started] {
            while times.front().is_some_and(|&it| it + HOUR <= real) {
                times.pop_front();
            }
        }
        self.sent.push_back(real);
        let allowed = self.budget + self.started.len() * TRIES_OF_A_START;
        hold!(
            self.sent.len() <= allowed,
            "{} refreshes in one hour, and {allowed} are allowed",
            self.sent.len()
        );
        Ok(())
    }

    /// A token is there again by then, if nothing is in the way from `from`
    /// on: after the longest answer that was on its way, the longest back-off,
    /// and what a refresh takes.
    pub fn back_by(&self, from: BootTime) -> BootTime {
        let backoff = BACKOFF_MAX.max(self.catch_up_time * 5 / 4);
        let back = from.after(SERVER_PATIENCE + backoff);
        back.max(self.latest)
            .after(self.catch_up_time + REFRESH_TAKES)
    }

    /// How many refreshes there were in the last hour.
    pub fn in_this_hour(&self) -> usize {
        self.sent.len()
    }

    /// Nothing is overdue, given that the driver could act from `from` on.
    pub fn check(&self, now: BootTime, from: BootTime) -> Result<(), String> {
        let slack = STORE_PATIENCE * 2 + AT_ONCE + self.catch_up_time;
        let until = self.latest.max(from).after(slack);
        hold!(
            self.under_way.is_some() || now <= until,
            "a renewal is overdue by {:?}",
            now.since(until)
        );
        Ok(())
    }
}
