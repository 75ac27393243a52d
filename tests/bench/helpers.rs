//! Each credential helper as a whole process, beside `oic-token get`: what its
//! program waits for. Of the client that is in packages, whose start is the
//! smallest part of it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde::Serialize;

use crate::client;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::process::{self, Contender, Prints, ProcessReport};
use crate::stage::Stage;

/// What one credential costs, helper by helper; `get` comes first.
#[derive(Debug, Serialize)]
pub struct HelpersReport(pub ProcessReport);

/// A helper, the name by which its program runs it if it has one, and what the
/// program says to it.
struct Helper {
    name: &'static str,
    program: Option<&'static str>,
    arguments: &'static [&'static str],
    stdin: &'static str,
}

const URL: &str = "https://git.example.com/team/a";

const HELPERS: [Helper; 8] = [
    Helper {
        name: "git",
        program: Some("git-credential-oic"),
        arguments: &["get"],
        stdin: "capability[]=authtype\nprotocol=https\nhost=git.example.com\npath=team/a\n\n",
    },
    Helper {
        name: "docker",
        program: Some("docker-credential-oic"),
        arguments: &["get"],
        stdin: URL,
    },
    Helper {
        name: "kubernetes",
        program: None,
        arguments: &[URL],
        stdin: "",
    },
    Helper {
        name: "bazel",
        program: Some("bazel-credential-oic"),
        arguments: &["get"],
        stdin: r#"{"uri":"https://git.example.com/team/a"}"#,
    },
    Helper {
        name: "goauth",
        program: None,
        arguments: &[],
        stdin: "",
    },
    Helper {
        name: "cargo",
        program: Some("cargo-credential-oic"),
        arguments: &["--cargo-plugin"],
        stdin: "{\"v\":1,\"registry\":{\"index-url\":\"sparse+https://git.example.com/team/a\"},\
                \"kind\":\"get\",\"operation\":\"read\",\"args\":[]}\n",
    },
    Helper {
        name: "terraform",
        program: Some("terraform-credentials-oic"),
        arguments: &["get", URL],
        stdin: "",
    },
    Helper {
        name: "keyring",
        program: Some("keyring"),
        arguments: &["get", URL, "jane"],
        stdin: "",
    },
];

/// Starts `get` and each helper `rounds` times, in turn.
pub fn measure(rounds: u32) -> Result<HelpersReport, Failure> {
    eprintln!("starting {rounds} processes of each helper …");
    let stage = Stage::set()?;
    let exchange = Exchange::with_daemon(&stage.home.socket())?;
    let shipped = client::shipped()?;
    let mut contenders = vec![client::get("oic-token get", shipped.clone(), &exchange)];
    for helper in &HELPERS {
        contenders.push(helper.contender(&stage, &exchange, &shipped)?);
    }
    process::compare(&stage, &contenders, rounds).map(HelpersReport)
}

impl Helper {
    /// As its program runs it.
    fn contender(
        &self,
        stage: &Stage,
        exchange: &Exchange,
        oic_token: &Path,
    ) -> Result<Contender, Failure> {
        let failed = |error| Failure::of(format_args!("the helper for {}", self.name), error);
        let stdin = stage.home.path(&format!("stdin_of_{}", self.name));
        fs::write(&stdin, self.stdin).map_err(failed)?;
        let (program, before) = match self.program {
            Some(name) => {
                let link = stage.home.path(name);
                symlink(oic_token, &link).map_err(failed)?;
                (link, &[][..])
            }
            None => (oic_token.to_owned(), &["helper", self.name][..]),
        };
        let arguments = before.iter().chain(self.arguments);
        Ok(Contender {
            name: self
                .program
                .map_or_else(|| format!("oic-token helper {}", self.name), str::to_owned),
            program,
            arguments: arguments.map(|&word| word.to_owned()).collect(),
            environment: Vec::new(),
            stdin,
            prints: Prints::Among(exchange.token.clone()),
        })
    }
}
