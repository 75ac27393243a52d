//! The daemon that `setup` starts: the systemd user service, or one that runs
//! already and reads its configuration again.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use oic_proto::message::Refusal;
use oic_proto::{Request, Response};

use super::Trouble;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::{clock, daemon_program, program, terminal};

/// The units as they are shipped.
const SERVICE: &str = include_str!("../../../systemd/user/oic-tokend.service");
const SOCKET: &str = include_str!("../../../systemd/user/oic-tokend.socket");

/// Where the service expects the program; what is put in its place.
const SERVICE_PROGRAM: &str = "%h/.cargo/bin/oic-tokend";

const SERVICE_NAME: &str = "oic-tokend.service";
const SOCKET_NAME: &str = "oic-tokend.socket";

/// Where systemd keeps which users' services run without them.
const LINGER_FOLDER: &str = "/var/lib/systemd/linger";

/// How long a daemon may take to know a new profile.
const START_MAX: Duration = Duration::from_secs(10);

/// How often to look whether it does.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Has a daemon that runs read its configuration again; whether there is one.
///
/// # Errors
///
/// [`Trouble::NotTaken`], or what else stands between us and a daemon that
/// runs.
pub fn reload(daemon: &Daemon, profile: &str) -> Result<bool, Failure> {
    let deadline = clock::after(START_MAX);
    let mut call = match daemon.call(&Request::Status { profile: None }, deadline) {
        Ok(call) => call,
        Err(Failure::NoDaemon { .. }) => return Ok(false),
        Err(failure) => return Err(failure),
    };
    let view = match call.answer(deadline) {
        Ok(Response::Daemon(view)) => view,
        Ok(_) => return Err(call.beside_the_point()),
        Err(Failure::TurnedAway { .. }) => return Ok(false),
        Err(failure) => return Err(failure),
    };
    // The machine's own is no daemon of ours, even where it has tokens for us.
    if !hang_up(view.pid) {
        return Ok(false);
    }
    wait(daemon, profile)?;
    Ok(true)
}

/// Whether we may tell it.
#[cfg(unix)]
fn hang_up(process: u32) -> bool {
    use rustix::process::{Pid, Signal, kill_process};
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    process.is_some_and(|it| kill_process(it, Signal::HUP).is_ok())
}

#[cfg(not(unix))]
fn hang_up(_: u32) -> bool {
    true
}

/// Waits until the daemon knows the profile.
///
/// # Errors
///
/// [`Trouble::NotTaken`], or what else stands between us and a daemon that
/// runs.
pub fn wait(daemon: &Daemon, profile: &str) -> Result<(), Failure> {
    let deadline = clock::after(START_MAX);
    while !clock::left_until(deadline).is_zero() {
        match knows(daemon, profile, deadline) {
            Ok(true) => return Ok(()),
            Ok(false) | Err(Failure::NoDaemon { .. }) => thread::sleep(LOOK_INTERVAL),
            Err(failure) => return Err(failure),
        }
    }
    Err(Trouble::NotTaken(profile.to_owned()).into())
}

