//! git's credential helper protocol (gitcredentials(7), git-credential(1)).

use super::challenge::Challenges;
use super::protocol::{Answer, Ask, Input, Question, Reads, Reply, ignored, misused};
use oic_proto::Secret;
use oic_proto::message::MappedToken;

/// How much of stdin there is to read.
pub fn reads(words: &[String]) -> Reads {
    match operation(words) {
        Some("get" | "erase") => Reads::UntilEmptyLine,
        Some("store") => Reads::Everything,
        _ => Reads::Nothing,
    }
}

/// What git wants.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    let Some(operation) = operation(input.words) else {
        return misused("git names one of get, store, erase and capability");
    };
    match operation {
        "get" => get(&Attributes::read(input.text)),
        "erase" => erase(Attributes::read(input.text)),
        "capability" => Box::new(Capability),
        // gitcredentials(7): what a helper does not know it ignores in
        // silence; and what is to be stored, the daemon has.
        _ => ignored(),
    }
}

fn operation(words: &[String]) -> Option<&str> {
    words.last().map(String::as_str)
}

fn get(attributes: &Attributes<'_>) -> Box<dyn Question> {
    match attributes.url() {
        Some(url) => Box::new(Get {
            url,
            challenges: attributes.challenges.clone(),
            username: attributes.username.map(str::to_owned),
            knows_authtype: attributes.knows_authtype,
        }),
        None => ignored(),
    }
}

fn erase(attributes: Attributes<'_>) -> Box<dyn Question> {
    match (attributes.url(), attributes.secret) {
        (Some(url), Some(token)) => Box::new(Erase {
            url,
            token: Secret::new(token.to_owned()),
        }),
        _ => ignored(),
    }
}

/// What git says of a credential.
#[derive(Default)]
struct Attributes<'a> {
    protocol: &'a str,
    host: &'a str,
    path: &'a str,
    username: Option<&'a str>,
    /// The password, or the credential of another scheme.
    secret: Option<&'a str>,
    challenges: Challenges,
    knows_authtype: bool,
}

impl<'a> Attributes<'a> {
    fn read(text: &'a str) -> Self {
        let mut read = Self::default();
        let lines = text.split('\n').take_while(|line| !line.is_empty());
        for (key, value) in lines.filter_map(|line| line.split_once('=')) {
            match key {
                "protocol" => read.protocol = value,
                "host" => read.host = value,
                "path" => read.path = value,
                "username" => read.username = Some(value),
                "password" | "credential" => read.secret = Some(value),
                // An empty value takes back those before.
                "wwwauth[]" if value.is_empty() => read.challenges = Challenges::default(),
                "wwwauth[]" => read.challenges.read(value),
                "capability[]" if value.is_empty() => read.knows_authtype = false,
                "capability[]" => read.knows_authtype |= value == "authtype",
                _ => {}
            }
        }
        read
    }

    /// The URL that git means, if it is one that tokens are sent to. git has
    /// decoded host and path: `host=a.com/` would lead here to a, and git
    /// elsewhere.
    fn url(&self) -> Option<String> {
        let in_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        let is_host = !self.host.is_empty() && self.host.bytes().all(in_host);
        if !matches!(self.protocol, "http" | "https") || !is_host {
            return None;
        }
        let path = encoded(self.path.trim_start_matches('/'));
        Some(format!("{}://{}/{path}", self.protocol, self.host))
    }
}

fn encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => text.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => text.push(byte.into()),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

struct Get {
    url: String,
    challenges: Challenges,
    username: Option<String>,
    knows_authtype: bool,
}

impl Question for Get {
    fn ask(&self) -> Ask {
        Ask::Token {
            url: self.url.clone(),
            realms: self.challenges.realms.clone(),
        }
    }

    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Token(mapped) => Reply::printed(self.credential(mapped)),
            Answer::NotMapped(_) => Reply::silent(),
            // git would ask other helpers and then the user for a password,
            // which this host takes from nobody.
            Answer::Failed(trouble) if trouble.ours => Reply {
                stdout: Secret::new("quit=1\n".to_owned()),
                ..Reply::trouble(trouble)
            },
            other => Reply::plain(other),
        }
    }
}

