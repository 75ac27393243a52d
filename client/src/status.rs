//! `oic-token status`: how every profile stands, as a table, as JSON, as an
//! exit code.

mod layout;

use std::process::ExitCode;
use std::time::Duration;

use oic_proto::message::{
    AccessTokenView, DaemonView, LastError, ProfileView, Refusal, RenewalState, SessionState,
};
use oic_proto::{Request, Response};

use crate::args::{self, Freshness, Status};
use crate::call::Daemon;
use crate::failure::Failure;
use crate::json;
use crate::moment::{self, Present};
use crate::{clock, get, terminal};
use layout::Entry;

/// How long the daemon may take; it asks nobody.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// How often `--watch` looks.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Runs the command.
///
/// # Errors
///
/// Whatever stands between us and the daemon's answer; with `--check` also
/// why a profile cannot hand out an access token.
pub fn run(daemon: &Daemon, arguments: Status) -> Result<ExitCode, Failure> {
    if arguments.watch {
        return watch(daemon, arguments.profile.as_ref());
    }
    let standing = Standing::ask(daemon, arguments.profile)?;
    if arguments.json {
        let status = json::Status::new(&standing.daemon, &standing.profiles);
        terminal::print(&[json::line(&status)])?;
    } else if !arguments.check {
        terminal::print(&standing.lines(&clock::present(), terminal::width()))?;
    }
    if arguments.check {
        return Ok(standing.check(daemon));
    }
    Ok(ExitCode::SUCCESS)
}

/// Until Ctrl-C. A daemon that is away is shown as such, and as back when it
/// is back.
fn watch(daemon: &Daemon, profile: Option<&String>) -> Result<ExitCode, Failure> {
    if !terminal::is_stdout_interactive() {
        return Err(Failure::NoTerminal);
    }
    loop {
        let lines = match Standing::ask(daemon, profile.cloned()) {
            Ok(standing) => standing.lines(&clock::present(), terminal::width()),
            Err(failure) => failure.lines(),
        };
        terminal::reprint(&lines)?;
        std::thread::sleep(WATCH_INTERVAL);
    }
}

/// How things stand.
struct Standing {
    daemon: DaemonView,
    profiles: Vec<ProfileView>,
}

impl Standing {
    fn ask(daemon: &Daemon, profile: Option<String>) -> Result<Self, Failure> {
        let deadline = clock::after(ANSWER_MAX);
        let mut call = daemon.call(&Request::Status { profile }, deadline)?;
        let Response::Daemon(view) = call.answer(deadline)? else {
            return Err(call.beside_the_point());
        };
        let mut profiles = Vec::new();
        loop {
            match call.answer(deadline)? {
                Response::Profile(profile) => profiles.push(*profile),
                Response::End => break,
                _ => return Err(call.beside_the_point()),
            }
        }
        Ok(Self {
            daemon: view,
            profiles,
        })
    }

    fn lines(&self, present: &Present, width: Option<usize>) -> Vec<String> {
        let mut lines = if self.profiles.is_empty() {
            vec!["no profile is configured".to_owned()]
        } else {
            let entries = self.profiles.iter().map(|view| entry(view, present));
            layout::lines(HEADS, &Vec::from_iter(entries), width)
        };
        lines.push(String::new());
        let daemon = format!(
            "oic-tokend {}, process {}, running since {}; sessions are sealed with {}",
            self.daemon.version,
            self.daemon.pid,
            present.local(self.daemon.started_at),
            self.daemon.session_key
        );
        lines.extend(layout::wrap(&daemon, width, 0));
        lines
    }

