//! Renewals on a disk that refuses or hangs: the token is handed out, the old
//! session stays whole, `status` and the log say what is wrong, and once the
//! disk is well the new session is on it.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;

use oic_tests::harness::{Daemon, Home, Outcome};
use serde_json::Value;

use crate::failure::Failure;
use crate::options::Options;
use crate::stage::Stage;
use crate::strace::Strace;
use crate::workers;

/// One way for a disk to fail: while the intent is written, while the session
/// is, and when that is tried again for the first time; or it only hangs.
pub struct Fault {
    /// What users would say.
    name: &'static str,
    /// What strace does to which system call.
    inject: &'static str,
    place: Place,
    /// How many system calls go wrong.
    times: usize,
    /// How many writes have succeeded when the new session is on the disk.
    writes: usize,
}

/// What is faulty.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The file that a session is written to.
    File,
    /// The folder that it is renamed in.
    Folder,
}

const fn failing(name: &'static str, inject: &'static str, place: Place) -> Fault {
    Fault {
        name,
        inject,
        place,
        times: 3,
        writes: 1,
    }
}

const FAULTS: [Fault; 8] = [
    failing(
        "write: disk full",
        "write:error=ENOSPC:when=1..3",
        Place::File,
    ),
    failing(
        "open: read-only",
        "?open,openat:error=EROFS:when=1..3",
        Place::File,
    ),
    failing(
        "open: not allowed",
        "?open,openat:error=EACCES:when=1..3",
        Place::File,
    ),
    failing(
        "look at the file: EIO",
        "?statx,?fstat,?newfstatat:error=EIO:when=1..3",
        Place::File,
    ),
    failing(
        "sync of the file: EIO",
        "fsync:error=EIO:when=1..3",
        Place::File,
    ),
    failing(
        "rename: EIO",
        "?rename,?renameat,?renameat2:error=EIO:when=1..3",
        Place::File,
    ),
    failing(
        "sync of the folder: EIO",
        "fsync:error=EIO:when=1..3",
        Place::Folder,
    ),
    // Longer than the daemon waits for the intent and for the session together.
    Fault {
        name: "sync hangs for 15 s",
        inject: "fsync:delay_enter=15000000:when=1",
        place: Place::File,
        times: 1,
        writes: 2,
    },
];

/// What the daemon logs when the new session is on the disk at last.
const IS_OVER: &str = "the disk holds what it should again";

