//! What the tests of all protocols need: a question, and the answers to it.

use std::time::Duration;

use oic_proto::message::{MappedToken, MappingView, TokenView, UnixTime};
use oic_proto::secret::AccessToken;

use super::protocol::{Answer, Input, Question, Trouble};

pub const TOKEN: &str = "abc.def.ghi";

/// 2026-11-18T11:06:40Z.
pub const EXPIRES_AT: i64 = 1_795_000_000;

pub fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

pub fn question(
    parse: fn(&Input<'_>) -> Box<dyn Question>,
    line: &str,
    text: &str,
) -> Box<dyn Question> {
    parse(&Input {
        words: &words(line),
        text,
        exec_info: "",
    })
}

fn view() -> TokenView {
    TokenView {
        hosts: Vec::new(),
        access_token: AccessToken::new(TOKEN.to_owned()),
        profile: "prod".to_owned(),
        scopes: vec!["urn:a".to_owned()],
        expires_at: UnixTime(EXPIRES_AT),
        expires_in: Duration::from_secs(3000),
    }
}

pub fn token() -> Answer {
    Answer::Token(MappedToken {
        token: view(),
        username: "oauth2".to_owned(),
    })
}

pub fn mapping(url: &str) -> MappingView {
    MappingView {
        url: url.to_owned(),
        realm: None,
        profile: "prod".to_owned(),
        username: "oauth2".to_owned(),
    }
}

pub fn tokens(urls: &[&str]) -> Answer {
    let tokens = urls.iter().map(|url| (mapping(url), view()));
    Answer::Tokens(tokens.collect(), None)
}

pub fn failed(exit: u8, ours: bool) -> Answer {
    Answer::Failed(Trouble {
        line: "error: why".to_owned(),
        exit,
        ours,
    })
}

pub fn not_mapped() -> Answer {
    Answer::NotMapped(Trouble {
        line: "error: no entry".to_owned(),
        exit: 7,
        ours: false,
    })
}
