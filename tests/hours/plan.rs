//! What may happen in a run, drawn from its seed.

use std::time::Duration;

use crate::random::Random;

/// About how many access tokens a run lives, whatever they live: so that runs
/// of short ones do not take all the time.
const TOKENS_A_RUN: u64 = 400;

/// Longest and shortest run, in hours.
const HOURS: (u64, u64) = (12, 800);

/// How long access tokens live that this server issues.
#[derive(Clone, Copy, Debug)]
pub enum Lifetimes {
    /// All the same, in seconds.
    Same(u64),
    /// Anything, at each grant anew.
    Odd,
}

/// Most odd lifetimes are useless; some must not be, or nothing else happens.
pub const ODD_LIFETIMES: [u64; 8] = [0, 1, 2, 4, 20, 300, 3600, 31_536_000];

/// In seconds; mostly what identity domains have.
const REFRESH_LIFETIMES: [u64; 6] = [
    7 * 86_400,
    7 * 86_400,
    7 * 86_400,
    14 * 86_400,
    365 * 86_400,
    3600,
];

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    /// How long it lasts.
    pub hours: u64,
    pub lifetimes: Lifetimes,
    /// How long a refresh token lives that nobody uses.
    pub refresh_lifetime: Duration,
    /// Whether the profile says so.
    pub configured: bool,
    /// Whether each refresh token is good once; the others are good until they
    /// expire.
    pub rotates: bool,
    /// Whether the profile has a revocation endpoint.
    pub revocable: bool,
    /// How many profiles the daemon has, of which this is one.
    pub profiles: usize,
    /// Some logins bring no refresh token.
    pub bare_logins: bool,
    /// The network, and the server behind it, have bad times.
    pub network: bool,
    /// So has the disk.
    pub disk: bool,
    /// The daemon is killed, or the power fails.
    pub crashes: bool,
    /// The daemon is stopped in good order.
    pub stops: bool,
    /// The machine sleeps.
    pub sleeps: bool,
    /// Somebody sets the wall clock.
    pub clocks: bool,
    /// Callers want more than a valid token: `--force`, `--min-valid`, and a
    /// word that the last one was refused.
    pub demanding: bool,
    /// Users log out, and the administrator ends sessions.
    pub logouts: bool,
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let lifetimes = match random.below(20) {
            0 => Lifetimes::Odd,
            1 => Lifetimes::Same(30),
            2 | 3 => Lifetimes::Same(300),
            4 | 5 => Lifetimes::Same(86_400),
            6 => Lifetimes::Same(7 * 86_400),
            _ => Lifetimes::Same(3600),
        };
        let usual = match lifetimes {
            Lifetimes::Same(seconds) => seconds,
            Lifetimes::Odd => 60,
        };
        Self {
            seed,
            hours: (TOKENS_A_RUN * usual / 3600).clamp(HOURS.0, HOURS.1),
            lifetimes,
            refresh_lifetime: Duration::from_secs(random.of(&REFRESH_LIFETIMES)),
            configured: random.percent(50),
            rotates: random.percent(90),
            revocable: random.percent(80),
            profiles: random.of(&[1, 1, 1, 20, 1000]),
            bare_logins: random.percent(20),
            network: random.percent(75),
            disk: random.percent(50),
            crashes: random.percent(60),
            stops: random.percent(60),
            sleeps: random.percent(60),
            clocks: random.percent(40),
            demanding: random.percent(50),
            logouts: random.percent(60),
        }
    }

    /// Whether no access token lives so short that callers have to wait for
    /// the next one as a rule.
    pub fn ordinary_lifetimes(&self) -> bool {
        matches!(self.lifetimes, Lifetimes::Same(300..))
    }

    /// Requests to the token endpoint, polls left out, that are allowed in any
    /// hour, the first tries after a start left out.
    pub fn budget(&self) -> usize {
        match self.lifetimes {
            // Two renewals; or, through an outage, a try every 90 s at least
            // and the quicker ones before.
            Lifetimes::Same(3600..) if !self.demanding => 50,
            // Two in three seconds and three quarters: a failure is followed
            // by another try as soon.
            _ => 1920,
        }
    }
}
