//! Where the daemon listens and where a caller looks for it. Both programs
//! must agree, so it is written once; nothing here asks the system.
//!
//! Never under `/tmp`, where anybody may get there first; never by a pid file
//! or by `eval`: a caller finds the daemon by connecting.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// The variable that names the socket for both programs.
pub const SOCKET_VARIABLE: &str = "OIC_TOKEND_SOCKET";

/// Where the daemon of the whole computer listens, under whatever user: nobody
/// but root can let anybody listen there.
pub const OF_COMPUTER: &str = "/run/oic-tokend/socket";

/// The environment, as a question.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Where the daemon listens when no descriptor was passed to it: the first of
/// `--socket`, `$OIC_TOKEND_SOCKET`, `$RUNTIME_DIRECTORY/socket` and
/// `$XDG_RUNTIME_DIR/oic-tokend/socket` that is set. `None`: none of them is.
pub fn of_daemon(option: Option<PathBuf>, environment: Environment<'_>) -> Option<PathBuf> {
    option
        .or_else(|| path_variable(environment, SOCKET_VARIABLE))
        .or_else(|| Some(runtime_of_daemon(environment)?.join("socket")))
}

/// The daemon's own folder among those that are emptied when the machine
/// boots: the first of `$RUNTIME_DIRECTORY` and `$XDG_RUNTIME_DIR/oic-tokend`
/// that is set.
pub fn runtime_of_daemon(environment: Environment<'_>) -> Option<PathBuf> {
    of_unit(environment).or_else(|| of_user(environment))
}

/// Where a caller with the user id `uid` looks, in this order: `--socket` or
/// `$OIC_TOKEND_SOCKET` alone if set; else under `$XDG_RUNTIME_DIR`, under
/// `/run/user/<uid>` (cron jobs and `su` sessions lack the variable), and at
/// the system service's place.
pub fn of_caller(option: Option<PathBuf>, environment: Environment<'_>, uid: u32) -> Vec<PathBuf> {
    if let Some(told) = option.or_else(|| path_variable(environment, SOCKET_VARIABLE)) {
        return vec![told];
    }
    let of_user = of_user(environment).map(|folder| folder.join("socket"));
    let mut places = Vec::from_iter(of_user);
    let by_uid = PathBuf::from(format!("/run/user/{uid}/oic-tokend/socket"));
    if !places.contains(&by_uid) {
        places.push(by_uid);
    }
    places.push(PathBuf::from(OF_COMPUTER));
    places
}

/// Where daemon and callers meet on Windows: at the pipe that `--socket` or
/// `$OIC_TOKEND_SOCKET` names, or at that of the user with this security
/// identifier.
pub fn of_pipe(
    option: Option<PathBuf>,
    environment: Environment<'_>,
    sid: impl fmt::Display,
) -> PathBuf {
    option
        .or_else(|| path_variable(environment, SOCKET_VARIABLE))
        .unwrap_or_else(|| format!(r"\\.\pipe\oic-tokend-{sid}").into())
}

/// systemd may pass several directories, separated by colons; the first is
/// the unit's own.
fn of_unit(environment: Environment<'_>) -> Option<PathBuf> {
    let list = path_variable(environment, "RUNTIME_DIRECTORY")?;
    let first = list.to_str()?.split(':').next()?;
    Some(PathBuf::from(first))
}

fn of_user(environment: Environment<'_>) -> Option<PathBuf> {
    // The XDG base directory specification has relative paths ignored.
    path_variable(environment, "XDG_RUNTIME_DIR")
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("oic-tokend"))
}

/// Empty counts as not set, as the XDG base directory specification has it.
fn path_variable(environment: Environment<'_>, name: &str) -> Option<PathBuf> {
    environment(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
