//! A request as the endpoints see it: read within limits, its form taken apart.

use axum::RequestExt;
use axum::body::to_bytes;
use axum::extract::{RawPathParams, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderName, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::Answer;
use super::domain::OAuthError;
use super::domain::credentials::Credentials;

/// The longest body read. A token request is about two kilobytes; this leaves
/// room for a client assertion.
const BODY_LEN_MAX: usize = 64 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// One request.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) query: Form,
    /// The last, variable segment of the path, where the route has one.
    pub(crate) word: Option<String>,
    /// The host the caller asked for, without the port.
    pub(crate) host: String,
    pub(crate) path: String,
    form: Result<Form, NoForm>,
    authorization: Option<String>,
}

/// Why there is no form.
#[derive(Debug, Clone, Copy)]
enum NoForm {
    TooLong,
    OtherContentType,
    /// RFC 6749 §3.2: "parameters MUST NOT be included more than once".
    Repeated,
}

/// The fields of a form or query.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Received {
    pub(crate) async fn read(mut request: Request) -> Self {
        let params = request.extract_parts::<RawPathParams>().await.ok();
        let word = params.and_then(|params| params.iter().last().map(|(_, word)| word.to_owned()));
        let headers = request.headers();
        let host = header(headers, &HOST).unwrap_or_default();
        Self {
            method: request.method().clone(),
            query: Form::parse(request.uri().query().unwrap_or_default().as_bytes()),
            word,
            host: without_port(&host).to_owned(),
            path: request.uri().path().to_owned(),
            authorization: header(headers, &AUTHORIZATION),
            form: read_form(request).await,
        }
    }

    /// The form, or the answer that refuses its absence.
    pub(crate) fn form(&self) -> Result<&Form, Answer> {
        let refused = match &self.form {
            Ok(form) => return Ok(form),
            Err(refused) => refused,
        };
        Err(match refused {
            NoForm::TooLong => Answer::oauth(413, "invalid_request", "The request is too long"),
            NoForm::OtherContentType => Answer::oauth(
                415,
                "invalid_request",
                "The Content-Type must be application/x-www-form-urlencoded",
            ),
            NoForm::Repeated => {
                Answer::from(OAuthError::invalid_request("A parameter is repeated"))
            }
        })
    }

    /// The form, or one without fields: for commands that need none.
    pub(crate) fn form_or_empty(&self) -> &Form {
        const EMPTY: &Form = &Form(Vec::new());
        self.form.as_ref().unwrap_or(EMPTY)
    }

    /// How the request says which client it comes from.
    pub(crate) fn credentials(&self) -> Credentials<'_> {
        let form = self.form.as_ref().ok();
        let field = |name| form.and_then(|form| form.get(name));
        Credentials {
            basic: self.authorization.as_deref().and_then(basic),
            client_id: field("client_id"),
            client_secret: field("client_secret"),
        }
    }

    /// The field `grant_type` as it came.
    pub(crate) fn grant_type(&self) -> Option<&str> {
        self.form.as_ref().ok()?.get("grant_type")
    }

    /// The bearer token, RFC 6750 §2.1.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.authorization.as_deref()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

impl Form {
    /// A field's value; an empty one counts as left out (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(key, _)| key == name);
        field
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or_else(|| OAuthError::missing(name))
    }

    fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    fn has_repetition(&self) -> bool {
        let mut names: Vec<_> = self.0.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }
}

async fn read_form(request: Request) -> Result<Form, NoForm> {
    let content_type = header(request.headers(), &CONTENT_TYPE).unwrap_or_default();
    let Ok(body) = to_bytes(request.into_body(), BODY_LEN_MAX).await else {
        return Err(NoForm::TooLong);
    };
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case(FORM) {
        return Err(NoForm::OtherContentType);
    }
    let form = Form::parse(&body);
    if form.has_repetition() {
        return Err(NoForm::Repeated);
    }
    Ok(form)
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// User name and password of HTTP Basic authentication, RFC 7617. The form
/// encoding of RFC 6749 §2.3.1 changes nothing in the ids and secrets built in.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// `[::1]:8080`, `localhost:8080` and `localhost` without the port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
