//! How many system calls a program makes, by strace.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Stdio;

use crate::failure::Failure;
use crate::process::Contender;
use crate::stage::Stage;

/// How many system calls one run of `contender` makes, the `execve` that starts
/// it and the `exit_group` that ends it included; `None` if strace is not
/// installed.
pub fn count(stage: &Stage, contender: &Contender) -> Result<Option<usize>, Failure> {
    let program = &contender.program;
    let trace = stage.home.path("trace");
    let mut strace = stage.home.command(Path::new("strace"));
    strace
        .args(["-f", "-qq", "-e", "signal=none", "-o"])
        .arg(&trace)
        .arg("--")
        .arg(program)
        .args(&contender.arguments)
        .envs(contender.environment.clone())
        .stdin(contender.opened_stdin()?)
        .stdout(Stdio::null());
    let failed = |cause: String| Failure::of(format_args!("strace {}", program.display()), cause);
    match strace.status() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
        Ok(status) if !status.success() => return Err(failed(status.to_string())),
        Ok(_) => {}
    }
    let trace = fs::read_to_string(trace).map_err(|error| failed(error.to_string()))?;
    Ok(Some(count_lines(&trace)))
}

/// One line a call; a call that another thread interrupted takes two.
pub fn count_lines(trace: &str) -> usize {
    let calls = trace.lines().filter(|line| !line.contains(" resumed>"));
    calls.count()
}
