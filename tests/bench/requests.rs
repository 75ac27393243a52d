//! Requests a second, and how long one waits, over many connections.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::figures::{median, median_ratio};
use crate::floor::Programs;
use crate::options::Options;
use crate::rest::Server;

/// How many connections ask at once.
const CONNECTIONS: [u32; 4] = [1, 64, 512, 4096];

/// What connections do once they are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Habit {
    /// Ask again.
    Kept,
    /// Make room for a new one: what `oic-token` does.
    Fresh,
}

/// The daemon beside the floor, load by load.
#[derive(Debug, Serialize)]
pub struct RequestsReport {
    /// How often each load was put on each server.
    pub repeats: u32,
    /// How long, in seconds.
    pub seconds: u32,
    /// The loads.
    pub loads: Vec<LoadFigures>,
}

/// The daemon beside the floor under one load.
#[derive(Debug, Serialize)]
pub struct LoadFigures {
    /// What connections do once they are answered.
    pub habit: Habit,
    /// How many there are at once.
    pub connections: u32,
    /// The daemon; each figure the median of all repeats.
    pub daemon: Served,
    /// The floor; likewise.
    pub floor: Served,
    /// The daemon's figures as parts of the floor's; each the median over all
    /// repeats.
    pub ratio: Served,
}

/// How one server did, or two beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Served {
    /// Requests answered in a second.
    pub requests_per_second: f64,
    /// Half of the answers took no longer, in microseconds.
    pub p50_us: f64,
    /// 99 of 100 answers took no longer, in microseconds.
    pub p99_us: f64,
}

/// Puts every load on both servers in turn.
pub fn measure(
    programs: &Programs,
    daemon: &Server,
    floor: &Server,
    options: &Options,
) -> Result<RequestsReport, Failure> {
    let mut loads = Vec::new();
    for habit in [Habit::Kept, Habit::Fresh] {
        for connections in CONNECTIONS {
            eprintln!("{connections} connections, {} …", habit.name());
            let load = Load {
                habit,
                connections,
                seconds: options.load_seconds,
            };
            loads.push(load.compare(programs, daemon, floor, options.repeats)?);
        }
    }
    Ok(RequestsReport {
        repeats: options.repeats,
        seconds: options.load_seconds,
        loads,
    })
}

/// A load that can be put on a server.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// What connections do once they are answered.
    pub habit: Habit,
    /// How many there are at once.
    pub connections: u32,
    /// How long it lasts, in seconds.
    pub seconds: u32,
}

impl Load {
    /// Puts it on the server at `socket`.
    pub fn put_on(self, programs: &Programs, socket: &Path) -> Result<Served, Failure> {
        let failed = |cause: String| Failure::of(format_args!("{self:?} fails"), cause);
        let output = programs
            .load_on(socket)
            .arg(self.connections.to_string())
            .arg(self.seconds.to_string())
            .arg(self.habit.name())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(failed(format!("{}; {}", output.status, said.trim_end())));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
    }

    fn compare(
        self,
        programs: &Programs,
        daemon: &Server,
        floor: &Server,
        repeats: u32,
    ) -> Result<LoadFigures, Failure> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for repeat in 0..repeats {
            // In turn first and second, in case the first has it easier.
            if repeat % 2 == 0 {
                ours.push(self.put_on(programs, &daemon.socket)?);
                theirs.push(self.put_on(programs, &floor.socket)?);
            } else {
                theirs.push(self.put_on(programs, &floor.socket)?);
                ours.push(self.put_on(programs, &daemon.socket)?);
            }
        }
        Ok(LoadFigures {
            habit: self.habit,
            connections: self.connections,
            daemon: Served::of_each(|field| median(&field.of_all(&ours))),
            floor: Served::of_each(|field| median(&field.of_all(&theirs))),
            ratio: Served::of_each(|field| {
                median_ratio(&field.of_all(&ours), &field.of_all(&theirs))
            }),
        })
    }
}

impl Habit {
    /// As the load generator knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Fresh => "fresh",
        }
    }
}

/// One of the figures of [`Served`].
struct Field(fn(&Served) -> f64);

impl Field {
    fn of_all(&self, served: &[Served]) -> Vec<f64> {
        served.iter().map(self.0).collect()
    }
}

impl Served {
    fn of_each(figure: impl Fn(Field) -> f64) -> Self {
        Self {
            requests_per_second: figure(Field(|served| served.requests_per_second)),
            p50_us: figure(Field(|served| served.p50_us)),
            p99_us: figure(Field(|served| served.p99_us)),
        }
    }
}
