//! The callers: what they ask, how long they wait, what they are told.

use std::sync::Arc;
use std::time::Duration;

use oic_proto::Response;
use oic_proto::frame::{self, HEADER_LEN};
use oic_proto::message::{LoginFailed, Refusal};
use oic_tokend::lifecycle::Ask;
use oic_tokend::profile::{Command, Commands};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::server::Decision;
use crate::sim::{Sim, State};
use crate::tally::Kind;
use crate::time;

/// What answers may be late by: nothing but the grain of timers.
const AT_ONCE: Duration = Duration::from_millis(20);

/// How long the driver waits for the server, and then for the disk.
const SERVER_PATIENCE: Duration = Duration::from_secs(120);
const STORE_PATIENCE: Duration = Duration::from_secs(5);

/// How long device codes live.
const CODE_LIVES: Duration = Duration::from_secs(300);

/// Asks for an access token, and sees that the answer is right and in time.
pub async fn get(sim: Arc<Sim>, commands: Commands, ask: Ask, hangs_up: bool) {
    // As the server does it.
    let ready = |frame: &[u8]| frame::decode(&frame[HEADER_LEN..]).ok();
    let now = sim.boot();
    let shelf = commands
        .shelf()
        .hand_out(ask.min_validity, now, |frame, _| ready(frame));
    if let Some(response) = shelf.flatten().filter(|_| ask.newer_than.is_none()) {
        return sim.with(|state| state.answered(&ask, &response));
    }
    let (reply, mut response) = oneshot::channel();
    if commands
        .send(Command::GetToken {
            ask,
            asked: sim.boot(),
            reply,
        })
        .await
        .is_err()
    {
        return;
    }
    if hangs_up {
        return sleep(AT_ONCE).await;
    }
    let deadline = time::until(&sim, ask.deadline);
    let answer = tokio::select! {
        biased;
        answer = &mut response => answer,
        () = deadline => match timeout(AT_ONCE, response).await {
            Ok(answer) => answer,
            Err(_) => {
                let late = "a caller of 'get' has not been answered by its deadline";
                return sim.with(|state| state.fail(late));
            }
        }
    };
    // A daemon that ends answers nobody.
    if let Ok(response) = answer {
        sim.with(|state| state.answered(&ask, &response));
    }
}

impl State {
    /// Whatever a caller may ask for.
    pub fn draw_ask(&mut self) -> Ask {
        let random = &mut self.random;
        let (force, min_validity) = match self.plan.demanding {
            true => (
                random.percent(10),
                random.of(&[0, 0, 60, 60, 60, 600, 4000]),
            ),
            false => (false, 0),
        };
        let patience = random.of(&[0, 1, 5, 30, 30, 30, 300, 3600]);
        let now = self.time.boot();
        Ask {
            min_validity: Duration::from_secs(min_validity),
            newer_than: force.then_some(now),
            deadline: now.after(Duration::from_secs(patience)),
        }
    }

    fn answered(&mut self, ask: &Ask, response: &Response) {
        let (real, now) = (self.time.real(), self.time.boot());
        self.count(Kind::Answered, name(response));
        if let Response::Token(view) = response {
            let token = view.access_token.clone();
            self.note(format_args!("a caller gets {}", token.expose()));
            self.last_token = Some(token);
        } else {
            self.note(format_args!("a caller gets {response:?}"));
        }
        if self.alive && !self.stopping {
            let result = self
                .rules
                .check_answer(ask, response, &self.server, real, now);
            self.check(result);
        }
    }
}

fn name(response: &Response) -> &'static str {
    match response {
        Response::Token(_) => "a token",
        Response::Refused(Refusal::LoginRequired { .. }) => "login required",
        Response::Refused(Refusal::TryLater { .. }) => "try later",
        Response::Refused(Refusal::Rejected { .. }) => "the client is refused",
        Response::Refused(Refusal::ValidityUnavailable { .. }) => "not valid for so long",
        Response::Refused(_) => "another refusal",
        _ => "anything else",
    }
}

