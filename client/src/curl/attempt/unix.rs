//! One run of curl on Unix. It reads its configs from pipes that are filled
//! before it is there, and writes the headers of the answer to another one.

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::ChildStdout;
use std::thread;

use oic_proto::Secret;
use oic_proto::message::TokenView;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};

use crate::curl::answer::Answer;
use crate::curl::arguments::Section;
use crate::curl::plan::Plan;
use crate::failure::Failure;
use crate::start::ExitCode;
use crate::{program, terminal};

/// Most of a refusal that is held back until it is known whether another
/// access token helps, in bytes: it is a page or an object of JSON.
const HELD_LEN_MAX: usize = 256 * 1024;

/// How much is read at once, in bytes: what a pipe holds.
const CHUNK_LEN: usize = 64 * 1024;

/// Beginning of an answer in which a zero byte says that no terminal should
/// show it; as curl has it.
const BINARY_LEN: usize = 2000;

/// Options that put the answer somewhere else than on stdout.
const OUTPUTS: [&str; 3] = ["output", "remote-name", "remote-name-all"];

/// Becomes curl.
///
/// # Errors
///
/// Why that failed.
pub fn become_curl(plan: &Plan, view: &TokenView) -> io::Result<ExitCode> {
    let pipes = filled(&plan.configs(view))?;
    program::become_program(plan.command(&paths(&pipes)))
}

/// A run that has ended.
#[derive(Debug)]
pub struct Attempt {
    code: ExitCode,
    /// What the server said.
    pub answer: Answer,
    held: Vec<u8>,
    /// Whether a part of the answer was passed on.
    pub released: bool,
}

impl Attempt {
    /// Passes on what was held back.
    ///
    /// # Errors
    ///
    /// [`Failure::Output`].
    pub fn end(self) -> Result<ExitCode, Failure> {
        match terminal::write_stdout(&self.held) {
            // curl would not be told either.
            Ok(()) | Err(Failure::OutputClosed) => Ok(self.code),
            Err(failure) => Err(failure),
        }
    }
}

/// Runs curl to its end and passes its answer on, but for a refusal where that
/// is to be held back.
///
/// # Errors
///
/// Why curl could not be started.
pub fn make(plan: &Plan, view: &TokenView, hold: bool) -> io::Result<Attempt> {
    let (headers, writer) = io::pipe()?;
    fcntl_setfd(&writer, FdFlags::empty())?;
    let is_shown = is_shown(plan);
    let pipes = filled(&supervised(plan, view, &writer, is_shown))?;
    let mut command = plan.command(&paths(&pipes));
    command.stdout(std::process::Stdio::piped());
    let mut relaying = None;
    let code = program::run_beside(command, |curl| {
        // Where we hold them open, their end is not seen.
        drop((writer, pipes));
        let relay = Relay {
            hold,
            is_shown,
            ..Relay::default()
        };
        let body = curl.stdout.take();
        relaying = Some(thread::spawn(|| relay.run(body, headers)));
    })?;
    let relay = relaying.and_then(|relaying| relaying.join().ok());
    let relay = relay.ok_or_else(|| io::Error::other("its output was lost"))?;
    Ok(Attempt {
        code,
        answer: relay.answer,
        held: relay.held,
        released: relay.passed > 0,
    })
}

/// Whether curl would show the answer on a terminal.
fn is_shown(plan: &Plan) -> bool {
    let elsewhere = |it: &Section| it.first_of(&OUTPUTS).is_some();
    !plan.sections.iter().any(elsewhere) && io::stdout().is_terminal()
}

/// The configs, and in the last one what lets us look on.
fn supervised(
    plan: &Plan,
    view: &TokenView,
    headers: &PipeWriter,
    is_shown: bool,
) -> Vec<Secret<String>> {
    let configs = plan.configs(view).into_iter().map(|config| {
        let mut config = config.expose().clone();
        config += &format!("dump-header = \"{}\"\n", path(headers));
        config += "no-buffer\n";
        if is_shown {
            // As curl does where it sees the terminal itself.
            config += "no-progress-meter\n";
        }
        Secret::new(config)
    });
    configs.collect()
}

