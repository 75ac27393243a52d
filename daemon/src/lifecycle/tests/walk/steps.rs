//! What may happen on a walk, a step each.

use super::super::super::{Action, Ask, BootTime, Event, StoredSession};
use super::super::answers::{
    all_but_invalid_grant, device, refused, seconds, unanswered, without_refresh_token,
};
use super::super::sim::Answers;
use super::{Granted, Walk};
use crate::oauth::{EndpointError, TokenGrant};

impl Walk {
    pub(super) fn time_passes(&mut self) {
        let by = self.random.of(&[1, 1, 2, 5, 5, 30, 120, 900]);
        self.sim.advance(by);
        self.real += seconds(by);
    }

    pub(super) fn sleep(&mut self) {
        let by = self.random.of(&[10, 3600, 8 * 3600]);
        self.sim.suspend(by);
        self.real += seconds(by);
    }

    pub(super) fn set_wall_clock(&mut self) {
        let by = self
            .random
            .of(&[-400 * 86_400, -3600, -60, 60, 3600, 86_400]);
        self.sim.set_wall_clock(by);
        self.sim.wake();
    }

    pub(super) fn abandon_login(&mut self) {
        self.sim.handle(Event::LoginAbandoned);
        self.poll = None;
    }

    pub(super) fn log_out(&mut self) {
        self.sim.handle(Event::LogoutRequested);
        self.forget();
    }

    pub(super) fn forget(&mut self) {
        (self.known, self.refresh, self.poll, self.granted) = (None, None, None, None);
    }

    /// A random request reaches the server, or does not.
    pub(super) fn server_acts(&mut self) {
        let network = |it: &Action| !matches!(it, Action::Store { .. });
        let requests =
            (0..self.sim.unanswered.len()).filter(|&at| network(&self.sim.unanswered[at]));
        let requests: Vec<usize> = requests.collect();
        if requests.is_empty() {
            return;
        }
        let chosen = self.random.of(&requests);
        let action = self.sim.unanswered.remove(chosen);
        let answer = self.answer_to(&action);
        if self.random.percent(70) {
            self.deliver(action, answer);
        } else {
            self.on_the_way.push((action, answer));
        }
    }

    pub(super) fn answer_to(&mut self, action: &Action) -> Answers {
        let lost = self.plan.lost_answers && self.random.percent(10);
        let fails = self.random.percent(15);
        match action {
            Action::AuthorizeDevice { .. } if fails => Answers::Device(Err(self.some_error())),
            Action::AuthorizeDevice { .. } => Answers::Device(Ok(device())),
            Action::RevokeToken { .. } if fails => Answers::Revocation(Err(self.some_error())),
            Action::RevokeToken { refresh_token, .. } => {
                self.server.revoke(refresh_token.0.expose());
                Answers::Revocation(Ok(()))
            }
            _ if fails => Answers::Token(Err(self.some_error())),
            _ => {
                let answer = self.token_answer(action);
                let answer = if lost { Err(unanswered()) } else { answer };
                Answers::Token(if self.random.percent(5) {
                    answer.and_then(halved)
                } else {
                    answer
                })
            }
        }
    }

    pub(super) fn token_answer(&mut self, action: &Action) -> Result<TokenGrant, EndpointError> {
        let lifetime = self.random.of(&[0, 2, 20, 300, 3600, 3600]);
        if let Action::RefreshToken { refresh_token, .. } = action {
            let sent = refresh_token.0.expose();
            return self.server.refresh(sent, self.real, lifetime);
        }
        match self.random.below(10) {
            0..4 => Err(refused("authorization_pending")),
            4 => Err(refused("slow_down")),
            5 => Err(refused(self.random.of(&["access_denied", "expired_token"]))),
            _ => {
                let grant = self.server.sign_in(self.real, lifetime);
                let bare = self.plan.bare_logins && self.random.percent(20);
                Ok(if bare {
                    without_refresh_token(grant)
                } else {
                    grant
                })
            }
        }
    }

    /// One that does not say that the session is over. Where no answer may be
    /// lost, the server has not acted.
    pub(super) fn some_error(&mut self) -> EndpointError {
        let all = all_but_invalid_grant();
        all[self.random.below(all.len())].clone()
    }

    pub(super) fn answer_comes(&mut self) {
        if self.on_the_way.is_empty() {
            return;
        }
        let chosen = self.random.below(self.on_the_way.len());
        let (action, answer) = self.on_the_way.remove(chosen);
        self.deliver(action, answer);
    }

    pub(super) fn deliver(&mut self, action: Action, answer: Answers) {
        self.note_answer(&action, &answer);
        self.sim.answer(action, answer);
    }

    /// What an answer changes about what we know: nothing, unless its request
    /// is the current one.
    pub(super) fn note_answer(&mut self, action: &Action, answer: &Answers) {
        let Answers::Token(answer) = answer else {
            return;
        };
        match action {
            Action::RefreshToken { request, .. } if self.refresh == Some(*request) => {
                self.refresh = None;
                match answer {
                    Ok(grant) => self.note_grant(grant),
                    Err(error) if *error == refused("invalid_grant") => self.known = None,
                    Err(error) => self.note_kept(error),
                }
            }
            Action::PollToken { request, .. } if self.poll == Some(*request) => {
                self.poll = None;
                match answer {
                    Ok(grant) => {
                        self.refresh = None;
                        self.note_grant(grant);
                    }
                    Err(error) if error.refresh_token().is_some() => {
                        self.refresh = None;
                        self.note_kept(error);
                    }
                    Err(_) => {}
                }
            }
            _ => {}
        }
    }