fn knows(daemon: &Daemon, profile: &str, deadline: std::time::Instant) -> Result<bool, Failure> {
    let request = Request::Status {
        profile: Some(profile.to_owned()),
    };
    match daemon.call(&request, deadline)?.answer(deadline) {
        Ok(_) => Ok(true),
        Err(Failure::Refused(Refusal::UnknownProfile { .. })) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Whether this user has a systemd of their own.
pub fn is_possible() -> bool {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    runtime.is_some_and(|folder| folder.join("systemd").is_dir())
}

/// Refuses what would end without a login: a user service that nobody finds who
/// looks where we were told to look.
///
/// # Errors
///
/// [`Trouble::Elsewhere`].
pub fn check_place(daemon: &Daemon) -> Result<(), Failure> {
    let listens = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let listens = listens.unwrap_or_default().join("oic-tokend/socket");
    let Some(told) = daemon.only_place().filter(|&told| told != listens) else {
        return Ok(());
    };
    let told = told.to_owned();
    match daemon.call(&Request::Status { profile: None }, clock::after(START_MAX)) {
        Err(Failure::NoDaemon { .. }) => Err(Trouble::Elsewhere { told, listens }.into()),
        _ => Ok(()),
    }
}

/// Installs the user service, for the configuration at `config`, and starts it.
/// One that a package has brought is left as it is: a copy in front of it would
/// hide the next version's.
///
/// # Errors
///
/// [`Trouble::Service`], [`Trouble::File`], [`Failure::NotStarted`].
pub fn install(config: &Path) -> Result<(), Failure> {
    let folder = unit_folder().ok_or(Trouble::NoPlace)?;
    let units = if !is_packaged(&folder) {
        // By their paths: the folder comes from our environment, and the service
        // manager, which has another one, may not look there.
        [
            write(&folder, SOCKET_NAME, SOCKET)?,
            write(&folder, SERVICE_NAME, &service(config))?,
        ]
    } else {
        if is_unusual(config) {
            let folder = folder.join(format!("{SERVICE_NAME}.d"));
            write(&folder, "config.conf", &configured(config))?;
        }
        [SOCKET_NAME, SERVICE_NAME].map(str::to_owned)
    };
    systemctl(&["daemon-reload"])?;
    systemctl(&["enable", "--now", &units[0], &units[1]])?;
    if !lingers() {
        terminal::say("it runs while you are logged in to this computer");
        terminal::say("hint: 'loginctl enable-linger' has it run from boot to shutdown");
    }
    Ok(())
}

/// Whether systemd knows the service from elsewhere than from the user's own
/// `folder`.
fn is_packaged(folder: &Path) -> bool {
    let known = systemctl(&["show", "--property=FragmentPath", "--value", SERVICE_NAME]);
    // What stands in the way is said by what follows.
    known.is_ok_and(|known| {
        let known = Path::new(known.trim());
        known.is_absolute() && !known.starts_with(folder)
    })
}

/// Where it is.
fn write(folder: &Path, name: &str, text: &str) -> Result<String, Failure> {
    let path = folder.join(name);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
    let shown = path.display().to_string();
    written.map_err(|error| Trouble::File { path, error })?;
    terminal::say(&format!("wrote {shown}"));
    Ok(shown)
}

/// Whether this user's services go on after the logout (loginctl(1)).
fn lingers() -> bool {
    let user = std::env::var_os("USER").unwrap_or_default();
    !user.is_empty() && Path::new(LINGER_FOLDER).join(user).exists()
}

fn unit_folder() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let home = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let home = home.or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(home.join("systemd/user"))
}

/// Whether the service would look elsewhere: it has none of the variables by
/// which this program found the configuration.
fn is_unusual(config: &Path) -> bool {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let usual = home.map(|home| home.join(".config/oic-tokend/config.toml"));
    usual.as_deref() != Some(config)
}

fn service(config: &Path) -> String {
    let mut command = escaped(&daemon_program::place());
    if is_unusual(config) {
        command.push_str(&format!(" --config {}", escaped(config)));
    }
    SERVICE.replace(SERVICE_PROGRAM, &command)
}

/// What has a packaged service read another configuration.
fn configured(config: &Path) -> String {
    let path = std::path::absolute(config).unwrap_or_else(|_| config.to_owned());
    let told = PathBuf::from(format!("OIC_TOKEND_CONFIG={}", path.display()));
    format!("[Service]\nEnvironment={}\n", quoted(&told))
}

/// A path as systemd reads it back from a command line (systemd.service(5)).
fn escaped(path: &Path) -> String {
    let absolute = std::path::absolute(path);
    quoted(&absolute.unwrap_or_else(|_| path.to_owned())).replace('$', "$$")
}

/// One word of any line of a unit (systemd.syntax(7)).
fn quoted(word: &Path) -> String {
    let text = word.display().to_string();
    let text = text.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('%', "%%"))
}

/// What it says.
fn systemctl(arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new("systemctl");
    command.arg("--user").args(arguments).stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| program::not_started(OsStr::new("systemctl"), error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Trouble::Service {
        command: format!("systemctl --user {}", arguments.join(" ")),
        why: reason(&String::from_utf8_lossy(&output.stderr)),
    }
    .into())
}

/// What systemctl says of a failure, in one line: neither what it has done
/// before, nor where to read more, for which there is a hint.
fn reason(said: &str) -> String {
    let beside = |line: &&str| line.starts_with("Created symlink ") || line.starts_with("See ");
    let lines = said.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !beside(line));
    Vec::from_iter(lines)
        .join(" ")
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemctl_says_is_one_line() {
        let said = "Created symlink /a \u{2192} /b.\nJob for oic-tokend.service failed because the control process exited with \
                    error code.\nSee \"systemctl --user status oic-tokend.service\" for details.\n";
        let expected = "Job for oic-tokend.service failed because the control process exited \
                        with error code";
        assert_eq!(reason(said), expected);
    }

    #[test]
    fn the_service_runs_the_program_that_is_here_with_the_configuration_that_was_named() {
        let service = service(Path::new("/etc/a b/50%.toml"));
        assert!(service.contains("oic-tokend\" --config \"/etc/a b/50%%.toml\"\n"));
        assert!(!service.contains(SERVICE_PROGRAM));
        assert_eq!(SERVICE.matches(SERVICE_PROGRAM).count(), 2);
    }

    #[test]
    fn a_packaged_service_is_told_of_the_configuration_and_nothing_else() {
        assert_eq!(
            configured(Path::new("/etc/a b/50%$.toml")),
            "[Service]\nEnvironment=\"OIC_TOKEND_CONFIG=/etc/a b/50%%$.toml\"\n"
        );
    }
}
