//! One renewal that is traced, or killed and judged.

use std::fmt;
use std::time::Duration;

use oic_tests::harness::Outcome;

use crate::clock;
use crate::failure::Failure;
use crate::stage::{Stage, Threads};
use crate::step::{Progress, Step};
use crate::strace::Strace;
use crate::trace::{self, Call, Thread};

/// `oic-token`'s exit codes.
const DONE: i32 = 0;
const LOGIN_REQUIRED: i32 = 3;

/// Within this time after the start a lost login is said "at once": less than
/// the five seconds that a forced refresh may have to wait.
const AT_ONCE: Duration = Duration::from_secs(4);

/// How often a renewal is repeated that came out otherwise than it was to:
/// threads that wake each other take turns by chance.
const TRIES_MAX: u32 = 4;

const PARTIAL: &str = "the daemon starts more threads than are traced, every time";

/// Where a daemon is killed.
#[derive(Debug, Clone)]
pub struct Aim {
    /// In which thread.
    pub thread: Thread,
    /// As it enters which system call.
    pub name: String,
    /// For the how-manieth time since the trace began, from 1.
    pub number: usize,
}

/// A renewal and the system calls that made it.
pub struct Traced {
    /// Of all threads.
    pub calls: Vec<Call>,
    /// How far they came.
    pub progress: Progress,
}

/// What came of one kill.
#[derive(Debug)]
pub struct Kill {
    /// Which step was under way.
    pub step: Step,
    /// Whether it died at the call that was aimed at.
    pub hit: bool,
    /// What became of the session.
    pub session: Session,
}

/// What became of a session.
#[derive(Debug)]
pub enum Session {
    /// Signed in, and the next refresh worked.
    Kept,
    /// Lost where that cannot be helped, and said so this long after the start.
    Lost(Duration),
}

/// Traces a whole renewal.
pub fn trace() -> Result<Traced, Failure> {
    for _ in 0..TRIES_MAX {
        let mut stage = Stage::signed_in()?;
        let (traced, caller) = renew(&mut stage, None)?;
        if caller.code != DONE {
            return Err(Failure::of("a traced renewal fails", caller.stderr.trim()));
        }
        match traced.progress.under_way() {
            _ if traced.is_partial() => {}
            Step::Afterwards => return Ok(traced),
            step => {
                return Err(Failure::new(format!(
                    "a renewal does not make the step '{step}', or not in its place"
                )));
            }
        }
    }
    Err(Failure::new(PARTIAL))
}

/// Kills a daemon there, and judges what is left. One that missed is repeated;
/// the first that is wrong counts.
pub fn kill(aim: &Aim) -> Result<Kill, Failure> {
    let mut missed = None;
    for _ in 0..TRIES_MAX {
        let mut stage = Stage::signed_in()?;
        let (traced, caller) = renew(&mut stage, Some(aim))?;
        if traced.is_partial() {
            continue;
        }
        let kill = Kill {
            step: traced.progress.under_way(),
            hit: aim.is_hit(&traced.calls),
            session: judge(&mut stage, &traced.progress, &caller)?,
        };
        if kill.hit {
            return Ok(kill);
        }
        missed = Some(kill);
    }
    missed.ok_or(Failure::new(PARTIAL))
}

/// Lets a renewal take place for a caller that waits for it. When this
/// returns, the daemon is dead, by the kill or after the renewal.
fn renew(stage: &mut Stage, aim: Option<&Aim>) -> Result<(Traced, Outcome), Failure> {
    let Threads { main, disk } = stage.threads()?;
    let attach = |thread: Thread, id: u32| {
        let aim = aim.filter(|aim| aim.thread == thread);
        let kill = aim.map(|aim| format!("--inject={}:signal=KILL:when={}", aim.name, aim.number));
        Strace::attach(&stage.home, id, kill.as_slice())
    };
    let of_main = attach(Thread::Main, main)?;
    let of_disk = attach(Thread::Disk, disk)?;
    let caller = stage.get_renewed();
    if caller.code == DONE {
        // The token may have arrived before the call that sent it has ended.
        of_main.wait_for(1, has_read_end);
    }
    stage.daemon.kill();
    let mut calls = trace::parse(Thread::Main, &of_main.finish()?);
    calls.extend(trace::parse(Thread::Disk, &of_disk.finish()?));
    let progress = Progress::of(&calls, &stage.home.state());
    Ok((Traced { calls, progress }, caller))
}

/// Whether a caller was seen to hang up: after it has its token.
fn has_read_end(line: &str) -> bool {
    (line.contains(" recvfrom(") || line.contains(" read(")) && line.contains(" = 0 <")
}

/// What became of the session; a failure, with the log, if that should not be.
fn judge(stage: &mut Stage, progress: &Progress, caller: &Outcome) -> Result<Session, Failure> {
    let rotated = stage.has_rotated(progress.has(Step::RequestSent));
    let unavoidable = rotated && !progress.has(Step::SessionWritten);
    let started = clock::start();
    stage.restart();
    let handed_out = if caller.code == DONE {
        check_handed_out(stage, progress, caller)
    } else {
        Ok(())
    };
    let renewed = stage.get_renewed();
    let session = handed_out.and_then(|()| match renewed.code {
        DONE if stage.refresh_statuses().iter().all(|it| *it == Some(200)) => Ok(Session::Kept),
        LOGIN_REQUIRED if unavoidable => lost(started.elapsed()),
        code => {
            let refreshes = stage.refresh_statuses();
            let ends = format!("'get --force' ends with {code}, refreshes with {refreshes:?}");
            Err(Failure::of(ends, renewed.stderr.trim()))
        }
    });
    session.map_err(|failure| {
        let (step, log) = (progress.under_way(), stage.daemon.log());
        Failure::new(format!("killed on the way to '{step}': {failure}\n{log}"))
    })
}

/// A session is lost that could not be kept, and that was said this long after
/// the start.
fn lost(took: Duration) -> Result<Session, Failure> {
    if took < AT_ONCE {
        return Ok(Session::Lost(took));
    }
    Err(Failure::new(format!(
        "that the login is lost was said after {took:?} only"
    )))
}

/// A token that was handed out must have been on the disk before.
fn check_handed_out(stage: &Stage, progress: &Progress, caller: &Outcome) -> Result<(), Failure> {
    if !progress.has(Step::SessionFolderSynced) {
        return Err(Failure::new("a token was handed out before it was stored"));
    }
    let stored = stage.home.oic_token(&["get"]);
    if stored.stdout != caller.stdout {
        return Err(Failure::of(
            "a token was handed out that is not the stored one",
            stored.stderr.trim(),
        ));
    }
    Ok(())
}

impl Traced {
    /// Whether the daemon started a thread for it, which nobody traced: it
    /// does where the one for the disk has not come to rest in time.
    fn is_partial(&self) -> bool {
        let mut calls = self.calls.iter();
        calls.any(|call| call.name.starts_with("clone"))
    }
}

impl Aim {
    /// Whether the thread died at the call that was aimed at.
    fn is_hit(&self, calls: &[Call]) -> bool {
        let last = calls.iter().rfind(|call| call.thread == self.thread);
        last.is_some_and(|last| {
            last.left.is_none() && last.number == self.number && last.name == self.name
        })
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "session kept",
            Self::Lost(_) => "session lost",
        })
    }
}
