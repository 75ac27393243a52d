//! What there is to find on this computer.

use std::path::Path;

use oic_proto::message::{DaemonView, Finding, Outcome};

use crate::daemon_program;
use crate::failure::Failure;

/// Where the daemon of the whole computer listens; its configuration is not
/// this user's affair.
const SYSTEM_SOCKET: &str = "/run/oic-tokend/socket";

/// Something that is as it should be.
pub fn good(check: &str, message: impl Into<String>) -> Finding {
    finding(check, Outcome::Good, message, None)
}

/// Something, and what to do about it.
pub fn finding(
    check: &str,
    outcome: Outcome,
    message: impl Into<String>,
    remedy: Option<String>,
) -> Finding {
    Finding {
        profile: None,
        check: check.to_owned(),
        outcome,
        message: message.into(),
        remedy,
    }
}

/// The daemon that answered.
pub fn daemon(view: &DaemonView) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    let theirs = &view.version;
    if theirs == own {
        let (pid, key) = (view.pid, &view.session_key);
        return good(
            "daemon",
            format!("oic-tokend {theirs} runs as process {pid}; sessions are sealed with {key}"),
        );
    }
    finding(
        "daemon",
        Outcome::Doubtful,
        format!("oic-tokend {theirs} runs, and this is oic-token {own}"),
        Some("restart the daemon: 'systemctl --user restart oic-tokend'".to_owned()),
    )
}

/// No daemon can be asked.
pub fn unreachable(failure: &Failure) -> Finding {
    finding("daemon", Outcome::Bad, failure.to_string(), failure.hint())
}

/// Where it listens: whoever may write there may put a socket of their own in
/// its place.
#[cfg(unix)]
pub fn socket(place: &Path) -> Finding {
    use std::os::unix::fs::MetadataExt;

    const OTHERS_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let folder = place.parent().unwrap_or(Path::new("/"));
    let mode = std::fs::metadata(folder).map_or(0, |found| found.mode());
    if mode & OTHERS_WRITE == 0 || mode & STICKY != 0 {
        return good("socket", place.display().to_string());
    }
    finding(
        "socket",
        Outcome::Bad,
        format!("others may write to {}", folder.display()),
        Some(format!("run 'chmod go-w {}'", folder.display())),
    )
}

/// The pipe's access list names its owner alone.
#[cfg(not(unix))]
pub fn socket(place: &Path) -> Finding {
    good("pipe", place.display().to_string())
}

/// The folder of the sessions, in which a daemon refuses to start where others
/// may look; one that is not there will be made.
#[cfg(unix)]
pub fn state() -> Option<Finding> {
    use std::os::unix::fs::MetadataExt;

    const OTHERS: u32 = 0o077;
    let folder = state_folder()?;
    let found = std::fs::metadata(&folder).ok()?;
    let shown = folder.display();
    if found.uid() != rustix::process::getuid().as_raw() {
        return Some(finding(
            "state",
            Outcome::Bad,
            format!("{shown} belongs to another user"),
            Some("name a folder of your own with 'oic-tokend --state-dir'".to_owned()),
        ));
    }
    if found.mode() & OTHERS != 0 {
        return Some(finding(
            "state",
            Outcome::Bad,
            format!("{shown} is open to other users"),
            Some(format!("run 'chmod 700 {shown}'")),
        ));
    }
    Some(good("state", shown.to_string()))
}

/// Its folder is private by where it is.
#[cfg(not(unix))]
pub fn state() -> Option<Finding> {
    None
}

/// Where a daemon that this user starts keeps its sessions.
#[cfg(unix)]
fn state_folder() -> Option<std::path::PathBuf> {
    let set = |name| std::env::var_os(name).map(std::path::PathBuf::from);
    let state = set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(set("HOME")?.join(".local/state")));
    Some(state?.join("oic-tokend"))
}

/// The configuration that this user's daemon would read, beside the one that
/// it runs with.
pub fn configuration(place: &Path) -> Option<Finding> {
    if place == Path::new(SYSTEM_SOCKET) {
        return None;
    }
    Some(match daemon_program::check_config(None) {
        Ok(Ok(said)) => good("configuration", said),
        Ok(Err(why)) => bad_configuration(Outcome::Doubtful, &why),
        Err(failure) => no_program(&failure),
    })
}

/// A configuration that a daemon refuses; the last line may be a hint.
pub fn bad_configuration(outcome: Outcome, why: &str) -> Finding {
    let (why, hint) = match why.split_once("\nhint: ") {
        Some((why, hint)) => (why, hint),
        None => (why, "mend it, or write a new one with 'oic-token setup'"),
    };
    finding("configuration", outcome, why, Some(hint.to_owned()))
}

/// The program that would look at the configuration is missing.
pub fn no_program(failure: &Failure) -> Finding {
    finding(
        "configuration",
        Outcome::Doubtful,
        format!("not looked at: {failure}"),
        failure.hint(),
    )
}
