//! The logout: revoke (RFC 7009) and forget.

use oic_proto::message::Revocation;

use super::schedule::STORE_PATIENCE;
use super::{BootTime, Lifecycle, Now, RequestId, Session};
use crate::oauth::EndpointError;

/// A logout under way, or the last one.
#[derive(Debug)]
pub(super) struct Logout {
    revocation: Progress,
    /// When the disk has come this far, the session is forgotten there too.
    generation: u64,
    /// When the disk has had time enough.
    give_up: BootTime,
    gave_up: bool,
}

#[derive(Debug)]
enum Progress {
    InFlight(RequestId),
    Ended(Revocation),
}

impl Lifecycle {
    /// How the last logout ended; `None` while it is under way.
    ///
    /// # Errors
    ///
    /// The disk still holds the session; why.
    pub fn logout_outcome(&self) -> Option<Result<Revocation, String>> {
        let logout = self.logout.as_ref()?;
        let Progress::Ended(revocation) = &logout.revocation else {
            return None;
        };
        if self.disk.reached(logout.generation) {
            return Some(match self.disk.failure() {
                Some(why) => Err(why.to_owned()),
                None => Ok(revocation.clone()),
            });
        }
        let hangs = || Err("the disk does not answer".to_owned());
        logout.gave_up.then(hangs)
    }

    /// When the logout under way wants to be woken.
    pub(super) fn logout_timeout(&self) -> Option<BootTime> {
        let logout = self.logout.as_ref()?;
        let waiting = !logout.gave_up && !self.disk.reached(logout.generation);
        waiting.then_some(logout.give_up)
    }

    /// A disk that hangs does not keep the caller for ever.
    pub(super) fn settle_logout(&mut self, now: Now) {
        if let Some(logout) = &mut self.logout {
            logout.gave_up = logout.gave_up || logout.give_up <= now.boot;
        }
    }

    /// A second caller joins the logout under way, and hears of its
    /// revocation, unless somebody has signed in again meanwhile.
    pub(super) fn on_logout_requested(&mut self, now: Now) {
        let under_way = self.logout.is_some() && self.logout_outcome().is_none();
        let signed_out = matches!(self.session, Session::SignedOut(_));
        if under_way && signed_out && self.login.is_none() {
            return;
        }
        let reason = "the profile was logged out".to_owned();
        let before = std::mem::replace(&mut self.session, Session::SignedOut(reason));
        if self.login.is_some() {
            self.fail_login("cancelled", "the profile was logged out meanwhile");
        }
        self.failures = 0;
        self.last_error = None;
        self.owner = None;
        let revocation = match before {
            Session::SignedIn(live) => match self.revoke(live.held.refresh_token) {
                Some(request) => Progress::InFlight(request),
                None => Progress::Ended(Revocation::NoEndpoint),
            },
            _ => Progress::Ended(Revocation::NothingToRevoke),
        };
        self.logout = Some(Logout {
            revocation,
            generation: self.disk.change(),
            give_up: now.boot.after(STORE_PATIENCE),
            gave_up: false,
        });
    }

    pub(super) fn on_revoked(&mut self, request: RequestId, answer: Result<(), EndpointError>) {
        let Some(logout) = &mut self.logout else {
            return;
        };
        if !matches!(logout.revocation, Progress::InFlight(current) if current == request) {
            return;
        }
        logout.revocation = Progress::Ended(match answer {
            Ok(()) => Revocation::Revoked,
            Err(error) => Revocation::Failed {
                message: error.to_string(),
            },
        });
    }
}
