//! What users should hear without asking: that a login becomes necessary.

use std::time::Duration;

use super::expiry::Expiry;
use super::session::Session;
use super::{BootTime, Lifecycle, Notice, Now, RefreshTokenExpiry};

/// Users hear of a login that becomes necessary this long before: a weekend
/// fits in.
const WARNING_LEAD_MAX: Duration = Duration::from_secs(3 * 24 * 3600);

/// But not before this part of the refresh token's life is left, in sevenths:
/// of the seven days that OCI IAM gives, three. A renewal comes at half of the
/// life at the latest, so that one that succeeds comes before any warning.
const WARNING_LEAD_SEVENTHS: u32 = 3;

/// They hear of it again after this long.
const WARNING_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// What users have heard without asking.
#[derive(Debug)]
pub(super) struct Warned {
    at: BootTime,
    /// That the end has passed.
    of_the_past: bool,
}

impl Lifecycle {
    /// What users should know now of a login that becomes necessary. Of a life
    /// that renewals prolong, nothing while they succeed.
    fn login_needed(&self, now: Now) -> Option<Notice> {
        let Session::SignedIn(live) = &self.session else {
            return None;
        };
        let expiry = live.held.expiry?;
        let by = expiry.shown;
        if expiry.has_passed(now) {
            return Some(Notice::ProbablyExpired { since: by });
        }
        if now.boot < warned_of_from(&expiry) {
            return None;
        }
        match expiry.kind {
            RefreshTokenExpiry::Absolute => Some(Notice::LoginNeeded { by }),
            RefreshTokenExpiry::Sliding if self.failures == 0 => None,
            RefreshTokenExpiry::Sliding => Some(Notice::RenewalNeeded { by }),
        }
    }

    /// Tells what there is to tell, once a day, and once more when the end has
    /// passed.
    pub(super) fn settle_notice(&mut self, now: Now) {
        let Some(notice) = self.login_needed(now) else {
            self.warned = None;
            return;
        };
        let of_the_past = matches!(notice, Notice::ProbablyExpired { .. });
        let heard = self.warned.as_ref().is_some_and(|warned| {
            now.boot < warned.at.after(WARNING_INTERVAL) && warned.of_the_past == of_the_past
        });
        if !heard {
            let at = now.boot;
            self.warned = Some(Warned { at, of_the_past });
            self.notices.push_back(notice);
        }
    }

    /// When there will be something to tell that nothing else wakes us for:
    /// renewals that fail do so many times a day.
    pub(super) fn notice_timeout(&self) -> Option<BootTime> {
        let Session::SignedIn(live) = &self.session else {
            return None;
        };
        let absolute = |it: &Expiry| it.kind == RefreshTokenExpiry::Absolute;
        let expiry = live.held.expiry.filter(absolute)?;
        Some(match &self.warned {
            None => warned_of_from(&expiry),
            Some(warned) => warned.at.after(WARNING_INTERVAL),
        })
    }
}

/// From when on users hear of this end.
fn warned_of_from(expiry: &Expiry) -> BootTime {
    let lead = (expiry.lifetime / 7 * WARNING_LEAD_SEVENTHS).min(WARNING_LEAD_MAX);
    BootTime(expiry.at.0.saturating_sub(lead))
}
