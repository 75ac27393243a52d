//! Makes happen what the dice say, and counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use oic_tests::harness::Daemon;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::caller::{EagerCaller, Seen};
use crate::clock;
use crate::dice::Dice;
use crate::failure::Failure;
use crate::options::Options;
use crate::stage::{Stage, broken};
use crate::turn::{Cut, Grant, Kill, Trouble, Turn};

/// What the daemon's log says of each request that failed.
const FAILED: &str = " WARN ";

/// Everything that happened.
#[derive(Debug)]
pub struct Campaign {
    /// What it can be done again with.
    pub seed: u64,
    /// How many rotations there were to be.
    pub wanted: u32,
    /// What happened, and how often.
    pub tally: Tally,
    /// What the server says.
    pub server: ServerSide,
    /// What a caller saw.
    pub seen: Seen,
    /// How often a daemon was started and came to serve.
    pub starts: usize,
    /// How long it all took, once the user had signed in.
    pub took: Duration,
    /// What should not have been; it ended the campaign.
    pub wrong: Option<Failure>,
}

/// What happened, and how often.
#[derive(Debug, Default)]
pub struct Tally {
    /// Rotations: the refresh token was used up and the new one stored.
    pub rotations: u32,
    /// Each failed connection.
    pub cuts: Vec<Cut>,
    /// Each kill.
    pub kills: Vec<Kill>,
    /// Kills when the new session had just got its name.
    pub kills_once_stored: usize,
    /// Ends by SIGTERM while an answer was waited for.
    pub terminations: usize,
    /// The server has refused a refresh.
    pub refused: bool,
}

/// What the server says.
#[derive(Debug)]
pub struct ServerSide {
    /// Refreshes that it granted.
    pub refreshes: usize,
    /// Grants that it revoked.
    pub grants_revoked: u64,
}

struct Play {
    stage: Stage,
    tally: Tally,
}

/// Plays turn after turn; ends early where something is wrong.
pub fn run(options: &Options) -> Result<Campaign, Failure> {
    let seed = options.seed.unwrap_or_else(clock::seed);
    eprintln!("seed {seed}: {} rotations …", options.rotations);
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))
            .map_err(|error| Failure::of("signals cannot be caught", error))?;
    }
    let mut play = Play {
        stage: Stage::signed_in()?,
        tally: Tally::default(),
    };
    let began = clock::now();
    let caller = EagerCaller::start(play.stage.home.socket());
    let mut dice = Dice::new(seed);
    let mut wrong = None;
    while wrong.is_none() && play.tally.rotations < options.rotations {
        let turn = Turn::throw(&mut dice);
        wrong = play.turn(&turn).err();
        if interrupted.load(Ordering::Relaxed) {
            wrong = Some(Failure::new("interrupted"));
        }
        let rotations = play.tally.rotations;
        if rotations.is_multiple_of(20) {
            eprintln!("{rotations} rotations, {:.0?}", began.elapsed());
        }
    }
    let seen = caller.seen();
    drop(caller);
    // Before the logout at the end, which revokes the grant.
    let server = ServerSide {
        refreshes: play.stage.server.refreshes(),
        grants_revoked: play.stage.server.grants_revoked(),
    };
    Ok(Campaign {
        seed,
        wanted: options.rotations,
        server,
        wrong: wrong.or_else(|| play.last_check().err()),
        starts: play.stage.starts,
        tally: play.tally,
        seen,
        took: began.elapsed(),
    })
}

impl Play {
    fn turn(&mut self, turn: &Turn) -> Result<(), Failure> {
        for trouble in &turn.troubles {
            match *trouble {
                Trouble::Cut(cut) => {
                    self.cut(cut)?;
                    self.tally.cuts.push(cut);
                }
                Trouble::Kill(kill) => {
                    self.kill(kill)?;
                    self.stage.start();
                    self.tally.kills.push(kill);
                }
            }
        }
        self.grant(turn.grant)?;
        self.tally.rotations += 1;
        Ok(())
    }

