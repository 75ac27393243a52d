//! The state most tests start from: a domain, a daemon, a user signed in.

use oic_tests::harness::{DEADLINE, Daemon, Home, runner};
use oic_tests::simulator::{Endpoint, JANE, LogEntry, Options, Outcome, Simulator};

/// A simulated domain, a daemon that serves it, and where both live.
pub struct SignedIn {
    pub domain: Simulator,
    pub home: Home,
    pub daemon: Daemon,
}

/// A domain that answers polls as fast as a test wants.
pub fn quick_domain() -> Options {
    Options::default().knob("interval", "1")
}

impl SignedIn {
    /// Jane signed in, with access tokens that live this many seconds.
    pub fn with_lifetime(seconds: u32) -> Self {
        Self::with(quick_domain().knob("access_token_lifetime", &seconds.to_string()))
    }

    /// Jane signed in at a domain with these options.
    pub fn with(options: Options) -> Self {
        let started = Self::signed_out(options.knob("auto_approve", JANE));
        started
            .home
            .oic_token(&["login", "--no-browser"])
            .succeeded();
        started
    }

    /// Nobody signed in yet.
    pub fn signed_out(options: Options) -> Self {
        let domain = Simulator::start(options);
        let home = Home::new(&domain.config_toml());
        let daemon = Daemon::start(&home);
        Self {
            domain,
            home,
            daemon,
        }
    }

    /// An access token that need not be valid for long.
    #[track_caller]
    pub fn get(&self) -> String {
        self.home
            .oic_token(&["get", "--min-valid", "0"])
            .succeeded()
    }

    /// Waits until the domain has answered this many refresh requests.
    #[track_caller]
    pub fn wait_for_refreshes(&self, count: usize) {
        let answered = |log: &[LogEntry]| {
            let done = refreshes(log).filter(|entry| entry.outcome == Outcome::Answered);
            done.count() >= count
        };
        let waited = self.domain.wait_for_requests(answered, DEADLINE);
        waited.expect("the daemon refreshes in time");
    }

    /// Waits until the domain holds a token request.
    #[track_caller]
    pub fn wait_for_held_request(&self) {
        let held = |log: &[LogEntry]| log.iter().any(|entry| entry.outcome == Outcome::Held);
        let waited = self.domain.wait_for_requests(held, DEADLINE);
        waited.expect("the daemon asks in time");
    }

    /// How many refresh requests have reached the domain.
    pub fn refresh_count(&self) -> usize {
        refreshes(&self.domain.log()).count()
    }

    /// Gives the daemon the domain's configuration and `more`: by a reload,
    /// where the system knows such a thing.
    #[cfg(unix)]
    #[track_caller]
    pub fn reconfigure(&mut self, more: &str) {
        self.home.configure(&(self.domain.config_toml() + more));
        if runner().is_some() {
            return self.restart_after_kill();
        }
        let said = self.daemon.reload();
        assert!(said.contains("was read again"), "{said}");
    }

    /// Stops the daemon as a power cut would and starts another.
    pub fn restart_after_kill(&mut self) {
        self.daemon.kill();
        self.daemon = Daemon::start(&self.home);
    }
}

/// The refresh requests of a log.
pub fn refreshes(log: &[LogEntry]) -> impl Iterator<Item = &LogEntry> {
    log.iter().filter(|entry| {
        entry.endpoint == Endpoint::Token && entry.grant_type == Some("refresh_token")
    })
}
