//! What the server answers, in the bytes that the driver's side reads.

use oic_tokend::oauth::{Answer, TransportError};

use crate::network::{Spoilt, empty, json};
use crate::server::{Ended, INTERVAL, Issued, Refused, Sender};
use crate::sim::State;

/// What is sent.
#[derive(Clone, Debug)]
pub enum Request {
    Authorize,
    /// With this device code.
    Poll(String),
    /// With this refresh token.
    Refresh(String),
    /// This refresh token.
    Revoke(String),
}

/// What comes back.
pub struct Reply {
    pub answer: Result<Answer, TransportError>,
    /// Why the server refused the grant, if it did.
    pub ended: Option<Ended>,
}

/// What the server did.
pub struct Served {
    pub reply: Reply,
    /// The refresh token that it issued.
    pub refresh_token: Option<String>,
}

impl State {
    /// The server gets a request and acts.
    pub fn serve(&mut self, request: &Request, sender: Sender) -> Served {
        let now = self.time.real();
        let result = match request {
            Request::Authorize => {
                let (code, lifetime) = self.server.authorize(now);
                return served(json(200, device(&code, lifetime.as_secs())));
            }
            Request::Revoke(refresh_token) => {
                self.server.revoke(refresh_token);
                return served(empty(200));
            }
            Request::Poll(code) => {
                let bare = self.plan.bare_logins && self.random.percent(30);
                self.server.poll(code, now, bare, &mut self.random)
            }
            Request::Refresh(sent) => self.server.refresh(sent, now, sender, &mut self.random),
        };
        self.note(format_args!("server: {request:?}: {result:?}"));
        match result {
            Ok(issued) => Served {
                reply: Reply {
                    answer: Ok(json(200, grant(&issued))),
                    ended: None,
                },
                refresh_token: issued.refresh_token,
            },
            Err(Refused::Other(error)) => served(refusal(error)),
            Err(Refused::Grant(ended)) => Served {
                reply: Reply {
                    answer: Ok(refusal("invalid_grant")),
                    ended: Some(ended),
                },
                refresh_token: None,
            },
        }
    }
}

fn served(answer: Answer) -> Served {
    Served {
        reply: Reply {
            answer: Ok(answer),
            ended: None,
        },
        refresh_token: None,
    }
}

fn device(code: &str, lifetime: u64) -> String {
    format!(
        r#"{{"device_code":"{code}","user_code":"{code}","verification_uri":"https://id.example.com/device","expires_in":{lifetime},"interval":{INTERVAL}}}"#
    )
}

fn grant(issued: &Issued) -> String {
    let (access_token, lifetime) = (&issued.access_token, issued.lifetime);
    let refresh_token = match &issued.refresh_token {
        Some(refresh_token) => format!(r#","refresh_token":"{refresh_token}""#),
        None => String::new(),
    };
    format!(
        r#"{{"access_token":"{access_token}","token_type":"Bearer","expires_in":{lifetime}{refresh_token}}}"#
    )
}

fn refusal(error: &str) -> Answer {
    json(400, format!(r#"{{"error":"{error}"}}"#))
}

/// What comes instead of an answer that held a grant.
pub fn spoilt(how: Spoilt) -> Answer {
    match how {
        Spoilt::Truncated => json(200, r#"{"access_token":"at-"#.to_owned()),
        Spoilt::Failed => empty(500),
        Spoilt::GatewayTimeout => empty(504),
    }
}
