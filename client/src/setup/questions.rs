//! What `setup` has to know and how it asks for it.

use super::Trouble;
use super::configuration::Answers;
use crate::failure::Failure;
use crate::terminal;

/// Something to ask for.
struct Question {
    /// What answers it without a question.
    option: &'static str,
    /// What it is.
    what: &'static str,
    /// Where in the OCI console it is found.
    whence: &'static str,
}

const DOMAIN: Question = Question {
    option: "--domain",
    what: "identity domain URL",
    whence: "OCI console > Identity & Security > Domains > your domain",
};

const CLIENT_ID: Question = Question {
    option: "--client-id",
    what: "client ID",
    whence: "the domain > Integrated applications > the application",
};

const SCOPE: Question = Question {
    option: "--scope",
    what: "scope",
    whence: "the domain > Oracle Cloud Services > the integration instance > \
             OAuth configuration; ends in urn:opc:resource:consumer::all",
};

/// Asks a person, if there is one.
#[derive(Debug)]
pub struct Questions {
    /// There is nobody, or nobody wants to be asked.
    silent: bool,
}

impl Questions {
    /// `yes`: what could be asked is agreed with.
    pub fn new(yes: bool) -> Self {
        Self {
            silent: yes || !terminal::can_ask(),
        }
    }

    /// What is about to be asked, and why.
    pub fn introduce(&self, profile: &str) {
        if !self.silent {
            terminal::say(&format!(
                "to set up profile '{profile}', three answers from the OCI console are needed; \
                 each is checked with the identity domain, and nothing is written before"
            ));
        }
    }

    /// The identity domain's URL.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotGiven`] where nobody can be asked.
    pub fn domain(&self, given: &Answers) -> Result<String, Failure> {
        let answer = self.answer(&DOMAIN, &given.domain)?;
        Ok(as_url(&answer))
    }

    /// The client id.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotGiven`] where nobody can be asked.
    pub fn client_id(&self, given: &Answers) -> Result<String, Failure> {
        self.answer(&CLIENT_ID, &given.client_id)
    }

    /// The scopes.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotGiven`] where nobody can be asked.
    pub fn scopes(&self, given: &Answers) -> Result<Vec<String>, Failure> {
        let answer = self.answer(&SCOPE, &given.scopes.join(" "))?;
        let scopes = answer.split_whitespace().map(str::to_owned);
        // It is added by the daemon.
        Ok(scopes.filter(|it| it != "offline_access").collect())
    }

    /// Whether to do something; without anybody to ask, what is usual.
    ///
    /// # Errors
    ///
    /// [`Trouble::NoAnswer`].
    pub fn yes(&self, question: &str) -> Result<bool, Failure> {
        if self.silent {
            return Ok(true);
        }
        let answer = ask(&format!("{question} [Y/n]"))?;
        Ok(!answer.trim_start().to_ascii_lowercase().starts_with('n'))
    }

    /// Something is wrong: a person may answer anew, or mend it elsewhere and
    /// answer as before.
    ///
    /// # Errors
    ///
    /// [`Trouble::Disagreed`] where nobody can be asked.
    pub fn again(&self) -> Result<(), Failure> {
        if self.silent {
            return Err(Trouble::Disagreed.into());
        }
        terminal::say("mend that and press Enter to look again, or answer anew; Ctrl-C ends this");
        Ok(())
    }

    fn answer(&self, question: &Question, given: &str) -> Result<String, Failure> {
        let Question {
            option,
            what,
            whence,
        } = question;
        if self.silent {
            return match given {
                "" => Err(Trouble::NotGiven(option).into()),
                given => Ok(given.to_owned()),
            };
        }
        terminal::say("");
        terminal::say(whence);
        loop {
            let question = match given {
                "" => (*what).to_owned(),
                given => format!("{what} [{given}]"),
            };
            let answer = ask(&question)?;
            match (answer.trim(), given) {
                ("", "") => {}
                ("", given) => return Ok(given.to_owned()),
                (answer, _) => return Ok(answer.to_owned()),
            }
        }
    }
}

fn ask(question: &str) -> Result<String, Failure> {
    terminal::ask(question).ok_or_else(|| Trouble::NoAnswer.into())
}

/// People copy the host alone, or with what stands behind it: the URL of some
/// page or endpoint of the domain.
fn as_url(answer: &str) -> String {
    let (scheme, rest) = answer.split_once("://").unwrap_or(("https", answer));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.strip_suffix(":443").unwrap_or(host);
    format!("{scheme}://{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_understood_however_it_was_copied() {
        for copied in [
            "https://idcs-1.identity.oraclecloud.com",
            "https://idcs-1.identity.oraclecloud.com:443/",
            "idcs-1.identity.oraclecloud.com",
            "https://idcs-1.identity.oraclecloud.com:443/ui/v1/adminconsole?x=y",
            "https://idcs-1.identity.oraclecloud.com#top",
        ] {
            assert_eq!(as_url(copied), "https://idcs-1.identity.oraclecloud.com");
        }
        assert_eq!(as_url("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
    }
}
