//! The daemon's refusals, as the caller is told of them.

use std::time::Duration;

use oic_proto::message::Refusal;

use super::{Exit, login_command};
use crate::moment::ahead;

pub const fn exit(refusal: &Refusal) -> Exit {
    match refusal {
        Refusal::LoginRequired { .. } => Exit::LoginRequired,
        Refusal::TryLater { .. }
        | Refusal::TooSoon { .. }
        | Refusal::Busy
        | Refusal::ShuttingDown => Exit::TryLater,
        Refusal::Locked => Exit::Locked,
        Refusal::NotAllowed => Exit::NotAllowed,
        Refusal::UnknownProfile { .. }
        | Refusal::NoDefaultProfile { .. }
        | Refusal::NotMapped { .. } => Exit::NoProfile,
        Refusal::ValidityUnavailable { .. } => Exit::ValidityUnavailable,
        Refusal::Rejected { .. }
        | Refusal::NotForgotten { .. }
        | Refusal::NotUnderstood
        | Refusal::WrongPassphrase { .. }
        | Refusal::NotUnlocked { .. } => Exit::Failure,
    }
}

pub fn cause(refusal: &Refusal) -> String {
    match refusal {
        Refusal::UnknownProfile { profile, .. } => format!("there is no profile '{profile}'"),
        Refusal::NoDefaultProfile { .. } => {
            "no profile was named, and the configuration has no default_profile".to_owned()
        }
        Refusal::LoginRequired { profile, why } => {
            format!("profile '{profile}' needs a login: {why}")
        }
        Refusal::TryLater { profile, why, .. } => {
            format!("no valid access token for profile '{profile}' now: {why}")
        }
        Refusal::Rejected { profile, why } => {
            format!("the authorization server refuses the client of profile '{profile}': {why}")
        }
        Refusal::NotForgotten { profile, why } => {
            format!("profile '{profile}' is logged out, but its session is still on disk: {why}")
        }
        Refusal::ValidityUnavailable {
            profile,
            remaining,
            lifetime,
        } => format!(
            "the access token of profile '{profile}' is valid for {} s more, and new ones live \
             {} s",
            remaining.as_secs(),
            lifetime.as_secs()
        ),
        Refusal::NotAllowed => "this caller may not have this profile".to_owned(),
        Refusal::Busy => "too many callers are waiting already".to_owned(),
        Refusal::NotUnderstood => "the daemon could not read the request".to_owned(),
        Refusal::ShuttingDown => "the daemon is shutting down".to_owned(),
        Refusal::Locked => "the daemon's sessions are locked".to_owned(),
        Refusal::WrongPassphrase { .. } => "the passphrase is wrong".to_owned(),
        Refusal::TooSoon { .. } => {
            "a wrong passphrase was given a moment ago, and this one was not tried".to_owned()
        }
        Refusal::NotUnlocked { why } => format!("the sessions are not unlocked: {why}"),
        Refusal::NotMapped { url } => format!("no [[helper]] entry covers {url}"),
    }
}

pub fn hint(refusal: &Refusal) -> String {
    let hint = match refusal {
        Refusal::Locked => "run 'oic-token unlock'",
        Refusal::WrongPassphrase { retry_in } | Refusal::TooSoon { retry_in } => {
            return format!("run 'oic-token unlock' again {}", ahead(*retry_in));
        }
        Refusal::NotUnlocked { .. } => "repair that, then run 'oic-token unlock' again",
        Refusal::UnknownProfile { known, .. } if !known.is_empty() => {
            let known = known_profiles(known);
            return format!("{known}; a configuration that was changed is read at a reload");
        }
        Refusal::UnknownProfile { known, .. } | Refusal::NoDefaultProfile { known } => {
            return known_profiles(known);
        }
        Refusal::LoginRequired { profile, .. } => {
            return format!("run '{}'", login_command(Some(profile)));
        }
        Refusal::TryLater {
            profile, retry_in, ..
        } => return try_later(profile, *retry_in),
        Refusal::NotForgotten { profile, .. } => {
            return format!("repair that, then run 'oic-token logout {profile}' again");
        }
        Refusal::Rejected { .. } => ADMINISTRATOR,
        Refusal::ValidityUnavailable { .. } => {
            "ask for a smaller '--min-valid' (it is 60 unless given)"
        }
        Refusal::NotAllowed => {
            "run this as the user that oic-tokend runs as, or have it add you to 'allow' of the \
             profile"
        }
        Refusal::Busy => "try again in a few seconds",
        Refusal::NotUnderstood => {
            return "install oic-token and oic-tokend of one version, then restart oic-tokend"
                .to_owned();
        }
        Refusal::ShuttingDown => "try again once it is back",
        Refusal::NotMapped { .. } => {
            "add one to oic-tokend's config.toml: [[helper]] with 'url' and 'profile'"
        }
    };
    hint.to_owned()
}

/// What helps where the server refuses the client itself.
pub(super) const ADMINISTRATOR: &str = "an administrator has to repair the registration there, \
                                        or client_id and scopes in the configuration here";

fn known_profiles(known: &[String]) -> String {
    if known.is_empty() {
        "no profile is configured: 'oic-token setup' adds one".to_owned()
    } else {
        format!("known profiles: {}", known.join(", "))
    }
}

fn try_later(profile: &str, retry_in: Option<Duration>) -> String {
    match retry_in {
        Some(wait) => format!("try again later; the daemon itself does so {}", ahead(wait)),
        None => format!("try again later; 'oic-token status {profile}' shows how it stands"),
    }
}
