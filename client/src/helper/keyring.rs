//! The command line of Python's keyring, as far as pip and uv use it:
//! `keyring get SERVICE USER`, with `--mode creds` and `--output json`.

use serde_json::json;

use super::protocol::{Answer, Ask, Input, Place, Question, Reads, Reply, Settled, misused};

/// Nothing: pip and uv leave nothing there.
pub fn reads(_: &[String]) -> Reads {
    Reads::Nothing
}

/// What pip or uv want. uv takes an error about `--mode` for an old keyring;
/// none here is one.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    let Some(line) = Line::read(input.words) else {
        return misused("usage: get [--mode password|creds] [--output plain|json] SERVICE [USER]");
    };
    match line.positional[..] {
        ["get", service] => line.get(service, None),
        ["get", service, user] => line.get(service, Some(user)),
        ["set" | "del", ..] => Box::new(Settled(Reply::failed(
            "oic-tokend keeps its sessions itself: run 'oic-token login' or 'oic-token logout'",
            1,
        ))),
        _ => misused("expected 'get' and a service"),
    }
}

#[derive(Default)]
struct Line<'a> {
    positional: Vec<&'a str>,
    with_username: bool,
    as_json: bool,
}

impl<'a> Line<'a> {
    /// Options may stand anywhere, with their value behind a space or `=`.
    fn read(words: &'a [String]) -> Option<Self> {
        let mut line = Self::default();
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            if !word.starts_with("--") {
                line.positional.push(word);
                continue;
            }
            let (option, value) = match word.split_once('=') {
                Some(both) => both,
                None => (word, words.next()?),
            };
            match (option, value) {
                ("--mode", "creds") => line.with_username = true,
                ("--mode", "password") => line.with_username = false,
                ("--output", "json") => line.as_json = true,
                ("--output", "plain") => line.as_json = false,
                _ => return None,
            }
        }
        Some(line)
    }

    fn get(&self, service: &str, user: Option<&str>) -> Box<dyn Question> {
        Box::new(Get {
            place: Place::at(service),
            user: user.map(str::to_owned),
            with_username: self.with_username,
            as_json: self.as_json,
        })
    }
}

struct Get {
    place: Place,
    user: Option<String>,
    with_username: bool,
    as_json: bool,
}

impl Question for Get {
    fn ask(&self) -> Ask {
        self.place.ask()
    }

    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Token(mapped) => {
                let user = self.user.as_ref().unwrap_or(&mapped.username);
                let token = mapped.token.access_token.expose();
                Reply::printed(match (self.with_username, self.as_json) {
                    (true, true) => format!("{}\n", json!({"password": token, "username": user})),
                    (true, false) => format!("{user}\n{token}\n"),
                    (false, true) => format!("{}\n", json!({"password": token})),
                    (false, false) => format!("{token}\n"),
                })
            }
            // pip asks for every index there is and shows what is said.
            Answer::NotMapped(_) => Reply {
                exit: 1,
                ..Reply::silent()
            },
            other => Reply::plain(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{TOKEN, failed, not_mapped, question, token};
    use super::*;

    const URL: &str = "https://pypi.example.com/simple/";

    #[test]
    fn each_of_the_three_shapes_is_answered() {
        let json = |user: &str| format!(r#"{{"password":"{TOKEN}","username":"{user}"}}"#);
        for (line, expected) in [
            (format!("get {URL} __token__"), TOKEN.to_owned()),
            (
                format!("get {URL} --mode creds"),
                format!("oauth2\n{TOKEN}"),
            ),
            (
                format!("get --mode=creds {URL} jane"),
                format!("jane\n{TOKEN}"),
            ),
            (
                format!("--mode=creds --output=json get {URL}"),
                json("oauth2"),
            ),
            (
                format!("--mode=creds --output=json get {URL} jane"),
                json("jane"),
            ),
            (
                format!("get {URL} u --output json --mode password"),
                format!(r#"{{"password":"{TOKEN}"}}"#),
            ),
        ] {
            let get = question(parse, &line, "");
            assert_eq!(get.ask(), Place::at(URL).ask());
            assert_eq!(
                get.answer(&token()),
                Reply::printed(format!("{expected}\n"))
            );
        }
    }

    #[test]
    fn indexes_of_others_are_passed_over_in_silence() {
        let get = question(parse, "get index.example.org __token__", "");
        let reply = get.answer(&not_mapped());
        assert_eq!((reply.exit, reply.stderr), (1, None));
        assert_eq!(reply.stdout.expose(), "");
        let reply = get.answer(&failed(3, true));
        assert_eq!(
            (reply.exit, reply.stderr.as_deref()),
            (3, Some("error: why"))
        );
    }

    #[test]
    fn no_error_is_taken_for_an_old_keyring() {
        for line in [
            "",
            "get",
            "get a b c",
            "get a --mode",
            "get a --mode x",
            "--x get a",
        ] {
            let reply = question(parse, line, "").answer(&Answer::Done);
            assert_eq!(reply.exit, 2, "{line}");
            assert!(!reply.stderr.unwrap().contains("unrecognized arguments"));
        }
        for line in ["set a b", "del a b"] {
            assert_eq!(question(parse, line, "").answer(&Answer::Done).exit, 1);
        }
    }
}
