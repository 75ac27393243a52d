//! `oic-token login`: shows the user code and the verification URI (RFC 8628
//! §3.3), waits, and says how it ended. Hanging up is cancelling: Ctrl-C needs
//! no code of its own.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use oic_proto::message::{LoginFailed, LoginPrompt, SERVER_PATIENCE, SignedIn};
use oic_proto::{Request, Response};

use crate::args::Login;
use crate::call::{Call, Daemon};
use crate::failure::Failure;
use crate::json::{self, LoginEvent};
use crate::text::{Piece, Style};
use crate::{browser, clock, moment, terminal};

/// How long the daemon may take to show a prompt: the device authorization
/// request goes to a server that may be slow.
const PROMPT_MAX: Duration = SERVER_PATIENCE.saturating_add(Duration::from_secs(10));

/// How much longer than the user code lives the daemon may take to say how the
/// login ended: its last request to the server may still be under way.
const END_GRACE: Duration = SERVER_PATIENCE.saturating_add(Duration::from_secs(10));

/// How often the countdown moves.
const TICK: Duration = Duration::from_secs(1);

/// Runs the command.
///
/// # Errors
///
/// [`Failure::LoginFailed`], [`Failure::LoginTimedOut`], or whatever went
/// wrong on the way.
pub fn run(daemon: &Daemon, arguments: Login) -> Result<ExitCode, Failure> {
    let view = View::new(&arguments);
    let patience = Patience::new(&arguments);
    let request = Request::Login {
        profile: arguments.profile,
        change_user: arguments.change_user,
    };
    let deadline = clock::after(PROMPT_MAX);
    let mut call = daemon.call(&request, patience.or(deadline))?;
    let prompt = match patience.answer(&mut call, deadline, || {})? {
        Response::Prompt(prompt) => prompt,
        Response::LoginFailed(failed) => return view.failed(failed),
        _ => return Err(call.beside_the_point()),
    };
    view.prompt(&prompt)?;
    let code_expires = clock::after(prompt.expires_in);
    let deadline = clock::after(prompt.expires_in.saturating_add(END_GRACE));
    let end = patience.answer(&mut call, deadline, || view.tick(code_expires));
    view.end_ticks();
    match end {
        Ok(Response::SignedIn(signed_in)) => view.signed_in(&signed_in),
        Ok(Response::LoginFailed(failed)) => view.failed(failed),
        Ok(_) => Err(view.gave_up(&prompt, call.beside_the_point())),
        Err(failure) => Err(view.gave_up(&prompt, failure)),
    }
}

/// How long the user may take, as the caller of `login` has it.
struct Patience {
    profile: Option<String>,
    limit: Option<(Instant, Duration)>,
}

impl Patience {
    fn new(arguments: &Login) -> Self {
        let limit = arguments.timeout.map(|seconds| {
            let wait = Duration::from_secs(seconds.into());
            (clock::after(wait), wait)
        });
        Self {
            profile: arguments.profile.clone(),
            limit,
        }
    }

    /// The end of our patience, or `deadline` where that is sooner.
    fn or(&self, deadline: Instant) -> Instant {
        self.limit.map_or(deadline, |(end, _)| end.min(deadline))
    }

    /// The next answer; calls `tick` once a second until it is there.
    fn answer(
        &self,
        call: &mut Call,
        deadline: Instant,
        tick: impl Fn(),
    ) -> Result<Response, Failure> {
        let end = self.or(deadline);
        loop {
            tick();
            if let Some(response) = call.answer_until(end.min(clock::after(TICK)))? {
                return Ok(response);
            }
            if clock::left_until(end).is_zero() {
                break;
            }
        }
        match self.limit {
            Some((limit, waited)) if limit <= deadline => Err(Failure::LoginTimedOut {
                profile: self.profile.clone(),
                waited,
            }),
            _ => Err(call.silence()),
        }
    }
}

/// Who reads along.
enum View {
    /// People, on stderr.
    People {
        /// Whether to open a browser for them.
        browser: bool,
    },
    /// A script, on stdout.
    Script,
}

