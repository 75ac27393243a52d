//! `cargo soak`: one session at a real authorization server, kept through
//! hundreds of rotations while the daemon is killed and its connections are
//! cut.
//!
//! The server is npm's `oidc-provider`, which revokes the whole grant when a
//! refresh token is used twice. Between it and the daemon stands a gate, which
//! knows when a token request is under way: it passes a request on only when
//! the daemon is to have its answer, and everything bad happens before. So no
//! kill and no cut may cost the session, and the grant must live to the end.
//! What happens is thrown from a seed, and the same seed does the same again.
//!
//! `--window` shows the rest: kills after the server has used up the refresh
//! token and before the daemon can have the new one. Nothing can keep such a
//! session; that a login is required has to be said at once.
//!
//! Needs Linux and Node.js. Takes a quarter of an hour, most of it waiting:
//! renewals are three seconds apart at least.
//!
//! | file | holds |
//! |---|---|
//! | `stage.rs` | the server, the gate, a daemon, a user signed in |
//! | `gate.rs` | what stands between the daemon and the server |
//! | `http_message.rs` | as much of HTTP as the gate has to understand |
//! | `watch.rs` | notices when the daemon has stored something |
//! | `caller.rs` | a caller that asks all the time |
//! | `dice.rs`, `turn.rs` | what is to happen before and after each rotation |
//! | `campaign.rs` | makes it happen |
//! | `window.rs` | kills where the session cannot be kept |
//! | `report.rs` | the tables |
//! | `clock.rs` | the only file that reads a clock |

mod caller;
mod campaign;
mod clock;
mod dice;
#[path = "../kills/failure.rs"]
mod failure;
mod gate;
mod http_message;
mod options;
mod report;
mod stage;
#[cfg(test)]
mod tests;
mod turn;
mod watch;
mod window;

use std::process::ExitCode;

use clap::Parser;

use failure::Failure;
use options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("oic-soak: error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything held.
fn run(options: &Options) -> Result<bool, Failure> {
    if let Some(kills) = options.window {
        let window = window::run(kills)?;
        print!("{window}");
        return Ok(window.held());
    }
    let campaign = campaign::run(options)?;
    print!("{campaign}");
    Ok(campaign.held())
}
