//! The process that runs hooks, one after the other. It has no secrets, ends
//! with the daemon, and takes no orders but those it was given at the start.

mod desktop;

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::de::DeserializeOwned;
use tracing::{debug, info, warn};

use crate::config::HooksConfig;
use crate::hooks::occurrence::Occurrence;
use desktop::Notification;
pub use desktop::may_have_desktop;

/// Longest line that is read, in bytes: orders for every event.
const LINE_LEN_MAX: u64 = 1024 * 1024;

/// Events that wait for their turn. Of more, the newest are worth most.
const WAITING_MAX: usize = 256;

/// What a program finds of our environment, besides the facts: enough to find
/// other programs and the user's session.
const ENVIRONMENT: [&str; 8] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "HOME",
    "LANG",
    "LOGNAME",
    "PATH",
    "TZ",
    "USER",
    "XDG_RUNTIME_DIR",
];

/// The daemon waits for no hook, however many events there are.
pub fn without_waiting(input: &ChildStdin) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(input, true)?)
}

/// Runs what the daemon at the other end of stdin says, until that ends.
pub fn run() -> ExitCode {
    let mut input = BufReader::new(io::stdin());
    let Some(orders) = next::<HooksConfig>(&mut input) else {
        return ExitCode::FAILURE;
    };
    let queue = Queue::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            while let Some(occurrence) = next(&mut input) {
                queue.add(occurrence);
            }
            queue.close();
        });
        while let Some(occurrence) = queue.next() {
            serve(&orders, &occurrence);
        }
    });
    ExitCode::SUCCESS
}

fn next<T: DeserializeOwned>(input: &mut impl BufRead) -> Option<T> {
    let mut line = String::new();
    let read = input.take(LINE_LEN_MAX).read_line(&mut line);
    // Anything else means that the daemon is gone.
    read.ok().and_then(|_| serde_json::from_str(&line).ok())
}

/// What waits, the oldest first; and whether nothing more will come.
#[derive(Default)]
struct Queue {
    waiting: Mutex<(VecDeque<Occurrence>, bool)>,
    changed: Condvar,
}

impl Queue {
    fn add(&self, occurrence: Occurrence) {
        let mut waiting = self.lock();
        if waiting.0.len() == WAITING_MAX
            && let Some(dropped) = waiting.0.pop_front()
        {
            let (profile, event) = (dropped.profile, dropped.event);
            warn!(profile, event, "no hook is run: {WAITING_MAX} others wait");
        }
        waiting.0.push_back(occurrence);
        self.changed.notify_all();
    }

    /// What waits has become meaningless: nobody is left to be told of.
    fn close(&self) {
        *self.lock() = (VecDeque::new(), true);
        self.changed.notify_all();
    }

