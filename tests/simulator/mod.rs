//! An OCI IAM identity domain and an OIC runtime host on loopback.
//!
//! One listener plays both. What it does is what the public documents and
//! other people's programs say the real ones do; where they say nothing or
//! disagree, there is a [knob](Knobs). Errors, restarts and lost answers are
//! played on demand as [faults](Fault).
//!
//! * [`Simulator`] runs it on a thread of its own, for plain `#[test]`
//!   functions: start it, point a program at [`Simulator::url`], play the user
//!   with [`Simulator::approve`], wait with [`Simulator::wait_for_requests`].
//! * The program `oic-sim` is the same behind a command line, steered by
//!   HTTP forms under `/control`.
//!
//! # The map, in reading order
//!
//! | file | holds |
//! |---|---|
//! | `domain.rs`, `domain/` | the identity domain: a state machine without I/O, told the time |
//! | `knobs.rs` | every setting, with its default and meaning |
//! | `faults.rs` | every fault, and the plan of those to come |
//! | `exchange.rs` | one request from arrival to answer, for all endpoints alike |
//! | `routes.rs`, `routes/` | the paths, one endpoint a file: form in, `Answer` out |
//! | `control.rs`, `help.rs` | `/control/…`, and what `--help` says about it |
//! | `log.rs` | the request log, and waiting on it |
//! | `received.rs`, `answer.rs` | requests read within limits; answers faults can bend |
//! | `tokens.rs`, `claims.rs` | signing, codes, refresh tokens; what tokens claim |
//! | `wire.rs`, `server.rs` | connections that can be cut; the thread |
//! | `clock.rs` | the only place that reads a clock |
//!
//! The access tokens are real RS256 JWTs, signed with a key that lies in the
//! source tree. Nothing here is a secret and nothing listens beyond loopback.

mod answer;
mod claims;
mod clock;
mod control;
mod domain;
mod endpoint;
mod exchange;
mod faults;
mod help;
pub mod knobs;
mod log;
mod received;
mod routes;
mod server;
#[cfg(test)]
mod tests;
mod tokens;
mod wire;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use domain::registry::{
    ANALYTICS_SCOPE, CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, DEVELOPER_SCOPE, JANE, JOHN,
    PUBLIC_CLIENT, SCOPE,
};
pub use endpoint::Endpoint;
pub use faults::{Fault, OVERSIZED_LEN};
pub use help::Reference;
pub use knobs::{KnobRefused, Knobs};
pub use log::{LOG_LEN_MAX, LogEntry, Outcome};

use domain::device::Decision;
use exchange::Shared;
use knobs::value::KnobValue;
use server::Server;

/// How to start a simulator. The default is a free port of 127.0.0.1 and the
/// knobs as they stand.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The settings to start with, and to return to on reset.
    pub knobs: Knobs,
}

/// A running simulator. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    server: Server,
}

/// What the simulator was asked for and would not do; says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

/// The log had not become what was waited for by the deadline.
#[derive(Debug)]
pub struct DeadlinePassed {
    /// The log as it stood.
    pub log: Vec<LogEntry>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            knobs: Knobs::default(),
        }
    }
}

impl Options {
    /// Sets a knob before the start.
    ///
    /// # Panics
    /// When there is no such knob, or it does not take that value.
    #[must_use]
    pub fn knob(mut self, name: &str, value: &str) -> Self {
        if let Err(refused) = self.knobs.set(name, value) {
            panic!("{refused}");
        }
        self
    }
}

impl Simulator {
    /// Starts a simulator that answers when this returns.
    ///
    /// # Panics
    /// When it cannot listen. Use [`try_start`](Self::try_start) to handle that.
    pub fn start(options: Options) -> Self {
        Self::try_start(options)
            .unwrap_or_else(|error| panic!("cannot start the simulator: {error}"))
    }

    /// Starts a simulator that answers when this returns.
    ///
    /// # Errors
    /// When the address is not a loopback address or cannot be listened on.
    pub fn try_start(options: Options) -> io::Result<Self> {
        let (shared, server) = Server::start(options.listen, options.knobs)?;
        Ok(Self { shared, server })
    }

