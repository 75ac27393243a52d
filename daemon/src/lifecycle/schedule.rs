//! When: all time arithmetic of the core, and its constants.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::Range;
use std::time::Duration;

use super::{BootTime, LiveAccessToken};

/// An access token is renewed when such a part of its life has passed, at random,
/// so that profiles signed in together do not refresh together. About a quarter
/// of the life is left for outages; of an hour that is 15 minutes.
const RENEW_FRACTION: Range<f64> = 0.7..0.8;

/// Two renewals are at least this far apart, however short the tokens live: a
/// server that issues tokens of zero seconds is asked 20 times a minute, not
/// in a loop. Tokens of 5 s and more are never held up by it.
const RENEWAL_SPACING_MIN: Duration = Duration::from_secs(3);

/// However long access tokens live, the refresh token is used at least this
/// often: those of OCI IAM die when they are not used for seven days.
const RENEWAL_INTERVAL_MAX: Duration = Duration::from_secs(24 * 3600);

/// Nor does it lie unused for more than this part of its life: as much is left
/// for outages.
const IDLE_FRACTION_MAX: f64 = 0.5;

/// Callers that ask for more than the present token offers (`--force`,
/// `--min-valid`), or report that a resource refused it, cause at most one
/// refresh in this time: a script in a loop must not use up the request limit
/// that a whole team shares.
pub(super) const EARLY_RENEWAL_SPACING: Duration = Duration::from_secs(5);

/// First pause after a failed renewal; each further failure doubles it.
const BACKOFF_FIRST: Duration = Duration::from_secs(1);

/// Longest pause between two tries: after an outage, tokens are back at most
/// this much later.
const BACKOFF_MAX: Duration = Duration::from_secs(120);

/// A renewal that comes this late was missed while the machine slept, and the
/// other profiles missed theirs. No busy machine delays a timer as long.
pub(super) const MISSED_AFTER: Duration = Duration::from_secs(30);

/// How far apart, on average, the profiles of one daemon make up what they all
/// missed: 100 refreshes a minute. An identity domain allows a whole team 150,
/// and chance puts some closer together.
const CATCH_UP_SPACING: Duration = Duration::from_millis(600);

/// Longest `Retry-After` that is believed.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// A pause is this part of its longest, at random: an outage is the same moment
/// for everybody.
const PAUSE_FRACTION: Range<f64> = 0.75..1.0;

/// So many times a `Retry-After` is waited, at random: a date in it calls
/// everybody back in the same second.
const RETRY_AFTER_FACTOR: Range<f64> = 1.0..1.1;

/// So many times [`catch_up_time`] is paused, at random, where that is longer
/// than any other pause: nobody's second try comes before everybody's first, so
/// that together they send what the server allows.
const TOGETHER_FACTOR: Range<f64> = 1.0..1.25;

/// Pause before trying again what an administrator must repair first.
const BACKOFF_REJECTED: Duration = Duration::from_secs(600);

/// A caller rides out this many failures in a row, if the next try comes
/// before its deadline; after that an outage is an outage, and callers are
/// told at once.
pub(super) const FAILURES_RIDDEN_OUT: u32 = 3;

/// How long a token waits for the disk before it is handed out all the same,
/// and a refresh for its intent to be written. A disk that takes longer hangs
/// (a dead network mount), and the session should not hang with it.
pub(super) const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// An access token read back after the machine was restarted is taken to expire
/// this part of its life earlier: the wall clock, which alone survives that, may
/// have been set meanwhile.
const REBOOT_MARGIN_FRACTION: u32 = 20;

/// But not more than this: a clock is rarely set by more, and if it is, mostly
/// so that the token seems to have expired.
const REBOOT_MARGIN_MAX: Duration = Duration::from_secs(300);

/// Wall-clock times are stored in whole seconds, at both ends of a life, and so
/// is its length.
pub(super) const STORED_GRAIN: Duration = Duration::from_secs(2);

/// RFC 8628 §3.2: "If no value is provided, clients MUST use 5 as the
/// default."
pub(crate) const POLL_INTERVAL_DEFAULT: Duration = Duration::from_secs(5);

/// RFC 8628 §3.5, `slow_down`: "the interval MUST be increased by 5 seconds
/// for this and all subsequent requests".
pub(super) const POLL_SLOW_DOWN: Duration = Duration::from_secs(5);

/// No server is polled more often, whatever interval it names.
const POLL_INTERVAL_MIN: Duration = Duration::from_secs(1);

/// No outage makes a poll wait longer than this, or than the server's own
/// interval: device codes live minutes.
const POLL_PAUSE_MAX: Duration = Duration::from_secs(60);

/// What every device code of OCI IAM lives; taken where the server does not
/// say, although RFC 8628 §3.2 requires it to.
pub(crate) const DEVICE_CODE_LIFETIME_DEFAULT: Duration = Duration::from_secs(300);

/// No login is waited for longer.
pub(crate) const DEVICE_CODE_LIFETIME_MAX: Duration = Duration::from_secs(3600);

/// What an access token is taken to live when neither the answer nor the
/// token says: short, so that it is renewed in time.
pub(crate) const ACCESS_TOKEN_LIFETIME_ASSUMED: Duration = Duration::from_secs(300);

