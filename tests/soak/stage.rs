//! What is tested: a real authorization server, the gate in front of its token
//! endpoint, the real daemon, and a user who has signed in.

use std::io;

use oic_tests::harness::{Daemon, Home, RealServer};

use crate::failure::Failure;
use crate::gate::{Connection, Gate, HeldRequest};
use crate::watch::Watch;

/// Lifetime of the access tokens, in seconds: as short as renewals that are
/// three seconds apart allow.
const LIFETIME: u32 = 4;

/// The stage; everything on it goes when it is dropped.
pub struct Stage {
    /// The daemon.
    pub daemon: Daemon,
    /// Where it lives.
    pub home: Home,
    /// The way from it to the token endpoint.
    pub gate: Gate,
    /// Notices when it stores something.
    pub watch: Watch,
    /// The server.
    pub server: RealServer,
    /// How often a daemon was started and came to serve.
    pub starts: usize,
}

impl Stage {
    /// A user signed in.
    pub fn signed_in() -> Result<Self, Failure> {
        let failed = |error: io::Error| Failure::of("the stage cannot be set", error);
        let server = RealServer::start(LIFETIME).map_err(|why| {
            let failure = Failure::of("no authorization server", why);
            failure.with_hint("it takes Node.js 20 or newer, and 'npm ci' in tests/peers")
        })?;
        let address = server.fact("url").trim_start_matches("http://").parse();
        let address = address.map_err(|error| Failure::of("the server's address", error))?;
        let gate = Gate::to(address).map_err(failed)?;
        let token_endpoint = server.fact("token_endpoint");
        let token_endpoint =
            token_endpoint.replace(&format!("{address}"), &format!("127.0.0.1:{}", gate.port()));
        let home = Home::new(&server.config_with_token_endpoint(&token_endpoint));
        let daemon = Daemon::start(&home);
        let watch = Watch::on(&home.state(), "real").map_err(failed)?;
        let stage = Self {
            daemon,
            home,
            gate,
            watch,
            server,
            starts: 1,
        };
        stage.sign_in()?;
        Ok(stage)
    }

    /// Signs the user in: one poll, since the user has said yes before it.
    pub fn sign_in(&self) -> Result<(), Failure> {
        let mut polled = Ok(());
        self.server.sign_in(&self.home, || polled = self.grant());
        polled?;
        self.watch.forget();
        Ok(())
    }

    fn grant(&self) -> Result<(), Failure> {
        let answered = self.held()?.pass_on().map_err(broken)?;
        answered.give().map_err(broken)
    }

    /// The daemon's next connection.
    pub fn connection(&self) -> Result<Connection, Failure> {
        self.gate.next().map_err(|error| {
            let status = self.home.oic_token(&["status"]);
            Failure::of(
                format_args!("the daemon makes no request: {error}"),
                format_args!(
                    "\n{}{}\n{}",
                    status.stdout,
                    status.stderr,
                    self.daemon.log()
                ),
            )
        })
    }

    /// The daemon's next request, read and not passed on.
    pub fn held(&self) -> Result<HeldRequest, Failure> {
        self.connection()?.read().map_err(broken)
    }

    /// Kills the daemon. No request of it is under way any more, nor will one
    /// be that it has sent.
    pub fn kill(&mut self) {
        self.daemon.kill();
        self.gate.drop_waiting();
    }

    /// Starts another daemon, once the last one has ended.
    pub fn start(&mut self) {
        self.daemon = Daemon::start(&self.home);
        self.starts += 1;
    }
}

/// A connection does something that it was not told to.
pub fn broken(error: io::Error) -> Failure {
    Failure::of("the gate breaks down", error)
}
