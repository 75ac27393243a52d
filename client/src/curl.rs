//! `oic-token curl`: curl with the access token in a header, by way of a
//! config file that only curl can read. A process listing shows arguments to
//! everybody, and the environment is inherited.
//!
//! [`arguments`] reads what curl is to do, [`destination`] says whether the
//! token may go there, and [`plan`] what else curl is told. Where the request
//! can be made again, it is: [`attempt`] holds back a 401 ([`answer`]).

mod answer;
mod arguments;
mod attempt;
mod destination;
mod options;
mod plan;

use std::ffi::{OsStr, OsString};
use std::io;

use oic_proto::message::TokenView;

use crate::args::Curl;
use crate::call::Daemon;
use crate::failure::Failure;
use crate::start::ExitCode;
use crate::{get, program, reject, terminal};
use arguments::Section;
use attempt::Attempt;
use destination::Destination;
use plan::Plan;

pub use answer::Answer;

/// Runs the command.
///
/// # Errors
///
/// Whatever kept curl from being started.
pub fn run(daemon: &Daemon, arguments: Curl) -> Result<ExitCode, Failure> {
    let freshness = arguments.freshness;
    let view = get::access_token(daemon, arguments.profile, freshness, false)?;
    let plan = Plan::new(arguments.arguments, &view)?;
    if !plan.can_be_repeated() {
        return attempt::become_curl(&plan, &view).map_err(not_started);
    }
    let first = attempt::make(&plan, &view, true).map_err(not_started)?;
    if !first.answer.is_unauthorized() {
        return first.end();
    }
    if let Some(why) = why_final(&first) {
        terminal::say(&format!("warning: {}; {why}", refused(&first)));
        return first.end();
    }
    let another = reject::report(daemon, Some(view.profile.clone()), &view.access_token)
        .and_then(|()| get::access_token(daemon, Some(view.profile.clone()), freshness, false));
    match another {
        Ok(another) => again(&plan, &another),
        Err(failure) => {
            terminal::say(&format!(
                "warning: {}, and there is no other",
                refused(&first)
            ));
            failure.report();
            first.end()
        }
    }
}

/// Whether an access token may be taken to `url`, which has to be written
/// plainly.
///
/// # Errors
///
/// [`Failure::TokenKept`].
pub fn may_take(view: &TokenView, url: &str) -> Result<(), Failure> {
    let to = destination::of(url.as_ref());
    if to == Destination::Unclear {
        return Err(destination::stranger(url.as_ref(), to, &view.profile));
    }
    let request = Section {
        urls: vec![OsString::from(url)],
        ..Section::default()
    };
    destination::check(&request, &view.profile, &view.hosts)
}

/// Why another access token would not help, or cannot be tried.
fn why_final(first: &Attempt) -> Option<String> {
    if let Some(location) = first.answer.redirected() {
        return Some(format!(
            "the answer came after a redirect to {location}, and to another host curl takes no \
             access token"
        ));
    }
    let released = "the request is not made again, as a part of the answer is printed already";
    first.released.then(|| released.to_owned())
}

fn again(plan: &Plan, view: &TokenView) -> Result<ExitCode, Failure> {
    let second = attempt::make(plan, view, false).map_err(not_started)?;
    if second.answer.is_unauthorized() {
        let profile = &view.profile;
        terminal::say(&format!(
            "warning: {}, and one just issued too",
            refused(&second)
        ));
        terminal::say(&format!(
            "hint: look whether its audience is that host, and whether its user has the role \
             there: 'oic-token inspect {profile}'"
        ));
    }
    second.end()
}

fn refused(attempt: &Attempt) -> String {
    match attempt.answer.challenge() {
        Some(challenge) => format!("the access token was refused (401; {challenge})"),
        None => "the access token was refused (401)".to_owned(),
    }
}

fn not_started(error: io::Error) -> Failure {
    program::not_started(OsStr::new("curl"), error)
}