    /// Asks for an access token of each profile, as `get` does, and reports
    /// those that cannot hand one out; the first one decides the exit code.
    fn check(&self, daemon: &Daemon) -> ExitCode {
        if self.profiles.is_empty() {
            let known = Vec::new();
            let failure = Failure::Refused(Refusal::NoDefaultProfile { known });
            return failure.report().into();
        }
        let deadline = clock::after(Duration::from_secs(args::TIMEOUT_DEFAULT.into()));
        let tokens = self.profiles.iter().map(|view| {
            let left = clock::left_until(deadline).as_secs();
            let freshness = Freshness {
                min_valid: args::MIN_VALID_DEFAULT,
                timeout: u32::try_from(left).unwrap_or(args::TIMEOUT_DEFAULT),
            };
            get::access_token(daemon, Some(view.name.clone()), freshness, false)
        });
        let exits = tokens
            .filter_map(Result::err)
            .map(|failure| failure.report());
        let exits = Vec::from_iter(exits);
        exits
            .first()
            .map_or(ExitCode::SUCCESS, |exit| (*exit).into())
    }
}

/// How many seconds before a login becomes necessary it is warned of, as the
/// daemon's log does: three days.
const WARNING_LEAD: i64 = 3 * 24 * 3600;

const HEADS: [&str; 5] = ["PROFILE", "STATE", "USER", "ACCESS TOKEN", "NEXT RENEWAL"];

/// What `store = "memory-only"` means to whoever looks.
const MEMORY_ONLY: &str = "kept in memory only: a restart of oic-tokend needs a login";

/// What stands in a cell that has nothing to say.
const NOTHING: &str = "-";

fn entry(view: &ProfileView, present: &Present) -> Entry<5> {
    let nothing = || NOTHING.to_owned();
    let left = |token: &AccessTokenView| format!("{} left", moment::span(token.remaining));
    let error = |error: &LastError| {
        let when = present.ago(error.at);
        format!("last error, {when}: {}: {}", error.code, error.message)
    };
    let warning = login_needed(view, present);
    let error = view.last_error.as_ref().map(error);
    let memory = view.memory_only.then(|| MEMORY_ONLY.to_owned());
    Entry {
        cells: [
            view.name.clone(),
            state(view.state).to_owned(),
            view.subject.clone().unwrap_or_else(nothing),
            view.access_token.as_ref().map_or_else(nothing, left),
            renewal(view, present),
        ],
        notes: warning.into_iter().chain(memory).chain(error).collect(),
    }
}

/// A warning of a login that becomes necessary soon: of the end of a lifetime
/// that renewals prolong only while they fail.
fn login_needed(view: &ProfileView, present: &Present) -> Option<String> {
    let token = view.refresh_token.as_ref()?;
    let by = token.login_needed_by.or(token.renew_by)?;
    if by.0.saturating_sub(present.now.0) > WARNING_LEAD {
        return None;
    }
    let when = format!("{} ({})", present.local(by), present.relative(by));
    let command = format!("'oic-token login {}'", view.name);
    if by <= present.now {
        return Some(format!("login probably needed since {when}: {command}"));
    }
    match token.login_needed_by {
        Some(_) => Some(format!("login needed by {when}: {command}")),
        None if view.failures == 0 => None,
        None => Some(format!(
            "login needed by {when} unless a renewal succeeds before"
        )),
    }
}

const fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::SignedOut => "signed out",
        SessionState::Authorizing => "authorizing",
        SessionState::AwaitingUser => "awaiting user",
        SessionState::SignedIn => "signed in",
    }
}

fn renewal(view: &ProfileView, present: &Present) -> String {
    let next = match view.next_renewal_at {
        Some(at) if at > present.now => present.relative(at),
        Some(_) => "now".to_owned(),
        None => NOTHING.to_owned(),
    };
    match view.renewal {
        None | Some(RenewalState::Due) => next,
        Some(RenewalState::InFlight) => "under way".to_owned(),
        Some(RenewalState::Backoff) if view.failures == 1 => format!("{next}, failed once"),
        Some(RenewalState::Backoff) => format!("{next}, failed {} times", view.failures),
        Some(RenewalState::InDoubt) => format!("{next}, last one unanswered"),
    }
}
