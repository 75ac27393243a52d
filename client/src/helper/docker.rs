//! Docker's credential helper protocol (docker/docker-credential-helpers):
//! `docker-credential-NAME get|list|store|erase|version`. Errors go to stdout.

use oic_proto::Secret;
use serde_json::{Map, Value, json};

use super::protocol::{
    Answer, Ask, Input, Place, Question, Reads, Reply, Settled, Trouble, USAGE, ignored, prefix,
};

/// What docker takes for "no such credential", word for word.
const NOT_FOUND: &str = "credentials not found in native keychain";

/// What the other helpers say where the server is missing.
const NO_SERVER: &str = "no credentials server URL";

/// How much of stdin there is to read.
pub fn reads(words: &[String]) -> Reads {
    match operation(words) {
        Some("get" | "store" | "erase") => Reads::Everything,
        _ => Reads::Nothing,
    }
}

/// What docker wants.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    match operation(input.words) {
        Some("get") => match input.text.trim() {
            "" => said(NO_SERVER, 1),
            server => Box::new(Get(Place::at(server))),
        },
        Some("list") => Box::new(List),
        // `docker login` stores what it got from here; `docker logout` is not
        // the logout of whoever is signed in.
        Some("store" | "erase") => ignored(),
        Some("version") => {
            let version = env!("CARGO_PKG_VERSION");
            said(&format!("docker-credential-oic (oic-token) {version}"), 0)
        }
        _ => said(
            "docker names one of get, list, store, erase and version",
            USAGE,
        ),
    }
}

fn operation(words: &[String]) -> Option<&str> {
    match words {
        [operation] => Some(operation),
        _ => None,
    }
}

fn said(line: &str, exit: u8) -> Box<dyn Question> {
    Box::new(Settled(on_stdout(line, exit)))
}

fn on_stdout(line: &str, exit: u8) -> Reply {
    Reply {
        stdout: Secret::new(format!("{line}\n")),
        stderr: None,
        exit,
    }
}

fn trouble(trouble: &Trouble) -> Reply {
    on_stdout(&format!("oic-token: {}", trouble.line), trouble.exit)
}

struct Get(Place);

impl Question for Get {
    fn ask(&self) -> Ask {
        self.0.ask()
    }

    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Token(mapped) => {
                let credential = json!({
                    "ServerURL": self.0.url,
                    "Username": mapped.username,
                    "Secret": mapped.token.access_token.expose(),
                });
                Reply::printed(format!("{credential}\n"))
            }
            Answer::Failed(why) => trouble(why),
            _ => on_stdout(NOT_FOUND, 1),
        }
    }
}

struct List;

impl Question for List {
    fn ask(&self) -> Ask {
        Ask::Mappings
    }

    /// Docker asks for each of them, so a pattern with stars is left out.
    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Mappings(mappings) => {
                let named = mappings.iter().filter_map(|mapping| {
                    let url = prefix(&mapping.url)?;
                    Some((url.to_owned(), Value::from(mapping.username.as_str())))
                });
                let list = Value::Object(Map::from_iter(named));
                Reply::printed(format!("{list}\n"))
            }
            Answer::Failed(why) => trouble(why),
            _ => Reply::silent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{TOKEN, failed, mapping, not_mapped, question, token, words};
    use super::*;

    fn get() -> Box<dyn Question> {
        question(parse, "get", "registry.example.com:5000\n")
    }

    #[test]
    fn a_server_gets_its_credential_as_json() {
        assert_eq!(get().ask(), Place::at("registry.example.com:5000").ask());
        let reply = get().answer(&token());
        let expected = format!(
            r#"{{"Secret":"{TOKEN}","ServerURL":"registry.example.com:5000","Username":"oauth2"}}"#
        );
        assert_eq!(reply, Reply::printed(format!("{expected}\n")));
    }

    #[test]
    fn errors_are_said_on_stdout_where_docker_reads_them() {
        for (answer, line, exit) in [
            (
                not_mapped(),
                "credentials not found in native keychain\n",
                1,
            ),
            (failed(3, true), "oic-token: error: why\n", 3),
            (failed(4, false), "oic-token: error: why\n", 4),
        ] {
            let reply = get().answer(&answer);
            assert_eq!(reply.stdout.expose(), line);
            assert_eq!((reply.stderr, reply.exit), (None, exit));
        }
        let reply = question(parse, "get", " \n").answer(&Answer::Done);
        assert_eq!(reply.stdout.expose(), "no credentials server URL\n");
        assert_eq!(reply.exit, 1);
    }

    #[test]
    fn the_list_names_every_pattern_that_is_a_url() {
        let list = question(parse, "list", "");
        assert_eq!(list.ask(), Ask::Mappings);
        let mappings = [
            "https://a.example.com",
            "https://*.example.com",
            "https://b.c/d/*",
        ];
        let reply = list.answer(&Answer::Mappings(mappings.map(mapping).into()));
        let expected = "{\"https://a.example.com\":\"oauth2\",\"https://b.c/d\":\"oauth2\"}\n";
        assert_eq!(reply, Reply::printed(expected.to_owned()));
        let none = list.answer(&Answer::Mappings(Vec::new()));
        assert_eq!(none.stdout.expose(), "{}\n");
    }

    #[test]
    fn nothing_is_stored_or_erased_and_all_else_is_wrong_usage() {
        for operation in ["store", "erase"] {
            let question = question(parse, operation, r#"{"Secret":"x"}"#);
            assert_eq!(question.ask(), Ask::Nothing);
            assert_eq!(question.answer(&Answer::Done), Reply::silent());
            assert_eq!(reads(&words(operation)), Reads::Everything);
        }
        for line in ["", "got", "get get"] {
            assert_eq!(question(parse, line, "").answer(&Answer::Done).exit, USAGE);
        }
        let version = question(parse, "version", "").answer(&Answer::Done);
        assert!(
            version
                .stdout
                .expose()
                .starts_with("docker-credential-oic ")
        );
        assert_eq!(version.exit, 0);
    }
}
