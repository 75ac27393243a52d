//! What all credential helpers are made of: a program's input becomes a
//! question, the question asks the daemon something, and the answer becomes
//! output. Pure: text in, text out.

use oic_proto::Secret;
use oic_proto::message::{MappedToken, MappingView, TokenView};

/// What a program gave its helper.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The arguments.
    pub words: &'a [String],
    /// Stdin, as much as was to be read of it.
    pub text: &'a str,
    /// `$KUBERNETES_EXEC_INFO`, or nothing.
    pub exec_info: &'a str,
}

/// How much of stdin there is to read. A program may leave a terminal there,
/// or nothing that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Nothing.
    Nothing,
    /// Lines up to an empty one, or to the end.
    UntilEmptyLine,
    /// All of it.
    Everything,
    /// One question a line, each answered before the next is read.
    Questions {
        /// What the helper says first.
        greeting: &'static str,
    },
}

/// What a program wants to know.
pub trait Question {
    /// What has to be asked of the daemon.
    fn ask(&self) -> Ask;

    /// What the program is told.
    fn answer(&self, answer: &Answer) -> Reply;
}

/// What has to be asked of the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The token for a URL.
    Token {
        /// The URL.
        url: String,
        /// The realms of the server's challenges.
        realms: Vec<String>,
    },
    /// All tokens there are, with what they are for.
    Tokens,
    /// Which URLs there are tokens for.
    Mappings,
    /// That this token was refused.
    Reject {
        /// Where.
        url: String,
        /// Which.
        token: Secret<String>,
    },
    /// Nothing.
    Nothing,
}

/// What the daemon said.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A token for the URL.
    Token(MappedToken),
    /// Tokens, and what else went wrong.
    Tokens(Vec<(MappingView, TokenView)>, Option<Trouble>),
    /// Which URLs there are tokens for.
    Mappings(Vec<MappingView>),
    /// It is done, or there was nothing to do.
    Done,
    /// This URL is none of ours.
    NotMapped(Trouble),
    /// There is no token now.
    Failed(Trouble),
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What went wrong and what helps, on one line.
    pub line: String,
    /// The exit code for it.
    pub exit: u8,
    /// Whether the URL is known to be one of ours.
    pub ours: bool,
}

/// What the program is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// On stdout, as it is.
    pub stdout: Secret<String>,
    /// On stderr, one line.
    pub stderr: Option<String>,
    /// The exit code.
    pub exit: u8,
}

/// The exit code of wrong usage.
pub const USAGE: u8 = 2;

/// How much earlier than it expires a token is said to: a request that begins
/// in the last moment would be refused.
pub const EXPIRES_EARLY: i64 = 30;

impl Reply {
    /// This text and success.
    pub fn printed(text: String) -> Self {
        Self {
            stdout: Secret::new(text),
            stderr: None,
            exit: 0,
        }
    }

    /// Success without a word.
    pub fn silent() -> Self {
        Self::printed(String::new())
    }

    /// This line on stderr.
    pub fn failed(line: impl Into<String>, exit: u8) -> Self {
        Self {
            stdout: Secret::new(String::new()),
            stderr: Some(line.into()),
            exit,
        }
    }

    /// What went wrong, on stderr.
    pub fn trouble(trouble: &Trouble) -> Self {
        Self::failed(&trouble.line, trouble.exit)
    }

    /// What any protocol says of an answer that it has no words for.
    pub fn plain(answer: &Answer) -> Self {
        match answer {
            Answer::NotMapped(trouble) | Answer::Failed(trouble) => Self::trouble(trouble),
            _ => Self::silent(),
        }
    }
}

/// A question that needs no daemon.
#[derive(Clone, Debug)]
pub struct Settled(pub Reply);

impl Question for Settled {
    fn ask(&self) -> Ask {
        Ask::Nothing
    }

    fn answer(&self, _: &Answer) -> Reply {
        self.0.clone()
    }
}

/// What the program did wrong.
pub fn misused(line: impl Into<String>) -> Box<dyn Question> {
    Box::new(Settled(Reply::failed(line, USAGE)))
}

/// Success without a word.
pub fn ignored() -> Box<dyn Question> {
    Box::new(Settled(Reply::silent()))
}

/// The URL up to which everything is covered by `pattern`, where one says it:
/// no stars, but for a last segment that is one.
pub fn prefix(pattern: &str) -> Option<&str> {
    let prefix = pattern.strip_suffix("/*").unwrap_or(pattern);
    (!prefix.contains('*')).then_some(prefix)
}

/// A question that needs no more than a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The URL.
    pub url: String,
    /// The realms of the server's challenges.
    pub realms: Vec<String>,
}

impl Place {
    /// Without a challenge.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            realms: Vec::new(),
        }
    }

    /// What has to be asked for it.
    pub fn ask(&self) -> Ask {
        Ask::Token {
            url: self.url.clone(),
            realms: self.realms.clone(),
        }
    }
}
