//! `oic-token helper`: answers programs that ask a helper for credentials.
//!
//! [`protocol`] says what a helper is; one module a protocol turns what its
//! program says into a question and the answer into what the program reads,
//! all of it text. Which URL belongs to whom, the daemon knows. Here is the
//! table of them, and what touches the outside: stdin, the daemon, stdout.

mod bazel;
mod cargo;
mod challenge;
mod docker;
mod git;
mod goauth;
mod input;
mod keyring;
mod kubernetes;
mod protocol;
mod terraform;
#[cfg(test)]
mod testbed;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Instant;

use oic_proto::message::{MappingView, Refusal, TokenView};
use oic_proto::secret::AccessToken;
use oic_proto::{Request, Response};

use crate::args::{Freshness, MIN_VALID_DEFAULT, TIMEOUT_DEFAULT};
use crate::call::{Daemon, repeatable};
use crate::failure::Failure;
use crate::start::ExitCode;
use crate::{clock, get, terminal};
use input::Stdin;
pub use protocol::prefix;
use protocol::{Answer, Ask, Input, Question, Reads, Reply, Trouble};

/// What a helper asks for, as `get` does.
const FRESHNESS: Freshness = Freshness {
    min_valid: MIN_VALID_DEFAULT,
    timeout: TIMEOUT_DEFAULT,
};

/// Longest URL that is asked about, in bytes: a request has to fit a frame.
const URL_LEN_MAX: usize = 1024;

/// The variable in which kubectl says what it wants.
const EXEC_INFO: &str = "KUBERNETES_EXEC_INFO";

/// A program that asks for credentials, and how.
#[derive(Debug)]
pub struct Helper {
    /// What it is called behind `oic-token helper`.
    pub name: &'static str,
    /// The name under which its program looks for a helper of its own; `None`
    /// where the program can be told a command with arguments.
    pub program: Option<&'static str>,
    reads: fn(&[String]) -> Reads,
    parse: fn(&Input<'_>) -> Box<dyn Question>,
}

/// All of them.
pub const HELPERS: [Helper; 8] = [
    Helper {
        name: "git",
        program: Some("git-credential-oic"),
        reads: git::reads,
        parse: git::parse,
    },
    Helper {
        name: "docker",
        program: Some("docker-credential-oic"),
        reads: docker::reads,
        parse: docker::parse,
    },
    Helper {
        name: "kubernetes",
        program: None,
        reads: kubernetes::reads,
        parse: kubernetes::parse,
    },
    Helper {
        name: "bazel",
        program: Some("bazel-credential-oic"),
        reads: bazel::reads,
        parse: bazel::parse,
    },
    Helper {
        name: "goauth",
        program: None,
        reads: goauth::reads,
        parse: goauth::parse,
    },
    Helper {
        name: "cargo",
        program: Some("cargo-credential-oic"),
        reads: cargo::reads,
        parse: cargo::parse,
    },
    Helper {
        name: "terraform",
        program: Some("terraform-credentials-oic"),
        reads: terraform::reads,
        parse: terraform::parse,
    },
    Helper {
        name: "keyring",
        program: Some("keyring"),
        reads: keyring::reads,
        parse: keyring::parse,
    },
];

impl Helper {
    /// The one of this name.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn named(name: &OsStr) -> Result<&'static Self, Failure> {
        let found = HELPERS.iter().find(|helper| name == helper.name);
        found.ok_or_else(|| Failure::NoHelper {
            name: name.to_string_lossy().into_owned(),
        })
    }

