//! The real `oic-token`, run as a user would.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use super::Home;
#[cfg(unix)]
use super::Terminal;

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The exit code; -1 when it was killed.
    pub code: i32,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

/// A command that is still running.
#[derive(Debug)]
pub struct Run {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Home {
    /// Runs `oic-token` with these arguments to its end.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all.
    pub fn oic_token<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Outcome {
        let output = self.oic_token_command(arguments).output();
        output.expect("the client was built").into()
    }

    /// The same, with `input` on stdin.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all.
    pub fn oic_token_reading<A: AsRef<OsStr>>(&self, arguments: &[A], input: &str) -> Outcome {
        let mut child = self
            .oic_token_command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the client was built");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A program that has heard enough hangs up; its outcome says the rest.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output();
        output.expect("the client is our child").into()
    }

    /// Starts `oic-token` with these arguments.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all.
    pub fn start_oic_token<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Run {
        let mut child = self
            .oic_token_command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the client was built");
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        Run { child, stdout }
    }

    /// Starts `oic-token` with these arguments on a terminal.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all, or there is no terminal.
    #[cfg(unix)]
    pub fn oic_token_on_terminal<A: AsRef<OsStr>>(&self, arguments: &[A]) -> (Child, Terminal) {
        let mut command = self.oic_token_command(arguments);
        let terminal = Terminal::of(&mut command);
        let child = command.spawn().expect("the client was built");
        // Its copies of the terminal are closed with it.
        drop(command);
        (child, terminal)
    }

    fn oic_token_command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = self.command(&self.program("oic-token"));
        command.args(arguments).stdin(Stdio::null());
        command
    }
}

impl Run {
    /// Waits for the next line of stdout, without its end.
    ///
    /// # Panics
    ///
    /// When stdout ends first.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stdout.read_line(&mut line).expect("stdout is text");
        assert!(read > 0, "stdout ended before the line that was waited for");
        line.trim_end().to_owned()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it.
    ///
    /// # Panics
    ///
    /// When it is not running any more.
    pub fn kill(mut self) {
        self.child.kill().expect("the client is running");
        self.child.wait().expect("the client is our child");
    }

    /// Waits for its end, whatever it is, and drops its output.
    ///
    /// # Panics
    ///
    /// When it is no child of ours.
    pub fn ended(mut self) -> ExitStatus {
        self.child.wait().expect("the client is our child")
    }

    /// Waits for its end.
    ///
    /// # Panics
    ///
    /// When its output is not text.
    pub fn finish(mut self) -> Outcome {
        let mut stdout = String::new();
        self.stdout
            .read_to_string(&mut stdout)
            .expect("stdout is text");
        let output = self.child.wait_with_output();
        let mut outcome = Outcome::from(output.expect("the client is our child"));
        outcome.stdout = stdout;
        outcome
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Outcome {
    /// Stdout of a command that must have succeeded, without its last newline.
    ///
    /// # Panics
    ///
    /// When it did not; with what it said.
    #[track_caller]
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, 0, "stderr: {}", self.stderr);
        self.stdout.trim_end_matches('\n').to_owned()
    }
}
