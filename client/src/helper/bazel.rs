//! Bazel's credential helper protocol (EngFlow/credential-helper-spec):
//! `get`, a URI as JSON on stdin, headers as JSON on stdout.

use oic_proto::message::{TokenView, UnixTime};
use serde_json::{Value, json};

use super::protocol::{Answer, Ask, EXPIRES_EARLY, Input, Place, Question, Reads, Reply, misused};
use crate::moment;

/// How much of stdin there is to read.
pub fn reads(words: &[String]) -> Reads {
    match is_get(words) {
        true => Reads::Everything,
        false => Reads::Nothing,
    }
}

/// What Bazel wants.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    if !is_get(input.words) {
        return misused("usage: get");
    }
    let request = serde_json::from_str::<Value>(input.text);
    match request.as_ref().map(|request| &request["uri"]) {
        Ok(Value::String(uri)) => Box::new(Get(Place::at(uri))),
        Ok(_) => misused("the request on stdin has no 'uri'"),
        Err(error) => misused(format!("the request on stdin is not JSON: {error}")),
    }
}

fn is_get(words: &[String]) -> bool {
    words == ["get"]
}

struct Get(Place);

impl Question for Get {
    fn ask(&self) -> Ask {
        self.0.ask()
    }

    /// A URI that is none of ours is an error there, too.
    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Token(mapped) => Reply::printed(headers(&mapped.token)),
            other => Reply::plain(other),
        }
    }
}

fn headers(token: &TokenView) -> String {
    let bearer = format!("Bearer {}", token.access_token.expose());
    let expires = UnixTime(token.expires_at.0.saturating_sub(EXPIRES_EARLY));
    let answer = json!({
        "expires": moment::rfc3339(expires),
        "headers": {"Authorization": [bearer]},
    });
    format!("{answer}\n")
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{TOKEN, failed, not_mapped, question, token};
    use super::*;

    const URI: &str = "https://cache.example.com/a?b=c";

    fn get() -> Box<dyn Question> {
        let request = json!({"uri": URI, "unknown": {"field": 1}});
        question(parse, "get", &request.to_string())
    }

    #[test]
    fn a_uri_gets_its_header_until_shortly_before_the_token_expires() {
        assert_eq!(get().ask(), Place::at(URI).ask());
        let expected = format!(
            r#"{{"expires":"2026-11-18T11:06:10Z","headers":{{"Authorization":["Bearer {TOKEN}"]}}}}"#
        );
        assert_eq!(
            get().answer(&token()),
            Reply::printed(format!("{expected}\n"))
        );
    }

    #[test]
    fn a_uri_without_a_token_is_an_error() {
        for (answer, exit) in [(not_mapped(), 7), (failed(3, true), 3)] {
            let reply = get().answer(&answer);
            assert_eq!((reply.exit, reply.stdout.expose().as_str()), (exit, ""));
            assert!(reply.stderr.is_some());
        }
    }

    #[test]
    fn what_is_no_request_is_wrong_usage() {
        for (line, text) in [
            ("", ""),
            ("store", "{}"),
            ("get more", "{}"),
            ("get", ""),
            ("get", "[]"),
            ("get", "{}"),
            ("get", r#"{"uri":7}"#),
        ] {
            let question = question(parse, line, text);
            assert_eq!(question.ask(), Ask::Nothing);
            assert_eq!(question.answer(&Answer::Done).exit, 2, "{line} {text}");
        }
    }
}
