//! The runtime host's sample integration: says back the last word of the path
//! to a caller whose access token is right in every respect.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::Domain;
use crate::simulator::domain::registry::{self, OIC, User};
use crate::simulator::knobs::Unauthorized;
use crate::simulator::received::Received;

/// The segment that describes the endpoint instead of calling it.
const METADATA: &str = "metadata";

pub(crate) fn answer(domain: &Domain, received: &Received, now: Timestamp) -> Answer {
    either(echo(domain, received, now))
}

fn echo(domain: &Domain, received: &Received, now: Timestamp) -> Result<Answer, Answer> {
    check_method(received, &[Method::GET, Method::POST])?;
    let user = caller(domain, received, now)?;
    let word = received.word.as_deref().unwrap_or_default();
    if word == METADATA {
        return Ok(Answer::json(200, description(&domain.url)));
    }
    Ok(Answer::json(
        200,
        json!({
            "Message": format!("Your message is {word}"),
            "Welcome": format!("Hello {}", user.display_name),
        }),
    ))
}

/// The user in a token that this instance takes, or the answer that refuses it.
pub(super) fn caller(
    domain: &Domain,
    received: &Received,
    now: Timestamp,
) -> Result<&'static User, Answer> {
    let refuse = |why| unauthorized(domain.knobs.unauthorized, why);
    let token = received.bearer().ok_or_else(|| refuse("No Token"))?;
    let claims = domain.valid_access_token(token, now);
    let claims = claims.ok_or_else(|| refuse("Token Signature Or Expiry"))?;
    if !is_for(&claims["aud"], OIC.audience) {
        return Err(refuse("Token Audience"));
    }
    let user = claims["sub"].as_str().and_then(registry::user);
    let user = user.ok_or_else(|| refuse("Token Subject"))?;
    if !user.service_invoker {
        return Err(missing_role(domain));
    }
    Ok(user)
}

/// Whether `audience` is in `aud`, which may be a string or an array.
fn is_for(aud: &Value, audience: &str) -> bool {
    match aud {
        Value::String(one) => one == audience,
        Value::Array(many) => many.iter().any(|one| one == audience),
        _ => false,
    }
}

fn unauthorized(form: Unauthorized, why: &str) -> Answer {
    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{why}\"");
    match form {
        Unauthorized::Json => Answer::json(
            401,
            json!({
                "code": "NotAuthenticated",
                "message": "The required information to complete authentication was not provided \
                    or was incorrect.",
            }),
        ),
        Unauthorized::Challenge => Answer::empty(401).header("WWW-Authenticate", challenge),
        Unauthorized::Html => {
            let page = "<!DOCTYPE html><html><body><h1>401 Unauthorized</h1></body></html>\n";
            Answer::html(401, page).header("WWW-Authenticate", challenge)
        }
        Unauthorized::Empty => Answer::empty(401),
    }
}

fn missing_role(domain: &Domain) -> Answer {
    let status = domain.knobs.missing_role_status.0;
    if status == 401 {
        return unauthorized(domain.knobs.unauthorized, "Role ServiceInvoker");
    }
    let message = "The caller does not have the role ServiceInvoker.";
    Answer::json(status, json!({"code": "NotAuthorized", "message": message}))
}

fn description(url: &str) -> Value {
    json!({
        "name": "ECHO",
        "version": "1.0",
        "endpoint": format!("{url}/ic/api/integration/v1/flows/rest/ECHO/1.0/{{word}}"),
        "methods": ["GET", "POST"],
    })
}
