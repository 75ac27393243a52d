//! What there is to find on this computer.

use std::path::Path;

use oic_proto::message::{DaemonView, Finding, Outcome};
use oic_proto::place;

use crate::failure::Failure;
use crate::{daemon_program, service};

/// Something that is as it should be.
pub fn good(check: &str, message: impl Into<String>) -> Finding {
    finding(check, Outcome::Good, message, None)
}

/// Something, and what to do about it.
pub fn finding(
    check: &str,
    outcome: Outcome,
    message: impl Into<String>,
    remedy: Option<String>,
) -> Finding {
    Finding {
        profile: None,
        check: check.to_owned(),
        outcome,
        message: message.into(),
        remedy,
    }
}

/// The daemon that answered, at `place`.
pub fn daemon(view: &DaemonView, place: &Path) -> Finding {
    let own = env!("CARGO_PKG_VERSION");
    let theirs = &view.version;
    if theirs == own {
        let (pid, key) = (view.pid, &view.session_key);
        return good(
            "daemon",
            format!("oic-tokend {theirs} runs as process {pid}; sessions are sealed with {key}"),
        );
    }
    finding(
        "daemon",
        Outcome::Doubtful,
        format!("oic-tokend {theirs} runs, and this is oic-token {own}"),
        Some(service::restart(place).to_owned()),
    )
}

/// No daemon can be asked.
pub fn unreachable(failure: &Failure) -> Finding {
    finding("daemon", Outcome::Bad, failure.to_string(), failure.hint())
}

/// The configuration that this user's daemon would read, beside the one that
/// it runs with. That of the computer's daemon is not this user's affair.
pub fn configuration(place: &Path) -> Option<Finding> {
    if place == Path::new(place::OF_COMPUTER) {
        return None;
    }
    Some(match daemon_program::check_config(None) {
        Ok(Ok(said)) => good("configuration", said),
        Ok(Err(why)) => bad_configuration(
            Outcome::Doubtful,
            &why,
            "mend it; until then oic-tokend goes on with what it has read before, and would not \
             start with this",
        ),
        Err(failure) => no_program(&failure),
    })
}

/// A configuration that a daemon refuses; the last line may be a hint, and
/// `usual` is what helps where there is none.
pub fn bad_configuration(outcome: Outcome, why: &str, usual: &str) -> Finding {
    let (why, hint) = why.split_once("\nhint: ").unwrap_or((why, usual));
    finding("configuration", outcome, why, Some(hint.to_owned()))
}

/// The configuration says nothing of `profile`.
pub fn no_profile(profile: &str) -> Finding {
    let message = format!("there is no profile '{profile}' in it");
    let remedy = format!("'oic-token setup {profile}' adds one");
    finding("configuration", Outcome::Bad, message, Some(remedy))
}

/// The program that would look at the configuration is missing.
pub fn no_program(failure: &Failure) -> Finding {
    finding(
        "configuration",
        Outcome::Doubtful,
        format!("not looked at: {failure}"),
        failure.hint(),
    )
}
