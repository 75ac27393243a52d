//! The log of a profile: what happened, never with what.

use oic_proto::message::UnixTime;
use tracing::{debug, error, info, trace, warn};

use crate::lifecycle::{Event, Notice, Standing};

/// What is remembered to be said later.
#[derive(Default)]
pub(super) struct Log {
    /// An access token that came, and has not been stored yet: for how many
    /// seconds it is valid, and whether a refresh token came with it.
    ///
    /// Writing a line takes as long as whoever reads the log takes, and a new
    /// refresh token must not wait for that: this is said once it is on the
    /// disk.
    obtained: Option<(u64, bool)>,
}

impl Log {
    pub(super) fn write(&mut self, profile: &str, event: &Event) {
        trace!(profile, ?event, "happened");
        match event {
            Event::Restored(_) => info!(profile, "session restored"),
            Event::RestoredCopy { why, .. } => error!(profile, "not renewed: {why}"),
            Event::TokenRejected(_) => info!(profile, "a resource refused the access token"),
            Event::Unreadable(why) => error!(profile, "the stored session is unusable: {why}"),
            Event::TokenAnswered {
                answer: Ok(grant), ..
            } => self.obtained = Some((grant.lifetime.as_secs(), grant.refresh_token.is_some())),
            Event::TokenAnswered {
                answer: Err(error), ..
            } if error.is_pending() => debug!(profile, "the user has not answered yet"),
            Event::TokenAnswered {
                answer: Err(error), ..
            }
            | Event::DeviceAuthorized {
                answer: Err(error), ..
            }
            | Event::Revoked {
                answer: Err(error), ..
            } => warn!(profile, "{error}"),
            Event::Stored { result, .. } => self.stored(profile, result),
            _ => {}
        }
    }

    fn stored(&mut self, profile: &str, result: &Result<(), String>) {
        if let Some((lifetime, rotated)) = self.obtained.take() {
            info!(profile, lifetime, rotated, "access token obtained");
        }
        if let Err(why) = result {
            error!(profile, "the disk does not hold what it should: {why}");
        }
    }
}

/// What the end user should hear without asking. Whatever else than the log is
/// to tell it, is called from here too.
pub(super) fn notice(profile: &str, notice: &Notice) {
    match notice {
        Notice::DiskHangs => error!(
            profile,
            "the disk does not answer, and does not hold what it should"
        ),
        Notice::DiskHolds => info!(profile, "the disk holds what it should again"),
        Notice::LoginNeeded { by } => {
            let by = shown(*by);
            warn!(
                profile,
                "a login is needed by {by}: then the session ends, however often it is renewed; \
                 run 'oic-token login {profile}'"
            );
        }
        Notice::RenewalNeeded { by } => {
            let by = shown(*by);
            warn!(
                profile,
                "a login is needed unless a renewal succeeds by {by}"
            );
        }
        Notice::ProbablyExpired { since } => {
            let since = shown(*since);
            warn!(
                profile,
                "the refresh token has probably expired at {since}; \
                 the authorization server is asked all the same"
            );
        }
        // The event that brought it has been logged.
        Notice::Renewed => {}
        Notice::Stands { now, before } => standing(profile, *now, *before),
    }
}

fn standing(profile: &str, now: Standing, before: Standing) {
    match (before, now) {
        (_, Standing::LoginNeeded) => warn!(
            profile,
            "a login is needed now; run 'oic-token login {profile}'"
        ),
        (_, Standing::Refused) => warn!(profile, "the authorization server refuses this client"),
        (_, Standing::Outage) => warn!(profile, "renewals fail, and are tried again"),
        (Standing::Refused | Standing::Outage, Standing::SignedIn) => {
            info!(profile, "renewals succeed again");
        }
        _ => {}
    }
}

/// By RFC 3339 in UTC, as the times of the log are; a time that no calendar has
/// as the number it is.
pub(crate) fn shown(at: UnixTime) -> String {
    jiff::Timestamp::from_second(at.0).map_or_else(|_| at.0.to_string(), |it| it.to_string())
}
