//! The answers we get, read leniently: authorization servers, and what stands
//! in front of them, send OAuth's JSON, SCIM's, OCI's, HTML or nothing.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oic_proto::Secret;
use oic_proto::secret::AccessToken;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use url::Url;
use zeroize::Zeroizing;

use super::{Answer, DeviceAuthorization, EndpointError, OAuthError, TokenGrant, TransportError};
use crate::config::ProfileConfig;
use crate::lifecycle::{DeviceCode, RefreshToken, schedule};

/// Longest access or refresh token that is taken, in bytes: what fits a frame
/// with room for the rest.
const TOKEN_LEN_MAX: usize = 48 * 1024;

/// Longest code or URI of a device authorization answer, in bytes.
const PROMPT_LEN_MAX: usize = 2 * 1024;

/// How much of a server's sentence is kept, in characters.
const SENTENCE_LEN_MAX: usize = 300;

/// Longest lifetime that is believed: a year, what OCI IAM issues at most.
const LIFETIME_MAX_SECONDS: f64 = 366.0 * 24.0 * 3600.0;

/// What the device authorization endpoint answered.
///
/// # Errors
///
/// As judged by [`EndpointError`]; [`EndpointError::Unusable`] also for a
/// verification URI that could lead the end user to a stranger.
pub fn device_authorization(
    profile: &ProfileConfig,
    answer: Result<Answer, TransportError>,
) -> Result<DeviceAuthorization, EndpointError> {
    let members = success(answer)?;
    let (Some(device_code), Some(user_code), Some(verification_uri)) = (
        members.device_code.short(),
        members.user_code.short(),
        members.verification_uri.short(),
    ) else {
        return Err(unusable(
            "it has no device_code, user_code or verification_uri, or they are too long",
        ));
    };
    check_verification_uri(profile, &verification_uri)?;
    let complete = members
        .verification_uri_complete
        .short()
        .filter(|uri| check_verification_uri(profile, uri).is_ok());
    let seconds = |text: &Text, default| text.seconds().unwrap_or(default);
    Ok(DeviceAuthorization {
        device_code: DeviceCode(Secret::new(device_code)),
        user_code,
        verification_uri,
        verification_uri_complete: complete,
        expires_in: seconds(&members.expires_in, schedule::DEVICE_CODE_LIFETIME_DEFAULT)
            .min(schedule::DEVICE_CODE_LIFETIME_MAX),
        interval: seconds(&members.interval, schedule::POLL_INTERVAL_DEFAULT),
    })
}

/// What the token endpoint answered, to any grant.
///
/// # Errors
///
/// As judged by [`EndpointError`].
pub fn token_grant(answer: Result<Answer, TransportError>) -> Result<TokenGrant, EndpointError> {
    let members = success(answer)?;
    let Some(access_token) = members.access_token.0 else {
        return Err(unusable("it has no access_token"));
    };
    if !is_token(&access_token) {
        return Err(unusable("its access_token is not one"));
    }
    // RFC 6749 §7.1: "The client MUST NOT use an access token if it does not
    // understand the token type."
    if let Some(token_type) = members.token_type.0
        && !token_type.eq_ignore_ascii_case("bearer")
    {
        return Err(EndpointError::Refused(OAuthError {
            error: "unsupported_token_type".to_owned(),
            description: Some(format!("its token type is {}", sentence(&token_type))),
            ecid: None,
        }));
    }
    let claims = Claims::of(&access_token);
    let lifetime = members
        .expires_in
        .seconds()
        .or_else(|| claims.lifetime())
        .unwrap_or(schedule::ACCESS_TOKEN_LIFETIME_ASSUMED);
    let refresh_token = members
        .refresh_token
        .0
        .filter(|token| is_token(token))
        .map(|token| RefreshToken(Secret::new(token.to_string())));
    Ok(TokenGrant {
        access_token: AccessToken::new(access_token.to_string()),
        lifetime,
        refresh_token,
        subject: claims.sub.0.map(|sub| sentence(&sub)),
    })
}

/// What the revocation endpoint answered; RFC 7009 §2.2: the body of a
/// success is ignored.
///
/// # Errors
///
/// As judged by [`EndpointError`].
pub fn revocation(answer: Result<Answer, TransportError>) -> Result<(), EndpointError> {
    let answer = answer.map_err(transport)?;
    match answer.status {
        200..=299 => Ok(()),
        _ => Err(failure(&answer)),
    }
}

/// The members of an answer that claims success in a way we can read.
fn success(answer: Result<Answer, TransportError>) -> Result<Members, EndpointError> {
    let answer = answer.map_err(transport)?;
    if answer.status != 200 {
        return Err(failure(&answer));
    }
    let Ok(members) = serde_json::from_slice::<Members>(answer.body.expose()) else {
        return Err(unusable(&format!(
            "HTTP 200 with {} instead of JSON",
            described(&answer)
        )));
    };
    // Some servers send their errors with status 200.
    match members.error.0 {
        Some(_) if members.access_token.0.is_none() => Err(failure(&answer)),
        _ => Ok(members),
    }
}

fn transport(error: TransportError) -> EndpointError {
    match error {
        TransportError::NotSent(why) => EndpointError::NotSent(why),
        TransportError::Unanswered(why) => EndpointError::Unanswered(why),
    }
}

fn unusable(why: &str) -> EndpointError {
    EndpointError::Unusable(why.to_owned())
}