impl View {
    const fn new(arguments: &Login) -> Self {
        if arguments.json {
            Self::Script
        } else {
            Self::People {
                browser: !arguments.no_browser,
            }
        }
    }

    fn prompt(&self, prompt: &LoginPrompt) -> Result<(), Failure> {
        let browser = match self {
            Self::People { browser } => *browser,
            Self::Script => return event(&LoginEvent::from(prompt)),
        };
        for line in instructions(prompt) {
            terminal::say(&line);
        }
        terminal::say("");
        terminal::say_styled(
            &Piece::new(&format!("    {}", prompt.user_code), Style::Strong).into(),
        );
        terminal::say("");
        let uri = prompt.verification_uri_complete.as_ref();
        if browser && browser::open(uri.unwrap_or(&prompt.verification_uri)) {
            terminal::say("opening the page in your browser");
        }
        if !terminal::is_stderr_interactive() {
            let until = clock::present().local(prompt.expires_at);
            terminal::say(&format!("the code is good until {until}; waiting"));
        }
        Ok(())
    }

    fn tick(&self, code_expires: Instant) {
        if matches!(self, Self::People { .. }) && terminal::is_stderr_interactive() {
            let left = moment::countdown(clock::left_until(code_expires));
            terminal::say_for_now(&format!("waiting, {left} left"));
        }
    }

    fn end_ticks(&self) {
        if matches!(self, Self::People { .. }) && terminal::is_stderr_interactive() {
            terminal::retract();
        }
    }

    fn signed_in(&self, signed_in: &SignedIn) -> Result<ExitCode, Failure> {
        let until = clock::present().local(signed_in.expires_at);
        match self {
            Self::People { .. } => terminal::say(&success(signed_in, &until)),
            Self::Script => event(&LoginEvent::from(signed_in))?,
        }
        if let Some(why) = &signed_in.not_stored {
            terminal::say(&format!(
                "warning: the session is not on disk, and a restart of oic-tokend loses it: {why}"
            ));
        }
        if !signed_in.renewable {
            terminal::say(&format!(
                "warning: there is no refresh token: this session ends at {until}"
            ));
            terminal::say(NOT_RENEWABLE_HINT);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn failed(&self, failed: LoginFailed) -> Result<ExitCode, Failure> {
        if matches!(self, Self::Script) {
            event(&LoginEvent::from(&failed))?;
        }
        Err(Failure::LoginFailed(failed))
    }

    /// A script that has heard of a prompt hears of its end, whatever it is.
    fn gave_up(&self, prompt: &LoginPrompt, failure: Failure) -> Failure {
        if matches!(self, Self::People { .. }) {
            return failure;
        }
        let said = failure.to_string();
        let (reason, message) = match failure {
            Failure::LoginTimedOut { .. } => ("cancelled", TIMED_OUT),
            _ => ("no_answer", said.as_str()),
        };
        let ended = event(&LoginEvent::Failed {
            profile: &prompt.profile,
            reason,
            message,
        });
        ended.err().unwrap_or(failure)
    }
}

const TIMED_OUT: &str = "nobody has signed in within the time given by --timeout";

/// The three switches that a refresh token depends on at OCI IAM; any other
/// server has the first two.
const NOT_RENEWABLE_HINT: &str = "hint: a refresh token needs 'offline_access' among the scopes, \
                                  the grant 'Refresh token' in the client application, and \
                                  'Allow token refresh' in the resource application";

/// The first line is there against RFC 8628 §5.4: a user who did not start
/// this must not type the code.
fn instructions(prompt: &LoginPrompt) -> [String; 3] {
    [
        format!(
            "oic-token on this computer wants to sign in profile '{}'; only continue if you \
             started this",
            prompt.profile
        ),
        format!("open {}", prompt.verification_uri),
        "and enter the code".to_owned(),
    ]
}

fn success(signed_in: &SignedIn, until: &str) -> String {
    match &signed_in.subject {
        Some(subject) => format!("signed in as {subject}; access token until {until}"),
        None => format!("signed in; access token until {until}"),
    }
}

fn event(event: &LoginEvent<'_>) -> Result<(), Failure> {
    terminal::print(&[json::line(event)])
}
