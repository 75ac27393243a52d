//! One `get` as a user pays for it: a whole process, from the call that starts
//! it until it has ended.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Serialize;

use crate::clock;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::figures::{Distribution, median_ratio};
use crate::floor::Programs;
use crate::stage::Stage;
use crate::system_calls;

/// What one `get` costs, program by program; the floor comes first.
#[derive(Debug, Serialize)]
pub struct ProcessReport {
    /// How often each program was started.
    pub rounds: u32,
    /// The programs.
    pub programs: Vec<ProgramFigures>,
}

/// What one program costs.
#[derive(Debug, Serialize)]
pub struct ProgramFigures {
    /// Which.
    pub name: &'static str,
    /// How long it ran.
    #[serde(flatten)]
    pub times: Distribution,
    /// How many times as long as the floor, as the median over all rounds.
    pub ratio: f64,
    /// How many system calls it made; `None` without strace.
    pub system_calls: Option<usize>,
    /// How long its file is.
    pub bytes: u64,
}

struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    /// What it has to print; `None` for a program that prints nothing.
    prints: Option<String>,
}

/// Starts each program `rounds` times, in turn.
pub fn measure(
    stage: &Stage,
    programs: &Programs,
    exchange: &Exchange,
    rounds: u32,
) -> Result<ProcessReport, Failure> {
    eprintln!("starting {rounds} processes of each kind …");
    let contenders = contenders(stage, programs, exchange);
    for contender in &contenders {
        contender.check(stage)?;
    }
    let times = times(stage, &contenders, rounds)?;
    let mut figures = Vec::new();
    for (contender, times_us) in contenders.iter().zip(&times) {
        figures.push(ProgramFigures {
            name: contender.name,
            times: Distribution::of(times_us),
            ratio: median_ratio(times_us, &times[0]),
            system_calls: system_calls::count(stage, &contender.program, &contender.arguments)?,
            bytes: std::fs::metadata(&contender.program).map_or(0, |file| file.len()),
        });
    }
    Ok(ProcessReport {
        rounds,
        programs: figures,
    })
}

fn contenders(stage: &Stage, programs: &Programs, exchange: &Exchange) -> Vec<Contender> {
    let floor = |name, program| Contender {
        name,
        program,
        arguments: exchange.floor_client_arguments(&stage.home.socket()),
        prints: Some(format!("{}\n", exchange.token)),
    };
    vec![
        floor("C, static", programs.static_client()),
        Contender {
            name: "oic-token get",
            program: oic_tests::harness::binary("oic-token"),
            arguments: vec!["get".to_owned()],
            prints: Some(format!("{}\n", exchange.token)),
        },
        floor("C, dynamic", programs.dynamic_client()),
        Contender {
            name: "/bin/true",
            program: PathBuf::from("/bin/true"),
            arguments: Vec::new(),
            prints: None,
        },
    ]
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
        command
    }

    /// With `/dev/null` opened once, so that opening it is not measured.
    fn silent_command(&self, stage: &Stage) -> Result<Command, Failure> {
        let null = |read: bool| {
            let file = File::options().read(read).write(!read).open("/dev/null");
            file.map_err(|error| Failure::of("/dev/null does not open", error))
        };
        let mut command = self.command(stage);
        command.stdin(null(true)?).stdout(null(false)?);
        Ok(command)
    }

    /// A program that fails fast must not win.
    fn check(&self, stage: &Stage) -> Result<(), Failure> {
        let mut command = self.command(stage);
        let output = command.stdin(Stdio::null()).output();
        let output = output.map_err(|error| self.failure(error))?;
        if !output.status.success() {
            return Err(self.failure(String::from_utf8_lossy(&output.stderr)));
        }
        match &self.prints {
            Some(prints) if output.stdout != prints.as_bytes() => {
                Err(self.failure("it does not print the token"))
            }
            _ => Ok(()),
        }
    }

    fn failure(&self, cause: impl std::fmt::Display) -> Failure {
        Failure::of(format_args!("'{}' fails", self.name), cause)
    }
}
