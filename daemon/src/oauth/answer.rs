//! The answers we get, read leniently: authorization servers, and what stands
//! in front of them, send OAuth's JSON, SCIM's, OCI's, HTML or nothing.

use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use oic_proto::Secret;
use oic_proto::secret::AccessToken;
use url::Url;

use super::error::HIDDEN;
use super::members::{Claims, Members, Text};
use super::{Answer, DeviceAuthorization, EndpointError, OAuthError, TokenGrant, TransportError};
use crate::config::ProfileConfig;
use crate::lifecycle::{DeviceCode, RefreshToken, schedule};

/// Longest access or refresh token that is taken, in bytes: what fits a frame
/// with room for the rest.
const TOKEN_LEN_MAX: usize = 48 * 1024;

/// A word as long as this may be a token. Client ids have 32 characters, and
/// what Oracle Support asks for has fewer.
const WORD_LEN_MAX: usize = 64;

/// How much of a server's sentence is kept, in characters.
const SENTENCE_LEN_MAX: usize = 300;

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
            "it has no device_code, user_code or verification_uri that can be shown",
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
        return Err(unusable(&format!(
            "its token type is {}",
            sentence(&token_type)
        )));
    }
    let claims = Claims::of(&access_token);
    let lifetime = members
        .expires_in
        .seconds()
        .or_else(|| claims.lifetime())
        .unwrap_or(schedule::ACCESS_TOKEN_LIFETIME_ASSUMED);
    let refresh_token = match members.refresh_token.0 {
        Some(token) if token.is_empty() => None,
        Some(token) if !is_refresh_token(&token) => {
            return Err(unusable("its refresh_token is not one"));
        }
        token => token.map(|token| RefreshToken(Secret::new(token.to_string()))),
    };
    Ok(TokenGrant {
        access_token: AccessToken::new(access_token.to_string()),
        lifetime,
        refresh_token,
        // Zero is how some servers say that this token has no end of its own.
        refresh_token_lifetime: members
            .refresh_token_expires_in
            .seconds()
            .filter(|lifetime| lifetime.as_secs() > 0),
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
    let status = answer.status;
    let members = match status {
        200 => Members::of(answer.body.expose()),
        // RFC 6749 §5.1 knows 200 alone; what these did is anybody's guess.
        201..=299 => None,
        _ => return Err(failure(&answer)),
    };
    let Some(members) = members else {
        return Err(unusable(&format!(
            "HTTP {status} with {} instead of a JSON object",
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
    let members = Members::of(answer.body.expose()).unwrap_or_default();
    let ecid = members.ecid.0.as_deref().or(answer.ecid.as_ref());
    let working = answer.status < 500 && answer.status != 429;
    let error = members.error.0.as_ref().filter(|it| !it.trim().is_empty());
    if let (true, Some(error)) = (working, error) {
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
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit are a very long time.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = http_date(value)?;
    let from = http_date(answer.date.as_deref()?.trim())?;
    let wish = until.duration_since(from);
    Some(Duration::try_from(wish).unwrap_or_default())
}

/// RFC 9110 §5.6.7: "A recipient … MUST accept all three HTTP-date formats."
fn http_date(text: &str) -> Option<DateTime> {
    let formats = [
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
    ];
    let date = |format| strtime::parse(format, text).ok()?.to_datetime().ok();
    formats.into_iter().find_map(date)
}

/// The end user will type a code there and sign in: it must be https, and on
/// the identity domain's own host where that is known (RFC 8628 §5.4 on
/// phishing). Plain http is for loopback only.
fn check_verification_uri(profile: &ProfileConfig, uri: &str) -> Result<(), EndpointError> {
    let refused = |why: &str| Err(unusable(&format!("its verification_uri {why}")));
    // What is shown is what was sent, so nothing may be in it that the parser
    // drops or a terminal obeys.
    let Some(url) = Url::parse(uri).ok().filter(|_| is_token(uri)) else {
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

/// RFC 6750 §2.1 sends it in a header line, which holds visible ASCII;
/// anything else would let a server write header lines through us.
fn is_token(text: &str) -> bool {
    is_refresh_token(text) && !text.contains(' ')
}

/// RFC 6749 appendix A.17: `1*VSCHAR`, which includes the space.
fn is_refresh_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    !text.is_empty() && text.len() <= TOKEN_LEN_MAX && text.bytes().all(allowed)
}

/// A server's words, cut to a length that fits a message, without what could
/// steer a terminal or break a log line, and without what may be a token: a
/// server may quote what it was sent, and the cut may leave half of it.
fn sentence(text: &str) -> String {
    let shown = |char: char| if char.is_control() { '\u{fffd}' } else { char };
    let text: String = text.trim().chars().map(shown).collect();
    let words = text.split(' ').map(|word| match word.len() {
        WORD_LEN_MAX.. if !word.contains("://") => HIDDEN,
        _ => word,
    });
    let words: Vec<_> = words.collect();
    words.join(" ").chars().take(SENTENCE_LEN_MAX).collect()
}