    /// A refresh token may come with an answer that is of no use otherwise.
    fn note_kept(&mut self, error: &EndpointError) {
        if let Some(refresh_token) = error.refresh_token() {
            self.known = Some(refresh_token.0.expose().clone());
        }
    }

    pub(super) fn note_grant(&mut self, grant: &TokenGrant) {
        self.grants += 1;
        self.newest_token = Some(grant.access_token.expose().to_owned());
        let refresh_token = grant.refresh_token.as_ref();
        self.known = refresh_token.map(|it| it.0.expose().clone());
        self.granted = refresh_token.map(|_| Granted {
            access_token: grant.access_token.expose().to_owned(),
            since: self.sim.now.boot,
            disk_had_its_chance: false,
        });
    }

    pub(super) fn disk_answers(&mut self) {
        let write = |it: &Action| matches!(it, Action::Store { .. });
        let Some(at) = self.sim.unanswered.iter().position(write) else {
            return;
        };
        // Nothing for a while: the disk hangs.
        if self.random.percent(20) {
            return;
        }
        let action = self.sim.unanswered.remove(at);
        let fails = self.random.percent(15);
        let Action::Store { session, .. } = &action else {
            unreachable!("only a write was taken");
        };
        self.note_write(session.as_ref());
        let result = if fails {
            Err("no space left on device".to_owned())
        } else {
            self.durable = session.clone();
            Ok(())
        };
        self.sim.answer(action, Answers::Disk(result));
    }

    pub(super) fn note_write(&mut self, session: Option<&StoredSession>) {
        let access_token = session.and_then(|it| it.access_token.as_ref());
        let written = access_token.map(|it| it.access_token.expose());
        if let Some(granted) = &mut self.granted {
            granted.disk_had_its_chance |= written == Some(&granted.access_token);
        }
    }

    pub(super) fn caller_asks(&mut self) {
        let before = self.sim.served();
        let forced = self.random.percent(20);
        let ask = Ask {
            min_validity: seconds(self.random.of(&[0, 1, 60, 600, 3600, 7200])),
            newer_than: forced.then_some(self.sim.now.boot),
            deadline: self
                .sim
                .now
                .boot
                .after(seconds(self.random.of(&[0, 5, 30, 3600]))),
        };
        self.sim.want(ask);
        self.check_handed_out(&ask, before.as_deref());
    }

    /// The daemon is killed and starts again, or the machine is and its boot
    /// clock starts again too.
    pub(super) fn crash(&mut self) {
        for action in std::mem::take(&mut self.sim.unanswered) {
            let reached = self.random.percent(50);
            match &action {
                Action::Store { session, .. } if reached => self.durable = session.clone(),
                Action::Store { .. } => {}
                _ if reached => drop(self.answer_to(&action)),
                _ => {}
            }
        }
        self.on_the_way.clear();
        let down = self.random.of(&[0, 1, 60, 7200]);
        self.sim.pass(seconds(down));
        self.real += seconds(down);
        if self.plan.reboots && self.random.percent(30) {
            self.sim.now.boot = BootTime(seconds(20));
            self.durable.as_mut().map(StoredSession::forget_boot_clock);
        }
        self.forget();
        self.newest_request = 0;
        self.newest_generation = self.durable.as_ref().map_or(0, |it| it.generation);
        let refresh = self
            .durable
            .as_ref()
            .and_then(|it| it.refresh_token.as_ref());
        self.known = refresh.map(|it| it.refresh_token.0.expose().clone());
        self.sim.restart(self.durable.clone());
    }

    /// Everything works again: then there is a token soon.
    pub(super) fn recover(&mut self) {
        for _ in 0..200 {
            self.heal();
            self.sim.advance(60);
            self.real += seconds(60);
            self.look_at_new_actions();
            self.heal();
            if self.known.is_none() || self.sim.served().is_some() {
                return;
            }
        }
        panic!("no token although everything works: {}", self.sim.stands());
    }

    pub(super) fn heal(&mut self) {
        self.sim.disk_catches_up();
        self.look_at_new_actions();
        while !self.on_the_way.is_empty() {
            self.answer_comes();
            self.look_at_new_actions();
        }
        while let Some(action) = self.sim.unanswered.pop() {
            let answer = match &action {
                Action::RefreshToken { refresh_token, .. } => {
                    let sent = refresh_token.0.expose();
                    Answers::Token(self.server.refresh(sent, self.real, 3600))
                }
                Action::PollToken { .. } => Answers::Token(Err(refused("access_denied"))),
                Action::AuthorizeDevice { .. } => Answers::Device(Err(unanswered())),
                Action::RevokeToken { .. } => Answers::Revocation(Ok(())),
                Action::Store { .. } => Answers::Disk(Ok(())),
            };
            self.note_answer(&action, &answer);
            self.sim.answer(action, answer);
            self.look_at_new_actions();
        }
    }
}

/// An answer whose access token nobody can use.
fn halved(grant: TokenGrant) -> Result<TokenGrant, EndpointError> {
    match grant.refresh_token {
        Some(_) => Err(EndpointError::Unusable {
            why: "its access_token is not one".to_owned(),
            refresh_token: grant.refresh_token,
        }),
        None => Ok(grant),
    }
}
