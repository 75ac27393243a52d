//! The tables for people and the JSON for programs.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::client::ClientReport;
use crate::crowd::{CrowdFigures, CrowdReport};
use crate::failure::Failure;
use crate::helpers::HelpersReport;
use crate::process::{ProcessReport, ProgramFigures};
use crate::profiles::ProfilesReport;
use crate::requests::{Habit, RequestsReport};
use crate::rest::{Memory, RestReport};
use crate::scheduler::SchedulerReport;
use crate::stampede::StampedeReport;

/// All figures of one run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What else bears on them.
    pub machine: Machine,
    /// What a client costs; `None` where it was not measured.
    #[serde(flatten)]
    pub client: Option<ClientReport>,
    /// What a request costs; `None` likewise.
    #[serde(flatten)]
    pub speed: Option<Speed>,
    /// What a credential helper costs; `None` likewise.
    pub helpers: Option<HelpersReport>,
    /// How large the daemon may become; `None` likewise.
    #[serde(flatten)]
    pub size: Option<Size>,
}

/// What a request costs.
#[derive(Debug, Serialize)]
pub struct Speed {
    /// Requests a second.
    pub requests: RequestsReport,
    /// Memory and wake-ups while nobody asks.
    pub rest: RestReport,
}

/// How large the daemon may become.
#[derive(Debug, Serialize)]
pub struct Size {
    /// A thousand profiles.
    pub profiles: ProfilesReport,
    /// Ten thousand callers.
    pub stampede: StampedeReport,
    /// A hundred thousand profiles.
    pub scheduler: SchedulerReport,
}

/// What bears on the figures.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// How many processors there are.
    pub processors: usize,
    /// How many processes wanted to run in the last minute, before the bench
    /// started any: much above zero, and the figures are noise.
    pub load_average: f64,
}

impl Machine {
    /// The machine as it is now.
    pub fn look() -> Self {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().and_then(|load| load.parse().ok());
        Self {
            processors: std::thread::available_parallelism().map_or(0, Into::into),
            load_average: load.unwrap_or(f64::NAN),
        }
    }
}

impl Report {
    /// Writes the figures to `file`, as JSON.
    pub fn write_json(&self, file: &Path) -> Result<(), Failure> {
        let failed = |cause: String| Failure::of(file.display(), cause);
        let json = serde_json::to_string_pretty(self).map_err(|error| failed(error.to_string()))?;
        fs::write(file, json + "\n").map_err(|error| failed(error.to_string()))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine {
            processors,
            load_average,
        } = self.machine;
        writeln!(
            f,
            "{processors} processors; load average before the start {load_average:.2}\n"
        )?;
        if let Some(ClientReport { process, crowd }) = &self.client {
            writeln!(f, "{process}\n{crowd}")?;
        }
        if let Some(Speed { requests, rest }) = &self.speed {
            writeln!(f, "{requests}\n{rest}")?;
        }
        if let Some(size) = &self.size {
            let Size {
                profiles,
                stampede,
                scheduler,
            } = size;
            writeln!(f, "{profiles}\n{stampede}\n{scheduler}")?;
        }
        if let Some(helpers) = &self.helpers {
            write!(f, "{helpers}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ProcessReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "1. One get, as a whole process: {} rounds, interleaved; µs\n",
            self.rounds
        )?;
        self.table(f)
    }
}

impl fmt::Display for HelpersReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "6. Credential helpers, each as a whole process: {} rounds, interleaved; µs\n",
            self.0.rounds
        )?;
        self.0.table(f)
    }
}

impl fmt::Display for CrowdReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "7. {} processes, {} at once: medians of {} repeats, interleaved\n",
            self.processes, self.at_once, self.repeats
        )?;
        writeln!(
            f,
            "{:<27} {:>12} {:>12} {:>8}",
            "", "processes/s", "× C, static", "failed"
        )?;
        for program in &self.programs {
            let CrowdFigures {
                name,
                processes_per_second,
                ratio,
                failed,
            } = program;
            writeln!(
                f,
                "{name:<27} {processes_per_second:>12.0} {ratio:>12.3} {failed:>8}"
            )?;
        }
        Ok(())
    }
}

