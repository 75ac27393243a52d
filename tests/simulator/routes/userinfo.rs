//! `GET /oauth2/v1/userinfo`, OpenID Connect Core §5.3.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::{Domain, registry};
use crate::simulator::received::Received;

pub(crate) fn answer(domain: &Domain, received: &Received, now: Timestamp) -> Answer {
    either(userinfo(domain, received, now))
}

fn userinfo(domain: &Domain, received: &Received, now: Timestamp) -> Result<Answer, Answer> {
    check_method(received, &[Method::GET, Method::POST])?;
    let token = received.bearer().unwrap_or_default();
    let claims = domain.valid_access_token(token, now).ok_or_else(refuse)?;
    let scope = claims["scope"].as_str().unwrap_or_default();
    if !scope.split(' ').any(|value| value == "openid") {
        return Err(refuse());
    }
    let user = claims["sub"]
        .as_str()
        .and_then(registry::user)
        .ok_or_else(refuse)?;
    Ok(Answer::json(
        200,
        json!({
            "birthdate": "", "gender": "", "website": "",
            "family_name": user.family_name,
            "name": user.display_name,
            "preferred_username": user.name,
            "sub": user.name,
            "updated_at": claims["iat"],
        }),
    ))
}

/// RFC 6750 §3.
fn refuse() -> Answer {
    Answer::empty(401).header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
}