    /// Scheme, host and port, as in `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// A configuration for `oic-tokend` with one profile, `sim`, that fits.
    pub fn config_toml(&self) -> String {
        let url = self.url();
        let mut config = format!(
            "default_profile = \"sim\"\n\n[profile.sim]\ndomain    = \"{url}\"\n\
             client_id = \"{PUBLIC_CLIENT}\"\nscopes    = [\"{SCOPE}\"]\n"
        );
        // What differs from what every domain does.
        let (knobs, usual) = (self.shared.world().domain.knobs.clone(), Knobs::default());
        if knobs.refresh_token_lifetime != usual.refresh_token_lifetime {
            let seconds = knobs.refresh_token_lifetime.0;
            config += &format!("refresh_token_lifetime = {seconds}\n");
        }
        if knobs.refresh_token_expiry != usual.refresh_token_expiry {
            let expiry = knobs.refresh_token_expiry.show();
            config += &format!("refresh_token_expiry = \"{expiry}\"\n");
        }
        config
    }

    /// Approves the login with this user code, as `user` ([`JANE`], [`JOHN`]).
    ///
    /// # Errors
    /// When no login waits under that code, or the user does not exist.
    pub fn approve(&self, user_code: &str, user: &str) -> Result<(), Refused> {
        self.decide(user_code, Some(user), Decision::Approve)
    }

    /// Denies the login with this user code.
    ///
    /// # Errors
    /// When no login waits under that code.
    pub fn deny(&self, user_code: &str) -> Result<(), Refused> {
        self.decide(user_code, None, Decision::Deny)
    }

    /// Lets the login with this user code expire now.
    ///
    /// # Errors
    /// When no login waits under that code.
    pub fn expire(&self, user_code: &str) -> Result<(), Refused> {
        self.decide(user_code, None, Decision::Expire)
    }

    /// The user codes of the logins that wait for their users, oldest first.
    pub fn pending_user_codes(&self) -> Vec<String> {
        let world = self.shared.world();
        let pending = world.domain.pending_logins(world.clock.now());
        pending.into_iter().map(|login| login.user_code).collect()
    }

    /// The domain's time.
    pub fn now(&self) -> Timestamp {
        self.shared.world().clock.now()
    }

    /// Moves the domain's clock forward.
    pub fn advance(&self, step: Duration) {
        let step = SignedDuration::try_from(step).unwrap_or(SignedDuration::MAX);
        self.shared.world().clock.advance(step);
    }

    /// Makes the next `times` answers of `endpoint` go wrong.
    ///
    /// # Panics
    /// When a thousand faults are waiting already.
    pub fn fault(&self, fault: Fault, times: u32, endpoint: Endpoint) {
        let added = self.shared.world().faults.add(fault, times, endpoint);
        added.expect("a test plans few faults");
    }

    /// Lets go every request that [`Fault::Hold`] keeps, and forgets the holds
    /// that no request has met yet.
    pub fn release(&self) {
        self.shared.release();
    }

    /// Sets a knob.
    ///
    /// # Errors
    /// When there is no such knob, or it does not take that value.
    pub fn set_knob(&self, name: &str, value: &str) -> Result<(), KnobRefused> {
        self.shared.world().domain.knobs.set(name, value)
    }

    /// Forgets everything but the signing key and what was issued: logins,
    /// codes, faults, the log, and changes to the clock and the knobs.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// The requests so far, oldest first, at most [`LOG_LEN_MAX`].
    pub fn log(&self) -> Vec<LogEntry> {
        self.shared.log.entries()
    }

    /// Waits until `enough` holds of the log, and returns the log. It is asked
    /// again whenever a request arrives or gets further.
    ///
    /// # Errors
    /// When it does not hold within `deadline`.
    pub fn wait_for_requests(
        &self,
        enough: impl Fn(&[LogEntry]) -> bool,
        deadline: Duration,
    ) -> Result<Vec<LogEntry>, DeadlinePassed> {
        let waited = self.shared.log.wait(enough, deadline);
        waited.map_err(|log| DeadlinePassed { log })
    }

    /// The access tokens issued, oldest first, at most ten thousand.
    pub fn access_tokens_issued(&self) -> Vec<String> {
        self.shared.world().domain.issued_access_tokens()
    }

    /// Everything issued that must never be seen in a log: device codes,
    /// access, ID and refresh tokens; at most ten thousand.
    pub fn secrets_issued(&self) -> Vec<String> {
        self.shared.world().domain.issued_secrets()
    }

    fn decide(
        &self,
        user_code: &str,
        user: Option<&str>,
        decision: Decision,
    ) -> Result<(), Refused> {
        let mut world = self.shared.world();
        let now = world.clock.now();
        let decided = world.domain.decide(user_code, user, decision, now);
        decided.map(drop).map_err(Refused)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for DeadlinePassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the deadline passed with {} requests in the log",
            self.log.len()
        )
    }
}

impl std::error::Error for DeadlinePassed {}
