//! What callers are told.

use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::{Refusal, TokenView};
use oic_tokend::lifecycle::{Ask, BootTime};

use super::{Held, Rules, hold};
use crate::server::Server;

/// What clocks may differ by.
const GRAIN: Duration = Duration::from_millis(2);

impl Rules {
    /// What a caller of `get` was told now is right.
    pub fn check_answer(
        &mut self,
        ask: &Ask,
        response: &Response,
        server: &Server,
        real: Duration,
        now: BootTime,
    ) -> Result<(), String> {
        match response {
            // As long as nothing is known, that is all there is to say.
            Response::Refused(Refusal::TryLater { .. }) if !self.restored => Ok(()),
            Response::Refused(Refusal::Busy) => Ok(()),
            _ if !self.restored => Err(format!(
                "'get' is answered by {response:?} before the disk has been read"
            )),
            Response::Token(view) => self.check_token(ask, view, server, real, now),
            Response::Refused(refusal) => self.check_refusal(ask, refusal, now),
            other => Err(format!("'get' is answered by {other:?}")),
        }
    }

    fn check_token(
        &mut self,
        ask: &Ask,
        view: &TokenView,
        server: &Server,
        real: Duration,
        now: BootTime,
    ) -> Result<(), String> {
        let name = view.access_token.expose();
        self.accept_offer_of(|offered| {
            let held = offered.brought.as_ref();
            held.is_ok_and(|held| held.access_token == name)
        });
        hold!(
            !self.refused.contains(name),
            "{name} is handed out again although it was refused"
        );
        let held = self.find(name, now)?;
        hold!(
            held.is_free(now),
            "{name} is handed out before its refresh token is on disk"
        );
        let since = held.since;
        hold!(
            ask.newer_than.is_none_or(|moment| moment < since),
            "{name} is no newer than the caller asked for"
        );
        hold!(
            view.expires_in >= ask.min_validity,
            "{name} is valid for {:?}, less than was asked for",
            view.expires_in
        );
        hold!(
            !view.expires_in.is_zero(),
            "{name} is handed out without any time left"
        );
        let Some(expires) = server.expiry(name) else {
            return Err(format!("{name} was never issued"));
        };
        hold!(
            real + view.expires_in <= expires + GRAIN || self.doubtful.contains(name),
            "{name} is said to be valid for {:?}, and is for {:?}",
            view.expires_in,
            expires.saturating_sub(real)
        );
        Ok(())
    }

    /// The token that is being served, or that was until this moment.
    fn find(&mut self, name: &str, now: BootTime) -> Result<Held, String> {
        let found = [&self.serving, &self.pending];
        let found = found
            .into_iter()
            .flatten()
            .find(|it| it.access_token == name);
        if let Some(held) = found {
            return Ok(held.clone());
        }
        let replaced_now = self.previous.as_ref();
        if replaced_now.is_some_and(|(previous, until)| previous == name && *until == now) {
            return Ok(Held {
                access_token: name.to_owned(),
                expires: now,
                since: BootTime(Duration::ZERO),
                written: true,
            });
        }
        let serving = self.serving.as_ref().map(|it| &it.access_token);
        Err(format!(
            "{name} is handed out, and the newest is {serving:?}"
        ))
    }

    fn check_refusal(&self, ask: &Ask, refusal: &Refusal, now: BootTime) -> Result<(), String> {
        // At the moment when a token becomes free, some are told before.
        let just_now = self.restored_at == now
            || self.previous.as_ref().is_some_and(|(_, at)| *at == now)
            || self.pending.as_ref().is_some_and(|it| it.is_free(now));
        if just_now || self.logging_out {
            return Ok(());
        }
        if ask.newer_than.is_none() {
            let left = self.must_serve(now);
            hold!(
                left <= ask.min_validity + GRAIN,
                "refused ({refusal:?}) although a token is there that is valid for {left:?}"
            );
        }
        match refusal {
            Refusal::LoginRequired { .. } => {
                hold!(
                    !self.is_signed_in() || self.offered.is_some(),
                    "told to sign in although somebody is signed in"
                );
            }
            Refusal::TryLater { .. }
            | Refusal::Rejected { .. }
            | Refusal::ValidityUnavailable { .. } => {}
            other => return Err(format!("'get' is refused by {other:?}")),
        }
        Ok(())
    }
}