/// What came of each fault.
pub struct Faults(Vec<(&'static str, Result<Findings, Failure>)>);

/// What a renewal on a faulty disk came to.
pub struct Findings {
    handed_out: bool,
    /// The session's file is whole.
    whole: bool,
    /// `status` says what is wrong.
    status: bool,
    /// The log does, as an error, and says when that is over.
    log: bool,
    /// The new session came to the disk, and `status` is quiet again.
    stored: bool,
    /// A daemon killed and started again hands out the same token, and can
    /// renew it.
    restarted: bool,
}

/// Renews on each kind of faulty disk.
pub fn run(options: &Options) -> Result<Faults, Failure> {
    eprintln!("renewing on {} faulty disks …", FAULTS.len());
    let broken = |_: &Fault, panic| Err(Failure::of("the check breaks down", panic));
    let found = workers::each(options.jobs, &FAULTS, renew, broken)?;
    let names = FAULTS.iter().map(|fault| fault.name);
    Ok(Faults(names.zip(found).collect()))
}

fn renew(fault: &Fault) -> Result<Findings, Failure> {
    let mut stage = Stage::signed_in()?;
    let strace = fault.begin(&stage)?;
    let renewed = stage.get_renewed();
    let whole = session_is_whole(&stage)?;
    let status = stage.home.oic_token(&["status"]);
    let status = status.stdout.contains("not_stored") && says_not_stored(&stage);
    let log = stage.daemon.log().contains("ERROR");
    let folder = format!("<{}>)", stage.home.state().display());
    let stored = strace.wait_for(fault.writes, |line| {
        line.contains(" fsync(") && line.contains(&folder) && line.contains(" = 0 ")
    });
    if !strace.wait_for(fault.times, is_faulty) {
        return Err(Failure::new("strace did not make the disk fail"));
    }
    drop(strace);
    stage.daemon.wait_for_log(IS_OVER);
    let stored = stored && !says_not_stored(&stage);
    Ok(Findings {
        handed_out: renewed.code == 0,
        whole,
        status,
        log,
        stored,
        restarted: survives(&mut stage, &renewed),
    })
}

/// What strace writes behind a call that it has meddled with.
fn is_faulty(line: &str) -> bool {
    line.contains(" (INJECTED)") || line.contains(" (DELAYED)")
}

/// `status --json` says so as well: the field is there for programs.
fn says_not_stored(stage: &Stage) -> bool {
    let status = stage.home.oic_token(&["status", "--json"]).stdout;
    let status: Value = serde_json::from_str(&status).unwrap_or_default();
    status["profiles"][0]["last_error"]["code"] == "not_stored"
}

/// Whether the file holds all of a session, the old or the new one: a daemon
/// with a copy of it is signed in. That one is kept away from the domain, where
/// it would use up the refresh token of the other.
fn session_is_whole(stage: &Stage) -> Result<bool, Failure> {
    let failed = |error: io::Error| Failure::of("the session is not copied", error);
    let config = fs::read_to_string(stage.home.config()).map_err(failed)?;
    let elsewhere = config.lines().map(|line| match line.split_once('=') {
        Some((key, _)) if key.trim() == "domain" => NOBODYS_DOMAIN,
        _ => line,
    });
    let lines = Vec::from_iter(["copied_sessions = \"use\""].into_iter().chain(elsewhere));
    let other = Home::new(&lines.join("\n"));
    DirBuilder::new()
        .mode(0o700)
        .create(other.state())
        .map_err(failed)?;
    for name in ["sim.session", "key"] {
        let copied = fs::copy(stage.home.state().join(name), other.state().join(name));
        copied.map_err(failed)?;
    }
    let _daemon = Daemon::start(&other);
    let status = other.oic_token(&["status", "--json"]).stdout;
    let status: Value = serde_json::from_str(&status).unwrap_or_default();
    Ok(status["profiles"][0]["state"] == "signed_in")
}

/// Nothing listens there (RFC 863).
const NOBODYS_DOMAIN: &str = "domain = \"http://127.0.0.1:9\"";

fn survives(stage: &mut Stage, renewed: &Outcome) -> bool {
    stage.restart();
    stage.home.oic_token(&["get"]).stdout == renewed.stdout && stage.get_renewed().code == 0
}

impl Fault {
    /// From when this returns, the disk of the stage's daemon is faulty.
    fn begin(&self, stage: &Stage) -> Result<Strace, Failure> {
        let state = stage.home.state();
        let mut options = vec![
            "-f".to_owned(),
            format!("--inject={}", self.inject),
            format!("--trace-path={}", state.display()),
        ];
        if self.place == Place::File {
            let file = state.join(".sim.session.new");
            options.push(format!("--trace-path={}", file.display()));
        }
        Strace::attach(&stage.home, stage.daemon.pid(), &options)
    }
}

impl Faults {
    /// Whether everything was as it should be, on every disk.
    pub fn held(&self) -> bool {
        let mut found = self.0.iter();
        found.all(|(_, found)| found.as_ref().is_ok_and(|it| it.all().iter().all(|it| *it)))
    }
}

impl Findings {
    /// In the order of the table's columns.
    fn all(&self) -> [bool; 6] {
        [
            self.handed_out,
            self.whole,
            self.status,
            self.log,
            self.stored,
            self.restarted,
        ]
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nrenewal on a disk         handed   session  status   log      stored   restart"
        )?;
        writeln!(
            f,
            "with this fault           out      whole    says so  says so  later    proves it"
        )?;
        for (name, found) in &self.0 {
            match found {
                Ok(findings) => {
                    write!(f, "{name:<25}")?;
                    for held in findings.all() {
                        write!(f, " {:<8}", if held { "yes" } else { "NO" })?;
                    }
                    writeln!(f)?;
                }
                Err(failure) => writeln!(f, "WRONG: {name}: {failure}")?,
            }
        }
        Ok(())
    }
}
