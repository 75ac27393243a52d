//! `POST /oauth2/v1/device`: the device authorization request, RFC 8628 §3.1.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::device::DeviceAuthorization;
use crate::simulator::domain::{Domain, OAuthError};
use crate::simulator::received::{Form, Received};

pub(crate) fn answer(domain: &mut Domain, received: &Received, now: Timestamp) -> Answer {
    either(authorize(domain, received, now))
}

fn authorize(domain: &mut Domain, received: &Received, now: Timestamp) -> Result<Answer, Answer> {
    check_method(received, &[Method::POST])?;
    let form = received.form()?;
    check_response_type(domain, form)?;
    let (client_id, scope) = (form.required("client_id")?, form.required("scope")?);
    let authorization = domain.authorize_device(client_id, scope, now)?;
    Ok(to_answer(authorization))
}

/// `response_type` is Oracle's own: RFC 8628 has no such parameter.
fn check_response_type(domain: &Domain, form: &Form) -> Result<(), OAuthError> {
    match form.get("response_type") {
        Some("device_code") => Ok(()),
        None if !domain.knobs.response_type_required => Ok(()),
        None => Err(OAuthError::missing("response_type")),
        Some(_) => Err(OAuthError::invalid_request("Invalid response_type")),
    }
}

fn to_answer(authorization: DeviceAuthorization) -> Answer {
    let mut value = json!({
        "device_code": authorization.device_code,
        "user_code": authorization.user_code,
        "verification_uri": authorization.verification_uri,
        "expires_in": authorization.expires_in,
    });
    if let Some(complete) = authorization.verification_uri_complete {
        value["verification_uri_complete"] = json!(complete);
    }
    if let Some(interval) = authorization.interval {
        value["interval"] = json!(interval);
    }
    Answer::json(200, value)
}
