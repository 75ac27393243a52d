//! `oic-token inspect`: what the access token says of itself. Neither the
//! token nor its signature is shown: what is on a screen is soon in a ticket.

use oic_proto::message::UnixTime;
use serde_json::Value;

use crate::args::{Freshness, Inspect};
use crate::call::Daemon;
use crate::claims::{self, Claims, Object};
use crate::failure::Failure;
use crate::layout;
use crate::moment::Present;
use crate::start::ExitCode;
use crate::text::{Line, Piece, Style};
use crate::{clock, get, json, terminal};

/// Any token that is still valid will do to look at.
const FRESHNESS: Freshness = Freshness {
    min_valid: 0,
    timeout: 30,
};

/// The claims that are times (RFC 7519 §4.1, OpenID Connect Core §2).
const TIMES: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

/// What people look for, and look for first: who, where, what for, how long.
const FIRST: [&str; 6] = ["sub", "aud", "scope", "iat", "nbf", "exp"];

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
        let lines = lines(&view.profile, &claims, &clock::present(), terminal::width());
        terminal::show(&lines)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(profile: &str, claims: &Claims, present: &Present, width: Option<usize>) -> Vec<Line> {
    let title = format!("The access token of profile '{profile}' says, not verified:");
    let (first, others) = in_order(&claims.claims);
    let groups = [
        ("", first),
        ("other claims", others),
        ("header", claims.header.iter().collect()),
    ];
    let mut lines = layout::paragraph(&Piece::new(&title, Style::Strong), width, 0);
    for (heading, members) in groups {
        if members.is_empty() {
            continue;
        }
        lines.push(Line::default());
        if !heading.is_empty() {
            lines.push(Piece::new(heading, Style::Strong).into());
        }
        let shown = members.into_iter().map(|(name, value)| {
            let name = Piece::from(name.as_str()).text().to_owned();
            let pieces = shown(&name, value, present).into_iter();
            (name, pieces.map(|it| it.as_str().into()).collect())
        });
        lines.extend(layout::fields(&Vec::from_iter(shown), width));
    }
    lines
}

/// A claim or a member of the header.
type Member<'a> = (&'a String, &'a Value);

/// Those of [`FIRST`] in its order, and all others by name.
fn in_order(claims: &Object) -> (Vec<Member<'_>>, Vec<Member<'_>>) {
    let first = FIRST.iter().filter_map(|name| claims.get_key_value(*name));
    let others = claims
        .iter()
        .filter(|(name, _)| !FIRST.contains(&name.as_str()));
    (first.collect(), others.collect())
}

/// What `value` says, a line each.
fn shown(name: &str, value: &Value, present: &Present) -> Vec<String> {
    match value {
        Value::Number(number) if TIMES.contains(&name) => vec![match number.as_f64() {
            // A fraction of a second is of no interest here.
            Some(seconds) => {
                let at = UnixTime(seconds as i64);
                format!("{} ({})", present.local(at), present.relative(at))
            }
            None => number.to_string(),
        }],
        // A set, written with spaces (RFC 9068 §2.2.3, RFC 6749 §3.3).
        Value::String(text) if name == "scope" => text.split(' ').map(str::to_owned).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .flat_map(|item| shown("", item, present))
            .collect(),
        other => vec![other.to_string()],
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
                "scope": "urn:opc:resource:consumer::all openid",
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
        let lines = lines("prod", &claims, &present, None);
        let lines = Vec::from_iter(lines.iter().map(|line| line.to_string()));
        assert_eq!(
            lines,
            [
                "The access token of profile 'prod' says, not verified:",
                "",
                "  aud    urn:a",
                "         urn:b",
                "  scope  urn:opc:resource:consumer::all",
                "         openid",
                "  iat    11:03 (3 min ago)",
                "  exp    11:48 (in 42 min)",
                "",
                "other claims",
                "  client_id  6b0c",
                r#"  nested     {"a":[1]}"#,
                "",
                "header",
                "  alg  RS256",
            ]
        );
    }
}