impl Get {
    /// Never `oauth_refresh_token`: other helpers would store it.
    fn credential(&self, mapped: &MappedToken) -> String {
        let token = mapped.token.access_token.expose();
        let expiry = mapped.token.expires_at.0;
        let mut text = String::new();
        if self.knows_authtype {
            // Before what it makes git understand.
            text.push_str("capability[]=authtype\n");
        }
        if self.knows_authtype && !self.challenges.want_a_password() {
            text.push_str(&format!("authtype=Bearer\ncredential={token}\n"));
        } else {
            let username = self.username.as_ref().unwrap_or(&mapped.username);
            text.push_str(&format!("username={username}\npassword={token}\n"));
        }
        if self.knows_authtype {
            text.push_str("ephemeral=1\n");
        }
        text.push_str(&format!("password_expiry_utc={expiry}\n"));
        text
    }
}

struct Erase {
    url: String,
    token: Secret<String>,
}

impl Question for Erase {
    fn ask(&self) -> Ask {
        Ask::Reject {
            url: self.url.clone(),
            token: self.token.clone(),
        }
    }

    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::NotMapped(_) => Reply::silent(),
            other => Reply::plain(other),
        }
    }
}

struct Capability;

impl Question for Capability {
    fn ask(&self) -> Ask {
        Ask::Nothing
    }

