//! The network between driver and server, and what stands in it.

use std::time::Duration;

use oic_proto::Secret;
use oic_tokend::oauth::Answer;

use crate::random::Random;

/// What the way to the server is like for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sky {
    Clear,
    /// Any request may meet anything.
    Rough,
    /// No address, no connection, no TLS.
    Down,
    /// Requests leave and nothing comes back.
    BlackHole,
    /// A captive portal answers.
    Portal,
    /// A gateway answers that it cannot reach the server.
    Gateway,
    /// The server wants fewer requests.
    Throttled,
    /// The server fails, sometimes after it has acted.
    Failing,
    /// The server refuses this client.
    Refusing,
    /// Every answer takes most of the time there is, or more.
    Slow,
}

impl Sky {
    pub const BAD: [Self; 9] = [
        Self::Rough,
        Self::Down,
        Self::BlackHole,
        Self::Portal,
        Self::Gateway,
        Self::Throttled,
        Self::Failing,
        Self::Refusing,
        Self::Slow,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Rough => "rough network",
            Self::Down => "no network",
            Self::BlackHole => "black hole",
            Self::Portal => "captive portal",
            Self::Gateway => "gateway errors",
            Self::Throttled => "throttled",
            Self::Failing => "failing server",
            Self::Refusing => "client refused",
            Self::Slow => "slow answers",
        }
    }
}

/// How long the driver waits for an answer (`SERVER_PATIENCE`).
const PATIENCE: Duration = Duration::from_secs(120);

/// And for a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// What becomes of one request.
#[derive(Debug)]
pub enum Passage {
    /// It never leaves.
    NotSent { after: Duration },
    /// It leaves and never arrives.
    RequestLost { after: Duration },
    /// Something else answers.
    Intercepted {
        after: Duration,
        answer: Box<Answer>,
    },
    /// It arrives, and so does the answer.
    Arrives { there: Duration, back: Duration },
    /// It arrives; the answer does not.
    AnswerLost { there: Duration, back: Duration },
    /// It arrives; what comes back cannot be read.
    Spoilt {
        there: Duration,
        back: Duration,
        how: Spoilt,
    },
    /// It arrives when the driver waits no more.
    ArrivesLate { after: Duration, late: Duration },
}

/// What cannot be read.
#[derive(Clone, Copy, Debug)]
pub enum Spoilt {
    /// Cut off in the middle.
    Truncated,
    /// The server acts and says HTTP 500.
    Failed,
    /// A gateway lost patience: HTTP 504.
    GatewayTimeout,
}

impl Passage {
    pub fn draw(sky: Sky, random: &mut Random) -> Self {
        let milliseconds = Duration::from_millis;
        let quick = random.between(milliseconds(5), milliseconds(150));
        let (there, back) = (quick, random.between(milliseconds(5), milliseconds(150)));
        match sky {
            Sky::Clear => Self::Arrives { there, back },
            Sky::Rough if random.percent(50) => Self::Arrives { there, back },
            Sky::Rough => Self::rough(there, random),
            Sky::Down => Self::NotSent {
                after: random.up_to(CONNECT_PATIENCE),
            },
            Sky::BlackHole => Self::RequestLost { after: PATIENCE },
            Sky::Portal => Self::intercepted(quick, page(200)),
            Sky::Gateway => Self::intercepted(quick, page(random.of(&[502, 503, 504]))),
            Sky::Throttled => Self::intercepted(quick, throttled(random)),
            Sky::Failing if random.percent(20) => Self::Spoilt {
                there,
                back,
                how: Spoilt::Failed,
            },
            Sky::Failing => Self::intercepted(quick, empty(random.of(&[500, 500, 503]))),
            Sky::Refusing => Self::intercepted(quick, refusal(random)),
            Sky::Slow => Self::slow(random),
        }
    }

    fn intercepted(after: Duration, answer: Answer) -> Self {
        Self::Intercepted {
            after,
            answer: Box::new(answer),
        }
    }

    fn slow(random: &mut Random) -> Self {
        let there = random.up_to(PATIENCE);
        let back = random.up_to(PATIENCE / 2);
        if there + back < PATIENCE {
            Self::Arrives { there, back }
        } else {
            Self::AnswerLost {
                there,
                back: PATIENCE - there,
            }
        }
    }

    /// One fault, whichever.
    fn rough(there: Duration, random: &mut Random) -> Self {
        let back = random.up_to(Duration::from_secs(20));
        match random.below(9) {
            0 => Self::NotSent {
                after: random.up_to(CONNECT_PATIENCE),
            },
            1 => Self::RequestLost {
                after: random.up_to(PATIENCE),
            },
            2 => Self::AnswerLost { there, back },
            3 => Self::Spoilt {
                there,
                back,
                how: random.of(&[Spoilt::Truncated, Spoilt::Failed, Spoilt::GatewayTimeout]),
            },
            4 if random.percent(10) => Self::ArrivesLate {
                after: random.up_to(PATIENCE),
                late: random.up_to(PATIENCE),
            },
            5 => Self::intercepted(there, throttled(random)),
            6 => Self::intercepted(there, page(random.of(&[200, 302, 403, 404, 503]))),
            7 => Self::intercepted(there, empty(random.of(&[400, 500, 501, 503, 511]))),
            _ => Self::slow(random),
        }
    }

    /// For the tally.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Self::Arrives { .. } => None,
            Self::NotSent { .. } => Some("requests not sent"),
            Self::RequestLost { .. } => Some("requests lost"),
            Self::Intercepted { .. } => Some("requests answered by something else"),
            Self::AnswerLost { .. } => Some("answers lost"),
            Self::Spoilt { .. } => Some("answers spoilt"),
            Self::ArrivesLate { .. } => Some("requests overtaken"),
        }
    }
}

pub fn json(status: u16, body: String) -> Answer {
    answer(status, Some("application/json;charset=UTF-8"), body)
}

fn answer(status: u16, content_type: Option<&str>, body: String) -> Answer {
    Answer {
        status,
        content_type: content_type.map(str::to_owned),
        retry_after: None,
        date: None,
        ecid: None,
        body: Secret::new(body.into_bytes()),
    }
}

fn page(status: u16) -> Answer {
    let body = "<html><body>Please sign in to this network</body></html>";
    answer(status, Some("text/html"), body.to_owned())
}

pub fn empty(status: u16) -> Answer {
    answer(status, None, String::new())
}

/// HTTP 429 with every kind of `Retry-After`, absurd ones too.
fn throttled(random: &mut Random) -> Answer {
    let body = r#"{"code":"TooManyRequests","message":"User-rate limit exceeded."}"#;
    let mut answer = json(429, body.to_owned());
    let after = match random.below(6) {
        0 | 1 => None,
        2 => Some("0"),
        3 => Some("30"),
        4 => Some("86400"),
        _ => {
            answer.date = Some("Tue, 14 Nov 2023 22:13:20 GMT".to_owned());
            Some("Tue, 14 Nov 2023 22:18:20 GMT")
        }
    };
    answer.retry_after = after.map(str::to_owned);
    answer
}

fn refusal(random: &mut Random) -> Answer {
    let error = random.of(&["invalid_client", "unauthorized_client", "invalid_scope"]);
    let status = if error == "invalid_client" { 401 } else { 400 };
    json(
        status,
        format!(r#"{{"error":"{error}","error_description":"no"}}"#),
    )
}
