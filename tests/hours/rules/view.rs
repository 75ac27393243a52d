//! `status`, looked at after every step.

use std::time::Duration;

use oic_proto::message::{ProfileView, RenewalState};
use oic_tokend::lifecycle::{BootTime, Now};

use super::{Rules, hold};
use crate::disk::Disk;
use crate::server::Server;

/// How the world stands at that moment.
pub struct Moment<'a> {
    pub now: Now,
    pub real: Duration,
    pub server: &'a Server,
    pub disk: &'a Disk,
    /// Since when the driver could act: it is started and the machine awake.
    pub able_since: BootTime,
    /// Since when nothing has been in the way to the server.
    pub clear_since: Option<BootTime>,
    /// Whether no access token lives too short to be there at any time.
    pub ordinary_lifetimes: bool,
}

/// What clocks may differ by: timers have a grain of a millisecond.
const GRAIN: Duration = Duration::from_millis(2);

impl Rules {
    pub fn look(&mut self, view: &ProfileView, at: &Moment<'_>) -> Result<(), String> {
        let now = at.now.boot;
        let since = view.refresh_token.as_ref().map(|it| it.obtained_at);
        let serving = view.access_token.is_some();
        self.accept_offer_of(|offered| match offered.refresh_token {
            Some(_) => since == Some(offered.sent),
            None => since.is_none() && serving,
        });
        // Otherwise the login had been cancelled before.
        self.offered = None;
        self.promote(now);
        self.look_at_session(view, at)?;
        self.look_at_token(view, at)?;
        self.look_at_disk(view, at)?;
        if self.is_signed_in() {
            self.pace.check(now, at.able_since)?;
            self.look_for_recovery(view, at)?;
        }
        Ok(())
    }

    fn look_at_session(&self, view: &ProfileView, at: &Moment<'_>) -> Result<(), String> {
        if let Some(refresh_token) = &self.known {
            hold!(
                view.refresh_token.is_some(),
                "signed out, although {refresh_token} {}",
                match at.server.would_take(refresh_token, at.real) {
                    true => "is good",
                    false => "has not been refused",
                }
            );
            let doubt = view.renewal == Some(RenewalState::InDoubt);
            let under_way = view.renewal == Some(RenewalState::InFlight);
            hold!(
                under_way || doubt == self.in_doubt,
                "shown as {:?}, and in doubt: {}",
                view.renewal,
                self.in_doubt
            );
        } else {
            hold!(
                view.refresh_token.is_none(),
                "signed in without a refresh token"
            );
        }
        Ok(())
    }

    fn look_at_token(&self, view: &ProfileView, at: &Moment<'_>) -> Result<(), String> {
        let remaining = view.access_token.as_ref().map(|it| it.remaining);
        let remaining = remaining.unwrap_or_default();
        let due = self.must_serve(at.now.boot);
        hold!(
            remaining + GRAIN >= due,
            "a valid token was withdrawn: {remaining:?} left are shown, {due:?} are there"
        );
        let Some(serving) = &self.serving else {
            return Ok(());
        };
        let truth = at.server.expiry(&serving.access_token).unwrap_or_default();
        let truth = truth.saturating_sub(at.real);
        hold!(
            remaining <= truth + GRAIN || self.doubtful.contains(&serving.access_token),
            "{remaining:?} of {} are shown to be left, and {truth:?} are",
            serving.access_token
        );
        Ok(())
    }

    /// For how long the driver has a valid token that callers must get.
    pub(super) fn must_serve(&self, now: BootTime) -> Duration {
        let serving = self.serving.as_ref();
        let sure = serving.filter(|it| !self.doubtful.contains(&it.access_token));
        sure.map_or(Duration::ZERO, |it| it.expires.since(now))
    }

    fn look_at_disk(&self, view: &ProfileView, at: &Moment<'_>) -> Result<(), String> {
        let error = view.last_error.as_ref().map(|it| it.code.as_str());
        hold!(
            !at.disk.failed() || error == Some("not_stored"),
            "a write failed, and the error shown is {error:?}"
        );
        Ok(())
    }

    fn look_for_recovery(&self, view: &ProfileView, at: &Moment<'_>) -> Result<(), String> {
        let Some(clear_since) = at.clear_since.filter(|_| at.ordinary_lifetimes) else {
            return Ok(());
        };
        let back = self.pace.back_by(clear_since.max(at.able_since));
        hold!(
            view.access_token.is_some() || at.now.boot <= back,
            "no token, {:?} after it should have been back",
            at.now.boot.since(back)
        );
        Ok(())
    }
}
