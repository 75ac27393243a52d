//! Hundreds of client processes at once: a build that starts, a fleet of cron
//! jobs.

use std::collections::VecDeque;
use std::process::Child;

use serde::Serialize;

use crate::clock;
use crate::failure::Failure;
use crate::figures::{median, median_ratio};
use crate::process::Contender;
use crate::stage::Stage;

/// How many processes there are at once.
const AT_ONCE: usize = 512;

/// How many are started in one repeat.
const PROCESSES: usize = 4 * AT_ONCE;

/// What each program makes of a crowd; the floor comes first.
#[derive(Debug, Serialize)]
pub struct CrowdReport {
    /// How many processes were there at once.
    pub at_once: usize,
    /// How many there were in a repeat.
    pub processes: usize,
    /// How often each program had its turn.
    pub repeats: u32,
    /// The programs.
    pub programs: Vec<CrowdFigures>,
}

/// What one program makes of it.
#[derive(Debug, Serialize)]
pub struct CrowdFigures {
    /// Which.
    pub name: String,
    /// How many processes a second, from the first start to the last end; the
    /// median of all repeats.
    pub processes_per_second: f64,
    /// As part of the first program's; the median over all repeats.
    pub ratio: f64,
    /// How many failed, in all repeats.
    pub failed: usize,
}

/// Starts crowds of each of `contenders`, in turn.
pub fn measure(
    stage: &Stage,
    contenders: &[Contender],
    repeats: u32,
) -> Result<CrowdReport, Failure> {
    eprintln!("starting {PROCESSES} processes of each kind, {AT_ONCE} at once, {repeats} times …");
    let mut rates = vec![Vec::new(); contenders.len()];
    let mut failed = vec![0; contenders.len()];
    for _ in 0..repeats {
        for (which, contender) in contenders.iter().enumerate() {
            let crowd = crowd(stage, contender)?;
            rates[which].push(crowd.processes_per_second);
            failed[which] += crowd.failed;
        }
    }
    let figures = contenders.iter().zip(&rates).zip(&failed);
    let programs = figures.map(|((contender, rate), failed)| CrowdFigures {
        name: contender.name.clone(),
        processes_per_second: median(rate),
        ratio: median_ratio(rate, &rates[0]),
        failed: *failed,
    });
    Ok(CrowdReport {
        at_once: AT_ONCE,
        processes: PROCESSES,
        repeats,
        programs: programs.collect(),
    })
}

struct Crowd {
    processes_per_second: f64,
    failed: usize,
}

/// Whoever has ended makes room for the next: the oldest first, as they mostly
/// end in the order in which they were started.
fn crowd(stage: &Stage, contender: &Contender) -> Result<Crowd, Failure> {
    let mut command = contender.silent_command(stage)?;
    let mut running = VecDeque::<Child>::with_capacity(AT_ONCE);
    let mut failed = 0;
    let mut wait = |mut child: Child| match child.wait() {
        Ok(status) => {
            failed += usize::from(!status.success());
            Ok(())
        }
        Err(error) => Err(contender.failure(error)),
    };
    let started = clock::start();
    for _ in 0..PROCESSES {
        if running.len() == AT_ONCE {
            running.pop_front().map_or(Ok(()), &mut wait)?;
        }
        running.push_back(command.spawn().map_err(|error| contender.failure(error))?);
    }
    running.into_iter().try_for_each(&mut wait)?;
    Ok(Crowd {
        processes_per_second: PROCESSES as f64 / started.elapsed().as_secs_f64(),
        failed,
    })
}
