//! `oic-token status`: how every profile stands, as a table, as JSON, as an
//! exit code.

use std::time::{Duration, Instant};

use oic_proto::message::{
    DaemonView, Keeping, Lock, ProfileView, Refusal, RenewalState, SessionState,
};
use oic_proto::{Request, Response};

use crate::args::{self, Freshness, Status};
use crate::call::{Daemon, repeatable};
use crate::failure::Failure;
use crate::layout::{self, Entry, NOTHING};
use crate::moment::{self, Present};
use crate::start::ExitCode;
use crate::terminal::Screen;
use crate::text::{Line, Piece, Style};
use crate::{clock, get, json, terminal};

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
        terminal::show(&standing.lines(&clock::present(), terminal::width()))?;
    }
    if arguments.check {
        return Ok(standing.check(daemon));
    }
    Ok(ExitCode::SUCCESS)
}

/// Until Ctrl-C. A daemon that is away is shown as such, and as back when it
/// is back; a profile that is not there to begin with is no such thing.
fn watch(daemon: &Daemon, profile: Option<&String>) -> Result<ExitCode, Failure> {
    if !terminal::is_stdout_interactive() {
        return Err(Failure::NoTerminal);
    }
    let mut standing = Standing::ask(daemon, profile.cloned());
    if let Err(failure @ Failure::Refused(Refusal::UnknownProfile { .. })) = standing {
        return Err(failure);
    }
    let screen = Screen::open()?;
    loop {
        let width = terminal::width();
        screen.draw(&match &standing {
            Ok(standing) => standing.lines(&clock::present(), width),
            Err(failure) => apology(failure, width),
        })?;
        std::thread::sleep(WATCH_INTERVAL);
        standing = Standing::ask(daemon, profile.cloned());
    }
}

fn apology(failure: &Failure, width: Option<usize>) -> Vec<Line> {
    let lines = failure.lines().into_iter().zip([Style::Bad, Style::Plain]);
    let pieces = lines.map(|(line, style)| Piece::new(&line, style));
    pieces
        .flat_map(|piece| layout::paragraph(&piece, width, 0))
        .collect()
}

/// How things stand.
pub struct Standing {
    daemon: DaemonView,
    /// Every profile, or the one that was asked for.
    pub profiles: Vec<ProfileView>,
}

impl Standing {
    /// Asks the daemon.
    ///
    /// # Errors
    ///
    /// Whatever stands between us and its answer.
    pub fn ask(daemon: &Daemon, profile: Option<String>) -> Result<Self, Failure> {
        Self::ask_by(daemon, profile, clock::after(ANSWER_MAX))
    }

    /// The same, until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Whatever stands between us and its answer.
    pub fn ask_by(
        daemon: &Daemon,
        profile: Option<String>,
        deadline: Instant,
    ) -> Result<Self, Failure> {
        repeatable(|| Self::ask_once(daemon, profile.clone(), deadline))
    }

