//! `oic-token curl`: curl with the access token in a header, by way of a
//! config file that only curl can read. A process listing shows arguments to
//! everybody, and the environment is inherited.

use std::ffi::{OsStr, OsString};
use std::io;
use std::process::{Command, ExitCode};

use oic_proto::Secret;

use crate::args::Curl;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::{get, program};

/// Runs the command.
///
/// # Errors
///
/// Whatever kept curl from being started.
pub fn run(daemon: &Daemon, arguments: Curl) -> Result<ExitCode, Failure> {
    let view = get::access_token(daemon, arguments.profile, arguments.freshness, false)?;
    let config = Secret::new(get::curl_config(view.access_token.expose()));
    drop(view);
    start(&config, &arguments.arguments)
        .map_err(|error| program::not_started(OsStr::new("curl"), error))
}

/// The config comes first, as an option of the user's may end with `--next`;
/// but curl knows `-q` in the first place only.
fn curl(config: &OsStr, arguments: &[OsString]) -> Command {
    let is_first = |argument: &&OsString| *argument == "-q" || *argument == "--disable";
    let first = arguments.iter().take_while(is_first).count();
    let mut command = Command::new("curl");
    command
        .args(&arguments[..first])
        .arg("--config")
        .arg(config)
        .args(&arguments[first..]);
    command
}

/// Through a pipe that is filled before curl is there to read it, so that this
/// process can become curl.
#[cfg(unix)]
fn start(config: &Secret<String>, arguments: &[OsString]) -> io::Result<ExitCode> {
    use std::io::Write;
    use std::os::fd::AsRawFd;

    use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};

    let (reader, mut writer) = io::pipe()?;
    // A config that does not fit the pipe is an error, not a wait without end.
    ioctl_fionbio(&writer, true)?;
    writer.write_all(config.expose().as_bytes())?;
    drop(writer);
    fcntl_setfd(&reader, FdFlags::empty())?;
    let config = format!("/dev/fd/{}", reader.as_raw_fd());
    program::become_program(curl(OsStr::new(&config), arguments))
}

/// Through a file, gone when curl has ended.
#[cfg(windows)]
fn start(config: &Secret<String>, arguments: &[OsString]) -> io::Result<ExitCode> {
    let file = crate::private_file::PrivateFile::create(config.expose())?;
    program::become_program(curl(file.path().as_os_str(), arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_comes_first_but_for_the_option_that_must() {
        let arguments = |words: &[&str]| {
            let words = Vec::from_iter(words.iter().map(OsString::from));
            let command = curl(OsStr::new("C"), &words);
            let arguments = command.get_args().map(|word| word.to_str().unwrap());
            Vec::from_iter(arguments).join(" ")
        };
        assert_eq!(arguments(&["-s", "URL"]), "--config C -s URL");
        assert_eq!(arguments(&["-q", "URL"]), "-q --config C URL");
    }
}
