//! `oic-token doctor`: finds what is wrong between here and an access token,
//! and says how to mend it.
//!
//! [`host`] and [`files`] look at this computer. What the authorization servers have to
//! say, the daemon asks them: its proxy and its certificates are what counts.
//! Where none runs, the program `oic-tokend` asks. [`resource`] sends a token
//! to where it shall be good.

mod files;
mod host;
mod report;
mod resource;

use std::time::Duration;

use oic_proto::message::{DaemonView, Finding, Outcome};
use oic_proto::{Request, Response};

use crate::args::Doctor;
use crate::call::Daemon;
use crate::clock;
use crate::daemon_program;
use crate::failure::{Exit, Failure};
use crate::start::ExitCode;
use crate::terminal;
use report::Report;
pub use report::lines_of;

/// How long the daemon may take to look at one profile: a pause of 10 s, two
/// requests of 15 s, and a grace.
const EXAMINATION_MAX: Duration = Duration::from_secs(50);

/// How long it may take to say who it is.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Runs the command.
///
/// # Errors
///
/// [`Failure::Refused`] where there is no such profile, and whatever keeps the
/// findings from being printed. What is found is no failure: the exit code
/// tells.
pub fn run(daemon: &Daemon, arguments: Doctor) -> Result<ExitCode, Failure> {
    let mut report = Report::default();
    let running = look(daemon, arguments.profile.as_deref(), &mut report)?;
    if let Some(url) = &arguments.url {
        report.add(resource::look(daemon, arguments.profile, url)?);
    }
    report.print(arguments.json)?;
    Ok(match (running, report.is_bad()) {
        (false, _) => Exit::NoDaemon.into(),
        (true, true) => Exit::Failure.into(),
        (true, false) => ExitCode::SUCCESS,
    })
}

/// Whether a daemon runs.
fn look(daemon: &Daemon, profile: Option<&str>, report: &mut Report) -> Result<bool, Failure> {
    match introduction(daemon) {
        Ok((view, place)) => {
            report.add(host::daemon(&view, &place));
            report.add(files::socket(&place));
            let configuration = host::configuration(&place);
            if configuration.is_some() {
                report.extend(configuration);
                report.extend(files::configuration());
            }
            report.extend(of_daemon(daemon, profile)?);
            Ok(true)
        }
        Err(failure) => {
            report.add(host::unreachable(&failure));
            report.extend(files::ways_in(daemon.places()));
            report.extend(files::state());
            report.extend(files::key());
            report.extend(files::configuration());
            report.extend(of_program(profile));
            Ok(false)
        }
    }
}

fn introduction(daemon: &Daemon) -> Result<(DaemonView, std::path::PathBuf), Failure> {
    let deadline = clock::after(ANSWER_MAX);
    let mut call = daemon.call(&Request::Status { profile: None }, deadline)?;
    match call.answer(deadline)? {
        Response::Daemon(view) => Ok((view, call.place().to_owned())),
        _ => Err(call.beside_the_point()),
    }
}

/// What the daemon finds of its profiles, one after the other.
fn of_daemon(daemon: &Daemon, profile: Option<&str>) -> Result<Vec<Finding>, Failure> {
    let request = Request::Examine {
        profile: profile.map(str::to_owned),
    };
    let mut call = daemon.call(&request, clock::after(ANSWER_MAX))?;
    let mut found = Vec::new();
    let patience = terminal::patience("asking the authorization servers");
    loop {
        match call.answer(clock::after(EXAMINATION_MAX))? {
            Response::Findings(findings) => found.extend(findings),
            Response::End => break,
            _ => return Err(call.beside_the_point()),
        }
    }
    drop(patience);
    Ok(found)
}

/// Without a daemon: its configuration, and what the servers say to that; all
/// are asked, and only `profile` is told of, if one is named.
fn of_program(profile: Option<&str>) -> Vec<Finding> {
    let good = match daemon_program::check_config(None) {
        Ok(Ok(good)) => host::good("configuration", good),
        Ok(Err(why)) => {
            let usual = "mend it; 'oic-tokend --check-config' says whether it is good";
            return vec![host::bad_configuration(Outcome::Bad, &why, usual)];
        }
        Err(failure) => return vec![host::no_program(&failure)],
    };
    let _patience = terminal::patience("asking the authorization servers");
    let mut found = vec![good];
    if let Ok(Ok(findings)) = daemon_program::check_server(None) {
        let is_meant = |it: &Finding| profile.is_none() || it.profile.as_deref() == profile;
        let meant = Vec::from_iter(findings.into_iter().filter(is_meant));
        if let (true, Some(profile)) = (meant.is_empty(), profile) {
            found.push(host::no_profile(profile));
        }
        found.extend(meant);
    }
    found
}
