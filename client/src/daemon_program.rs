//! The program `oic-tokend` itself, asked by its command line: what it says of
//! a configuration before any daemon runs with it.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use oic_proto::message::Finding;

use crate::failure::Failure;
use crate::program;

/// Its name.
pub const NAME: &str = "oic-tokend";

/// Where it is: beside this program, or the first on `PATH`.
pub fn place() -> PathBuf {
    let file = format!("{NAME}{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()
        .ok()
        .map(|own| own.with_file_name(&file));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(&file));
    let mut places = beside.into_iter().chain(on_path);
    places
        .find(|place| place.is_file())
        .unwrap_or_else(|| NAME.into())
}

/// Whether a configuration is good: what the program says of the one at
/// `path`, or of the one that it finds by itself.
///
/// # Errors
///
/// [`Failure::NotStarted`].
pub fn check_config(path: Option<&Path>) -> Result<Result<String, String>, Failure> {
    let output = run("--check-config", path)?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Ok(if output.status.success() {
        Ok(said(&output.stdout))
    } else {
        Err(complaint(&output))
    })
}

/// What the authorization servers of a configuration have to say to a login.
///
/// # Errors
///
/// [`Failure::NotStarted`]; or why the configuration is not even read.
pub fn check_server(path: Option<&Path>) -> Result<Result<Vec<Finding>, String>, Failure> {
    let output = run("--check-server", path)?;
    if !output.status.success() {
        return Ok(Err(complaint(&output)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let findings = text.lines().map(serde_json::from_str);
    let findings: Result<Vec<Finding>, _> = findings.collect();
    Ok(findings.map_err(|error| format!("{NAME} answered in words of another version: {error}")))
}

fn run(check: &str, path: Option<&Path>) -> Result<Output, Failure> {
    let place = place();
    let mut command = Command::new(&place);
    command.arg(check).stdin(Stdio::null());
    if let Some(path) = path {
        command.arg("--config").arg(path);
    }
    let failed = |error: io::Error| program::not_started(OsStr::new(NAME), error);
    command.output().map_err(failed)
}

/// What it said on stderr, without its name in front of each line.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let own = format!("{NAME}: ");
    let lines = text.lines().filter_map(|line| line.strip_prefix(&own));
    let lines = Vec::from_iter(lines.map(|line| line.trim_start_matches("error: ")));
    lines.join("\n")
}
