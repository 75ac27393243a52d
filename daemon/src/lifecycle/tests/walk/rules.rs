//! What must never happen, looked at after every step.

use std::collections::BTreeSet;

use super::super::super::{Action, Ask, BootTime, Lookup};
use super::super::answers::seconds;
use super::{Granted, Walk};

/// How long an access token waits at most for the disk to hold the refresh
/// token that came with it.
const STORE_PATIENCE: u64 = 5;

/// How things stood before a step.
pub(super) struct Before {
    /// Until when the token lives that was being handed out.
    valid_until: Option<BootTime>,
    served: Option<String>,
    renewable: bool,
    known: Option<String>,
}

impl Walk {
    pub(super) fn before(&self) -> Before {
        let view = self.sim.core.view(self.sim.now);
        Before {
            valid_until: view
                .access_token
                .map(|it| self.sim.now.boot.after(it.remaining)),
            served: self.sim.served(),
            renewable: view.refresh_token.is_some(),
            known: self.known.clone(),
        }
    }

    pub(super) fn check(&self, before: &Before, step: &str) {
        self.check_in_flight();
        let rebuilt = matches!(step, "logout" | "crash");
        if let Some(until) = before.valid_until.filter(|_| !rebuilt) {
            assert!(
                until <= self.sim.now.boot || self.sim.served().is_some() || self.outlived(before),
                "a valid token was withdrawn"
            );
        }
        if before.renewable && !rebuilt {
            let renewable = self.sim.core.view(self.sim.now).refresh_token.is_some();
            assert!(
                renewable || (self.known.is_none() && before.known.is_some()),
                "a session was lost although the server did not end it"
            );
            assert!(
                self.plan.lost_answers || renewable,
                "a session was lost although no answer was"
            );
        }
        if let Some(served) = self.sim.served() {
            self.check_token(&served);
        }
    }

    /// A newer token took the place of the one that was served, and has lived
    /// less long.
    fn outlived(&self, before: &Before) -> bool {
        self.newest_token != before.served
            && self.granted.as_ref().is_none_or(|it| self.is_free(it))
    }

    /// Whether a new access token may be handed out.
    fn is_free(&self, granted: &Granted) -> bool {
        let waited = self.sim.now.boot.since(granted.since);
        granted.disk_had_its_chance || waited >= seconds(STORE_PATIENCE)
    }

    /// The same refresh token is never twice on its way, nor are two writes.
    fn check_in_flight(&self) {
        let on_the_way = self.on_the_way.iter().map(|(action, _)| action);
        let mut sent = BTreeSet::new();
        let mut writes = 0;
        for action in self.sim.unanswered.iter().chain(on_the_way) {
            match action {
                Action::RefreshToken { refresh_token, .. } => {
                    let new = sent.insert(refresh_token.0.expose());
                    assert!(new, "two refreshes with one refresh token");
                }
                Action::Store { .. } => writes += 1,
                _ => {}
            }
        }
        assert!(writes <= 1, "two writes at once");
    }

    /// A token that anybody is given is valid by the server's own account, and
    /// the refresh token that came with it is safe.
    fn check_token(&self, access_token: &str) {
        assert!(
            self.server.expiry(access_token) > self.real,
            "an expired token was handed out"
        );
        if let Some(granted) = &self.granted
            && granted.access_token == access_token
        {
            assert!(
                self.is_free(granted),
                "a token was served before its refresh token was saved"
            );
        }
    }

    /// What a caller was given is what it asked for.
    pub(super) fn check_handed_out(&self, ask: &Ask, before: Option<&str>) {
        let Lookup::Fresh(token) = self.sim.core.access_token(ask, self.sim.now) else {
            return;
        };
        let access_token = token.access_token.expose();
        self.check_token(access_token);
        let left = self.server.expiry(access_token) - self.real;
        assert!(left >= ask.min_validity, "less time left than asked for");
        assert!(
            ask.newer_than.is_none() || before != Some(access_token),
            "force was answered by the token that was there before"
        );
    }

    /// Actions that the last step brought: only the newest refresh token is
    /// ever sent, only one refresh and one poll are current, and the numbers
    /// of what is written grow.
    pub(super) fn look_at_new_actions(&mut self) {
        let newest = self.newest_request;
        for action in &self.sim.unanswered {
            match action {
                Action::RefreshToken {
                    request,
                    refresh_token,
                } if request.0 > newest => {
                    let sent = refresh_token.0.expose();
                    assert_eq!(Some(sent), self.known.as_ref(), "an old refresh token");
                    assert_eq!(self.refresh, None, "two refreshes of one session");
                    self.refresh = Some(*request);
                    self.newest_request = self.newest_request.max(request.0);
                }
                Action::PollToken { request, .. } if request.0 > newest => {
                    assert_eq!(self.poll, None, "two polls of one login");
                    self.poll = Some(*request);
                    self.newest_request = self.newest_request.max(request.0);
                }
                Action::Store {
                    generation,
                    session,
                } => {
                    assert!(*generation >= self.newest_generation, "an older state");
                    let written = session.as_ref().map_or(*generation, |it| it.generation);
                    assert_eq!(written, *generation, "a state under another's number");
                    self.newest_generation = *generation;
                }
                _ => {}
            }
        }
    }
}