    fn cut(&mut self, cut: Cut) -> Result<(), Failure> {
        let stage = &self.stage;
        match cut {
            Cut::Refused => {
                let failures = failures(&stage.daemon);
                stage.gate.refuse().map_err(broken)?;
                stage.daemon.wait_for_log_times(FAILED, failures + 1);
                stage.gate.listen().map_err(broken)
            }
            Cut::AtOnce => stage.connection()?.reset().map_err(broken),
            Cut::HalfRead => stage.connection()?.reset_within().map_err(broken),
            Cut::Read => stage.held()?.reset().map_err(broken),
            Cut::Closed => stage.held()?.close().map_err(broken),
            Cut::HalfPassedOn => stage.held()?.reset_half_way().map_err(broken),
        }
    }

    fn kill(&mut self, kill: Kill) -> Result<(), Failure> {
        let stage = &mut self.stage;
        match kill {
            Kill::Idle(after) => {
                clock::let_pass(after);
                stage.kill();
            }
            Kill::Starting(after) => {
                stage.kill();
                stage.daemon = Daemon::spawn(&stage.home, &[]);
                clock::let_pass(after);
                stage.kill();
            }
            Kill::IntentStored => {
                stage.watch.stored().map_err(broken)?;
                stage.kill();
            }
            Kill::Connected => {
                let connection = stage.connection()?;
                stage.kill();
                drop(connection);
            }
            Kill::Held => {
                let request = stage.held()?;
                stage.kill();
                drop(request);
            }
            Kill::Pausing => {
                let failures = failures(&stage.daemon);
                stage.held()?.reset().map_err(broken)?;
                stage.daemon.wait_for_log_times(FAILED, failures + 1);
                stage.kill();
            }
        }
        Ok(())
    }

    /// Lets the daemon have its tokens, and waits until it has stored them.
    fn grant(&mut self, grant: Grant) -> Result<(), Failure> {
        let stage = &mut self.stage;
        let request = stage.held()?;
        if grant == Grant::Terminated {
            stage.daemon.ask_to_end();
        }
        let answered = request.pass_on().map_err(broken)?;
        if let Some(refusal) = answered.refusal() {
            self.tally.refused = true;
            return Err(Failure::of("the server refuses the refresh", refusal));
        }
        stage.watch.forget();
        answered.give().map_err(broken)?;
        stage.watch.stored().map_err(|error| {
            Failure::of(
                "the new session is not stored",
                format_args!("{error}\n{}", stage.daemon.log()),
            )
        })?;
        match grant {
            Grant::Undisturbed => {}
            Grant::KilledOnceStored => {
                stage.kill();
                stage.start();
                self.tally.kills_once_stored += 1;
            }
            Grant::Terminated => {
                let status = stage.daemon.ended();
                if !status.success() {
                    return Err(Failure::of("a daemon that was told to end", status));
                }
                stage.start();
                self.tally.terminations += 1;
            }
        }
        stage.watch.forget();
        Ok(())
    }

    /// The session is whole at the end, and the user may end it.
    fn last_check(&self) -> Result<(), Failure> {
        let expect = |arguments: &[&str], code| {
            let outcome = self.stage.home.oic_token(arguments);
            match outcome.code == code {
                true => Ok(()),
                false => Err(Failure::of(arguments.join(" "), format!("{outcome:?}"))),
            }
        };
        expect(&["get", "--min-valid", "0"], 0)?;
        expect(&["logout"], 0)?;
        expect(&["get"], 3)
    }
}

fn failures(daemon: &Daemon) -> usize {
    daemon.log().matches(FAILED).count()
}

impl Campaign {
    /// Whether the session was kept, and no other was needed.
    pub fn held(&self) -> bool {
        self.wrong.is_none() && self.sessions_lost() == 0 && self.server.grants_revoked == 0
    }

    /// Sessions lost, of the one there is.
    pub fn sessions_lost(&self) -> u32 {
        u32::from(self.tally.refused || self.seen.login_required.is_some())
    }
}
