//! `oic-token login`: shows the user code and the verification URI (RFC 8628
//! §3.3), waits, and says how it ended. Hanging up is cancelling: Ctrl-C has
//! only to be told of.

mod qr;
mod view;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use oic_proto::message::{
    LoginPrompt, ProfileView, RefreshTokenView, SERVER_PATIENCE, SessionState, SignedIn,
};
use oic_proto::{Request, Response};

use crate::args::Login;
use crate::call::{Call, Daemon};
use crate::failure::{Exit, Failure};
use crate::interrupt::{self, Moment};
use crate::start::ExitCode;
use crate::status::Standing;
use crate::{clock, terminal};
use view::View;

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
/// wrong on the way. With `--all`, what kept a single profile from being
/// signed in is reported on the way and decides the exit code.
pub fn run(daemon: &Daemon, arguments: Login) -> Result<ExitCode, Failure> {
    let desk = Desk::open(daemon, &arguments);
    if arguments.all {
        desk.sign_in_all(&arguments)
    } else {
        desk.sign_in(arguments.profile.clone(), &arguments)
    }
}

/// Where one login after the other is seen to.
struct Desk<'a> {
    daemon: &'a Daemon,
    view: View,
    /// What the user is asked to do at the moment; Ctrl-C takes it back.
    pending: Arc<Mutex<Option<LoginPrompt>>>,
}

impl<'a> Desk<'a> {
    fn open(daemon: &'a Daemon, arguments: &Login) -> Self {
        let desk = Self {
            daemon,
            view: View::new(arguments),
            pending: Arc::default(),
        };
        let (view, pending) = (desk.view, Arc::clone(&desk.pending));
        interrupt::hear(move |moment| {
            if moment == Moment::Ending {
                let prompt = pending.lock().unwrap_or_else(PoisonError::into_inner);
                view.interrupted(prompt.as_ref());
            }
        });
        desk
    }

    /// Those who are signed in stay so, but for copies; a login that fails is no reason not to
    /// try the next one.
    fn sign_in_all(&self, arguments: &Login) -> Result<ExitCode, Failure> {
        let profiles = Standing::ask(self.daemon, None)?.profiles;
        let mut worst: Option<Exit> = None;
        for profile in profiles {
            if profile.state == SessionState::SignedIn && !is_copy(&profile) {
                let user = profile.subject.as_deref().unwrap_or("somebody");
                terminal::say(&format!(
                    "profile '{}' is signed in already, as {user}",
                    profile.name
                ));
                continue;
            }
            match self.sign_in(Some(profile.name), arguments) {
                Ok(_) => {}
                Err(failure @ (Failure::LoginFailed(_) | Failure::LoginTimedOut { .. })) => {
                    worst = worst.or(Some(failure.report()));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(worst.map_or(ExitCode::SUCCESS, ExitCode::from))
    }

    fn sign_in(&self, profile: Option<String>, arguments: &Login) -> Result<ExitCode, Failure> {
        let view = self.view;
        let patience = Patience::new(profile.clone(), arguments.timeout);
        let change_user = arguments.change_user;
        let request = Request::Login {
            profile,
            change_user,
        };
        let deadline = clock::after(PROMPT_MAX);
        let mut call = self.daemon.call(&request, patience.or(deadline))?;
        let mut prompt = match patience.answer(&mut call, deadline, || {})? {
            Response::Prompt(prompt) => prompt,
            Response::LoginFailed(failed) => return view.failed(failed),
            _ => return Err(call.beside_the_point()),
        };
        self.expect(Some(&prompt));
        view.prompt(&prompt)?;
        let code_expires = clock::after(prompt.expires_in);
        let deadline = clock::after(prompt.expires_in.saturating_add(END_GRACE));
        let end = loop {
            let tick = || view.tick(&prompt, code_expires);
            match patience.answer(&mut call, deadline, tick) {
                // The same once more: the server is in trouble, or out of it.
                Ok(Response::Prompt(again)) => prompt = again,
                end => break end,
            }
        };
        view.end_ticks();
        self.expect(None);
        match end {
            Ok(Response::SignedIn(signed_in)) => {
                view.signed_in(&signed_in, self.refresh_token(&signed_in).as_ref())
            }
            Ok(Response::LoginFailed(failed)) => view.failed(failed),
            Ok(_) => Err(view.gave_up(&prompt, call.beside_the_point())),
            Err(failure) => Err(view.gave_up(&prompt, failure)),
        }
    }

    fn expect(&self, prompt: Option<&LoginPrompt>) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = prompt.cloned();
    }

    /// How long the session lives; the login has succeeded whether or not that
    /// can be told.
    fn refresh_token(&self, signed_in: &SignedIn) -> Option<RefreshTokenView> {
        let standing = Standing::ask(self.daemon, Some(signed_in.profile.clone())).ok()?;
        standing.profiles.into_iter().next()?.refresh_token
    }
}

/// Whether its session is one that is served to the end of its access token,
/// and not renewed.
fn is_copy(profile: &ProfileView) -> bool {
    let trouble = profile.last_error.as_ref();
    trouble.is_some_and(|it| it.code == "copied_session")
}

/// How long the user may take, as the caller of `login` has it.
struct Patience {
    profile: Option<String>,
    limit: Option<(Instant, Duration)>,
}

impl Patience {
    fn new(profile: Option<String>, timeout: Option<u32>) -> Self {
        let limit = timeout.map(|seconds| {
            let wait = Duration::from_secs(seconds.into());
            (clock::after(wait), wait)
        });
        Self { profile, limit }
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
