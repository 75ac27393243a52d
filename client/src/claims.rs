//! What a JWT says (RFC 7519), read without verifying it: for people who
//! wonder what is in a token, never for a decision.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// A JSON object.
pub type Object = Map<String, Value>;

/// The two readable parts of a JWT.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// The JOSE header.
    pub header: Object,
    /// The claims set.
    pub claims: Object,
}

/// What `token` says; `None` where it is not a signed JWT and so opaque to
/// everybody but the authorization server.
pub fn decode(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let decoded = Claims {
        header: object(parts.next()?)?,
        claims: object(parts.next()?)?,
    };
    let _signature = parts.next()?;
    // Five parts are an encrypted token (RFC 7516 §9).
    parts.next().is_none().then_some(decoded)
}

fn object(part: &str) -> Option<Object> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn part(json: &str) -> String {
        URL_SAFE_NO_PAD.encode(json)
    }

    #[test]
    fn a_signed_jwt_is_read_without_its_signature() {
        let token = format!(
            "{}.{}.c2ln",
            part(r#"{"alg":"RS256"}"#),
            part(r#"{"sub":"j"}"#)
        );
        let read = decode(&token).unwrap();
        assert_eq!(Value::Object(read.header), json!({"alg": "RS256"}));
        assert_eq!(Value::Object(read.claims), json!({"sub": "j"}));
    }

    #[test]
    fn whatever_is_not_a_signed_jwt_is_opaque() {
        let header = part(r#"{"alg":"RS256"}"#);
        for token in [
            String::new(),
            "opaque".to_owned(),
            "a.b.c".to_owned(),
            format!("{header}.{header}"),
            format!("{header}.{header}.c.d.e"),
            format!("{header}.{}.c", part("[1]")),
            format!("{header}.{}.c", part("{")),
            format!("{header}.{}.c", part(&"[".repeat(10_000))),
        ] {
            assert_eq!(decode(&token), None, "{token:.40}");
        }
    }
}
