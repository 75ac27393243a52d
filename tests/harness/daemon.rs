//! The real daemon, started and stopped.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use super::{DEADLINE, Home, runner};

/// A running `oic-tokend`; killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: Arc<Log>,
}

/// What the daemon has written so far, and whether it has stopped writing.
#[derive(Debug, Default)]
struct Log {
    lines: Mutex<(Vec<String>, bool)>,
    grew: Condvar,
}

impl Daemon {
    /// Starts the daemon of `home` and waits until it can serve.
    ///
    /// # Panics
    ///
    /// When it does not become ready; with its log.
    pub fn start(home: &Home) -> Self {
        Self::start_with(home, &[])
    }

    /// The same, with more variables in its environment.
    ///
    /// # Panics
    ///
    /// When it does not become ready; with its log.
    pub fn start_with(home: &Home, environment: &[(&str, &str)]) -> Self {
        let daemon = Self::spawn(home, environment);
        daemon.wait_for_log("oic-tokend: ready on ");
        daemon
    }

    /// Starts the daemon of `home`, which may fail.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all.
    pub fn spawn(home: &Home, environment: &[(&str, &str)]) -> Self {
        let mut command = home.command(&home.program("oic-tokend"));
        command.arg("--state-dir").arg(home.state());
        Self::run(home, command, environment, Stdio::null())
    }

    /// The same, with more options.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all.
    pub fn spawn_told(home: &Home, options: &[&str]) -> Self {
        let mut command = home.command(&home.program("oic-tokend"));
        command.args(options).arg("--state-dir").arg(home.state());
        Self::run(home, command, &[], Stdio::null())
    }

    /// The same, with its sessions where the system has them.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all.
    pub fn spawn_untold(home: &Home) -> Self {
        let command = home.command(&home.program("oic-tokend"));
        Self::run(home, command, &[], Stdio::null())
    }

    /// Starts the daemon of `home` by way of another program, which becomes
    /// the daemon, and waits until it can serve.
    ///
    /// # Panics
    ///
    /// When it does not become ready; with its log.
    pub fn start_by(program: &[&str], home: &Home) -> Self {
        let daemon = Self::spawn_by(program, home, Stdio::null());
        daemon.wait_for_log("oic-tokend: ready on ");
        daemon
    }

    /// Starts the daemon of `home` by way of another program, which has
    /// `stdin`; it may fail.
    ///
    /// # Panics
    ///
    /// When the program cannot be run at all.
    pub fn spawn_by(program: &[&str], home: &Home, stdin: Stdio) -> Self {
        let mut command = home.command(Path::new(program[0]));
        command.args(&program[1..]).arg(home.program("oic-tokend"));
        command.arg("--state-dir").arg(home.state());
        Self::run(home, command, &[], stdin)
    }

    fn run(home: &Home, mut command: Command, environment: &[(&str, &str)], stdin: Stdio) -> Self {
        let mut child = command
            .arg("--config")
            .arg(home.config())
            .envs(environment.iter().copied())
            .stdin(stdin)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the daemon was built");
        let stderr = child.stderr.take().expect("stderr is piped");
        let log = Arc::new(Log::default());
        let writer = Arc::clone(&log);
        thread::spawn(move || writer.follow(stderr));
        Self { child, log }
    }

    /// The daemon's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its process id as it knows it itself: of another system's program not
    /// the one it has here.
    ///
    /// # Panics
    ///
    /// When it does not hold its lock.
    pub fn own_pid(&self, home: &Home) -> u32 {
        if runner().is_none() {
            return self.pid();
        }
        let lock = std::fs::read_to_string(home.state().join("lock"));
        let pid = lock.expect("the daemon holds its lock");
        pid.trim().parse().expect("a lock names its holder")
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits until a line of the log contains `text`; the line.
    ///
    /// # Panics
    ///
    /// When none does; with the log.
    pub fn wait_for_log(&self, text: &str) -> String {
        self.wait_for_log_times(text, 1)
    }

    /// Waits until this many lines of the log contain `text`; the last of
    /// them.
    ///
    /// # Panics
    ///
    /// When so many never do; with the log.
    pub fn wait_for_log_times(&self, text: &str, times: usize) -> String {
        match self.log.wait_for(text, times, DEADLINE) {
            Some(line) => line,
            None => panic!("the daemon never said '{text}', but:\n{}", self.log()),
        }
    }

    /// Ends it as a service manager would, and waits for it.
    ///
    /// # Panics
    ///
    /// When it cannot be signalled or waited for.
    #[cfg(unix)]
    pub fn terminate(&mut self) -> ExitStatus {
        self.ask_to_end();
        self.ended()
    }

    /// Asks it to end, as a service manager would.
    ///
    /// # Panics
    ///
    /// When it cannot be signalled.
    #[cfg(unix)]
    pub fn ask_to_end(&self) {
        // Wine makes Ctrl-C of the one, and its end of the other.
        let signal = match runner() {
            Some(_) => rustix::process::Signal::INT,
            None => rustix::process::Signal::TERM,
        };
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("the daemon is running");
    }

    /// Has it read its configuration again, and waits for what it says of it:
    /// taken over or refused.
    ///
    /// # Panics
    ///
    /// When it cannot be signalled, or says nothing; with its log.
    #[cfg(unix)]
    pub fn reload(&self) -> String {
        const SAID: &str = "the configuration ";
        let before = self.log().matches(SAID).count();
        self.ask_to_reload();
        self.wait_for_log_times(SAID, before + 1)
    }

    /// Asks it to read its configuration again.
    ///
    /// # Panics
    ///
    /// When it cannot be signalled.
    #[cfg(unix)]
    pub fn ask_to_reload(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::HUP)
            .expect("the daemon is running");
    }

    /// Waits for its end, and for the last line of its log.
    ///
    /// # Panics
    ///
    /// When it cannot be waited for.
    pub fn ended(&mut self) -> ExitStatus {
        let status = self.child.wait().expect("the daemon is our child");
        self.log.wait_for_end(DEADLINE);
        status
    }

    /// Ends it as a power cut would, and waits for it.
    ///
    /// # Panics
    ///
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("the daemon is running");
        self.child.wait().expect("the daemon is our child");
    }

    /// Waits for it to end by itself.
    ///
    /// # Panics
    ///
    /// When it cannot be waited for.
    pub fn wait(mut self) -> (ExitStatus, String) {
        (self.ended(), self.log())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Log {
    fn follow(&self, stderr: ChildStderr) {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            self.lines.lock().expect("no test panics here").0.push(line);
            self.grew.notify_all();
        }
        self.lines.lock().expect("no test panics here").1 = true;
        self.grew.notify_all();
    }

    fn text(&self) -> String {
        let lines = self.lines.lock().expect("no test panics here");
        lines.0.join("\n")
    }

    fn wait_for(&self, text: &str, times: usize, deadline: Duration) -> Option<String> {
        let found = |lines: &[String]| {
            let mut matching = lines.iter().filter(|line| line.contains(text));
            matching.nth(times - 1).cloned()
        };
        let lines = self.lines.lock().expect("no test panics here");
        let (lines, _) = self
            .grew
            .wait_timeout_while(lines, deadline, |(lines, ended)| {
                found(lines).is_none() && !*ended
            })
            .expect("no test panics here");
        found(&lines.0)
    }

    fn wait_for_end(&self, deadline: Duration) {
        let lines = self.lines.lock().expect("no test panics here");
        drop(
            self.grew
                .wait_timeout_while(lines, deadline, |(_, ended)| !*ended),
        );
    }
}
