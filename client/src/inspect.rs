//! `oic-token inspect`: what the access token says of itself. Neither the
//! token nor its signature is shown: what is on a screen is soon in a ticket.

use std::process::ExitCode;

use oic_proto::message::UnixTime;
use serde_json::Value;

use crate::args::{Freshness, Inspect};
use crate::call::Daemon;
use crate::claims::{self, Claims, Object};
use crate::failure::Failure;
use crate::moment::Present;
use crate::{clock, get, json, terminal};

/// Any token that is still valid will do to look at.
const FRESHNESS: Freshness = Freshness {
    min_valid: 0,
    timeout: 30,
};

/// The claims that are times (RFC 7519 §4.1, OpenID Connect Core §2).
const TIMES: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

/// Runs the command.
///
/// # Errors
///
/// [`Failure::OpaqueToken`], or whatever stands between us and the token.
pub fn run(daemon: &Daemon, arguments: Inspect) -> Result<ExitCode, Failure> {
    let view = get::access_token(daemon, arguments.profile, FRESHNESS, false)?;
    let Some(claims) = claims::decode(view.access_token.expose()) else {
        let profile = view.profile;
        return Err(Failure::OpaqueToken { profile });
    };
    if arguments.json {
        terminal::print(&[json::line(&json::Inspected::from(&claims))])?;
    } else {
        terminal::print(&lines(&view.profile, &claims, &clock::present()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(profile: &str, claims: &Claims, present: &Present) -> Vec<String> {
    let mut lines = vec![format!(
        "The access token of profile '{profile}' says, not verified:"
    )];
    for (title, object) in [("header", &claims.header), ("claims", &claims.claims)] {
        lines.push(String::new());
        lines.push(title.to_owned());
        lines.extend(aligned(object, present));
    }
    lines
}

fn aligned<'a>(object: &'a Object, present: &'a Present) -> impl Iterator<Item = String> + 'a {
    let width = object.keys().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    object
        .iter()
        .map(move |(name, value)| format!("  {name:width$}  {}", shown(name, value, present)))
}

fn shown(name: &str, value: &Value, present: &Present) -> String {
    match value {
        Value::Number(number) if TIMES.contains(&name) => match number.as_f64() {
            // A fraction of a second is of no interest here.
            Some(seconds) => {
                let at = UnixTime(seconds as i64);
                format!("{} ({})", present.local(at), present.relative(at))
            }
            None => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items = items.iter().filter_map(Value::as_str);
            Vec::from_iter(items).join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_aligned_and_times_are_said_in_words() {
        let object = |value: Value| value.as_object().unwrap().clone();
        let claims = Claims {
            header: object(json!({"alg": "RS256"})),
            claims: object(json!({
                "aud": ["urn:a", "urn:b"],
                "exp": 1_795_002_520,
                "iat": 1_794_999_820.5,
                "nested": {"a": [1]},
                "client_id": "6b0c",
            })),
        };
        let present = Present {
            now: UnixTime(1_795_000_000),
            zone: TimeZone::UTC,
        };
        assert_eq!(
            lines("prod", &claims, &present),
            [
                "The access token of profile 'prod' says, not verified:",
                "",
                "header",
                "  alg  RS256",
                "",
                "claims",
                "  aud        urn:a, urn:b",
                "  client_id  6b0c",
                "  exp        11:48 (in 42 min)",
                "  iat        11:03 (3 min ago)",
                r#"  nested     {"a":[1]}"#,
            ]
        );
    }
}