/// What an answer that is not a success says. OAuth's words count only where
/// a server that is working sends them: not with 5xx, where a broken one may
/// say anything, nor with 429.
fn failure(answer: &Answer) -> EndpointError {
    let members = serde_json::from_slice::<Members>(answer.body.expose()).unwrap_or_default();
    let ecid = members.ecid.0.as_deref().or(answer.ecid.as_ref());
    let working = answer.status < 500 && answer.status != 429;
    if let (true, Some(error)) = (working, &members.error.0) {
        return EndpointError::Refused(OAuthError {
            error: sentence(error),
            description: members
                .error_description
                .0
                .as_deref()
                .map(|it| sentence(it)),
            ecid: ecid.map(|it| sentence(it)),
        });
    }
    let said = [
        &members.error_description,
        &members.detail,
        &members.message,
        &members.error,
        &members.code,
    ];
    let said = said.into_iter().find_map(|text| text.0.as_deref());
    EndpointError::Unavailable {
        status: answer.status,
        why: said.map_or_else(|| described(answer), |text| sentence(text)),
        retry_after: retry_after(answer),
    }
}

/// What kind of body it is, for people.
fn described(answer: &Answer) -> String {
    match (answer.status, &answer.content_type) {
        (300..=399, _) => "a redirect, which a token endpoint must not send".to_owned(),
        _ if answer.body.expose().is_empty() => "an empty body".to_owned(),
        (_, Some(content_type)) => format!("a body of type {}", sentence(content_type)),
        (_, None) => "a body of no stated type".to_owned(),
    }
}

/// RFC 9110 §10.2.3: seconds, or a date. A date is read against the answer's
/// own `Date`, so that neither clock has to be right.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let value = answer.retry_after.as_deref()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text.trim()).ok();
    let until = date(value)?.timestamp();
    let from = date(answer.date.as_deref()?)?.timestamp();
    let seconds = until.as_second().saturating_sub(from.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// The end user will type a code there and sign in: it must be https, and on
/// the identity domain's own host where that is known (RFC 8628 §5.4 on
/// phishing). Plain http is for loopback only.
fn check_verification_uri(profile: &ProfileConfig, uri: &str) -> Result<(), EndpointError> {
    let refused = |why: &str| Err(unusable(&format!("its verification_uri {why}")));
    let Ok(url) = Url::parse(uri) else {
        return refused("is not a URI");
    };
    let Some(host) = url.host_str() else {
        return refused("names no host");
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(host)) {
        return refused("is not https");
    }
    match &profile.verification_host {
        Some(own) if !own.eq_ignore_ascii_case(host) => {
            refused(&format!("leads to {} instead of {own}", sentence(host)))
        }
        _ => Ok(()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// RFC 6749 appendix A.12 allows visible ASCII; anything else would let a
/// server write header lines or terminal controls through us.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= TOKEN_LEN_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A server's words, cut to a length that fits a message.
fn sentence(text: &str) -> String {
    text.trim().chars().take(SENTENCE_LEN_MAX).collect()
}

/// The claims we look at, never verified: they are shown, and tell the
/// lifetime where the answer does not.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    sub: Text,
    iat: Text,
    exp: Text,
}

impl Claims {
    fn of(access_token: &str) -> Self {
        let payload = access_token.split('.').nth(1).unwrap_or_default();
        let json = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
        serde_json::from_slice(&json).unwrap_or_default()
    }

    /// `exp` less `iat`: right however wrong our clock is.
    fn lifetime(&self) -> Option<Duration> {
        let (iat, exp) = (self.iat.number()?, self.exp.number()?);
        seconds(exp - iat)
    }
}

/// Everything that any of the answers may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members {
    access_token: Text,
    token_type: Text,
    expires_in: Text,
    refresh_token: Text,
    device_code: Text,
    user_code: Text,
    /// Some servers kept the name of an early draft.
    #[serde(alias = "verification_url")]
    verification_uri: Text,
    verification_uri_complete: Text,
    interval: Text,
    error: Text,
    error_description: Text,
    ecid: Text,
    /// SCIM (RFC 7644 §3.12).
    detail: Text,
    /// OCI's own APIs.
    code: Text,
    /// OCI's own APIs.
    message: Text,
}

/// A string, or a number read as one; anything else counts as absent, so that
/// one odd member does not spoil the answer.
#[derive(Default)]
struct Text(Option<Zeroizing<String>>);

impl Text {
    fn number(&self) -> Option<f64> {
        self.0.as_ref()?.trim().parse().ok()
    }

    fn seconds(&self) -> Option<Duration> {
        seconds(self.number()?)
    }

    fn short(&self) -> Option<String> {
        let text = self.0.as_ref()?;
        let fits = !text.is_empty() && text.len() <= PROMPT_LEN_MAX;
        fits.then(|| text.to_string())
    }
}

/// Negative counts as none left.
fn seconds(number: f64) -> Option<Duration> {
    let bounded = number.clamp(0.0, LIFETIME_MAX_SECONDS);
    Duration::try_from_secs_f64(bounded).ok()
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Some(Zeroizing::new(text.to_owned()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text(Some(Zeroizing::new(number.to_string()))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text(Some(Zeroizing::new(number.to_string()))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
        Ok(Text(Some(Zeroizing::new(number.to_string()))))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}
