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
use oic_proto::place::Environment;
use serde::Serialize;
use tracing::warn;

use crate::config::HooksConfig;
use crate::lifecycle::Notice;
use occurrence::Occurrence;

/// The option of the daemon's program that makes it the runner.
pub const RUNNER_OPTION: &str = "--run-hooks";

/// The programs, and who runs them; or none.
#[derive(Debug)]
pub struct Hooks {
    config: HooksConfig,
    /// What of it can be done here: what the runner hears first.
    orders: HooksConfig,
    runner: Mutex<Option<ChildStdin>>,
}

impl Hooks {
    /// Starts the runner, if there is anything for it to do.
    ///
    /// # Errors
    ///
    /// It could not be started, and the configuration has programs for it. A
    /// desktop that hears nothing is worth a line of the log, and no more.
    pub fn start(config: HooksConfig, environment: Environment<'_>) -> io::Result<Self> {
        let orders = HooksConfig {
            desktop: config.desktop && runner::may_have_desktop(environment),
            ..config.clone()
        };
        let runner = match orders.desktop || !orders.commands.is_empty() {
            true => start_runner(&orders).map(Some),
            false => Ok(None),
        };
        let runner = match runner {
            Err(error) if orders.commands.is_empty() => {
                warn!("the desktop is told nothing: {error}");
                None
            }
            runner => runner?,
        };
        Ok(Self {
            config,
            orders,
            runner: Mutex::new(runner),
        })
    }

    /// Whether these are the hooks of this configuration.
    pub fn are(&self, config: &HooksConfig) -> bool {
        self.config == *config
    }

    /// Has the programs run that there are for `notice`.
    pub fn tell(&self, notice: &Notice, view: &ProfileView) {
        let wanted = |it: &Occurrence| {
            self.orders.commands.contains_key(&it.event)
                || self.orders.desktop && it.needs_a_person()
        };
        let Some(occurrence) = Occurrence::of(notice, view).filter(wanted) else {
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

/// It ends with us. Nobody waits for it: a thread that did would be outside the
/// fence.
fn start_runner(orders: &HooksConfig) -> io::Result<ChildStdin> {
    let mut runner = Command::new(std::env::current_exe()?)
        .arg(RUNNER_OPTION)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut input = runner.stdin.take().ok_or(ErrorKind::BrokenPipe)?;
    write(&mut input, orders)?;
    runner::without_waiting(&input)?;
    Ok(input)
}

/// One line of JSON. A pipe takes one that is shorter than 4096 bytes whole or
/// not at all (pipe(7)).
fn write(input: &mut ChildStdin, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    input.write_all(&line)
}
