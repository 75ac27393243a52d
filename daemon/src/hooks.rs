//! Programs that are told what happens. They are run by a process of their
//! own, started before anything secret is in memory and before the daemon gives
//! up the right to start programs. It knows the commands; all that the daemon
//! can tell it is that something has happened, and to whom. Whoever takes the
//! daemon over can cause a false alarm by it, and nothing else.

mod occurrence;
pub mod runner;

use std::io::{self, ErrorKind, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use oic_proto::message::ProfileView;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::config::HooksConfig;
use crate::lifecycle::Notice;
use occurrence::Occurrence;

/// The option of the daemon's program that makes it the runner.
pub const RUNNER_OPTION: &str = "--run-hooks";

/// The programs, and who runs them; or none.
#[derive(Debug, Default)]
pub struct Hooks {
    config: Option<HooksConfig>,
    runner: Mutex<Option<ChildStdin>>,
}

/// What the runner hears first.
#[derive(Debug, Serialize, Deserialize)]
struct Orders {
    commands: std::collections::BTreeMap<String, Vec<String>>,
    time_limit: std::time::Duration,
}

impl Hooks {
    /// Starts the runner, if `config` has any hooks.
    ///
    /// # Errors
    ///
    /// It could not be started.
    pub fn start(config: Option<HooksConfig>) -> io::Result<Self> {
        let Some(wanted) = &config else {
            return Ok(Self::default());
        };
        // It ends with us. Nobody waits for it: a thread that did would be
        // outside the fence.
        let mut runner = Command::new(std::env::current_exe()?)
            .arg(RUNNER_OPTION)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        let mut input = runner.stdin.take().ok_or(ErrorKind::BrokenPipe)?;
        let orders = Orders {
            commands: wanted.commands.clone(),
            time_limit: wanted.time_limit,
        };
        write(&mut input, &orders)?;
        runner::without_waiting(&input)?;
        Ok(Self {
            config,
            runner: Mutex::new(Some(input)),
        })
    }

    /// Whether these are the hooks of this configuration.
    pub fn are(&self, config: Option<&HooksConfig>) -> bool {
        self.config.as_ref() == config
    }

    /// Has the program run that `notice` has one for.
    pub fn tell(&self, notice: &Notice, view: &ProfileView) {
        let Some(config) = &self.config else { return };
        let occurrence = Occurrence::of(notice, view);
        let wanted = |it: &Occurrence| config.commands.contains_key(&it.event);
        let Some(occurrence) = occurrence.filter(wanted) else {
            return;
        };
        let mut runner = self.runner.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(input) = runner.as_mut() else { return };
        let Err(error) = write(input, &occurrence) else {
            return;
        };
        let (profile, event) = (occurrence.profile, occurrence.event);
        warn!(profile, event, "no hook is run: {error}");
        if error.kind() != ErrorKind::WouldBlock {
            // It is gone, or has half a line.
            warn!("hooks are not run any more: restart oic-tokend");
            *runner = None;
        }
    }
}

/// One line of JSON. A pipe takes one that is shorter than 4096 bytes whole or
/// not at all (pipe(7)).
fn write(input: &mut ChildStdin, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    input.write_all(&line)
}