    fn answer(&self, _: &Answer) -> Reply {
        Reply::printed("version 0\ncapability authtype\n".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testbed::{EXPIRES_AT, TOKEN, failed, not_mapped, question, token, words};
    use super::*;

    const FOR_A: &str = "protocol=https\nhost=git.example.com\npath=team/a.git\n";

    fn get(more: &str) -> Box<dyn Question> {
        question(parse, "get", &format!("{FOR_A}{more}\n"))
    }

    fn said(more: &str) -> String {
        let reply = get(more).answer(&token());
        assert_eq!((reply.exit, reply.stderr), (0, None));
        reply.stdout.expose().clone()
    }

    #[test]
    fn a_git_that_knows_of_schemes_gets_a_bearer_token_that_nobody_stores() {
        let bearer = format!(
            "capability[]=authtype\nauthtype=Bearer\ncredential={TOKEN}\nephemeral=1\n\
             password_expiry_utc={EXPIRES_AT}\n"
        );
        let knowing = "capability[]=authtype\ncapability[]=state\n";
        assert_eq!(said(knowing), bearer);
        let both = "wwwauth[]=Basic realm=\"a\"\nwwwauth[]=Bearer\n";
        assert_eq!(said(&format!("{knowing}{both}")), bearer);
        let taken_back = "wwwauth[]=Basic realm=\"a\"\nwwwauth[]=\n";
        assert_eq!(said(&format!("{knowing}{taken_back}")), bearer);
    }

    #[test]
    fn an_older_git_gets_a_user_name_and_the_token_as_its_password() {
        let basic =
            format!("username=oauth2\npassword={TOKEN}\npassword_expiry_utc={EXPIRES_AT}\n");
        assert_eq!(said(""), basic);
        assert_eq!(said("capability[]=state\n"), basic);
        assert_eq!(said("capability[]=authtype\ncapability[]=\n"), basic);
        let named = basic.replace("oauth2", "jane");
        assert_eq!(said("username=jane\n"), named);
    }

    #[test]
    fn a_server_that_wants_a_password_alone_gets_one() {
        let basic = format!(
            "capability[]=authtype\nusername=oauth2\npassword={TOKEN}\nephemeral=1\n\
             password_expiry_utc={EXPIRES_AT}\n"
        );
        let more = "capability[]=authtype\nwwwauth[]=Basic realm=\"GitLab\"\n";
        assert_eq!(said(more), basic);
    }

    #[test]
    fn the_url_and_the_challenge_are_asked_about() {
        let asked = |text: &str| question(parse, "get", text).ask();
        let token = |url: &str, realms: &[&str]| Ask::Token {
            url: url.to_owned(),
            realms: realms.iter().map(|&it| it.to_owned()).collect(),
        };
        for (text, url, realms) in [
            (FOR_A, "https://git.example.com/team/a.git", &[][..]),
            (
                "protocol=http\nhost=127.0.0.1:8080\n",
                "http://127.0.0.1:8080/",
                &[],
            ),
            (
                "protocol=https\nhost=[::1]:8443\npath=/a b?#%\u{e4}\n",
                "https://[::1]:8443/a%20b%3F%23%25%C3%A4",
                &[],
            ),
            (
                "protocol=https\nhost=h\nwwwauth[]=Bearer realm=\"staff\"\n\nhost=evil\n",
                "https://h/",
                &["staff"],
            ),
        ] {
            assert_eq!(asked(text), token(url, realms));
        }
        for text in [
            "",
            "\n",
            "protocol=https\n",
            "host=git.example.com\n",
            "protocol=ssh\nhost=git.example.com\n",
            "protocol=https\nhost=git.example.com/x.evil.com\n",
            "protocol=https\nhost=git.example.com\\@evil.com\n",
            "protocol=https\nhost=jane@git.example.com\n",
            "protocol=https\nhost=git.example.com?x\n",
            "nonsense",
        ] {
            assert_eq!(asked(text), Ask::Nothing, "{text:?}");
        }
    }

    #[test]
    fn hosts_of_others_are_left_to_other_helpers() {
        assert_eq!(get("").answer(&not_mapped()), Reply::silent());
    }

    #[test]
    fn where_there_is_no_token_for_a_host_of_ours_git_is_told_to_ask_nobody_else() {
        let reply = get("").answer(&failed(3, true));
        assert_eq!(reply.stdout.expose(), "quit=1\n");
        assert_eq!(
            (reply.stderr.as_deref(), reply.exit),
            (Some("error: why"), 3)
        );
        let reply = get("").answer(&failed(4, false));
        assert_eq!((reply.stdout.expose().as_str(), reply.exit), ("", 4));
    }

    #[test]
    fn an_erased_token_is_reported_and_nothing_else_is() {
        let erase = |text: &str| question(parse, "erase", text).ask();
        let rejected = Ask::Reject {
            url: "https://git.example.com/team/a.git".to_owned(),
            token: Secret::new("t".to_owned()),
        };
        let bearer = format!("{FOR_A}authtype=Bearer\ncredential=t\n");
        assert_eq!(erase(&bearer), rejected);
        assert_eq!(
            erase(&format!("{FOR_A}username=oauth2\npassword=t\n")),
            rejected
        );
        assert_eq!(erase(FOR_A), Ask::Nothing);
        let question = question(parse, "erase", &bearer);
        assert_eq!(question.answer(&Answer::Done), Reply::silent());
        assert_eq!(question.answer(&not_mapped()), Reply::silent());
        assert_eq!(question.answer(&failed(4, false)).exit, 4);
    }

    #[test]
    fn store_and_what_is_unknown_do_nothing_in_silence() {
        for operation in ["store", "frobnicate", "list"] {
            let question = question(parse, operation, FOR_A);
            assert_eq!(question.ask(), Ask::Nothing);
            assert_eq!(question.answer(&Answer::Done), Reply::silent());
        }
        assert_eq!(reads(&words("store")), Reads::Everything);
        assert_eq!(reads(&words("frobnicate")), Reads::Nothing);
        let capability = question(parse, "capability", "").answer(&Answer::Done);
        let stdout = capability.stdout.expose();
        assert_eq!(stdout, "version 0\ncapability authtype\n");
        assert_eq!(question(parse, "", "").answer(&Answer::Done).exit, 2);
    }
}
