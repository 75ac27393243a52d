//! The systemd user service.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::failure::Failure;
use crate::setup::Trouble;
use crate::{daemon_program, place, program, terminal};

/// What is asked before it is installed.
pub const QUESTION: &str = "install and start the systemd user service?";

/// What starts a daemon.
pub const START: &str =
    "start oic-tokend: 'systemctl --user start oic-tokend', or 'oic-tokend' in a terminal";

/// What restarts the one that listens at `place`.
pub fn restart(place: &Path) -> &'static str {
    match is_of_computer(place) {
        true => "restart oic-tokend, as root: 'systemctl restart oic-tokend'",
        false => "restart oic-tokend: 'systemctl --user restart oic-tokend'",
    }
}

/// What starts one that is nobody else's.
pub const OWN: &str = "start your own: 'systemctl --user start oic-tokend'";

/// What has one read its configuration again.
pub const RELOAD: &str = "systemctl --user reload oic-tokend";

/// Where this user's says why.
pub const LOG: &str = "'journalctl --user -u oic-tokend'";

/// Where the one that listens at `place` does.
pub fn log(place: &Path) -> &'static str {
    match is_of_computer(place) {
        true => "'journalctl -u oic-tokend'",
        false => LOG,
    }
}

fn is_of_computer(place: &Path) -> bool {
    place == Path::new(oic_proto::place::OF_COMPUTER)
}

/// What helps where there is no service manager.
pub const ELSEWHERE: &str = "have what starts programs here run 'oic-tokend'";

/// The units as they are shipped.
const SERVICE: &str = include_str!("../../../systemd/user/oic-tokend.service");
const SOCKET: &str = include_str!("../../../systemd/user/oic-tokend.socket");

/// Where the service expects the program; what is put in its place.
const SERVICE_PROGRAM: &str = "%h/.cargo/bin/oic-tokend";

const SERVICE_NAME: &str = "oic-tokend.service";
const SOCKET_NAME: &str = "oic-tokend.socket";

/// What is in a folder of the service's for our changes to it.
const OVERRIDE_NAME: &str = "config.conf";

/// Where systemd keeps which users' services run without them.
const LINGER_FOLDER: &str = "/var/lib/systemd/linger";

/// Whether this user has a systemd of their own.
pub fn is_possible() -> bool {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    runtime.is_some_and(|folder| folder.join("systemd").is_dir())
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
        if place::is_unusual(config) {
            let folder = folder.join(format!("{SERVICE_NAME}.d"));
            write(&folder, OVERRIDE_NAME, &configured(config))?;
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

/// Ends the service, and removes what [`install`] has written.
///
/// # Errors
///
/// [`Trouble::Service`], [`Trouble::File`], [`Failure::NotStarted`].
pub fn uninstall() -> Result<(), Failure> {
    let folder = unit_folder().ok_or(Trouble::NoPlace)?;
    systemctl(&["disable", "--now", SOCKET_NAME, SERVICE_NAME])?;
    let override_folder = format!("{SERVICE_NAME}.d");
    let override_file = format!("{override_folder}/{OVERRIDE_NAME}");
    for name in [SOCKET_NAME, SERVICE_NAME, &override_file] {
        remove(folder.join(name))?;
    }
    // Somebody else's may be in it.
    let _ = fs::remove_dir(folder.join(override_folder));
    systemctl(&["daemon-reload"]).map(drop)
}

fn remove(path: PathBuf) -> Result<(), Failure> {
    match fs::remove_file(&path) {
        Ok(()) => terminal::say(&format!("removed {}", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(Trouble::File { path, error }.into()),
    }
    Ok(())
}

/// Tells a daemon to read its configuration again; whether we may.
pub fn tell_to_reload(process: u32) -> bool {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    process.is_some_and(|it| kill_process(it, Signal::HUP).is_ok())
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

fn service(config: &Path) -> String {
    let mut command = escaped(&daemon_program::place());
    if place::is_unusual(config) {
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