/// Random numbers for jitter, each the hash of the one before, so that the same
/// seed gives the same run.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn within(&mut self, range: Range<f64>) -> f64 {
        self.0 = BuildHasherDefault::<DefaultHasher>::default().hash_one(self.0);
        range.start + (range.end - range.start) * (self.0 as f64 / u64::MAX as f64)
    }
}

/// When to renew this access token, whose refresh token lives so long unused,
/// if that is known.
pub(super) fn renew_at(
    token: &LiveAccessToken,
    idle_lifetime: Option<Duration>,
    jitter: &mut Jitter,
) -> BootTime {
    let fraction = jitter.within(RENEW_FRACTION);
    let latest = idle_lifetime.map_or(RENEWAL_INTERVAL_MAX, |idle| {
        RENEWAL_INTERVAL_MAX.min(idle.mul_f64(IDLE_FRACTION_MAX))
    });
    // The spread is kept where the refresh token decides, too.
    let latest = latest.mul_f64(fraction / RENEW_FRACTION.end);
    let age = token.lifetime.mul_f64(fraction).min(latest);
    // Counted back from its end: after a restart of the machine its beginning
    // lies before the clock's.
    let left = token.lifetime.saturating_sub(age);
    let due = BootTime(token.expires.0.saturating_sub(left));
    due.max(token.obtained.after(RENEWAL_SPACING_MIN))
}

/// From when on callers can have this access token renewed: as soon as it has
/// expired, or as [`EARLY_RENEWAL_SPACING`] allows.
pub(super) fn early_renewal_from(token: &LiveAccessToken) -> BootTime {
    let expired = token.expires.max(token.obtained.after(RENEWAL_SPACING_MIN));
    expired.min(token.obtained.after(EARLY_RENEWAL_SPACING))
}

/// In what time so many profiles of one daemon make up what they all missed:
/// no time, if there is one.
pub fn catch_up_time(profiles: usize) -> Duration {
    let others = u32::try_from(profiles.saturating_sub(1)).unwrap_or(u32::MAX);
    CATCH_UP_SPACING.saturating_mul(others)
}

/// How long one profile waits before it makes up what it missed, if that is
/// the time which all have for it.
pub(super) fn catch_up(time: Duration, jitter: &mut Jitter) -> Duration {
    time.mul_f64(jitter.within(0.0..1.0))
}

/// How long to pause after the `failures`-th failure in a row (from 1): twice as
/// long each time, and the server's wish where that is longer.
pub(super) fn backoff(
    failures: u32,
    retry_after: Option<Duration>,
    jitter: &mut Jitter,
) -> Duration {
    let doubled = BACKOFF_FIRST.saturating_mul(1_u32 << failures.saturating_sub(1).min(16));
    let pause = doubled.min(BACKOFF_MAX);
    let wish = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
    let pause = pause.mul_f64(jitter.within(PAUSE_FRACTION));
    pause.max(wish.mul_f64(jitter.within(RETRY_AFTER_FACTOR)))
}

/// How long each of many profiles pauses after any failure, if this is the
/// time in which they make up what all missed.
pub(super) fn backoff_together(catch_up_time: Duration, jitter: &mut Jitter) -> Duration {
    catch_up_time.mul_f64(jitter.within(TOGETHER_FACTOR))
}

/// How long to pause after the server refused this client.
pub(super) fn backoff_rejected(jitter: &mut Jitter) -> Duration {
    BACKOFF_REJECTED.mul_f64(jitter.within(PAUSE_FRACTION))
}

/// How often to poll, given what the server says.
pub(super) fn poll_interval(named: Duration) -> Duration {
    named.max(POLL_INTERVAL_MIN)
}

/// When to poll after `failures` polls without an answer. RFC 8628 §3.5 asks
/// for "exponential backoff … such as doubling the polling interval on each
/// such connection timeout".
pub(super) fn poll_pause(
    interval: Duration,
    failures: u32,
    retry_after: Option<Duration>,
) -> Duration {
    let doubled = interval.saturating_mul(1_u32 << failures.min(8));
    let wish = retry_after.unwrap_or_default();
    let bounded = doubled.min(POLL_PAUSE_MAX.max(interval));
    bounded.max(wish.min(RETRY_AFTER_MAX))
}

/// What is counted on, after the machine was restarted, of a token of this
/// lifetime with this much left by the wall clock. Nothing, if that is more than
/// the lifetime: the clock has been set back, and nobody can say by how much.
pub(super) fn remaining_after_reboot(left: Duration, lifetime: Duration) -> Duration {
    if left > lifetime.saturating_add(STORED_GRAIN) {
        return Duration::ZERO;
    }
    let margin = (lifetime / REBOOT_MARGIN_FRACTION).min(REBOOT_MARGIN_MAX);
    left.min(lifetime).saturating_sub(margin)
}

/// The same after the daemon alone was restarted, by the clock that goes on:
/// all of it. Nothing, if that is more than the lifetime: then it is another
/// clock, as in a time namespace.
pub(super) fn remaining_in_one_boot(left: Duration, lifetime: Duration) -> Duration {
    if left > lifetime.saturating_add(STORED_GRAIN) {
        return Duration::ZERO;
    }
    left
}
