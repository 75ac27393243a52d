//! What is measured: a simulated identity domain, the real daemon, and a user
//! who signed in and whose token was renewed once.

use oic_tests::harness::{Daemon, Home};
use oic_tests::simulator::{JANE, Options, Simulator};

use crate::clean_up::{self, Watched};
use crate::failure::Failure;

/// How long the access tokens live, in seconds: so long that no renewal falls
/// due while anything is measured.
const LIFETIME: u32 = 6 * 3600;

/// An entry for what credential helpers are asked for.
const HELPER: &str = "\n[[helper]]\nurl = \"https://git.example.com/team\"\n";

/// The stage; everything on it goes when it is dropped.
pub struct Stage {
    _watched: Watched,
    /// The real daemon.
    pub daemon: Daemon,
    /// Where it lives.
    pub home: Home,
    /// Where its user signed in.
    pub domain: Simulator,
}

impl Stage {
    /// Starts the domain and the daemon, signs in, and has the token renewed.
    pub fn set() -> Result<Self, Failure> {
        let started = Simulator::try_start(
            Options::default()
                .knob("access_token_lifetime", &LIFETIME.to_string())
                .knob("interval", "1")
                .knob("auto_approve", JANE),
        );
        let domain =
            started.map_err(|error| Failure::of("the simulated domain does not start", error))?;
        let home = Home::new(&(domain.config_toml() + HELPER));
        clean_up::at_sudden_end(&home.path(""))?;
        let daemon = Daemon::spawn(&home, &[]);
        let stage = Self {
            _watched: Watched::new(daemon.pid()),
            daemon,
            home,
            domain,
        };
        stage.daemon.wait_for_log("oic-tokend: ready on ");
        stage.oic_token(&["login", "--no-browser"])?;
        stage.oic_token(&["get", "--force"])?;
        Ok(stage)
    }

    fn oic_token(&self, arguments: &[&str]) -> Result<(), Failure> {
        let outcome = self.home.oic_token(arguments);
        match outcome.code {
            0 => Ok(()),
            code => Err(Failure::of(
                format_args!("'oic-token {}' ended with {code}", arguments.join(" ")),
                outcome.stderr.trim_end(),
            )),
        }
    }
}
