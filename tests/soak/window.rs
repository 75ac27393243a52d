//! Kills where the session cannot be kept: the server has used up the refresh
//! token, and its answer has not reached the daemon.

use std::time::Duration;

use crate::clock;
use crate::failure::Failure;
use crate::stage::{Stage, broken};

/// All these kills.
#[derive(Debug)]
pub struct Window {
    /// What came of each.
    pub shots: Vec<Shot>,
    /// Grants that the server revoked.
    pub grants_revoked: u64,
}

/// What came of one kill.
#[derive(Debug)]
pub struct Shot {
    /// How long after the process was started again it served.
    pub ready: Duration,
    /// How long after it was started again a caller heard that a login is
    /// required.
    pub said: Duration,
    /// The exit code that the caller got: 3 is that of a login required.
    pub code: i32,
    /// What it was told.
    pub message: String,
}

/// Kills as many times, and signs in anew after each.
pub fn run(kills: u32) -> Result<Window, Failure> {
    let mut stage = Stage::signed_in()?;
    let mut shots = Vec::new();
    for number in 1..=kills {
        eprintln!("kill {number} of {kills} …");
        shots.push(shoot(&mut stage)?);
        stage.sign_in()?;
    }
    Ok(Window {
        shots,
        grants_revoked: stage.server.grants_revoked(),
    })
}

fn shoot(stage: &mut Stage) -> Result<Shot, Failure> {
    let answered = stage.held()?.pass_on().map_err(broken)?;
    if let Some(refusal) = answered.refusal() {
        return Err(Failure::of("the server refuses the refresh", refusal));
    }
    stage.kill();
    drop(answered);

    let started = clock::now();
    stage.start();
    let ready = started.elapsed();
    // The refresh token is tried once more: the daemon cannot know.
    let again = stage.held()?.pass_on().map_err(broken)?;
    again.give().map_err(broken)?;
    let get = stage.home.oic_token(&["get", "--min-valid", "3"]);
    Ok(Shot {
        ready,
        said: started.elapsed(),
        code: get.code,
        message: get.stderr.trim_end().to_owned(),
    })
}

impl Window {
    /// Whether each caller was told at once that a login is required.
    pub fn held(&self) -> bool {
        self.shots.iter().all(|shot| shot.code == 3)
    }
}
