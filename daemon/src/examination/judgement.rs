//! What answers and states mean, in sentences. Pure.

use oic_proto::message::{Finding, Outcome, ProfileView, SessionState, UnixTime};
use url::Url;

use super::advice;
use crate::config::ProfileConfig;
use crate::endpoint::ShownCertificate;
use crate::oauth::{self, DeviceAuthorization, EndpointError};

/// How far this computer's clock may be off before somebody should hear of it,
/// in seconds: a slow answer explains less.
const CLOCK_DIFFERENCE_MAX: u64 = 60;

/// How the scopes of OCI resources end.
const RESOURCE_SCOPE: &str = "urn:opc:resource:";

fn finding(check: &str, outcome: Outcome, message: String) -> Finding {
    Finding {
        check: check.to_owned(),
        profile: None,
        outcome,
        message,
        remedy: None,
    }
}

fn good(check: &str, message: impl Into<String>) -> Finding {
    finding(check, Outcome::Good, message.into())
}

/// Whether the scopes look like what they should. A mistake in one is found
/// by the server, which does not say where it is.
pub(super) fn scopes(profile: &ProfileConfig) -> Vec<Finding> {
    // Other servers than OCI IAM, which alone wants it so, have scopes of any
    // form.
    if profile.authenticate_device_authorization {
        return Vec::new();
    }
    let odd = profile.scopes.iter().find_map(|scope| {
        let why = if !scope.contains(RESOURCE_SCOPE) && !scope.contains("/ic/api/") {
            "names no resource"
        } else if scope.starts_with(RESOURCE_SCOPE) {
            "has no audience in front, so that any resource of the account is meant"
        } else {
            return None;
        };
        Some((scope, why))
    });
    let Some((scope, why)) = odd else {
        return Vec::new();
    };
    vec![Finding {
        remedy: advice::against(&profile.name, "invalid_scope", ""),
        ..finding(
            "scopes",
            Outcome::Doubtful,
            format!("the scope '{scope}' {why}"),
        )
    }]
}

/// The server answered: does its clock, if it told the `Date`, agree with ours?
pub(super) fn reached(url: &Url, date: Option<&str>, wall: UnixTime) -> Vec<Finding> {
    let origin = url.origin().ascii_serialization();
    let connected = good("connection", format!("{origin} answers"));
    let Some(theirs) = date.and_then(oauth::seconds_of_date) else {
        return vec![connected];
    };
    let difference = wall.0.abs_diff(theirs);
    let clock = if difference <= CLOCK_DIFFERENCE_MAX {
        good(
            "clock",
            format!("within {CLOCK_DIFFERENCE_MAX} s of the server's"),
        )
    } else {
        let way = if wall.0 > theirs {
            "ahead of"
        } else {
            "behind"
        };
        Finding {
            remedy: Some(
                "set the clock ('timedatectl set-ntp true'); tokens are renewed in time all the \
                 same, but certificates may be refused, and times shown are wrong"
                    .to_owned(),
            ),
            ..finding(
                "clock",
                Outcome::Doubtful,
                format!("this computer's clock is {difference} s {way} the server's"),
            )
        }
    };
    vec![connected, clock]
}

/// Whether no connection came about because nobody vouches for the server.
pub(super) fn is_about_certificate(why: &str) -> bool {
    why.to_ascii_lowercase().contains("certificate")
}

/// No answer came; `shown` is the certificate that was not trusted.
pub(super) fn unreached(why: &str, shown: Option<&ShownCertificate>) -> Finding {
    let message = match shown {
        Some(shown) => format!(
            "{why}; the certificate that was shown is of {}, issued by {}",
            shown.subject, shown.issuer
        ),
        None => why.to_owned(),
    };
    Finding {
        remedy: Some(advice::on_connection(why).to_owned()),
        ..finding("connection", Outcome::Bad, message)
    }
}

/// Whether the server would let a user sign in.
pub(super) fn device_authorization(
    profile: &ProfileConfig,
    answer: &Result<DeviceAuthorization, EndpointError>,
) -> Finding {
    let check = "device authorization";
    match answer {
        Ok(authorized) => good(
            check,
            format!("a user could sign in at {}", authorized.verification_uri),
        ),
        Err(EndpointError::Unavailable { status: 404, .. }) => Finding {
            remedy: Some(
                "compare 'domain' with the identity domain's URL in the OCI console; any other \
                 server's endpoints are named one by one"
                    .to_owned(),
            ),
            ..finding(
                "endpoint",
                Outcome::Bad,
                format!(
                    "there is no device authorization endpoint at {}",
                    profile.endpoints.device_authorization
                ),
            )
        },
        Err(error) => refused(profile, check, error),
    }
}

/// Whether the token endpoint knows the client; a user who has not answered is
/// what it should complain of.
pub(super) fn poll(profile: &ProfileConfig, polled: &Result<(), EndpointError>) -> Finding {
    let check = "client";
    match polled {
        Err(error) if !error.is_pending() => refused(profile, check, error),
        _ => good(check, "accepted at the token endpoint"),
    }
}

fn refused(profile: &ProfileConfig, check: &str, error: &EndpointError) -> Finding {
    let said = error.to_string();
    Finding {
        remedy: advice::against(&profile.name, error.code(), &said),
        ..finding(check, Outcome::Bad, said)
    }
}

/// What is to be done about the session.
pub(super) fn session(view: &ProfileView) -> Vec<Finding> {
    let mut findings = vec![standing(view)];
    if let Some(error) = &view.last_error {
        // A session that goes on in spite of it is in no danger yet.
        let outcome = match view.access_token {
            Some(_) => Outcome::Doubtful,
            None => Outcome::Bad,
        };
        findings.push(Finding {
            remedy: advice::against(&view.name, &error.code, &error.message),
            ..finding("last error", outcome, error.to_string())
        });
    }
    findings
}

fn standing(view: &ProfileView) -> Finding {
    let check = "session";
    if view.state != SessionState::SignedIn {
        return Finding {
            remedy: Some(format!("run 'oic-token login {}'", view.name)),
            ..finding(check, Outcome::Doubtful, "nobody is signed in".to_owned())
        };
    }
    let user = view.subject.as_deref().unwrap_or("a user");
    if view.refresh_token.is_none() {
        return Finding {
            remedy: Some(advice::REFRESH_TOKEN.to_owned()),
            ..finding(
                check,
                Outcome::Doubtful,
                format!("{user} is signed in without a refresh token, until the access token ends"),
            )
        };
    }
    good(check, format!("{user} is signed in"))
}

#[cfg(test)]
mod tests;
