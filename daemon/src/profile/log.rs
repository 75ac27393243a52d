//! The log of a profile: what happened, never with what.

use tracing::{debug, error, info, trace, warn};

use crate::lifecycle::Event;

pub(super) fn write(profile: &str, event: &Event) {
    trace!(profile, ?event, "happened");
    match event {
        Event::Restored(_) => info!(profile, "session restored"),
        Event::TokenRejected(_) => info!(profile, "a resource refused the access token"),
        Event::Unreadable(why) => error!(profile, "the stored session is unusable: {why}"),
        Event::TokenAnswered {
            answer: Ok(grant), ..
        } => {
            let lifetime = grant.lifetime.as_secs();
            let rotated = grant.refresh_token.is_some();
            info!(profile, lifetime, rotated, "access token obtained");
        }
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
        Event::Stored {
            result: Err(why), ..
        } => error!(profile, "the disk does not hold what it should: {why}"),
        _ => {}
    }
}