    /// The one that was meant by starting this program by that name.
    pub fn of_program(name: &OsStr) -> Option<&'static Self> {
        let name = Path::new(name).file_stem()?;
        HELPERS
            .iter()
            .find(|helper| helper.program.is_some_and(|program| name == program))
    }

    /// Answers the program.
    ///
    /// # Errors
    ///
    /// Stdin cannot be read or stdout cannot be written. Whatever else goes
    /// wrong, the program is told in its own words.
    pub fn run(&self, daemon: &Daemon, words: &[OsString]) -> Result<ExitCode, Failure> {
        let words = words.iter().map(|it| it.to_string_lossy().into_owned());
        let words = Vec::from_iter(words);
        let mut stdin = Stdin::default();
        let text = match (self.reads)(&words) {
            Reads::Nothing => None,
            Reads::UntilEmptyLine => Some(stdin.until_empty_line()?),
            Reads::Everything => Some(stdin.everything()?),
            Reads::Questions { greeting } => {
                return self.answer_each(daemon, &words, greeting, stdin);
            }
        };
        let text = text.as_ref().map_or("", |text| text.expose());
        say(&self.reply(daemon, &words, text))
    }

    fn answer_each(
        &self,
        daemon: &Daemon,
        words: &[String],
        greeting: &str,
        mut stdin: Stdin,
    ) -> Result<ExitCode, Failure> {
        say(&Reply::printed(greeting.to_owned()))?;
        while let Some(line) = stdin.line()? {
            say(&self.reply(daemon, words, line.expose()))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn reply(&self, daemon: &Daemon, words: &[String], text: &str) -> Reply {
        let exec_info = std::env::var(EXEC_INFO).unwrap_or_default();
        let question = (self.parse)(&Input {
            words,
            text,
            exec_info: &exec_info,
        });
        question.answer(&answer(daemon, question.ask()))
    }
}

fn say(reply: &Reply) -> Result<ExitCode, Failure> {
    if let Some(line) = &reply.stderr {
        terminal::say(line);
    }
    terminal::print_secret(&reply.stdout)?;
    Ok(reply.exit.into())
}

/// What the daemon says.
fn answer(daemon: &Daemon, ask: Ask) -> Answer {
    let deadline = clock::after(FRESHNESS.patience() + get::ANSWER_GRACE);
    let answer = match ask {
        Ask::Token { url, realms } => token(daemon, url, realms, deadline),
        Ask::Tokens => tokens(daemon, deadline),
        Ask::Mappings => mappings(daemon, deadline).map(Answer::Mappings),
        Ask::Reject { url, token } => {
            let token = AccessToken::new(token.expose().clone());
            let fingerprint = token.fingerprint();
            let request = Request::RejectTokenFor { url, fingerprint };
            ended(daemon, &request, deadline)
        }
        Ask::Nothing => Ok(Answer::Done),
    };
    answer.unwrap_or_else(|failure| match failure {
        Failure::Refused(Refusal::NotMapped { .. }) => Answer::NotMapped(trouble(&failure)),
        failure => Answer::Failed(trouble(&failure)),
    })
}

fn token(
    daemon: &Daemon,
    url: String,
    realms: Vec<String>,
    deadline: Instant,
) -> Result<Answer, Failure> {
    if url.len() > URL_LEN_MAX {
        let url = format!("a URL of more than {URL_LEN_MAX} bytes");
        return Err(Failure::Refused(Refusal::NotMapped { url }));
    }
    repeatable(|| {
        let request = Request::GetTokenFor {
            url: url.clone(),
            realms: realms.clone(),
            min_validity: FRESHNESS.min_validity(),
            patience: clock::left_until(deadline).min(FRESHNESS.patience()),
        };
        let mut call = daemon.call(&request, deadline)?;
        match call.answer(deadline)? {
            Response::MappedToken(mut mapped) => {
                mapped.token = get::checked(mapped.token)?;
                Ok(Answer::Token(mapped))
            }
            _ => Err(call.beside_the_point()),
        }
    })
}

/// The tokens of all entries; one that there is none for now is left out, and
/// the first such trouble is kept.
fn tokens(daemon: &Daemon, deadline: Instant) -> Result<Answer, Failure> {
    let mut tokens: Vec<(MappingView, TokenView)> = Vec::new();
    let mut troubles: Vec<(String, Trouble)> = Vec::new();
    for mapping in mappings(daemon, deadline)? {
        let is_known = |profile: &String| *profile == mapping.profile;
        if troubles.iter().any(|(profile, _)| is_known(profile)) {
            continue;
        }
        let same = tokens.iter().find(|(other, _)| is_known(&other.profile));
        let token = match same {
            Some((_, token)) => Ok(token.clone()),
            None => get::access_token(daemon, Some(mapping.profile.clone()), FRESHNESS, false),
        };
        match token {
            Ok(token) => tokens.push((mapping, token)),
            Err(failure) => troubles.push((mapping.profile, trouble(&failure))),
        }
    }
    let first = troubles.into_iter().next().map(|(_, trouble)| trouble);
    Ok(Answer::Tokens(tokens, first))
}

/// All `[[helper]]` entries.
///
/// # Errors
///
/// Whatever stands between us and the daemon.
pub fn mappings(daemon: &Daemon, deadline: Instant) -> Result<Vec<MappingView>, Failure> {
    repeatable(|| {
        let mut call = daemon.call(&Request::ListMappings, deadline)?;
        let mut mappings = Vec::new();
        loop {
            match call.answer(deadline)? {
                Response::Mapping(mapping) => mappings.push(mapping),
                Response::End => return Ok(mappings),
                _ => return Err(call.beside_the_point()),
            }
        }
    })
}

/// Rejecting a token twice is rejecting it once.
fn ended(daemon: &Daemon, request: &Request, deadline: Instant) -> Result<Answer, Failure> {
    repeatable(|| {
        let mut call = daemon.call(request, deadline)?;
        match call.answer(deadline)? {
            Response::End => Ok(Answer::Done),
            _ => Err(call.beside_the_point()),
        }
    })
}

fn trouble(failure: &Failure) -> Trouble {
    Trouble {
        line: failure.lines().join("; ").replace("; hint: ", "; "),
        exit: failure.exit() as u8,
        ours: is_ours(failure),
    }
}

/// Whether the daemon has found the URL among its entries before it refused.
fn is_ours(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::UnusableToken { .. }
            | Failure::Refused(
                Refusal::LoginRequired { .. }
                    | Refusal::TryLater { .. }
                    | Refusal::Rejected { .. }
                    | Refusal::ValidityUnavailable { .. }
                    | Refusal::NotAllowed
                    | Refusal::UnknownProfile { .. }
            )
    )
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What all pages of `docs/helpers` say.
    fn pages() -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/helpers");
        let pages = fs::read_dir(folder).unwrap();
        let pages = pages.map(|page| fs::read_to_string(page.unwrap().path()).unwrap());
        pages.collect()
    }

    #[test]
    fn every_helper_has_a_page_and_a_fuzz_target() {
        let pages = pages();
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz");
        let targets = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
        for Helper { name, .. } in &HELPERS {
            assert!(pages.contains(&format!("oic-token helper install {name}")));
            assert!(targets.contains(&format!("targets/helper_{name}.rs")));
        }
    }

    #[test]
    fn a_helper_is_known_by_its_name_and_by_its_program_s() {
        for helper in &HELPERS {
            assert_eq!(
                Helper::named(helper.name.as_ref()).unwrap().name,
                helper.name
            );
            let Some(program) = helper.program else {
                continue;
            };
            for name in [
                program,
                &format!("/usr/bin/{program}"),
                &format!("{program}.exe"),
            ] {
                assert_eq!(Helper::of_program(name.as_ref()).unwrap().name, helper.name);
            }
        }
        assert!(Helper::named("svn".as_ref()).is_err());
        for name in ["oic-token", "", "git", "git-credential-other"] {
            assert!(Helper::of_program(name.as_ref()).is_none(), "{name}");
        }
    }
}
