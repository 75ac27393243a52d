//! The answer that lies ready: what anybody gets who may have the profile and
//! asks for no more than the present access token. It spares the server the
//! way to the profile's task and back.
//!
//! Nobody is handed what the core would not hand out. The driver withdraws the
//! answer before it tells the core anything, and offers it again once it has
//! looked at what the core says then. See
//! `docs/decisions/0035-published-answer.md`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oic_proto::frame::TokenFrame;
use oic_proto::message::TokenView;

use crate::audit;
use crate::lifecycle::{BootTime, LiveAccessToken};

/// Where a profile's answer lies.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<Slot>);

#[derive(Debug, Default)]
struct Slot {
    answer: Option<Answer>,
    /// How often it was handed out since the driver has asked.
    handed_out: u64,
}

#[derive(Debug)]
struct Answer {
    frame: TokenFrame,
    /// When the token expires.
    expires: BootTime,
    /// The driver looks again then, if not before. `None` while it is
    /// withdrawn.
    until: Option<BootTime>,
    named: Named,
}

/// What an answer is called.
#[derive(Debug)]
pub struct Named {
    /// The profile.
    pub profile: String,
    /// The access token, as the log calls it.
    pub token: String,
    /// No other answer of this daemon has this number.
    pub number: u64,
}

impl Shelf {
    /// Gives `give` the frame for a caller who wants the token to be valid for
    /// `min_validity` from `now` on, if it lies ready; and returns what `give`
    /// does.
    pub fn hand_out<T>(
        &self,
        min_validity: Duration,
        now: BootTime,
        give: impl FnOnce(&[u8], &Named) -> T,
    ) -> Option<T> {
        let mut slot = self.slot();
        let answer = slot.answer.as_mut()?;
        if now >= answer.until? {
            return None;
        }
        let remaining = answer.expires.since(now);
        if remaining < min_validity {
            return None;
        }
        let given = give(answer.frame.expiring_in(remaining), &answer.named);
        slot.handed_out += 1;
        Some(given)
    }

    /// From now on the answer is handed out to nobody, until it is offered
    /// again.
    pub(super) fn withdraw(&self) {
        if let Some(answer) = &mut self.slot().answer {
            answer.until = None;
        }
    }

    /// Offers the answer that is there until `until`, if it is about `token`,
    /// and forgets one about any other. Whether there is one then.
    pub(super) fn offer_again(&self, token: Option<&LiveAccessToken>, until: BootTime) -> bool {
        let mut slot = self.slot();
        slot.answer
            .take_if(|it| token.is_none_or(|token| !it.is_about(token)));
        if let Some(answer) = &mut slot.answer {
            answer.until = Some(until);
        }
        slot.answer.is_some()
    }

    /// Offers `view`, which is of `token`, until `until`.
    pub(super) fn offer(&self, token: &LiveAccessToken, view: TokenView, until: BootTime) {
        static OFFERED: AtomicU64 = AtomicU64::new(0);
        let named = Named {
            profile: view.profile.clone(),
            token: audit::name(&view.access_token),
            number: OFFERED.fetch_add(1, Ordering::Relaxed),
        };
        // One that is too long for a frame is refused where it is asked for.
        self.slot().answer = TokenFrame::new(view).ok().map(|frame| Answer {
            frame,
            expires: token.expires,
            until: Some(until),
            named,
        });
    }

    /// Nothing is there any more, not even its bytes.
    pub(super) fn clear(&self) {
        self.slot().answer = None;
    }

    /// How often it was handed out since this was asked last.
    pub(super) fn take_handed_out(&self) -> u64 {
        std::mem::take(&mut self.slot().handed_out)
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Nothing that is done under it leaves half a change behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer {
    fn is_about(&self, token: &LiveAccessToken) -> bool {
        self.expires == token.expires && self.frame.has(&token.access_token)
    }
}
