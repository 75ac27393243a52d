//! Terraform's and OpenTofu's credentials helper protocol:
//! `terraform-credentials-NAME ARGUMENTS… get|store|forget HOSTNAME`.

use serde_json::json;

use super::protocol::{Answer, Ask, Input, Place, Question, Reads, Reply, Settled, misused};

/// How much of stdin there is to read.
pub fn reads(words: &[String]) -> Reads {
    match words {
        // To its end, or Terraform would fail to write it.
        [.., operation, _] if operation == "store" => Reads::Everything,
        _ => Reads::Nothing,
    }
}

/// What Terraform wants.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    let usage = "terraform names one of get, store and forget, and a host";
    let [.., operation, host] = input.words else {
        return misused(usage);
    };
    match operation.as_str() {
        "get" => Box::new(Get(Place::at(host))),
        "store" => refused("nothing is stored: run 'oic-token login' to sign in"),
        "forget" => refused("nothing is forgotten: run 'oic-token logout' to sign out"),
        _ => misused(usage),
    }
}

fn refused(line: &str) -> Box<dyn Question> {
    Box::new(Settled(Reply::failed(line, 1)))
}

struct Get(Place);

impl Question for Get {
    fn ask(&self) -> Ask {
        self.0.ask()
    }

    fn answer(&self, answer: &Answer) -> Reply {
        let object = match answer {
            Answer::Token(mapped) => json!({"token": mapped.token.access_token.expose()}),
            Answer::NotMapped(_) => json!({}),
            other => return Reply::plain(other),
        };
        Reply::printed(format!("{object}\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{TOKEN, failed, not_mapped, question, token, words};
    use super::*;

    #[test]
    fn a_host_gets_its_token_or_an_empty_object() {
        for line in ["get app.example.com", "--some argument get app.example.com"] {
            let get = question(parse, line, "");
            assert_eq!(get.ask(), Place::at("app.example.com").ask());
            let expected = format!("{{\"token\":\"{TOKEN}\"}}\n");
            assert_eq!(get.answer(&token()), Reply::printed(expected));
            assert_eq!(get.answer(&not_mapped()), Reply::printed("{}\n".to_owned()));
            let reply = get.answer(&failed(5, true));
            assert_eq!((reply.exit, reply.stdout.expose().as_str()), (5, ""));
            assert!(reply.stderr.is_some());
        }
    }

    #[test]
    fn nothing_is_stored_or_forgotten_and_that_is_said() {
        for (line, command) in [
            ("store app.example.com", "oic-token login"),
            ("forget app.example.com", "oic-token logout"),
        ] {
            let question = question(parse, line, r#"{"token":"x"}"#);
            assert_eq!(question.ask(), Ask::Nothing);
            let reply = question.answer(&Answer::Done);
            assert_eq!(reply.exit, 1);
            assert!(reply.stderr.unwrap().contains(command));
        }
        assert_eq!(reads(&words("store h")), Reads::Everything);
        assert_eq!(reads(&words("get h")), Reads::Nothing);
    }

    #[test]
    fn an_unknown_operation_is_wrong_usage() {
        for line in ["", "get", "frobnicate h"] {
            assert_eq!(question(parse, line, "").answer(&Answer::Done).exit, 2);
        }
    }
}
