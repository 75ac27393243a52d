//! Answers that go wrong on purpose.
//!
//! A fault either keeps a request from the domain or spoils its answer. In the
//! second case what the request asks for has happened, which [`Fault::TABLE`]
//! calls *used up*: the refresh token is spent, the device code issued or
//! redeemed, the login revoked.
//!
//! A hold and another fault can meet in one request: the other one is chosen
//! after the release.

mod plan;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::json;

pub(crate) use plan::{FaultPlan, HoldPoint};

use super::answer::{Answer, Retry};
use super::domain::registry::TENANT;

/// The length of an `oversized` answer, far above any real token answer.
pub const OVERSIZED_LEN: usize = 4 * 1024 * 1024;
/// The longest wait of `slow`: an hour, after which every caller has given up.
const SLOW_MAX: Duration = Duration::from_secs(3600);

/// Declares [`Fault`] and its table from one list, so that the two cannot differ.
macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $fault:ident = $name:literal;)+) => {
        /// One way for an answer to go wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Fault {
            $($(#[doc = $doc])+ $fault,)+
            /// The right answer, this much later; used up before the wait.
            Slow(Duration),
        }

        impl Fault {
            /// The faults that have a fixed name, with what each does.
            pub const TABLE: &[(&str, Fault, &str)] =
                &[$(($name, Fault::$fault, concat!($($doc),+)),)+];
        }
    };
}

faults! {
    /// 200 with an HTML page, as a captive portal answers.
    Html200 = "html_200";
    /// 503 with an HTML page, as a gateway answers; `Retry-After` by knob.
    Html503 = "html_503";
    /// The bare status 500.
    Empty500 = "empty_500";
    /// The bare status 400.
    Empty400 = "empty_400";
    /// 429 in the shape of SCIM; `Retry-After` by knob.
    Scim429 = "scim_429";
    /// 429 in the shape of OAuth; `Retry-After` by knob.
    Oauth429 = "oauth_429";
    /// 400 `slow_down`.
    SlowDown = "slow_down";
    /// 400 `invalid_grant`, though the grant is good.
    InvalidGrant = "invalid_grant";
    /// 307 to a page outside the protocol; following it is logged as `redirected`.
    Redirect = "redirect";
    /// 200 with four megabytes of JSON that looks like a grant.
    Oversized = "oversized";
    /// The connection is reset without an answer.
    Reset = "reset";
    /// Used up, then the connection is reset without an answer.
    ResetAfterRotation = "reset_after_rotation";
    /// Used up, then the headers and half the body, and the connection closes.
    TruncatedJson = "truncated_json";
    /// Used up; the right answer, called `text/plain`.
    WrongContentType = "wrong_content_type";
    /// Used up; the right answer without `expires_in`.
    NoExpiresIn = "no_expires_in";
    /// Used up; the right answer with the number in `expires_in` as a string.
    ExpiresInText = "expires_in_text";
    /// The right answer without `refresh_token`; an old one stays good.
    NoRefreshToken = "no_refresh_token";
    /// No answer until released, then whatever is right by then.
    Hold = "hold";
    /// Used up, then no answer until released.
    HoldAfterRotation = "hold_after_rotation";
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(seconds) = text.strip_prefix("slow:") {
            return seconds
                .parse()
                .ok()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .filter(|wait| *wait <= SLOW_MAX)
                .map(Self::Slow)
                .ok_or_else(|| {
                    let max = SLOW_MAX.as_secs();
                    format!("slow takes 0 to {max} seconds, as in slow:5, not {seconds:?}")
                });
        }
        let known = Self::TABLE.iter().find(|(name, ..)| *name == text);
        known.map(|(_, fault, _)| *fault).ok_or_else(|| {
            let names: Vec<_> = Self::TABLE.iter().map(|(name, ..)| *name).collect();
            let names = names.join(", ");
            format!("no fault is named {text:?}; there are: {names}, slow:<seconds>")
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Slow(wait) = self {
            return write!(f, "slow:{}", wait.as_secs_f64());
        }
        let named = Self::TABLE.iter().find(|(_, fault, _)| fault == self);
        f.write_str(named.map_or("", |(name, ..)| name))
    }
}

impl Fault {
    /// The answer that takes the place of the right one, for the faults that
    /// keep the request from reaching the domain.
    pub(crate) fn replacement(self, url: &str) -> Option<Answer> {
        let answer = match self {
            Self::Html200 => Answer::html(200, PORTAL),
            Self::Html503 => Answer::html(503, MAINTENANCE).retry_after(Retry::ByKnob),
            Self::Empty500 => Answer::empty(500),
            Self::Empty400 => Answer::empty(400),
            Self::Scim429 => scim_429().retry_after(Retry::ByKnob),
            Self::Oauth429 => Answer::oauth(429, "too_many_requests", "Too many requests")
                .retry_after(Retry::ByKnob),
            Self::SlowDown => Answer::oauth(400, "slow_down", "The polling interval is too short."),
            Self::InvalidGrant => {
                Answer::oauth(400, "invalid_grant", "The refresh token is invalid.")
            }
            Self::Redirect => Answer::empty(307).header("Location", format!("{url}/redirected")),
            Self::Oversized => oversized(),
            _ => return None,
        };
        Some(answer)
    }

    /// Bends the right answer, for the faults that change only its looks.
    pub(crate) fn bend(self, answer: &mut Answer) {
        match self {
            Self::NoExpiresIn => answer.each_member("expires_in", |_| None),
            Self::ExpiresInText => {
                answer.each_member("expires_in", |number| Some(json!(number.to_string())));
            }
            Self::WrongContentType => answer.content_type = Some("text/plain"),
            Self::TruncatedJson => answer.truncated = true,
            _ => {}
        }
    }

    fn is_hold(self) -> bool {
        matches!(self, Self::Hold | Self::HoldAfterRotation)
    }
}

const PORTAL: &str = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>\
    <h1>Guest network</h1><p>Accept the terms to go online.</p></body></html>\n";
const MAINTENANCE: &str = "<!DOCTYPE html><html><head><title>503 Service Unavailable</title></head>\
    <body><h1>Service Unavailable</h1></body></html>\n";

/// Throttling in the shape of the domain's own REST API.
fn scim_429() -> Answer {
    let detail = format!(
        "Too many POST requests received from Stripe {TENANT} initiated by client IP '127.0.0.1' \
         on endpoint 'oauth2/v1/token'"
    );
    Answer::scim(
        429,
        &detail,
        "error.common.ratelimiting.stripe.toomanyrequests",
    )
}

fn oversized() -> Answer {
    Answer::json(
        200,
        json!({
            "access_token": "x".repeat(OVERSIZED_LEN),
            "token_type": "Bearer",
            "expires_in": 3600,
        }),
    )
}
