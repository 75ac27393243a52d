//! What `oic-token doctor` and `setup` ask: whether a user could sign in with a
//! profile now, and if not, what is wrong and how to mend it.
//!
//! A login is begun and left: the authorization server is asked for a device
//! code, and polled once with it. No user sees the code, and it expires.
//! `judgement` says what the answers mean.

mod advice;
mod judgement;

use std::time::Duration;

use oic_proto::message::{Finding, ProfileView};
use url::Url;

use crate::clock;
use crate::config::ProfileConfig;
use crate::endpoint::Endpoint;
use crate::lifecycle::DeviceCode;
use crate::oauth::{self, Answer, EndpointError, TransportError};

/// How long each of the requests may take: whoever asks is watching, and a
/// server that takes longer is found to be slow.
const REQUEST_MAX: Duration = Duration::from_secs(15);

/// How the session of a profile stands, as far as somebody has to do something
/// about it.
pub fn of_session(view: &ProfileView) -> Vec<Finding> {
    of(&view.name, judgement::session(view))
}

/// How the authorization server of `profile` stands towards a login. Takes two
/// requests, 30 s at most together.
pub async fn of_server(profile: &ProfileConfig, endpoint: &Endpoint) -> Vec<Finding> {
    of(&profile.name, look_at(profile, endpoint).await)
}

fn of(profile: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        finding.profile = Some(profile.to_owned());
    }
    findings
}

async fn look_at(profile: &ProfileConfig, endpoint: &Endpoint) -> Vec<Finding> {
    let mut findings = judgement::scopes(profile);
    let url = &profile.endpoints.device_authorization;
    let answer = within(url, authorize_device(profile, endpoint)).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(TransportError::NotSent(why) | TransportError::Unanswered(why)) => {
            let shown = if judgement::is_about_certificate(&why) {
                endpoint.shown_certificate(url).await
            } else {
                None
            };
            findings.push(judgement::unreached(&why, shown.as_ref()));
            return findings;
        }
    };
    let date = answer.date.as_deref();
    findings.extend(judgement::reached(url, date, clock::now().wall));
    let authorized = oauth::device_authorization(profile, Ok(answer));
    findings.push(judgement::device_authorization(profile, &authorized));
    if let Ok(authorized) = authorized {
        let polled = poll(profile, endpoint, &authorized.device_code).await;
        findings.push(judgement::poll(profile, &polled));
    }
    findings
}

async fn authorize_device(
    profile: &ProfileConfig,
    endpoint: &Endpoint,
) -> Result<Answer, TransportError> {
    let client = profile
        .authenticate_device_authorization
        .then_some(&profile.client);
    let form = oauth::authorize_device(profile);
    let url = &profile.endpoints.device_authorization;
    endpoint.post(url, client, form).await
}

async fn poll(
    profile: &ProfileConfig,
    endpoint: &Endpoint,
    device_code: &DeviceCode,
) -> Result<(), EndpointError> {
    let form = oauth::poll_token(profile, device_code);
    let secrets = form.secrets();
    let url = &profile.endpoints.token;
    let answer = within(url, endpoint.post(url, Some(&profile.client), form)).await;
    let granted = oauth::token_grant(answer).map(|_| ());
    granted.map_err(|error| error.without(&secrets))
}

async fn within(
    url: &Url,
    request: impl Future<Output = Result<Answer, TransportError>>,
) -> Result<Answer, TransportError> {
    let late = |_| {
        let host = url.host_str().unwrap_or_default();
        let seconds = REQUEST_MAX.as_secs();
        TransportError::Unanswered(format!("{host}: no answer within {seconds} s"))
    };
    tokio::time::timeout(REQUEST_MAX, request)
        .await
        .unwrap_or_else(|elapsed| Err(late(elapsed)))
}