/// A pipe with each config, for curl to inherit.
fn filled(configs: &[Secret<String>]) -> io::Result<Vec<OwnedFd>> {
    let filled = |config: &Secret<String>| {
        let (reader, mut writer) = io::pipe()?;
        // A config that does not fit the pipe is an error, not a wait without
        // end.
        ioctl_fionbio(&writer, true)?;
        writer.write_all(config.expose().as_bytes())?;
        fcntl_setfd(&reader, FdFlags::empty())?;
        Ok(reader.into())
    };
    configs.iter().map(filled).collect()
}

fn paths(pipes: &[OwnedFd]) -> Vec<OsString> {
    pipes.iter().map(|pipe| path(pipe).into()).collect()
}

fn path(pipe: &impl AsRawFd) -> String {
    format!("/dev/fd/{}", pipe.as_raw_fd())
}

/// Passes the answer on as it comes.
#[derive(Debug, Default)]
struct Relay {
    hold: bool,
    is_shown: bool,
    answer: Answer,
    held: Vec<u8>,
    /// How many bytes have been passed on.
    passed: usize,
}

impl Relay {
    fn run(mut self, mut body: Option<ChildStdout>, headers: PipeReader) -> Self {
        // Each is read when there is something, and for as long as there is.
        let mut headers = ioctl_fionbio(&headers, true).ok().map(|()| headers);
        body = body.filter(|body| ioctl_fionbio(body, true).is_ok());
        let mut chunk = vec![0; CHUNK_LEN];
        while wait(body.as_ref(), headers.as_ref()) {
            // The body first: what was written before it of the headers is
            // known, then, when it is judged.
            let read = body.as_mut().map_or(Ok(0), |body| body.read(&mut chunk));
            if self.read_headers(headers.as_mut()) {
                headers = None;
            }
            match read {
                Err(error) if is_early(&error) => {}
                Ok(len @ 1..) if self.take(&chunk[..len]).is_ok() => {}
                // Nobody reads on; curl finds that out when it writes.
                _ => body = None,
            }
        }
        self
    }

    /// Whether that was their end.
    fn read_headers(&mut self, headers: Option<&mut PipeReader>) -> bool {
        let Some(headers) = headers else {
            return false;
        };
        let mut chunk = [0; 4096];
        loop {
            match headers.read(&mut chunk) {
                Ok(0) => return true,
                Ok(len) => self.answer.read(&chunk[..len]),
                Err(error) => return !is_early(&error),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let is_held = self.hold && self.passed == 0 && self.answer.is_unauthorized();
        if is_held && self.held.len() + bytes.len() <= HELD_LEN_MAX {
            self.held.extend_from_slice(bytes);
            return Ok(());
        }
        if self.is_shown && self.passed < BINARY_LEN && bytes.contains(&0) {
            terminal::say(
                "warning: the answer is binary and may disturb the terminal; \
                 use '--output FILE' to save it",
            );
            return Err(Failure::OutputClosed);
        }
        let held = std::mem::take(&mut self.held);
        self.passed += held.len() + bytes.len();
        terminal::write_stdout(&held)?;
        terminal::write_stdout(bytes)
    }
}

/// Waits until there is something to read; not, once both have ended.
fn wait(body: Option<&ChildStdout>, headers: Option<&PipeReader>) -> bool {
    let body = body.map(|it| PollFd::new(it, PollFlags::IN));
    let headers = headers.map(|it| PollFd::new(it, PollFlags::IN));
    let mut open = Vec::from_iter(body.into_iter().chain(headers));
    if open.is_empty() {
        return false;
    }
    // Where it is cut short, reading says that it is early.
    let _ = poll(&mut open, None);
    true
}

fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
