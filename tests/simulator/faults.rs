//! Answers that go wrong on purpose.
//!
//! | fault | what the caller sees | used up? |
//! |---|---|---|
//! | `html_200` | 200, HTML: a captive portal | no |
//! | `html_503` | 503, HTML: a gateway's maintenance page | no |
//! | `empty_500`, `empty_400` | the bare status | no |
//! | `scim_429`, `oauth_429` | 429 in the shape of SCIM or of OAuth; `Retry-After` by knob | no |
//! | `slow_down` | 400 `slow_down` | no |
//! | `invalid_grant` | 400 `invalid_grant`, though the grant is good | no |
//! | `redirect` | 307 to a page outside the protocol; following it is logged as `redirected` | no |
//! | `oversized` | 200, JSON of [`OVERSIZED_LEN`] bytes that looks like a grant | no |
//! | `reset` | the connection is cut | no |
//! | `reset_after_rotation` | the connection is cut | **yes** |
//! | `truncated_json` | the headers and half the body, then the connection is closed | **yes** |
//! | `slow:<seconds>` | the right answer, late | **yes**, before the wait |
//! | `wrong_content_type` | the right answer as `text/plain` | yes |
//! | `no_expires_in`, `expires_in_text` | the right answer without `expires_in`, or with one that is no number | yes |
//! | `no_refresh_token` | the right answer without `refresh_token`; an old one stays good | no |
//! | `hold` | nothing, until released; then whatever is right by then | no |
//! | `hold_after_rotation` | nothing, until released; then the right answer | **yes**, before the wait |
//!
//! "Used up" means what the request asks for has happened in the domain: the
//! refresh token is spent, the device code issued or redeemed, the login
//! revoked. A hold and another fault can meet in one request: the other one is
//! chosen after the release.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::json;

use super::answer::{Answer, Retry};
use super::domain::registry::TENANT;
use super::endpoint::Endpoint;

/// The length of an `oversized` answer, far above any real token answer.
pub const OVERSIZED_LEN: usize = 4 * 1024 * 1024;
/// The longest wait of `slow`: an hour, after which every caller has given up.
const SLOW_MAX: Duration = Duration::from_secs(3600);
/// Faults waiting for their requests; more are refused.
const PLANNED_MAX: usize = 1000;

/// One way for an answer to go wrong; the module's table says what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the table above describes every one in its own words"
)]
pub enum Fault {
    Html200,
    Html503,
    Empty500,
    Empty400,
    Scim429,
    Oauth429,
    SlowDown,
    NoExpiresIn,
    Reset,
    ResetAfterRotation,
    TruncatedJson,
    Oversized,
    Slow(Duration),
    Redirect,
    WrongContentType,
    InvalidGrant,
    NoRefreshToken,
    ExpiresInText,
    Hold,
    HoldAfterRotation,
}

const NAMES: [(&str, Fault); 19] = [
    ("html_200", Fault::Html200),
    ("html_503", Fault::Html503),
    ("empty_500", Fault::Empty500),
    ("empty_400", Fault::Empty400),
    ("scim_429", Fault::Scim429),
    ("oauth_429", Fault::Oauth429),
    ("slow_down", Fault::SlowDown),
    ("no_expires_in", Fault::NoExpiresIn),
    ("reset", Fault::Reset),
    ("reset_after_rotation", Fault::ResetAfterRotation),
    ("truncated_json", Fault::TruncatedJson),
    ("oversized", Fault::Oversized),
    ("redirect", Fault::Redirect),
    ("wrong_content_type", Fault::WrongContentType),
    ("invalid_grant", Fault::InvalidGrant),
    ("no_refresh_token", Fault::NoRefreshToken),
    ("expires_in_text", Fault::ExpiresInText),
    ("hold", Fault::Hold),
    ("hold_after_rotation", Fault::HoldAfterRotation),
];

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(seconds) = text.strip_prefix("slow:") {
            return seconds
                .parse()
                .map(Duration::from_secs)
                .ok()
                .filter(|wait| *wait <= SLOW_MAX)
                .map(Self::Slow)
                .ok_or_else(|| {
                    let max = SLOW_MAX.as_secs();
                    format!("slow takes 0 to {max} seconds, as in slow:5, not {seconds:?}")
                });
        }
        let known = NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, fault)| *fault).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            format!(
                "no fault is named {text:?}; there are: {}, slow:<seconds>",
                names.join(", ")
            )
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Slow(wait) = self {
            return write!(f, "slow:{}", wait.as_secs());
        }
        let named = NAMES.iter().find(|(_, fault)| fault == self);
        f.write_str(named.map_or("", |(name, _)| name))
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
                answer.each_member("expires_in", |_| Some(json!("in about an hour")));
            }
            Self::WrongContentType => answer.content_type = Some("text/plain"),
            Self::TruncatedJson => answer.truncated = true,
            _ => {}
        }
    }
}

/// Where in a request a hold lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HoldPoint {
    /// Before the domain sees the request.
    Before,
    /// Between the domain's decision and the answer.
    After,
}

/// The faults that wait for requests, first come, first served.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    planned: VecDeque<Planned>,
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    endpoint: Endpoint,
    times: u32,
}

impl FaultPlan {
    /// Plans `fault` for the next `times` requests to `endpoint`.
    pub(crate) fn add(
        &mut self,
        fault: Fault,
        times: u32,
        endpoint: Endpoint,
    ) -> Result<(), String> {
        if self.planned.len() == PLANNED_MAX {
            return Err(format!("{PLANNED_MAX} faults are waiting already"));
        }
        self.planned.push_back(Planned {
            fault,
            endpoint,
            times,
        });
        Ok(())
    }

    /// Whether a request to `endpoint` is to be held at `point`; counts it.
    pub(crate) fn take_hold(&mut self, endpoint: Endpoint, point: HoldPoint) -> Option<Fault> {
        let wanted = match point {
            HoldPoint::Before => Fault::Hold,
            HoldPoint::After => Fault::HoldAfterRotation,
        };
        self.take(endpoint, |fault| fault == wanted)
    }

    /// The fault for a request to `endpoint` that is not held (any more).
    pub(crate) fn take_fault(&mut self, endpoint: Endpoint) -> Option<Fault> {
        self.take(endpoint, |fault| !fault.is_hold())
    }

    /// Forgets the holds that no request has met.
    pub(crate) fn forget_holds(&mut self) {
        self.planned.retain(|planned| !planned.fault.is_hold());
    }

    pub(crate) fn clear(&mut self) {
        self.planned.clear();
    }

    fn take(&mut self, endpoint: Endpoint, wanted: impl Fn(Fault) -> bool) -> Option<Fault> {
        let matches = |planned: &Planned| planned.endpoint == endpoint && wanted(planned.fault);
        let at = self.planned.iter().position(matches)?;
        let planned = &mut self.planned[at];
        let fault = planned.fault;
        planned.times = planned.times.saturating_sub(1);
        if planned.times == 0 {
            self.planned.remove(at);
        }
        Some(fault)
    }
}

impl Fault {
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
