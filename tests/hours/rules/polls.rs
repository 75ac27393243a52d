//! When a device code may be polled (RFC 8628 §3.5).

use std::time::Duration;

use oic_tokend::lifecycle::BootTime;
use oic_tokend::oauth::EndpointError;

use super::hold;
use crate::server::INTERVAL;

/// The longest wish of a server that is granted.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// RFC 8628 §3.5: "the interval MUST be increased by 5 seconds for this and
/// all subsequent requests".
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// The polls of the newest device code.
pub struct Polls {
    code: String,
    interval: Duration,
    earliest: BootTime,
    under_way: bool,
}

impl Polls {
    pub fn new() -> Self {
        Self {
            code: String::new(),
            interval: Duration::ZERO,
            earliest: BootTime(Duration::ZERO),
            under_way: false,
        }
    }

    pub fn sends(&mut self, code: &str, now: BootTime) -> Result<(), String> {
        if self.code != code {
            *self = Self {
                code: code.to_owned(),
                interval: Duration::from_secs(INTERVAL),
                ..Self::new()
            };
        }
        hold!(!self.under_way, "two polls of one device code at once");
        self.under_way = true;
        hold!(
            now >= self.earliest,
            "a poll {:?} too early",
            self.earliest.since(now)
        );
        Ok(())
    }

    pub fn failed(&mut self, code: &str, error: &EndpointError, now: BootTime) {
        if self.code != code {
            return;
        }
        self.under_way = false;
        if error.code() == "slow_down" {
            self.interval += SLOW_DOWN;
        }
        let wish = error.retry_after().unwrap_or_default().min(RETRY_AFTER_MAX);
        self.earliest = now.after(self.interval.max(wish));
    }
}
