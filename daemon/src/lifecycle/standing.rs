//! Where a profile stands, in the words of people who are told without asking:
//! whether somebody has to do something.

use super::renewal::Renewal;
use super::session::{Live, Session};
use super::{BootTime, Lifecycle, Notice, Now};

/// Where a profile stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The disk has not said yet who is signed in.
    Unread,
    /// The end user has to sign in: the session is over, or of no use.
    LoginNeeded,
    /// The authorization server refuses this client: an administrator has to
    /// act.
    Refused,
    /// Renewals fail again and again, and are tried again and again.
    Outage,
    /// Somebody is signed in, and all is well.
    SignedIn,
    /// Nobody has signed in, or somebody has logged out.
    SignedOut,
}

/// Renewals that fail in a row before that is called an outage. One is lost in
/// every network now and then, and tried again within seconds.
const OUTAGE_FAILURES: u32 = 3;

/// Errors that tell of a session that is there and of no use.
const UNUSABLE: [&str; 3] = ["not_read", "copied_session", "invalid_grant"];

impl Lifecycle {
    /// Where the profile stands, as it was last told.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Tells when that has changed.
    pub(super) fn settle_standing(&mut self, now: Now) {
        let before = self.standing;
        match self.judge_standing(now) {
            Some(standing) if standing != before => {
                self.standing = standing;
                self.notices.push_back(Notice::Stands {
                    now: standing,
                    before,
                });
            }
            _ => {}
        }
    }

    /// `None`: what is under way will show.
    fn judge_standing(&self, now: Now) -> Option<Standing> {
        Some(match &self.session {
            Session::Unread => Standing::Unread,
            Session::SignedOut(_) if self.was_signed_in() => Standing::LoginNeeded,
            Session::SignedOut(_) => Standing::SignedOut,
            Session::Ending {
                over: false,
                access_token,
                ..
            } if access_token.is_live(now) => Standing::SignedIn,
            Session::Ending { .. } => Standing::LoginNeeded,
            Session::SignedIn(live) => return self.judge_renewal(live, now),
        })
    }

    fn judge_renewal(&self, live: &Live, now: Now) -> Option<Standing> {
        let serves = live.access_token.as_ref().is_some_and(|it| it.is_live(now));
        match live.renewal {
            Renewal::Backoff { rejected: true, .. } => Some(Standing::Refused),
            _ if live.renewal.is_under_way() => None,
            _ if self.failures >= OUTAGE_FAILURES => Some(Standing::Outage),
            Renewal::Backoff { .. } if !serves => Some(Standing::Outage),
            _ => Some(Standing::SignedIn),
        }
    }

    /// Nobody has logged out since somebody signed in.
    fn was_signed_in(&self) -> bool {
        let unusable = |code: &str| UNUSABLE.contains(&code);
        let error = self.last_error.as_ref();
        self.owner.is_some() || error.is_some_and(|error| unusable(&error.code))
    }

    /// When a session ends by itself that cannot be renewed.
    pub(super) fn standing_timeout(&self) -> Option<BootTime> {
        match &self.session {
            Session::Ending { access_token, .. } if self.standing == Standing::SignedIn => {
                Some(access_token.expires)
            }
            _ => None,
        }
    }
}