    fn ask_once(
        daemon: &Daemon,
        profile: Option<String>,
        deadline: Instant,
    ) -> Result<Self, Failure> {
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

    fn lines(&self, present: &Present, width: Option<usize>) -> Vec<Line> {
        let mut lines = if self.profiles.is_empty() {
            vec!["no profile is configured".into()]
        } else {
            let entries = self.profiles.iter().map(|view| entry(view, present));
            layout::table(HEADS, &Vec::from_iter(entries), USER, width)
        };
        lines.push(Line::default());
        let daemon = format!(
            "oic-tokend {}, process {}, running since {}; sessions are sealed with {}{}",
            self.daemon.version,
            self.daemon.pid,
            present.local(self.daemon.started_at),
            self.daemon.session_key,
            locked(self.daemon.lock)
        );
        let daemon = Piece::new(&daemon, Style::Faint);
        lines.extend(layout::paragraph(&daemon, width, 0));
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

const HEADS: [&str; 6] = [
    "PROFILE",
    "STATE",
    "USER",
    "ACCESS TOKEN",
    "RENEWAL",
    "LOGIN BY",
];

/// What `store = "memory-only"` means to whoever looks.
const fn memory_only(keeping: Keeping) -> Option<&'static str> {
    match keeping {
        Keeping::Disk => None,
        Keeping::Memory => Some("kept in memory only: a restart of oic-tokend needs a login"),
        Keeping::Manager => Some("kept in memory only: by systemd over a restart of oic-tokend"),
        Keeping::PerhapsManager => Some(
            "kept in memory only: over a restart of oic-tokend where systemd has \
             FileDescriptorStoreMax= for it",
        ),
    }
}

/// The column that is cut where the table is too wide: the others would say
/// something else.
const USER: usize = 2;

fn entry(view: &ProfileView, present: &Present) -> Entry<6> {
    let user = view.subject.as_deref().unwrap_or(NOTHING);
    let warning = login_needed(view, present).map(|text| Piece::new(&text, Style::Warning));
    let memory = memory_only(view.keeping).map(Piece::from);
    let trouble = trouble(view, present);
    Entry {
        cells: [
            Piece::new(&view.name, Style::Strong),
            state(view.state),
            user.into(),
            access_token(view),
            renewal(view, present),
            login_by(view, present),
        ],
        notes: warning.into_iter().chain(memory).chain(trouble).collect(),
    }
}

fn state(state: SessionState) -> Piece {
    match state {
        SessionState::SignedOut => Piece::new("signed out", Style::Bad),
        SessionState::Authorizing => Piece::new("authorizing", Style::Warning),
        SessionState::AwaitingUser => Piece::new("awaiting user", Style::Warning),
        SessionState::SignedIn => Piece::new("signed in", Style::Good),
        SessionState::Locked => Piece::new("locked", Style::Bad),
    }
}

fn access_token(view: &ProfileView) -> Piece {
    match &view.access_token {
        Some(token) => format!("{} left", moment::span(token.remaining))
            .as_str()
            .into(),
        None if view.state == SessionState::SignedIn => Piece::new("none", Style::Bad),
        None => NOTHING.into(),
    }
}

fn renewal(view: &ProfileView, present: &Present) -> Piece {
    let next = match view.next_renewal_at {
        Some(at) if at > present.now => present.relative(at),
        Some(_) => "now".to_owned(),
        None => NOTHING.to_owned(),
    };
    match view.renewal {
        None | Some(RenewalState::Due) => next.as_str().into(),
        Some(RenewalState::InFlight) => "under way".into(),
        Some(RenewalState::Backoff | RenewalState::InDoubt) => {
            Piece::new(&format!("again {next}"), Style::Warning)
        }
    }
}

/// When a login becomes necessary as things go: a sliding life of the refresh
/// token ends only while renewals fail.
fn login_by(view: &ProfileView, present: &Present) -> Piece {
    match view.state {
        SessionState::SignedIn => {}
        SessionState::Locked => return NOTHING.into(),
        _ => return Piece::new("now", Style::Bad),
    }
    let by = match &view.refresh_token {
        Some(token) if view.failures == 0 => token.login_needed_by,
        Some(token) => token.login_needed_by.or(token.renew_by),
        None => view.access_token.as_ref().map(|token| token.expires_at),
    };
    let Some(by) = by else { return NOTHING.into() };
    let is_near = by.0.saturating_sub(present.now.0) <= WARNING_LEAD;
    let style = if is_near {
        Style::Warning
    } else {
        Style::Plain
    };
    Piece::new(&present.relative(by), style)
}

/// What went wrong last.
fn trouble(view: &ProfileView, present: &Present) -> Option<Piece> {
    let error = view.last_error.as_ref()?;
    let failed = match view.failures {
        0 => String::new(),
        1 => "failed once; ".to_owned(),
        times => format!("failed {times} times; "),
    };
    let when = present.ago(error.at);
    let text = format!("{failed}last error, {when}: {error}");
    Some(Piece::new(&text, Style::Bad))
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

const fn locked(lock: Lock) -> &'static str {
    match lock {
        Lock::None | Lock::Unlocked => "",
        Lock::Locked => ", and locked: run 'oic-token unlock'",
        Lock::Unset => ", which nobody has set yet: run 'oic-token unlock'",
    }
}
