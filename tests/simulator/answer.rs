//! An answer before it becomes HTTP: something faults can bend.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, PRAGMA};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use http_body::Frame;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::domain::OAuthError;
use super::knobs::{Knobs, RetryAfterForm};

const JSON: &str = "application/json;charset=UTF-8";
const HTML: &str = "text/html;charset=UTF-8";

/// A status, headers and a body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'static str>,
    /// Whether the connection is closed in the middle of the body.
    pub(crate) truncated: bool,
    headers: Vec<(&'static str, String)>,
    retry_after: Retry,
    content: Content,
}

/// Whether an answer asks to come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    /// It does not.
    Never,
    /// It does if the knob `retry_after` says so.
    ByKnob,
}

#[derive(Debug, Clone)]
enum Content {
    Empty,
    Text(String),
    Json(Value),
    /// JSON of RFC 6749 §5.2, to which `ecid` is added.
    Error(Value),
}

/// RFC 9110 §5.6.7.
fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl Answer {
    fn new(status: u16, content_type: Option<&'static str>, content: Content) -> Self {
        Self {
            status,
            content_type,
            truncated: false,
            headers: Vec::new(),
            retry_after: Retry::Never,
            content,
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, None, Content::Empty)
    }

    pub(crate) fn html(status: u16, page: impl Into<String>) -> Self {
        Self::new(status, Some(HTML), Content::Text(page.into()))
    }

    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self::new(status, Some(JSON), Content::Json(value))
    }

    pub(crate) fn oauth(status: u16, error: &str, description: &str) -> Self {
        let value = json!({"error": error, "error_description": description});
        Self::new(status, Some(JSON), Content::Error(value))
    }

    /// An error of the domain's REST API, RFC 7644 §3.12 with Oracle's extension.
    pub(crate) fn scim(status: u16, detail: &str, message_id: &str) -> Self {
        let extension = "urn:ietf:params:scim:api:oracle:idcs:extension:messages:Error";
        let value = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error", extension],
            "detail": detail,
            "status": status.to_string(),
            extension: {"messageId": message_id},
        });
        Self::json(status, value)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn retry_after(mut self, retry: Retry) -> Self {
        self.retry_after = retry;
        self
    }

    /// The `error` of an OAuth error.
    pub(crate) fn error(&self) -> Option<&str> {
        match &self.content {
            Content::Error(value) => value["error"].as_str(),
            _ => None,
        }
    }

    /// Replaces the member `name` wherever a JSON body has it; `None` removes it.
    pub(crate) fn each_member(&mut self, name: &str, replace: impl Fn(&Value) -> Option<Value>) {
        if let Content::Json(value) = &mut self.content {
            replace_member(value, name, &replace);
        }
    }

    /// Adds `Date`, by the domain's own clock, `Retry-After`, a date of which
    /// is read against it, and, except to pages, the id by which Oracle finds
    /// the request again.
    pub(crate) fn seal(mut self, ecid: &str, knobs: &Knobs, date: Timestamp) -> Self {
        if let Content::Error(value) = &mut self.content
            && knobs.ecid
        {
            value["ecid"] = json!(ecid);
        }
        if self.retry_after == Retry::ByKnob
            && let Some(wait) = knobs.retry_after
        {
            let value = match knobs.retry_after_form {
                RetryAfterForm::Seconds => wait.0.to_string(),
                RetryAfterForm::Date => http_date(date + SignedDuration::from_secs(wait.0)),
            };
            self = self.header("Retry-After", value);
        }
        self = self.header("Date", http_date(date));
        if let Content::Text(_) = self.content {
            return self;
        }
        self.header("X-ORACLE-DMS-ECID", ecid)
            .header("X-ORACLE-DMS-RID", "0")
    }

    pub(crate) fn into_response(self) -> Response {
        let bytes = match self.content {
            Content::Empty => Bytes::new(),
            Content::Text(text) => text.into(),
            Content::Json(value) | Content::Error(value) => value.to_string().into(),
        };
        let length = bytes.len();
        let body = if self.truncated {
            Body::new(Truncated::new(&bytes))
        } else {
            Body::from(bytes)
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).expect("statuses are written in this program");
        let headers = response.headers_mut();
        headers.insert(CONTENT_LENGTH, length.into());
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        if let Some(content_type) = self.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        for (name, value) in self.headers {
            let name =
                HeaderName::try_from(name).expect("header names are written in this program");
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.append(name, value);
            }
        }
        response
    }
}

impl From<OAuthError> for Answer {
    fn from(error: OAuthError) -> Self {
        let answer = Self::oauth(error.status, error.error, &error.description);
        if error.error == "invalid_client" {
            // RFC 6749 §5.2: 401 names the scheme the client could have used.
            return answer.header("WWW-Authenticate", "Basic realm=\"oauth2\"");
        }
        answer
    }
}

fn replace_member(value: &mut Value, name: &str, replace: &impl Fn(&Value) -> Option<Value>) {
    match value {
        Value::Object(members) => {
            if let Some(old) = members.remove(name)
                && let Some(new) = replace(&old)
            {
                members.insert(name.to_owned(), new);
            }
            members
                .values_mut()
                .for_each(|member| replace_member(member, name, replace));
        }
        Value::Array(items) => {
            items
                .iter_mut()
                .for_each(|item| replace_member(item, name, replace));
        }
        _ => {}
    }
}

/// The first half of a body whose headers promise all of it.
struct Truncated {
    half: Option<Bytes>,
    flushed: bool,
}

impl Truncated {
    fn new(whole: &Bytes) -> Self {
        Self {
            half: Some(whole.slice(..whole.len() / 2)),
            flushed: false,
        }
    }
}

impl HttpBody for Truncated {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // Not ready once: the server flushes what it has before it asks again.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
    }
}
