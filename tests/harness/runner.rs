//! Programs of another system, which another program runs here: those for
//! Windows, which Wine runs. See `tests/windows/run`.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Names the program that runs those under test: `wine`.
const RUNNER_VARIABLE: &str = "OIC_TEST_RUNNER";

/// What the names of its own variables begin with.
const RUNNER_VARIABLES: &str = "WINE";

/// How the names of the programs that it runs end.
pub(super) const RUN_SUFFIX: &str = ".exe";

/// The program that runs those under test, where they are not of this system.
pub fn runner() -> Option<OsString> {
    std::env::var_os(RUNNER_VARIABLE).filter(|it| !it.is_empty())
}

/// `program`, by the one that runs it where it is of another system, with an
/// environment that is empty but for what that one needs.
pub(super) fn command(program: &Path) -> Command {
    let foreign = program.to_string_lossy().ends_with(RUN_SUFFIX);
    let Some(runner) = runner().filter(|_| foreign) else {
        let mut command = Command::new(program);
        command.env_clear();
        return command;
    };
    let own = |name: &OsString| name.to_string_lossy().starts_with(RUNNER_VARIABLES);
    let mut command = Command::new(runner);
    command
        .arg(program)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| own(name)));
    command
}

/// The pipe of one more daemon, where programs of another system meet.
pub(super) fn pipe() -> Option<String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    runner()?;
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    Some(format!(r"\\.\pipe\oic-test-{process}-{number}"))
}
