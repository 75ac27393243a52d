//! One strace on running threads, and its output as events.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use oic_tests::harness::{DEADLINE, Home};

use crate::failure::Failure;

/// A strace at work; ended when dropped, which lets go what it traces.
#[derive(Debug)]
pub struct Strace {
    child: Child,
    output: Arc<Output>,
}

#[derive(Debug, Default)]
struct Output {
    written: Mutex<Written>,
    grew: Condvar,
}

#[derive(Debug, Default)]
struct Written {
    lines: Vec<String>,
    ended: bool,
}

/// Whether there is a strace; says how to get one where there is not.
pub fn check_installed() -> Result<(), Failure> {
    let run = Command::new("strace")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match run {
        Ok(status) if status.success() => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(
            "strace is not installed\nhint: run 'apt-get install strace'",
        )),
        Ok(status) => Err(Failure::of("'strace --version' fails", status)),
        Err(error) => Err(Failure::of("strace does not run", error)),
    }
}

impl Strace {
    /// Traces the thread `pid`, or with `-f` among the `options` the whole
    /// process, from when this returns.
    pub fn attach<A: AsRef<OsStr>>(home: &Home, pid: u32, options: &[A]) -> Result<Self, Failure> {
        let mut child = home
            .command(Path::new("strace"))
            // When, how long, on which file; and nothing of what is in buffers.
            .args(["-ttt", "-T", "-y", "-s", "0", "-p", &pid.to_string()])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::of("strace does not start", error))?;
        let stderr = child.stderr.take().expect("stderr is piped");
        let output = Arc::new(Output::default());
        let writer = Arc::clone(&output);
        thread::spawn(move || writer.follow(stderr));
        let strace = Self { child, output };
        if strace.wait_for(1, |line| line.starts_with("strace: Process ")) {
            return Ok(strace);
        }
        let said = strace.output.lock().lines.join("; ");
        Err(Failure::of("strace cannot trace the daemon", said)
            .with_hint("run as root, or set kernel.yama.ptrace_scope to 0"))
    }

    /// Waits until `wanted` holds of this many lines; whether it came to that
    /// before the end of the output and in time.
    pub fn wait_for(&self, times: usize, wanted: impl Fn(&str) -> bool) -> bool {
        let met = |written: &Written| {
            let lines = written.lines.iter();
            lines.filter(|line| wanted(line)).count() >= times
        };
        let waited = self
            .output
            .grew
            .wait_timeout_while(self.output.lock(), DEADLINE, |written| {
                !met(written) && !written.ended
            });
        let (written, _) = waited.unwrap_or_else(PoisonError::into_inner);
        met(&written)
    }

    /// Everything it wrote, once what it traces has ended.
    pub fn finish(mut self) -> Result<Vec<String>, Failure> {
        let waited = self
            .output
            .grew
            .wait_timeout_while(self.output.lock(), DEADLINE, |written| !written.ended);
        let (mut written, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if !written.ended {
            return Err(Failure::new(
                "strace goes on after the end of what it traces",
            ));
        }
        let lines = std::mem::take(&mut written.lines);
        drop(written);
        self.child
            .wait()
            .map_err(|error| Failure::of("strace cannot be waited for", error))?;
        Ok(lines)
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn follow(&self, stderr: ChildStderr) {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            self.lock().lines.push(line);
            self.grew.notify_all();
        }
        self.lock().ended = true;
        self.grew.notify_all();
    }

    /// A panicking predicate leaves the lines whole.
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
