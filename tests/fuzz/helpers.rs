//! What programs say to their credential helpers, and what holds for all that
//! they hear.
//!
//! An input has two lines, one with the arguments, the other with what kubectl
//! has in its environment, and then what is on stdin.

use std::time::Duration;

use oic_proto::message::{MappedToken, MappingView, TokenView, UnixTime};
use oic_proto::secret::AccessToken;
use serde_json::Value;

use crate::helper::protocol::{Answer, Ask, Input, Question, Reply, Trouble};
use crate::{SECRET, within};

/// The access token of every answer.
pub const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl";

/// The line of every trouble.
const TROUBLE: &str = "error: nobody has signed in; run 'oic-token login'";

/// How much memory a question and its answer may take for every byte of the
/// input, and for any.
const MEMORY_FOR_A_BYTE: usize = 128;
const MEMORY_FOR_ANY: usize = 32 * 1024;

/// What a helper was given, and what it makes of it.
pub struct Asked {
    /// The arguments.
    pub words: Vec<String>,
    /// What was on stdin.
    pub text: String,
    /// What it asks of the daemon.
    pub ask: Ask,
    question: Box<dyn Question>,
    /// Whether [`SECRET`] is there and nowhere else.
    secret_on_stdin: bool,
    memory: usize,
}

impl Asked {
    /// Reads an input; `None` where it is none, or holds the token itself: a
    /// program may hear again what it said.
    pub fn read(bytes: &[u8], parse: fn(&Input<'_>) -> Box<dyn Question>) -> Option<Self> {
        let input = std::str::from_utf8(bytes).ok()?;
        if input.contains(TOKEN) {
            return None;
        }
        let mut parts = input.splitn(3, '\n');
        let mut part = || parts.next().unwrap_or_default();
        let words = part().split(' ').filter(|word| !word.is_empty());
        let words = Vec::from_iter(words.map(str::to_owned));
        let (exec_info, text) = (part(), part().to_owned());
        let memory = MEMORY_FOR_ANY + MEMORY_FOR_A_BYTE * bytes.len();
        let question = within(memory, || {
            parse(&Input {
                words: &words,
                text: &text,
                exec_info,
            })
        });
        let ask = question.ask();
        let elsewhere = exec_info.contains(SECRET) || words.iter().any(|it| it.contains(SECRET));
        let secret_on_stdin = !elsewhere;
        let asked = Self {
            words,
            text,
            ask,
            question,
            secret_on_stdin,
            memory,
        };
        asked.check();
        Some(asked)
    }

    /// What the program hears when the daemon has a token.
    pub fn granted(&self) -> String {
        let token = Answer::Token(MappedToken {
            token: view(),
            username: "oauth2".to_owned(),
        });
        let reply = self.reply(&token);
        assert_eq!(reply.exit, 0);
        assert_eq!(reply.stderr, None);
        reply.stdout.expose().clone()
    }

    /// What it hears when the URL is none of ours: in the words of its
    /// protocol, with this exit code.
    pub fn not_mapped(&self) -> (String, u8) {
        let reply = self.reply(&Answer::NotMapped(trouble(7, false)));
        (reply.stdout.expose().clone(), reply.exit)
    }

    /// What it hears of everything there is.
    pub fn everything(&self) -> String {
        let mappings = || Vec::from(["https://a.example.com/team/*", "https://*.b.c"].map(mapping));
        let answer = match self.ask {
            Ask::Mappings => Answer::Mappings(mappings()),
            _ => Answer::Tokens(
                mappings().into_iter().map(|it| (it, view())).collect(),
                None,
            ),
        };
        self.reply(&answer).stdout.expose().clone()
    }

    /// Whatever the daemon says, the program hears a word of its own protocol,
    /// people one line, and nobody a token that is not theirs.
    fn check(&self) {
        let troubles = [
            Answer::NotMapped(trouble(7, false)),
            Answer::Failed(trouble(3, true)),
            Answer::Failed(trouble(4, false)),
            Answer::Done,
        ];
        for answer in &troubles {
            let reply = self.reply(answer);
            assert!(!reply.stdout.expose().contains(TOKEN));
            assert!(reply.stdout.expose().len() < 1024 + self.text.len());
        }
    }

    fn reply(&self, answer: &Answer) -> Reply {
        let reply = within(self.memory, || self.question.answer(answer));
        assert!(reply.exit <= 8, "{}", reply.exit);
        if let Some(line) = &reply.stderr {
            assert!(!line.contains('\n'), "{line}");
            assert!(!line.contains(TOKEN), "{line}");
            assert!(!self.secret_on_stdin || !line.contains(SECRET), "{line}");
        }
        reply
    }
}

/// The JSON object that is all of `text`, which is one line.
pub fn object(text: &str) -> Value {
    let line = text.strip_suffix('\n').expect("a line");
    assert!(!line.contains('\n'), "{line}");
    let object: Value = serde_json::from_str(line).expect("JSON");
    assert!(object.is_object(), "{line}");
    object
}

fn view() -> TokenView {
    TokenView {
        hosts: Vec::new(),
        access_token: AccessToken::new(TOKEN.to_owned()),
        profile: "prod".to_owned(),
        scopes: vec!["api".to_owned()],
        expires_at: UnixTime(1_767_229_200),
        expires_in: Duration::from_secs(3000),
    }
}

fn mapping(url: &str) -> MappingView {
    MappingView {
        url: url.to_owned(),
        realm: None,
        profile: "prod".to_owned(),
        username: "oauth2".to_owned(),
    }
}

fn trouble(exit: u8, ours: bool) -> Trouble {
    Trouble {
        line: TROUBLE.to_owned(),
        exit,
        ours,
    }
}