/// What the one does who signs in.
#[derive(Clone, Copy, Debug)]
pub struct Habit {
    decision: Decision,
    /// After the prompt.
    after: Duration,
    /// The caller hangs up then.
    hangs_up: bool,
}

impl State {
    pub fn draw_habit(&mut self) -> Habit {
        let decision = match self.random.below(10) {
            _ if self.calm => Decision::Allowed,
            0 => Decision::Denied,
            1 => Decision::None,
            _ => Decision::Allowed,
        };
        Habit {
            decision,
            after: self.random.up_to(Duration::from_secs(120)),
            hangs_up: self.random.percent(10) && !self.calm,
        }
    }
}

/// Signs in, or does not.
pub async fn log_in(sim: Arc<Sim>, commands: Commands, habit: Habit) {
    let (reply, mut answers) = mpsc::channel(4);
    let command = Command::Login {
        change_user: false,
        reply,
    };
    if commands.send(command).await.is_err() {
        return;
    }
    // As long as the disk hangs, nobody can sign in.
    let ready = sim.with(|state| state.rules.restored);
    let late = |what: &str| {
        if ready {
            sim.with(|state| state.fail(what));
        }
    };
    let prompt = match timeout(SERVER_PATIENCE + AT_ONCE, answers.recv()).await {
        Ok(Some(Response::Prompt(prompt))) => prompt,
        Ok(Some(response)) => return sim.with(|state| state.login_ended(&response)),
        Ok(None) => return,
        Err(_) => return late("a login has no prompt and no end in time"),
    };
    sleep(habit.after).await;
    if habit.hangs_up {
        drop(answers);
        let _ = commands.send(Command::LoginHungUp).await;
        return;
    }
    sim.with(|state| state.server.decide(&prompt.user_code, habit.decision));
    let patience = CODE_LIVES + SERVER_PATIENCE + STORE_PATIENCE + AT_ONCE;
    // The prompt comes again whenever the server begins or ceases to answer.
    let end = async {
        loop {
            match answers.recv().await {
                Some(Response::Prompt(_)) => {}
                end => return end,
            }
        }
    };
    match timeout(patience, end).await {
        Ok(Some(response)) => sim.with(|state| state.login_ended(&response)),
        Ok(None) => {}
        Err(_) => late("a login has no end in time"),
    }
}

impl State {
    fn login_ended(&mut self, response: &Response) {
        self.note(format_args!("login: {response:?}"));
        match response {
            Response::SignedIn(_) => self.count(Kind::Done, "logins"),
            Response::LoginFailed(LoginFailed { .. }) => self.count(Kind::Done, "logins failed"),
            other => self.fail(format!("'login' is answered by {other:?}")),
        }
    }
}

/// Waits for the end of a logout that was sent.
pub async fn wait_for_logout(
    sim: Arc<Sim>,
    response: oneshot::Receiver<Response>,
    refresh_token: Option<String>,
) {
    match timeout(SERVER_PATIENCE + STORE_PATIENCE + AT_ONCE, response).await {
        Ok(Ok(response)) => sim.with(|state| state.logout_ended(&response, refresh_token)),
        Ok(Err(_)) => {}
        Err(_) => sim.with(|state| state.fail("a logout has no end in time")),
    }
}

impl State {
    fn logout_ended(&mut self, response: &Response, refresh_token: Option<String>) {
        self.note(format_args!("logout: {response:?}"));
        match response {
            Response::LoggedOut(_) => {
                self.count(Kind::Done, "logouts");
                let durable = self.disk.durable().and_then(|it| it.refresh_token.as_ref());
                let left = durable.map(|it| it.refresh_token.0.expose());
                if refresh_token.is_some() && left == refresh_token.as_ref() {
                    self.fail("logged out, and the session is on disk");
                }
            }
            Response::Refused(Refusal::NotForgotten { .. }) => {
                self.count(Kind::Done, "logouts that the disk did not hear of");
            }
            other => self.fail(format!("'logout' is answered by {other:?}")),
        }
    }
}
