//! `POST /oauth2/v1/introspect`, RFC 7662: for clients that have a secret.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::{Domain, OAuthError};
use crate::simulator::knobs::ActiveForm;
use crate::simulator::received::Received;

pub(crate) fn answer(domain: &Domain, received: &Received, now: Timestamp) -> Answer {
    either(introspect(domain, received, now))
}

fn introspect(domain: &Domain, received: &Received, now: Timestamp) -> Result<Answer, Answer> {
    check_method(received, &[Method::POST])?;
    let token = received.form()?.required("token")?;
    let client = received.credentials().authenticate()?;
    if client.secret.is_none() {
        return Err(OAuthError::invalid_client().into());
    }
    let claims = domain.valid_access_token(token, now);
    let active = match domain.knobs.introspection_active {
        ActiveForm::Boolean => json!(claims.is_some()),
        ActiveForm::String => json!(claims.is_some().to_string()),
    };
    Ok(Answer::json(200, to_json(active, claims)))
}

fn to_json(active: Value, claims: Option<Value>) -> Value {
    let Some(claims) = claims else {
        return json!({"active": active});
    };
    json!({
        "active": active,
        "exp": claims["exp"],
        "iat": claims["iat"],
        "nbf": claims["iat"],
        "iss": claims["iss"],
        "preferred_username": claims["sub"],
        "prn": claims["sub"],
        "scope": claims["scope"],
        "token_type": "Bearer",
    })
}
