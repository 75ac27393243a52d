//! `POST /oauth2/v1/token`: the device and the refresh grant.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::{Domain, OAuthError, Rotation, TokenAnswer};
use crate::simulator::knobs::Knobs;
use crate::simulator::received::{Form, Received};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const REFRESH_TOKEN: &str = "refresh_token";

pub(crate) fn answer(
    domain: &mut Domain,
    received: &Received,
    rotation: Rotation,
    now: Timestamp,
) -> Answer {
    either(grant(domain, received, rotation, now))
}

/// The word for a grant type in the log: never the caller's own text, where a
/// token could have been put by mistake.
pub(crate) fn grant_type_name(grant_type: &str) -> &'static str {
    match grant_type {
        DEVICE_CODE => "device_code",
        REFRESH_TOKEN => "refresh_token",
        _ => "unsupported",
    }
}

fn grant(
    domain: &mut Domain,
    received: &Received,
    rotation: Rotation,
    now: Timestamp,
) -> Result<Answer, Answer> {
    check_method(received, &[Method::POST])?;
    let form = received.form()?;
    let tokens = redeem(domain, received, form, rotation, now)?;
    Ok(Answer::json(200, to_json(tokens, &domain.knobs)))
}

fn redeem(
    domain: &mut Domain,
    received: &Received,
    form: &Form,
    rotation: Rotation,
    now: Timestamp,
) -> Result<TokenAnswer, OAuthError> {
    let grant_type = form.required("grant_type")?;
    let client = received.credentials().authenticate()?;
    match grant_type {
        DEVICE_CODE => {
            let device_code = form.required("device_code")?;
            domain.redeem_device_code(client, device_code, rotation, now)
        }
        REFRESH_TOKEN => {
            let refresh_token = form.required("refresh_token")?;
            domain.refresh(client, refresh_token, form.get("scope"), rotation, now)
        }
        _ => Err(OAuthError::unsupported_grant_type()),
    }
}

fn to_json(tokens: TokenAnswer, knobs: &Knobs) -> Value {
    let expires_in = if knobs.expires_in_as_string {
        json!(tokens.expires_in.to_string())
    } else {
        json!(tokens.expires_in)
    };
    let mut each = tokens.access_tokens.into_iter().map(|token| {
        Map::from_iter([
            ("access_token".to_owned(), json!(token)),
            ("token_type".to_owned(), json!("Bearer")),
            ("expires_in".to_owned(), expires_in.clone()),
        ])
    });
    let mut answer = if tokens.multiresource {
        let responses: Vec<_> = each.map(Value::Object).collect();
        Map::from_iter([("tokenResponses".to_owned(), Value::Array(responses))])
    } else {
        each.next().unwrap_or_default()
    };
    if let Some(token) = tokens.id_token {
        answer.insert("id_token".to_owned(), json!(token));
    }
    if let Some(token) = tokens.refresh_token {
        answer.insert("refresh_token".to_owned(), json!(token));
    }
    Value::Object(answer)
}
