//! Cargo's credential provider protocol, version 1: JSON, one message a line.
//! Errors are messages too, and the exit code stays 0, or Cargo would drop
//! them.

use serde_json::{Value, json};

use super::challenge::Challenges;
use super::protocol::{
    Answer, Ask, EXPIRES_EARLY, Input, Place, Question, Reads, Reply, Settled, misused,
};

/// How Cargo runs a provider; people do not.
const PLUGIN: &str = "--cargo-plugin";

/// One question a line, once both know the version.
pub fn reads(words: &[String]) -> Reads {
    match is_plugin(words) {
        true => Reads::Questions {
            greeting: "{\"v\":[1]}\n",
        },
        false => Reads::Nothing,
    }
}

/// What Cargo wants with one line.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    if !is_plugin(input.words) {
        return misused(format!(
            "cargo runs this as its credential provider, with {PLUGIN}"
        ));
    }
    let request: Value = match serde_json::from_str(input.text) {
        Ok(request) => request,
        Err(error) => return settled(other(&format!("the request is not JSON: {error}"))),
    };
    match request["v"].as_u64() {
        Some(1) => {}
        Some(version) => {
            return settled(other(&format!(
                "protocol version {version} is not spoken here"
            )));
        }
        // Whatever else stands there is not said back, however long it is.
        None => return settled(other("the request names no protocol version")),
    }
    let Some(index) = request
        .pointer("/registry/index-url")
        .and_then(Value::as_str)
    else {
        return settled(other("the request names no registry"));
    };
    Box::new(Request {
        place: Place {
            url: url(index).to_owned(),
            realms: challenges(&request).realms,
        },
        is_get: request["kind"] == "get",
    })
}

fn is_plugin(words: &[String]) -> bool {
    words.iter().any(|word| word == PLUGIN)
}

/// The URL in `sparse+https://…` and `registry+https://…`.
fn url(index: &str) -> &str {
    let (kind, url) = index.split_once('+').unwrap_or(("", index));
    match kind {
        "sparse" | "registry" => url,
        _ => index,
    }
}

/// Cargo passes on the headers of an answer with 401.
fn challenges(request: &Value) -> Challenges {
    let mut challenges = Challenges::default();
    let headers = request
        .pointer("/registry/headers")
        .and_then(Value::as_array);
    let headers = headers.into_iter().flatten().filter_map(Value::as_str);
    for (name, value) in headers.filter_map(|header| header.split_once(':')) {
        if name.eq_ignore_ascii_case("www-authenticate") {
            challenges.read(value);
        }
    }
    challenges
}

struct Request {
    place: Place,
    is_get: bool,
}

impl Question for Request {
    /// Of any kind of request Cargo asks the next provider, if the registry is
    /// none of ours.
    fn ask(&self) -> Ask {
        self.place.ask()
    }

    fn answer(&self, answer: &Answer) -> Reply {
        let message = match answer {
            Answer::NotMapped(_) => json!({"Err": {"kind": "url-not-supported"}}),
            _ if !self.is_get => json!({"Err": {"kind": "operation-not-supported"}}),
            Answer::Token(mapped) => {
                let token = &mapped.token;
                let expiration = token.expires_at.0.saturating_sub(EXPIRES_EARLY);
                json!({"Ok": {
                    "kind": "get",
                    // The whole value of the header.
                    "token": format!("Bearer {}", token.access_token.expose()),
                    "cache": "expires",
                    "expiration": expiration,
                    "operation_independent": true,
                }})
            }
            Answer::Failed(trouble) => other(&trouble.line),
            _ => other("no token"),
        };
        line(&message)
    }
}

fn other(message: &str) -> Value {
    json!({"Err": {"kind": "other", "message": message, "caused-by": []}})
}

fn line(message: &Value) -> Reply {
    Reply::printed(format!("{message}\n"))
}

