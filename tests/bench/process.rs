//! A program as a user pays for it: a whole process, from the call that starts
//! it until it has ended.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use serde::Serialize;

use crate::clock;
use crate::failure::Failure;
use crate::figures::{Distribution, median_ratio};
use crate::stage::Stage;
use crate::system_calls;

/// What each program costs; the one that the others are compared with comes
/// first.
#[derive(Debug, Serialize)]
pub struct ProcessReport {
    /// How often each program was started.
    pub rounds: u32,
    /// The programs.
    pub programs: Vec<ProgramFigures>,
    /// Which did not take part, and why.
    pub left_out: Vec<String>,
}

/// What one program costs.
#[derive(Debug, Serialize)]
pub struct ProgramFigures {
    /// Which.
    pub name: String,
    /// How long it ran.
    #[serde(flatten)]
    pub times: Distribution,
    /// How many times as long as the first, as the median over all rounds.
    pub ratio: f64,
    /// How many system calls it made; `None` without strace.
    pub system_calls: Option<usize>,
    /// How long its file is.
    pub bytes: u64,
}

/// A program that runs against others.
pub struct Contender {
    /// What it is called in the report.
    pub name: String,
    /// Its file.
    pub program: PathBuf,
    /// What it is started with.
    pub arguments: Vec<String>,
    /// What is added to its environment.
    pub environment: Vec<(String, String)>,
    /// The file that is its stdin.
    pub stdin: PathBuf,
    /// What it has to print.
    pub prints: Prints,
}

/// What a program has to print.
pub enum Prints {
    /// This and nothing else.
    Exactly(String),
    /// This, and other things.
    Among(String),
}

/// The stdin of a program that reads nothing.
pub const NOTHING: &str = "/dev/null";

/// Starts each of `contenders` so often, in turn.
pub fn compare(
    stage: &Stage,
    contenders: &[Contender],
    rounds: u32,
) -> Result<ProcessReport, Failure> {
    for contender in contenders {
        contender.check(stage)?;
    }
    let times = times(stage, contenders, rounds)?;
    let mut figures = Vec::new();
    for (contender, times_us) in contenders.iter().zip(&times) {
        figures.push(ProgramFigures {
            name: contender.name.clone(),
            times: Distribution::of(times_us),
            ratio: median_ratio(times_us, &times[0]),
            system_calls: system_calls::count(stage, contender)?,
            bytes: std::fs::metadata(&contender.program).map_or(0, |file| file.len()),
        });
    }
    Ok(ProcessReport {
        rounds,
        programs: figures,
        left_out: Vec::new(),
    })
}

/// Round by round, each program once; the times by program, in microseconds.
/// Each round begins with another program, so that none always runs in the
/// caches that the same one left behind.
fn times(stage: &Stage, contenders: &[Contender], rounds: u32) -> Result<Vec<Vec<f64>>, Failure> {
    let mut commands = Vec::new();
    for contender in contenders {
        commands.push(contender.silent_command(stage)?);
    }
    let mut times = vec![Vec::with_capacity(rounds as usize); contenders.len()];
    for round in 0..rounds as usize {
        for turn in 0..contenders.len() {
            let which = (round + turn) % contenders.len();
            // Read from its beginning each time, and opened before the time counts.
            commands[which].stdin(contenders[which].opened_stdin()?);
            let started = clock::start();
            let status = commands[which].spawn().and_then(|mut child| child.wait());
            let took = started.elapsed();
            let status = status.map_err(|error| contenders[which].failure(error))?;
            if !status.success() {
                return Err(contenders[which].failure(status));
            }
            times[which].push(took.as_secs_f64() * 1e6);
        }
    }
    Ok(times)
}

impl Contender {
    fn command(&self, stage: &Stage) -> Command {
        let mut command = stage.home.command(&self.program);
        command.args(&self.arguments);
        command.envs(self.environment.clone());
        command
    }

    /// Its stdin, from the beginning.
    pub fn opened_stdin(&self) -> Result<File, Failure> {
        File::open(&self.stdin).map_err(|error| Failure::of(self.stdin.display(), error))
    }

    /// With `/dev/null` opened once, so that opening it is not measured.
    pub fn silent_command(&self, stage: &Stage) -> Result<Command, Failure> {
        let null = File::options().write(true).open("/dev/null");
        let mut command = self.command(stage);
        command.stdout(null.map_err(|error| Failure::of("/dev/null does not open", error))?);
        Ok(command)
    }

    /// A program that fails fast must not win.
    pub fn check(&self, stage: &Stage) -> Result<(), Failure> {
        let mut command = self.command(stage);
        let output = command.stdin(self.opened_stdin()?).output();
        let output = output.map_err(|error| self.failure(error))?;
        if !output.status.success() {
            return Err(self.failure(String::from_utf8_lossy(&output.stderr)));
        }
        let printed = String::from_utf8_lossy(&output.stdout);
        let good = match &self.prints {
            Prints::Exactly(expected) => printed == *expected,
            Prints::Among(expected) => printed.contains(expected),
        };
        match good {
            true => Ok(()),
            false => Err(self.failure("it does not print the token")),
        }
    }

    /// What went wrong with it.
    pub fn failure(&self, cause: impl std::fmt::Display) -> Failure {
        Failure::of(format_args!("'{}' fails", self.name), cause)
    }
}