impl ProcessReport {
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |program: &ProgramFigures| program.name.len();
        let width = self.programs.iter().map(width).max().unwrap_or_default();
        let first = self.programs.first();
        let first = first.map_or(String::new(), |program| format!("× {}", program.name));
        writeln!(
            f,
            "{:<width$} {:>8} {:>8} {:>8} {:>8} {first:>15} {:>13} {:>9}",
            "", "min", "median", "p95", "p99", "system calls", "KiB"
        )?;
        for program in &self.programs {
            let times = &program.times;
            writeln!(
                f,
                "{:<width$} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {:>15.3} {:>13} {:>9}",
                program.name,
                times.min_us,
                times.median_us,
                times.p95_us,
                times.p99_us,
                program.ratio,
                or_dash(program.system_calls),
                program.bytes / 1024,
            )?;
        }
        if self.programs.iter().any(|it| it.system_calls.is_none()) {
            writeln!(f, "strace is not installed: no system calls were counted")?;
        }
        for line in &self.left_out {
            writeln!(f, "not measured: {line}")?;
        }
        Ok(())
    }
}

impl fmt::Display for RequestsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "2. Requests: medians of {} repeats of {} s, interleaved; µs\n\n\
             {:<15} {:^28}   {:^28}   {:^22}\n\
             {:<15} {:>8} {:>9} {:>9}   {:>8} {:>9} {:>9}   {:>6} {:>7} {:>7}",
            self.repeats,
            self.seconds,
            "connections",
            "oic-tokend",
            "C, epoll",
            "× C, epoll",
            "",
            "req/s",
            "p50",
            "p99",
            "req/s",
            "p50",
            "p99",
            "req/s",
            "p50",
            "p99"
        )?;
        for load in &self.loads {
            let (ours, floor, ratio) = (&load.daemon, &load.floor, &load.ratio);
            let habit = match load.habit {
                Habit::Kept => "kept open",
                Habit::Fresh => "one each",
            };
            writeln!(
                f,
                "{:<15} {:>8.0} {:>9.1} {:>9.1}   {:>8.0} {:>9.1} {:>9.1}   {:>6.2} {:>7.2} {:>7.2}",
                format!("{:>4} {habit}", load.connections),
                ours.requests_per_second,
                ours.p50_us,
                ours.p99_us,
                floor.requests_per_second,
                floor.p50_us,
                floor.p99_us,
                ratio.requests_per_second,
                ratio.p50_us,
                ratio.p99_us,
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for RestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "3. At rest, with one live session that was renewed once; KiB\n\n\
             {:<51} {:>8} {:>8} {:>14}",
            "", "RSS", "PSS", "private dirty"
        )?;
        for server in &self.servers {
            let after = format!(
                "{}, after {} connections came and went",
                server.name, self.crowd
            );
            memory_row(f, server.name, &server.fresh)?;
            memory_row(f, &after, &server.after_crowd)?;
        }
        if let [daemon, floor] = &self.servers[..] {
            let ratio = |ours: &Memory, floor: &Memory| match (ours.pss_kib, floor.pss_kib) {
                (Some(ours), Some(floor)) => format!("{:.2}", ours as f64 / floor as f64),
                _ => "-".to_owned(),
            };
            writeln!(
                f,
                "PSS × C, epoll: {}; afterwards {}",
                ratio(&daemon.fresh, &floor.fresh),
                ratio(&daemon.after_crowd, &floor.after_crowd)
            )?;
        }
        for server in &self.servers {
            let wake_ups = &server.wake_ups;
            writeln!(
                f,
                "wake-ups in {} s, {}: {} voluntary, {} involuntary; {} threads, {} ended meanwhile",
                self.idle_seconds,
                server.name,
                wake_ups.voluntary,
                wake_ups.involuntary,
                wake_ups.threads,
                wake_ups.threads_ended,
            )?;
        }
        Ok(())
    }
}

fn memory_row(f: &mut fmt::Formatter<'_>, name: &str, memory: &Memory) -> fmt::Result {
    writeln!(
        f,
        "{name:<51} {:>8} {:>8} {:>14}",
        memory.rss_kib,
        or_dash(memory.pss_kib),
        or_dash(memory.private_dirty_kib),
    )
}

/// A figure, or what stands for none.
pub fn or_dash(figure: Option<impl ToString>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| figure.to_string())
}