fn settled(message: Value) -> Box<dyn Question> {
    Box::new(Settled(line(&message)))
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{EXPIRES_AT, TOKEN, failed, not_mapped, question, token, words};
    use super::*;

    const INDEX: &str = "sparse+https://cargo.example.com/index/";

    fn request(kind: &str) -> Value {
        json!({
            "v": 1,
            "registry": {"index-url": INDEX, "name": "ours", "headers": []},
            "kind": kind,
            "operation": "read",
            "args": [],
        })
    }

    fn asked(request: &Value) -> Box<dyn Question> {
        question(parse, PLUGIN, &request.to_string())
    }

    fn said(question: &dyn Question, answer: &Answer) -> Value {
        let reply = question.answer(answer);
        assert_eq!((reply.exit, &reply.stderr), (0, &None));
        assert_eq!(reply.stdout.expose().matches('\n').count(), 1);
        serde_json::from_str(reply.stdout.expose()).unwrap()
    }

    #[test]
    fn a_registry_gets_its_token_until_shortly_before_it_expires() {
        let get = asked(&request("get"));
        assert_eq!(
            get.ask(),
            Place::at("https://cargo.example.com/index/").ask()
        );
        let expected = json!({"Ok": {
            "kind": "get",
            "token": format!("Bearer {TOKEN}"),
            "cache": "expires",
            "expiration": EXPIRES_AT - 30,
            "operation_independent": true,
        }});
        assert_eq!(said(get.as_ref(), &token()), expected);
        let greeting = "{\"v\":[1]}\n";
        assert_eq!(reads(&words(PLUGIN)), Reads::Questions { greeting });
    }

    #[test]
    fn the_registry_s_challenge_is_asked_about() {
        let mut request = request("get");
        request["registry"]["index-url"] = json!("registry+https://a.b/c");
        request["registry"]["headers"] = json!(["X: y", "WWW-Authenticate: Bearer realm=\"r\""]);
        let url = "https://a.b/c".to_owned();
        let realms = vec!["r".to_owned()];
        assert_eq!(asked(&request).ask(), Ask::Token { url, realms });
    }

    #[test]
    fn registries_of_others_are_left_to_other_providers() {
        let expected = json!({"Err": {"kind": "url-not-supported"}});
        for kind in ["get", "login", "logout", "new"] {
            assert_eq!(
                said(asked(&request(kind)).as_ref(), &not_mapped()),
                expected
            );
        }
    }

    #[test]
    fn what_is_kept_elsewhere_is_neither_stored_nor_forgotten() {
        let expected = json!({"Err": {"kind": "operation-not-supported"}});
        for kind in ["login", "logout", "new"] {
            let request = asked(&request(kind));
            assert_eq!(said(request.as_ref(), &token()), expected);
            assert_eq!(said(request.as_ref(), &failed(3, true)), expected);
        }
    }

    #[test]
    fn errors_are_messages_and_say_nothing_back_at_length() {
        let error =
            |message: &str| json!({"Err": {"kind": "other", "message": message, "caused-by": []}});
        let get = asked(&request("get"));
        assert_eq!(said(get.as_ref(), &failed(3, true)), error("error: why"));
        let mut newer = request("get");
        newer["v"] = json!(2);
        let expected = error("protocol version 2 is not spoken here");
        assert_eq!(said(asked(&newer).as_ref(), &Answer::Done), expected);
        newer["v"] = json!("a".repeat(10_000));
        let expected = error("the request names no protocol version");
        assert_eq!(said(asked(&newer).as_ref(), &Answer::Done), expected);
        let expected = error("the request names no registry");
        assert_eq!(
            said(asked(&json!({"v": 1})).as_ref(), &Answer::Done),
            expected
        );
        let nonsense = question(parse, PLUGIN, "nonsense");
        assert_eq!(
            said(nonsense.as_ref(), &Answer::Done)["Err"]["kind"],
            "other"
        );
        assert_eq!(question(parse, "", "").answer(&Answer::Done).exit, 2);
    }
}