    fn next(&self) -> Option<Occurrence> {
        let nothing = |waiting: &mut (VecDeque<_>, bool)| waiting.0.is_empty() && !waiting.1;
        let waiting = self.changed.wait_while(self.lock(), nothing);
        waiting
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, (VecDeque<Occurrence>, bool)> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(orders: &HooksConfig, occurrence: &Occurrence) {
    if let Some(words) = orders.commands.get(&occurrence.event) {
        run_hook(words, occurrence, orders.time_limit);
    }
    if orders.desktop
        && let Some(notification) = Notification::of(occurrence)
    {
        show(&notification, occurrence, orders.time_limit);
    }
}

fn run_hook(words: &[String], occurrence: &Occurrence, limit: Duration) {
    let (profile, event) = (occurrence.profile.as_str(), occurrence.event.as_str());
    let words = Vec::from_iter(words.iter().map(String::as_str));
    let program = words.first().copied().unwrap_or_default();
    let mut command = command(&words);
    match run_within(limit, command.envs(facts(occurrence))) {
        Ok(Some(status)) if status.success() => info!(profile, event, "{program} was told"),
        Ok(Some(status)) => warn!(profile, event, "{program} failed: {status}"),
        Ok(None) => warn!(
            profile,
            event,
            "{program} took longer than {} s and was ended",
            limit.as_secs()
        ),
        Err(error) => warn!(profile, event, "cannot run {program}: {error}"),
    }
}

/// By the first program that is installed. Machines without a desktop have a
/// session bus as well, so it is nothing to warn of that it cannot.
fn show(notification: &Notification, occurrence: &Occurrence, limit: Duration) {
    let (profile, event) = (occurrence.profile.as_str(), occurrence.event.as_str());
    let is_missing = |ended: &io::Result<_>| {
        let error = ended.as_ref().err();
        error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    let commands = notification.commands();
    let mut runs = commands
        .iter()
        .map(|words| run_within(limit, command(words).stderr(Stdio::null())));
    match runs.find(|ended| !is_missing(ended)) {
        Some(Ok(Some(status))) if status.success() => info!(profile, event, "the desktop was told"),
        ended => debug!(profile, event, "the desktop was not told: {ended:?}"),
    }
}

/// A program with its arguments, and with little else.
fn command(words: &[&str]) -> Command {
    let (program, arguments) = words.split_first().unwrap_or((&"", &[]));
    let known = ENVIRONMENT
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(known)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // Whatever it starts ends with it.
        .process_group(0);
    command
}

/// The variables by which the program learns what has happened.
fn facts(of: &Occurrence) -> impl Iterator<Item = (&'static str, &str)> {
    let facts = [
        ("OIC_EVENT", Some(&of.event)),
        ("OIC_PROFILE", Some(&of.profile)),
        ("OIC_SUBJECT", of.subject.as_ref()),
        ("OIC_LOGIN_NEEDED_BY", of.login_needed_by.as_ref()),
        ("OIC_ERROR", of.error.as_ref()),
        ("OIC_MESSAGE", of.message.as_ref()),
    ];
    let known = facts.into_iter();
    known.filter_map(|(name, fact)| Some((name, fact?.as_str())))
}

/// How it ended; `None` where it had to be ended, with all that it started.
fn run_within(limit: Duration, command: &mut Command) -> io::Result<Option<ExitStatus>> {
    let mut child = command.spawn()?;
    let pid = Pid::from_child(&child);
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || {
        // Its number is its own until we have taken note of its end below.
        let end = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), end) {}
        sender.send(())
    });
    let in_time = ended.recv_timeout(limit).is_ok();
    if !in_time {
        kill_process_group(pid, Signal::KILL)?;
    }
    let status = child.wait()?;
    Ok(in_time.then_some(status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testbed::{Scratch, in_time};

    fn orders(script: &str, limit: Duration) -> HooksConfig {
        let words = ["/bin/sh", "-c", script].map(str::to_owned);
        HooksConfig {
            commands: [("outage".to_owned(), words.to_vec())].into(),
            desktop: false,
            time_limit: limit,
        }
    }

    fn outage(profile: &str) -> Occurrence {
        let line = format!(r#"{{"event":"outage","profile":"{profile}","message":"no route"}}"#);
        serde_json::from_str(&line).unwrap()
    }

    #[test]
    fn a_program_finds_facts_and_little_else() {
        let scratch = Scratch::new();
        let seen = scratch.path().join("seen");
        let script = format!("env | sort > {}", seen.display());
        serve(&orders(&script, Duration::from_secs(10)), &outage("prod"));
        let seen = std::fs::read_to_string(seen).unwrap();
        assert!(seen.contains("OIC_EVENT=outage\nOIC_MESSAGE=no route\nOIC_PROFILE=prod\n"));
        let known = |name: &str| ENVIRONMENT.contains(&name) || name.starts_with("OIC_");
        for line in seen.lines() {
            let name = line.split('=').next().unwrap();
            // What the shell itself sets.
            assert!(
                known(name) || ["PWD", "SHLVL", "_", "OLDPWD"].contains(&name),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_known_is_a_variable_and_what_is_not_is_none() {
        let line = r#"{"event":"login_needed_soon","profile":"prod","error":"unreachable",
                       "subject":"jane.doe@example.com","message":"no route",
                       "login_needed_by":"2026-11-18T11:06:40Z"}"#;
        let whole = serde_json::from_str(line).unwrap();
        assert_eq!(
            Vec::from_iter(facts(&whole)),
            [
                ("OIC_EVENT", "login_needed_soon"),
                ("OIC_PROFILE", "prod"),
                ("OIC_SUBJECT", "jane.doe@example.com"),
                ("OIC_LOGIN_NEEDED_BY", "2026-11-18T11:06:40Z"),
                ("OIC_ERROR", "unreachable"),
                ("OIC_MESSAGE", "no route"),
            ]
        );
        let names = Vec::from_iter(facts(&outage("prod")).map(|(name, _)| name));
        assert_eq!(names, ["OIC_EVENT", "OIC_PROFILE", "OIC_MESSAGE"]);
    }

    #[test]
    fn a_program_that_takes_too_long_is_ended_with_all_that_it_started() {
        let scratch = Scratch::new();
        let fifo = scratch.path().join("fifo");
        let made = Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert!(made.success());
        // Its child holds the pipe open for as long as it lives.
        let script = format!("exec 3>{}; sleep 1000 & wait", fifo.display());
        let reading = in_time(move || {
            let orders = orders(&script, Duration::from_millis(200));
            let serving = thread::spawn(move || serve(&orders, &outage("prod")));
            let read = std::fs::read(fifo).unwrap();
            serving.join().unwrap();
            read
        });
        assert_eq!(reading, b"");
    }

    #[test]
    fn of_too_many_events_the_newest_are_kept() {
        let queue = Queue::default();
        for number in 0..WAITING_MAX + 2 {
            queue.add(outage(&number.to_string()));
        }
        assert_eq!(queue.next().unwrap().profile, "2");
        queue.close();
        assert_eq!(queue.next(), None);
    }
}
