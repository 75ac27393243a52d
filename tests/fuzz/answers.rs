//! What a server may answer, and what holds for all that is read of it.
//!
//! An input has a line each for the HTTP status, `Content-Type`, `Retry-After`,
//! `Date` and the ECID, blank where there is none, and then the body.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use oic_proto::Secret;
use serde_json::{Map, Value};

use crate::config::{Config, ProfileConfig};
use crate::oauth::{Answer, EndpointError, Verdict};
use crate::{SECRET, check_shown};

/// Longest message about an answer, in bytes: a server's words are cut to 300
/// characters, of at most four bytes each, and an ECID may stand beside them.
const MESSAGE_LEN_MAX: usize = 2 * 4 * 300 + 200;

/// How much memory reading an answer may take for every byte of it, and for
/// any. The names of hosts take most.
const MEMORY_FOR_A_BYTE: usize = 64;
const MEMORY_FOR_ANY: usize = 32 * 1024;

/// The answer in an input.
pub fn answer(input: &[u8]) -> Answer {
    let mut lines = input.splitn(6, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let status = std::str::from_utf8(line()).ok();
    Answer {
        status: status.and_then(|it| it.parse().ok()).unwrap_or(200),
        content_type: header(line()),
        retry_after: header(line()),
        date: header(line()),
        ecid: header(line()),
        body: Secret::new(line().to_vec()),
    }
}

/// What a header line may hold, as the endpoint takes it.
fn header(line: &[u8]) -> Option<String> {
    let visible = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    let text = String::from_utf8(line.to_vec()).ok()?;
    (!line.is_empty() && line.iter().all(visible)).then_some(text)
}

/// How much memory reading `answer` may take.
pub fn memory_for(answer: &Answer) -> usize {
    MEMORY_FOR_ANY + MEMORY_FOR_A_BYTE * answer.body.expose().len()
}

/// A public client of an identity domain.
pub static PROFILE: LazyLock<ProfileConfig> = LazyLock::new(|| {
    let text = "[profile.prod]\ndomain = \"https://id.example.com\"\n\
                client_id = \"6b0c1d2e\"\nscopes = [\"api\"]\n";
    let config = Config::parse(text, Path::new("config.toml")).expect("a configuration");
    config.profiles.into_iter().next().expect("one profile")
});

/// What holds for every answer that is not what was asked for.
pub fn check_error(answer: &Answer, error: &EndpointError) {
    let message = error.to_string();
    check_shown(&message, 1);
    assert!(message.len() <= MESSAGE_LEN_MAX, "{message}");
    check_verdict(answer, error);
    check_secrecy(answer, error);
}

/// Only OAuth's own words, whole, under a status that is a last word, say
/// anything about a session; and only `invalid_grant` that it is over.
fn check_verdict(answer: &Answer, error: &EndpointError) {
    let verdict = error.verdict();
    match verdict {
        Verdict::Over => assert_eq!(error.code(), "invalid_grant"),
        Verdict::Rejected => assert!(matches!(error, EndpointError::Refused(_))),
        Verdict::InDoubt => assert_ne!(error.code(), "invalid_grant"),
        Verdict::AskAgain => {}
    }
    if matches!(verdict, Verdict::Over | Verdict::Rejected) {
        assert!(
            matches!(answer.status, 200 | 400..=499),
            "{}",
            answer.status
        );
        let Some(members) = members(answer) else {
            return check_nesting(answer);
        };
        assert_eq!(members["error"], error.code());
        for token in ["access_token", "refresh_token"] {
            let granted = members.get(token).is_some_and(Value::is_string);
            assert!(answer.status != 200 || !granted, "it has a {token}");
        }
    }
}

/// The body as another reader of JSON has it, one that does not forgive.
fn members(answer: &Answer) -> Option<Map<String, Value>> {
    let body = String::from_utf8_lossy(answer.body.expose());
    serde_json::from_str(body.trim_start_matches('\u{feff}')).ok()
}

/// That reader gives up below 127 brackets.
fn check_nesting(answer: &Answer) {
    let brackets = answer.body.expose().iter();
    let open = brackets.filter(|byte| matches!(byte, b'[' | b'{'));
    assert!(open.count() > 100, "it ended a session and is no object");
}

/// What a server quotes of a request, or sends in a token's place, is in no
/// message.
fn check_secrecy(answer: &Answer, error: &EndpointError) {
    let sent = [Secret::new(SECRET.to_owned())];
    let hidden = error.clone().without(&sent);
    assert!(!format!("{hidden} {hidden:?}").contains(SECRET));
    if is_secret_alone(answer) {
        assert!(!format!("{error} {error:?}").contains(SECRET));
    }
}

/// Whether [`SECRET`] stands in the tokens of the body and nowhere else.
fn is_secret_alone(answer: &Answer) -> bool {
    let Ok(body) = std::str::from_utf8(answer.body.expose()) else {
        return false;
    };
    let headers = [&answer.content_type, &answer.ecid];
    let said = headers.into_iter().flatten().any(|it| it.contains(SECRET));
    // An escape could hide another one.
    let (Some(members), false, false) = (members(answer), said, body.contains('\\')) else {
        return false;
    };
    let tokens = ["access_token", "refresh_token", "device_code"];
    let tokens = tokens.map(|name| members.get(name).and_then(Value::as_str));
    let in_tokens = tokens.into_iter().flatten();
    let in_tokens: usize = in_tokens.map(|it| it.matches(SECRET).count()).sum();
    // The names of hosts are shown in small letters.
    in_tokens == body.to_ascii_lowercase().matches(SECRET).count()
}

/// A lifetime that a grant may come with.
pub fn check_lifetime(lifetime: Duration) {
    assert!(lifetime > Duration::ZERO);
    assert!(lifetime <= Duration::from_secs(366 * 24 * 3600));
}

/// A token goes into a header or a form, and is taken as it was sent.
pub fn check_token(answer: &Answer, token: &str) {
    assert!((1..=48 * 1024).contains(&token.len()));
    assert!(token.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let body = String::from_utf8_lossy(answer.body.expose());
    assert!(body.contains('\\') || body.contains(token));
}
