//! What can go wrong at an endpoint, and what it means for a session.

use std::fmt;
use std::time::Duration;

use oic_proto::Secret;
use url::form_urlencoded::byte_serialize;

use crate::lifecycle::RefreshToken;

/// What stands where a server quoted a secret.
pub(super) const HIDDEN: &str = "[hidden]";

/// An error answer of RFC 6749 §5.2 or RFC 8628 §3.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The `error` member, as sent.
    pub error: String,
    /// The `error_description` member.
    pub description: Option<String>,
    /// What Oracle Support asks for.
    pub ecid: Option<String>,
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        if let Some(description) = &self.description {
            write!(f, ": {description}")?;
        }
        if let Some(ecid) = &self.ecid {
            write!(f, " (ecid {ecid})")?;
        }
        Ok(())
    }
}

/// Why an endpoint did not give what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointError {
    /// The server said no, in OAuth's words.
    Refused(OAuthError),
    /// The request did not reach the server.
    NotSent(String),
    /// The request may have reached the server; no whole answer came.
    Unanswered(String),
    /// An answer that claims success and cannot be used.
    Unusable {
        /// What is wrong with it.
        why: String,
        /// The refresh token in it, which took the place of the one that was
        /// sent: the only one that is still good.
        refresh_token: Option<RefreshToken>,
    },
    /// The server, or something in front of it, answered that it cannot help
    /// now, in whatever words.
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// What the answer said.
        why: String,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
}

/// What an error at a refresh means for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was used up, or what took its place is known: ask again later.
    AskAgain,
    /// The refresh token may have been used up: asking again will tell.
    InDoubt,
    /// The session is over.
    Over,
    /// An administrator has to repair something; the session may still live.
    Rejected,
}

impl EndpointError {
    /// Whether it is worth asking again, decided here and nowhere else. Only
    /// `invalid_grant` ends a session (RFC 6749 §5.2: "the provided …
    /// refresh token is invalid, expired, revoked").
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Refused(refusal) => match refusal.error.as_str() {
                "invalid_grant" => Verdict::Over,
                "invalid_client"
                | "invalid_request"
                | "invalid_scope"
                | "invalid_target"
                | "unauthorized_client"
                | "unsupported_grant_type" => Verdict::Rejected,
                _ => Verdict::AskAgain,
            },
            Self::NotSent(_) => Verdict::AskAgain,
            Self::Unusable {
                refresh_token: Some(_),
                ..
            } => Verdict::AskAgain,
            Self::Unanswered(_) | Self::Unusable { .. } => Verdict::InDoubt,
            // These say that nothing was done (RFC 9110 §15.6, RFC 6585 §6);
            // after any other 5xx the server, or one behind a gateway, may
            // have acted and failed to say so.
            Self::Unavailable {
                status: 501 | 503 | 505 | 511,
                ..
            } => Verdict::AskAgain,
            // So it may where it claims a success, or one to come.
            Self::Unavailable {
                status: 100..=299 | 500..=599,
                ..
            } => Verdict::InDoubt,
            Self::Unavailable { .. } => Verdict::AskAgain,
        }
    }

    /// Whether the end user has simply not answered yet (RFC 8628 §3.5).
    pub fn is_pending(&self) -> bool {
        matches!(self.code(), "authorization_pending" | "slow_down")
    }

    /// The same without these secrets, should the server have quoted them, as
    /// they are or as a form has them.
    pub fn without(mut self, secrets: &[Secret<String>]) -> Self {
        let hide = |text: &mut String| {
            for secret in secrets.iter().map(Secret::expose) {
                let encoded: String = byte_serialize(secret.as_bytes()).collect();
                *text = text
                    .replace(secret.as_str(), HIDDEN)
                    .replace(&encoded, HIDDEN);
            }
        };
        match &mut self {
            Self::Refused(refusal) => {
                hide(&mut refusal.error);
                refusal.description.as_mut().map(hide);
                refusal.ecid.as_mut().map(hide);
            }
            Self::NotSent(why)
            | Self::Unanswered(why)
            | Self::Unusable { why, .. }
            | Self::Unavailable { why, .. } => hide(why),
        }
        self
    }

    /// The refresh token that came with what cannot be used.
    pub fn refresh_token(&self) -> Option<&RefreshToken> {
        match self {
            Self::Unusable { refresh_token, .. } => refresh_token.as_ref(),
            _ => None,
        }
    }

    /// How long the server asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The code that `status` and `login --json` show: RFC 6749's or RFC
    /// 8628's where there is one.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.error,
            Self::NotSent(_) => "unreachable",
            Self::Unanswered(_) => "unanswered",
            Self::Unusable { .. } => "unusable_answer",
            Self::Unavailable { status: 429, .. } => "throttled",
            Self::Unavailable { .. } => "server_error",
        }
    }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "the authorization server refused: {refusal}"),
            Self::NotSent(why) => write!(f, "the authorization server cannot be reached: {why}"),
            Self::Unanswered(why) => write!(f, "the authorization server did not answer: {why}"),
            Self::Unusable { why, refresh_token } => {
                write!(f, "the authorization server's answer cannot be used: {why}")?;
                match refresh_token {
                    Some(_) => f.write_str("; the refresh token in it is kept"),
                    None => Ok(()),
                }
            }
            Self::Unavailable {
                status: 429, why, ..
            } => write!(
                f,
                "the authorization server wants fewer requests (HTTP 429): {why}"
            ),
            Self::Unavailable { status, why, .. } => write!(
                f,
                "the authorization server is not working (HTTP {status}): {why}"
            ),
        }
    }
}

impl std::error::Error for EndpointError {}
