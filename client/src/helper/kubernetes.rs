//! Kubernetes' exec credential plugin (client.authentication.k8s.io). kubectl
//! says in `$KUBERNETES_EXEC_INFO` which cluster it means, if its
//! configuration has `provideClusterInfo: true`.

use oic_proto::message::{TokenView, UnixTime};
use serde_json::{Value, json};

use super::protocol::{Answer, Ask, EXPIRES_EARLY, Input, Place, Question, Reads, Reply, misused};
use crate::moment;

/// The versions of the answer, newest first; they do not differ in it.
const VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];

/// Nothing: kubectl may leave a terminal there.
pub fn reads(_: &[String]) -> Reads {
    Reads::Nothing
}

/// What kubectl wants. A URL among the arguments goes before its cluster's.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    let info = match input.exec_info {
        "" => Value::Null,
        info => match serde_json::from_str(info) {
            Ok(info) => info,
            Err(error) => return misused(format!("$KUBERNETES_EXEC_INFO is not JSON: {error}")),
        },
    };
    let version = match info.get("apiVersion") {
        None => VERSIONS[0],
        Some(asked) => match VERSIONS.into_iter().find(|&version| asked == version) {
            Some(version) => version,
            None => {
                return misused(format!(
                    "kubectl asks for {asked}; write 'apiVersion: {}'",
                    VERSIONS[0]
                ));
            }
        },
    };
    let server = info.pointer("/spec/cluster/server").and_then(Value::as_str);
    match input.words {
        [] => match server {
            Some(server) => Box::new(Get(Place::at(server), version)),
            None => misused(
                "kubectl does not say which cluster it means; write 'provideClusterInfo: true', \
                 or the server's URL into 'args'",
            ),
        },
        [url] => Box::new(Get(Place::at(url), version)),
        _ => misused("expected one argument at most, the URL of the cluster's server"),
    }
}

struct Get(Place, &'static str);

impl Question for Get {
    fn ask(&self) -> Ask {
        self.0.ask()
    }

    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Token(mapped) => Reply::printed(credential(self.1, &mapped.token)),
            other => Reply::plain(other),
        }
    }
}

fn credential(version: &str, token: &TokenView) -> String {
    // kubectl uses it to the second.
    let expires_at = UnixTime(token.expires_at.0.saturating_sub(EXPIRES_EARLY));
    let credential = json!({
        "apiVersion": version,
        "kind": "ExecCredential",
        "status": {
            "expirationTimestamp": moment::rfc3339(expires_at),
            "token": token.access_token.expose(),
        },
    });
    format!("{credential}\n")
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{TOKEN, failed, not_mapped, token, words};
    use super::*;

    const SERVER: &str = "https://k8s.example.com:6443";

    fn info(version: &str) -> String {
        let cluster = json!({"server": SERVER, "certificate-authority-data": "eA=="});
        let spec = json!({"interactive": false, "cluster": cluster});
        let kind = "ExecCredential";
        json!({"apiVersion": version, "kind": kind, "spec": spec}).to_string()
    }

    fn question(line: &str, exec_info: &str) -> Box<dyn Question> {
        parse(&Input {
            words: &words(line),
            text: "",
            exec_info,
        })
    }

    #[test]
    fn the_answer_has_the_version_that_was_asked_for_and_expires_a_little_early() {
        for version in VERSIONS {
            let question = question("", &info(version));
            assert_eq!(question.ask(), Place::at(SERVER).ask());
            let expected = format!(
                r#"{{"apiVersion":"{version}","kind":"ExecCredential","status":{{"expirationTimestamp":"2026-11-18T11:06:10Z","token":"{TOKEN}"}}}}"#
            );
            let reply = question.answer(&token());
            assert_eq!(reply, Reply::printed(format!("{expected}\n")));
        }
    }

    #[test]
    fn the_cluster_is_the_one_of_the_arguments_or_of_the_environment() {
        let other = "https://other.example.com";
        for exec_info in ["", "{}", &info(VERSIONS[1])] {
            assert_eq!(question(other, exec_info).ask(), Place::at(other).ask());
        }
    }

    #[test]
    fn what_cannot_be_answered_is_refused_with_what_to_write() {
        for (line, exec_info, said) in [
            ("", "", "provideClusterInfo: true"),
            (
                "",
                r#"{"spec":{"interactive":true}}"#,
                "provideClusterInfo: true",
            ),
            (
                "",
                &info("client.authentication.k8s.io/v1alpha1"),
                "write 'apiVersion: client.authentication.k8s.io/v1'",
            ),
            ("", "nonsense", "is not JSON"),
            ("a b", "", "one argument at most"),
        ] {
            let reply = question(line, exec_info).answer(&Answer::Done);
            assert!(reply.stderr.unwrap().contains(said));
            assert_eq!((reply.exit, reply.stdout.expose().as_str()), (2, ""));
        }
    }

    #[test]
    fn there_is_no_credential_but_a_token() {
        let question = question("", &info(VERSIONS[0]));
        for (answer, exit) in [(not_mapped(), 7), (failed(5, true), 5)] {
            let reply = question.answer(&answer);
            assert_eq!((reply.exit, reply.stdout.expose().as_str()), (exit, ""));
            assert!(reply.stderr.is_some());
        }
    }
}
