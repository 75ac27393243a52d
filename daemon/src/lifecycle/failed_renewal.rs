//! What a refresh that failed leaves of a session, and when it is tried again.

use super::renewal::{Granted, Renewal};
use super::session::{Doubt, Live, Session, ended};
use super::{Lifecycle, Now, schedule};
use crate::oauth::{EndpointError, Verdict};

impl Lifecycle {
    pub(super) fn on_refresh_failed(&mut self, error: &EndpointError, sent: Now, now: Now) {
        self.failures = self.failures.saturating_add(1);
        let over = error.verdict() == Verdict::Over;
        let message = if over {
            self.why_over(error, now)
        } else {
            error.to_string()
        };
        self.note_error(error.code(), message.clone(), now.wall);
        if error.refresh_token().is_some() {
            self.on_half_granted(Granted::ByRefresh, error, sent, now);
        } else if over {
            let (_, _, served) = self.before(Granted::ByRefresh);
            let served = served.filter(|token| token.is_live(now));
            self.session = ended(message, true, served);
            self.disk.change();
        } else {
            self.put_off(error, now);
        }
    }

    /// An error that came with a refresh token, and no access token that could
    /// be handed out: another refresh may bring one, and the old one is served.
    pub(super) fn on_half_granted(
        &mut self,
        by: Granted,
        error: &EndpointError,
        sent: Now,
        now: Now,
    ) {
        let (before, subject, served) = self.before(by);
        let arrived = error.refresh_token().cloned();
        let renewal = self.back_off(error, now);
        self.disk.change();
        if let Some(held) = self.held(before, arrived, None, sent, now) {
            self.session = Session::SignedIn(Live {
                held,
                doubt: None,
                access_token: served,
                early_renewal_from: now.boot,
                subject,
                renewal,
            });
        }
    }

    /// The server has given nothing: another try comes later.
    fn put_off(&mut self, error: &EndpointError, now: Now) {
        let renewal = self.back_off(error, now);
        let Session::SignedIn(live) = &mut self.session else {
            return;
        };
        if error.verdict() == Verdict::InDoubt {
            let since = live.sent_at().unwrap_or(now.wall);
            let why = error.to_string();
            live.doubt.get_or_insert(Doubt { since, why });
        } else {
            // That this try used nothing up goes to disk; of an earlier one it
            // says nothing.
            self.disk.change();
        }
        live.renewal = renewal;
    }

    /// When to try again: sooner if somebody asks, as long as the server does
    /// not mind.
    fn back_off(&mut self, error: &EndpointError, now: Now) -> Renewal {
        let rejected = error.verdict() == Verdict::Rejected;
        let (early, pause) = if rejected {
            let pause = schedule::backoff_rejected(&mut self.jitter);
            (schedule::EARLY_RENEWAL_SPACING, pause)
        } else {
            let wish = error.retry_after();
            let early = schedule::backoff(self.failures, wish, &mut self.jitter);
            let together = self.settings.catch_up_time;
            let together = schedule::backoff_together(together, &mut self.jitter);
            (early, early.max(together))
        };
        Renewal::Backoff {
            until: now.boot.after(pause),
            early_from: now.boot.after(early),
            rejected,
        }
    }
}
