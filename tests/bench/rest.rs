//! What a server costs while nobody asks: memory and wake-ups, as the kernel
//! counts them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::clock;
use crate::failure::Failure;
use crate::floor::Programs;
use crate::requests::{Habit, Load};

/// How long a server is left alone before it counts as at rest: longer than
/// tokio keeps a thread that it has no work for, which is ten seconds.
pub const SETTLING: Duration = Duration::from_secs(12);

/// Many callers come and go between the two looks at the memory.
const CROWD: Load = Load {
    habit: Habit::Kept,
    connections: 4096,
    seconds: 1,
};

/// A running server, the daemon or the floor.
pub struct Server {
    name: &'static str,
    pid: u32,
    /// Where it listens.
    pub socket: PathBuf,
}

/// The servers at rest.
#[derive(Debug, Serialize)]
pub struct RestReport {
    /// How long wake-ups were counted, in seconds.
    pub idle_seconds: u32,
    /// How many connections were opened and closed between the two looks.
    pub crowd: u32,
    /// The servers; the floor comes last.
    pub servers: Vec<RestFigures>,
}

/// One server at rest.
#[derive(Debug, Serialize)]
pub struct RestFigures {
    /// Which.
    pub name: &'static str,
    /// While it has served a handful of callers.
    pub fresh: Memory,
    /// After the crowd has come and gone.
    pub after_crowd: Memory,
    /// How often its threads ran while nobody asked.
    pub wake_ups: WakeUps,
}

/// A process's memory, in KiB.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Memory {
    /// Resident, pages shared with others included.
    pub rss_kib: u64,
    /// Resident, each shared page divided among its users. `None` if the
    /// kernel does not let us see it: the process hides from its own user.
    pub pss_kib: Option<u64>,
    /// Written to, and nobody else's. `None` likewise.
    pub private_dirty_kib: Option<u64>,
}

/// How often the threads of a process were switched away from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WakeUps {
    /// Because they had nothing more to do: each is the end of one wake-up.
    pub voluntary: u64,
    /// Because another thread's turn had come.
    pub involuntary: u64,
    /// Threads at the end.
    pub threads: usize,
    /// Threads that ended meanwhile, with their last wake-up uncounted.
    pub threads_ended: usize,
}

/// The context switches of each thread so far.
pub type Switches = BTreeMap<u32, (u64, u64)>;

impl Server {
    /// The server with this process id, which listens at `socket`.
    pub const fn new(name: &'static str, pid: u32, socket: PathBuf) -> Self {
        Self { name, pid, socket }
    }
}

/// Looks at the servers at rest, before and after many connections.
pub fn measure(
    servers: &[Server],
    programs: &Programs,
    idle_seconds: u32,
) -> Result<RestReport, Failure> {
    eprintln!("leaving the servers alone for {idle_seconds} s …");
    clock::let_pass(SETTLING);
    let before = all(servers, switches)?;
    clock::let_pass(Duration::from_secs(idle_seconds.into()));
    let after = all(servers, switches)?;
    let fresh = all(servers, memory)?;

    eprintln!("{} connections come and go …", CROWD.connections);
    for server in servers {
        CROWD.put_on(programs, &server.socket)?;
    }
    clock::let_pass(SETTLING);
    let after_crowd = all(servers, memory)?;

    let wake_ups = before.iter().zip(&after);
    let wake_ups = wake_ups.map(|(before, after)| WakeUps::between(before, after));
    let figures = servers.iter().zip(wake_ups).zip(fresh).zip(after_crowd);
    let figures = figures.map(|(((server, wake_ups), fresh), after_crowd)| RestFigures {
        name: server.name,
        fresh,
        after_crowd,
        wake_ups,
    });
    Ok(RestReport {
        idle_seconds,
        crowd: CROWD.connections,
        servers: figures.collect(),
    })
}

fn all<T>(
    servers: &[Server],
    look: impl Fn(&Path) -> std::io::Result<T>,
) -> Result<Vec<T>, Failure> {
    let looks = servers.iter().map(|server| {
        let process = PathBuf::from(format!("/proc/{}", server.pid));
        look(&process).map_err(|error| {
            Failure::of(format_args!("{} cannot be looked at", server.name), error)
        })
    });
    looks.collect()
}

/// The memory of the process with this folder in `/proc`.
pub fn memory(process: &Path) -> std::io::Result<Memory> {
    let status = fs::read_to_string(process.join("status"))?;
    // A daemon that holds secrets keeps its own user out of this file.
    let rollup = fs::read_to_string(process.join("smaps_rollup")).unwrap_or_default();
    Ok(Memory {
        rss_kib: field(&status, "VmRSS:").unwrap_or_default(),
        pss_kib: field(&rollup, "Pss:"),
        private_dirty_kib: field(&rollup, "Private_Dirty:"),
    })
}

fn switches(process: &Path) -> std::io::Result<Switches> {
    let mut switches = Switches::new();
    for thread in fs::read_dir(process.join("task"))? {
        let thread = thread?;
        let Some(id) = thread.file_name().to_str().and_then(|id| id.parse().ok()) else {
            continue;
        };
        // A thread may end while it is looked at.
        let Ok(status) = fs::read_to_string(thread.path().join("status")) else {
            continue;
        };
        let voluntary = field(&status, "voluntary_ctxt_switches:").unwrap_or_default();
        let involuntary = field(&status, "nonvoluntary_ctxt_switches:").unwrap_or_default();
        switches.insert(id, (voluntary, involuntary));
    }
    Ok(switches)
}

impl WakeUps {
    /// What happened between two looks at the same process.
    pub fn between(before: &Switches, after: &Switches) -> Self {
        let (mut voluntary, mut involuntary) = (0, 0);
        for (thread, now) in after {
            let then = before.get(thread).copied().unwrap_or_default();
            voluntary += now.0 - then.0;
            involuntary += now.1 - then.1;
        }
        let ended = before.keys().filter(|thread| !after.contains_key(thread));
        Self {
            voluntary,
            involuntary,
            threads: after.len(),
            threads_ended: ended.count(),
        }
    }
}

/// The number behind `name` at the start of a line, as the kernel writes it.
pub fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
