//! A task of the Task Scheduler, which starts the daemon when its user logs on.
//! It is told of by `schtasks`, which comes with Windows.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use oic_proto::sid;

use crate::failure::Failure;
use crate::private_file::PrivateFile;
use crate::setup::Trouble;
use crate::{daemon_program, place, program, terminal};

/// What is asked before it is installed.
pub const QUESTION: &str = "have oic-tokend started whenever you log on?";

/// What starts a daemon.
pub const START: &str =
    "start oic-tokend: 'oic-token service install', or 'oic-tokend' in a terminal";

/// What restarts one, wherever it listens.
pub const fn restart(_: &Path) -> &'static str {
    "restart oic-tokend: 'oic-token service install' does"
}

/// What starts one that is nobody else's.
pub const OWN: &str = "start your own: 'oic-token service install'";

/// What has one read its configuration again: by starting it anew.
pub const RELOAD: &str = "oic-token service install";

/// Where one says why.
pub const LOG: &str = r"'%LOCALAPPDATA%\oic-tokend\log.txt'";

/// The same, wherever it listens.
pub const fn log(_: &Path) -> &'static str {
    LOG
}

/// What helps where there is no service manager.
pub const ELSEWHERE: &str = "run 'oic-tokend' in a terminal";

/// The task, as schtasks(1) takes it. Nothing stops it: neither a battery nor a
/// time limit. Whether the scheduler takes an exit code for a failure is said in
/// different ways; so it also looks every five minutes, and lets one that runs
/// alone. A task has a low priority (7) unless told otherwise. It runs in the
/// session, since DPAPI opens the key for nobody who has not logged on.
const TASK: &str = r#"<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>oic-tokend keeps OAuth 2.0 sessions and hands out access tokens</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Repetition>
        <Interval>PT5M</Interval>
      </Repetition>
      <UserId>{user}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>10</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"#;

/// Windows comes with a scheduler.
pub fn is_possible() -> bool {
    true
}

/// Nothing has a daemon read its configuration again on Windows: it is left to
/// whoever looks whether it knows what is in it.
pub fn tell_to_reload(_: u32) -> bool {
    true
}

/// Installs the task, for the configuration at `config`, and starts it anew.
///
/// # Errors
///
/// [`Trouble::Service`], [`Trouble::File`], [`Failure::NotStarted`].
pub fn install(config: &Path) -> Result<(), Failure> {
    let user = sid::of_user().map_err(Failure::Input)?.to_string();
    let name = name(&user);
    let file = PrivateFile::create(utf16(&task(&user, config))).map_err(Failure::TokenFile)?;
    let path = file.path().display().to_string();
    schtasks(&["/create", "/tn", &name, "/xml", &path, "/f"])?;
    terminal::say(&format!("installed the task {name}"));
    // One that runs is of the configuration before. There may be none.
    let _ = schtasks(&["/end", "/tn", &name]);
    schtasks(&["/run", "/tn", &name])
}

/// Ends the task, and removes it.
///
/// # Errors
///
/// [`Trouble::Service`], [`Failure::NotStarted`].
pub fn uninstall() -> Result<(), Failure> {
    let user = sid::of_user().map_err(Failure::Input)?.to_string();
    let name = name(&user);
    // It may not run.
    let _ = schtasks(&["/end", "/tn", &name]);
    schtasks(&["/delete", "/tn", &name, "/f"])?;
    terminal::say(&format!("removed the task {name}"));
    Ok(())
}

/// All users of a machine have their tasks in one folder.
fn name(user: &str) -> String {
    format!("oic-tokend-{user}")
}

fn task(user: &str, config: &Path) -> String {
    let mut arguments = "--background".to_owned();
    if place::is_unusual(config) {
        arguments.push_str(&format!(" --config \"{}\"", absolute(config)));
    }
    TASK.replace("{user}", &escaped(user))
        .replace("{program}", &escaped(&absolute(&daemon_program::place())))
        .replace("{arguments}", &escaped(&arguments))
}

fn absolute(path: &Path) -> String {
    let absolute = std::path::absolute(path);
    let absolute = absolute.unwrap_or_else(|_| path.to_owned());
    absolute.display().to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// With the mark that schtasks tells it by.
fn utf16(text: &str) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn schtasks(arguments: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new("schtasks");
    command.args(arguments).stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| program::not_started(OsStr::new("schtasks"), error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let why = Vec::from_iter(lines).join(" ");
    Err(Trouble::Service {
        command: format!("schtasks {}", arguments.join(" ")),
        // Not every one of them says something.
        why: match why.is_empty() {
            true => output.status.to_string(),
            false => why,
        },
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_of_one_user_and_names_what_it_runs() {
        let task = task("S-1-5-21-7", Path::new(r"C:\a & b\config.toml"));
        assert_eq!(task.matches("<UserId>S-1-5-21-7</UserId>").count(), 2);
        let arguments = r"--background --config &quot;C:\a &amp; b\config.toml&quot;";
        assert!(task.contains(&format!("<Arguments>{arguments}</Arguments>")));
        assert!(task.contains(r"oic-tokend"));
        assert!(!task.contains('{'), "{task}");
    }

    #[test]
    fn the_text_begins_with_the_mark_of_its_encoding() {
        assert_eq!(utf16("a\u{20ac}"), [0xff, 0xfe, 0x61, 0, 0xac, 0x20]);
    }
}
