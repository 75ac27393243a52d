//! Go's GOAUTH protocol (`go help goauth`). Called once without arguments for
//! all there is, and again with a URL, and the server's answer on stdin, where
//! that answer was an error.

use oic_proto::message::{MappingView, TokenView};

use super::challenge::Challenges;
use super::protocol::{Answer, Ask, Input, Place, Question, Reads, Reply, misused, prefix};

/// How much of stdin there is to read.
pub fn reads(words: &[String]) -> Reads {
    match words {
        [_] => Reads::Everything,
        _ => Reads::Nothing,
    }
}

/// What Go wants.
pub fn parse(input: &Input<'_>) -> Box<dyn Question> {
    match input.words {
        [] => Box::new(All),
        [url] => Box::new(One(Place {
            url: url.clone(),
            realms: challenges(input.text).realms,
        })),
        _ => misused("expected one argument at most, a URL"),
    }
}

/// The challenges of an HTTP answer, which begins with its head.
fn challenges(answer: &str) -> Challenges {
    let mut challenges = Challenges::default();
    let head = answer.lines().take_while(|line| !line.is_empty());
    for (name, value) in head.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("www-authenticate") {
            challenges.read(value);
        }
    }
    challenges
}

struct All;

impl Question for All {
    fn ask(&self) -> Ask {
        Ask::Tokens
    }

    /// A login that is over keeps nobody from the other tokens.
    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Tokens(tokens, trouble) => {
                let blocks = tokens.iter().filter_map(|(mapping, token)| {
                    let url = of_go(mapping)?;
                    Some(block(url, token))
                });
                Reply {
                    stderr: trouble.as_ref().map(|trouble| trouble.line.clone()),
                    ..Reply::printed(blocks.collect())
                }
            }
            other => Reply::plain(other),
        }
    }
}

/// The prefix that Go may send a token to: https alone.
fn of_go(mapping: &MappingView) -> Option<&str> {
    prefix(&mapping.url).filter(|url| url.starts_with("https://") && mapping.realm.is_none())
}

struct One(Place);

impl Question for One {
    fn ask(&self) -> Ask {
        self.0.ask()
    }

    fn answer(&self, answer: &Answer) -> Reply {
        match answer {
            Answer::Token(mapped) => {
                let end = self.0.url.find(['?', '#']).unwrap_or(self.0.url.len());
                Reply::printed(block(&self.0.url[..end], &mapped.token))
            }
            Answer::NotMapped(_) => Reply::silent(),
            other => Reply::plain(other),
        }
    }
}

/// URLs, an empty line, headers, an empty line: Go wants both.
fn block(url: &str, token: &TokenView) -> String {
    let token = token.access_token.expose();
    format!("{url}\n\nAuthorization: Bearer {token}\n\n")
}

#[cfg(test)]
mod tests {
    use super::super::protocol::Trouble;
    use super::super::testbed::{TOKEN, failed, mapping, not_mapped, question, token, tokens};
    use super::*;

    const URL: &str = "https://go.example.com/team/mod?go-get=1";

    #[test]
    fn at_first_go_hears_all_prefixes_that_there_are_tokens_for() {
        let all = question(parse, "", "");
        assert_eq!(all.ask(), Ask::Tokens);
        let reply = all.answer(&tokens(&[
            "https://go.example.com/team/*",
            "https://*.example.com",
            "http://127.0.0.1:8080",
            "https://a.b:8443",
        ]));
        let expected = format!(
            "https://go.example.com/team\n\nAuthorization: Bearer {TOKEN}\n\n\
             https://a.b:8443\n\nAuthorization: Bearer {TOKEN}\n\n"
        );
        assert_eq!(reply, Reply::printed(expected));
        assert_eq!(all.answer(&tokens(&[])), Reply::silent());
        assert_eq!(all.answer(&failed(4, false)).exit, 4);
    }

    #[test]
    fn a_login_that_is_over_is_said_beside_the_other_tokens() {
        let Answer::Tokens(tokens, _) = tokens(&["https://a.b"]) else {
            panic!("tokens are tokens");
        };
        let trouble = Trouble {
            line: "error: why".to_owned(),
            exit: 3,
            ours: true,
        };
        let reply = question(parse, "", "").answer(&Answer::Tokens(tokens, Some(trouble)));
        assert_eq!(
            (reply.stderr.as_deref(), reply.exit),
            (Some("error: why"), 0)
        );
        assert!(reply.stdout.expose().contains(TOKEN));
    }

    #[test]
    fn a_pattern_with_a_realm_is_no_prefix() {
        let mut staff = mapping("https://a.b");
        assert_eq!(of_go(&staff), Some("https://a.b"));
        staff.realm = Some("staff".to_owned());
        assert_eq!(of_go(&staff), None);
    }

    #[test]
    fn then_go_asks_for_one_url_with_the_answer_that_it_got() {
        let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\
                      Www-Authenticate: Bearer realm=\"staff\"\r\n\r\n\
                      WWW-Authenticate: Bearer realm=\"body\"";
        let one = question(parse, URL, answer);
        let realms = vec!["staff".to_owned()];
        let url = URL.to_owned();
        assert_eq!(one.ask(), Ask::Token { url, realms });
        let expected =
            format!("https://go.example.com/team/mod\n\nAuthorization: Bearer {TOKEN}\n\n");
        assert_eq!(one.answer(&token()), Reply::printed(expected));
    }

    #[test]
    fn no_output_is_no_credential() {
        let one = question(parse, URL, "");
        assert_eq!(one.answer(&not_mapped()), Reply::silent());
        let reply = one.answer(&failed(3, true));
        assert_eq!((reply.exit, reply.stdout.expose().as_str()), (3, ""));
        assert_eq!(question(parse, "a b", "").answer(&Answer::Done).exit, 2);
    }
}
