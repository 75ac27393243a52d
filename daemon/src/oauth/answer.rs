//! The answers we get, read leniently: authorization servers, and what stands
//! in front of them, send OAuth's JSON, SCIM's, OCI's, HTML or nothing.

use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::{self, DateTime};
use jiff::fmt::strtime;
use oic_proto::Secret;
use oic_proto::secret::AccessToken;
use oic_proto::shown;
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

/// What stands where a server's words were cut.
const CUT: &str = "…";

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
    let refresh_token = match &members.refresh_token.0 {
        Some(token) if token.is_empty() => None,
        Some(token) if !is_refresh_token(token) => {
            return Err(unusable("its refresh_token is not one"));
        }
        token => token
            .as_ref()
            .map(|token| RefreshToken(Secret::new(token.to_string()))),
    };
    let (access_token, claims, lifetime) = match access_token(&members) {
        Ok(access) => access,
        Err(why) => return Err(EndpointError::Unusable { why, refresh_token }),
    };
    Ok(TokenGrant {
        access_token,
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

/// The access token with what it says and how long it lives, or why there is
/// none that anybody could use.
fn access_token(members: &Members) -> Result<(AccessToken, Claims, Duration), String> {
    let Some(access_token) = &members.access_token.0 else {
        return Err("it has no access_token".to_owned());
    };
    if !is_token(access_token) {
        return Err("its access_token is not one".to_owned());
    }
    // RFC 6749 §7.1: "The client MUST NOT use an access token if it does not
    // understand the token type."
    if let Some(token_type) = &members.token_type.0
        && !token_type.eq_ignore_ascii_case("bearer")
    {
        return Err(format!("its token type is {}", sentence(token_type)));
    }
    let claims = Claims::of(access_token);
    let lifetime = members
        .expires_in
        .seconds()
        .or_else(|| claims.lifetime())
        .unwrap_or(schedule::ACCESS_TOKEN_LIFETIME_ASSUMED);
    if lifetime.is_zero() {
        return Err("its access_token has no time left".to_owned());
    }
    let access_token = AccessToken::new(access_token.to_string());
    Ok((access_token, claims, lifetime))
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

/// The members of an answer that claims success in a way we can read. RFC 6749
/// §5.1 knows 200 alone; but tokens under 201 or 203 are tokens.
fn success(answer: Result<Answer, TransportError>) -> Result<Members, EndpointError> {
    let answer = answer.map_err(transport)?;
    let status = answer.status;
    if !(200..=299).contains(&status) {
        return Err(failure(&answer));
    }
    let Some(members) = Members::of(answer.body.expose()) else {
        return Err(unusable(&format!(
            "HTTP {status} with {} instead of a JSON object",
            described(&answer)
        )));
    };
    // Some servers send their errors with status 200.
    let tokens = [&members.access_token, &members.refresh_token];
    let granted = tokens.iter().any(|token| token.0.is_some());
    match members.error.said() {
        Some(_) if !granted => Err(failure(&answer)),
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
    EndpointError::Unusable {
        why: why.to_owned(),
        refresh_token: None,
    }
}

/// What an answer that is not a success says. OAuth's words, which may end a
/// session, are taken from one JSON object that is the whole body, under a
/// status that is meant to be the last word. Its content type does not count:
/// servers get it wrong, and no page for people is a JSON object.
fn failure(answer: &Answer) -> EndpointError {
    let members = Members::of(answer.body.expose()).unwrap_or_default();
    let ecid = members.ecid.0.as_deref().or(answer.ecid.as_ref());
    if let (true, Some(error)) = (is_last_word(answer.status), members.error.said()) {
        return EndpointError::Refused(OAuthError {
            error: harmless(error),
            description: members.error_description.said().map(sentence),
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
    let said = said.into_iter().find_map(Text::said);
    EndpointError::Unavailable {
        status: answer.status,
        why: said.map_or_else(|| described(answer), sentence),
        retry_after: retry_after(answer),
    }
}

/// Whether an answer of this status says something final about the request.
const fn is_last_word(status: u16) -> bool {
    match status {
        // RFC 6749 §5.2 has 400 and 401, servers have others, and some say
        // their errors with 200.
        200 => true,
        // These ask for the same request once more: RFC 9110 §15.5.8, §15.5.9
        // and §15.5.20, RFC 8470 §5.2, RFC 6585 §4.
        407 | 408 | 421 | 425 | 429 => false,
        400..=499 => true,
        // A redirect comes from somebody who did not look, and with 5xx a
        // broken server may say anything.
        _ => false,
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

/// The seconds since 1970 that an HTTP date stands for.
pub fn seconds_of_date(text: &str) -> Option<i64> {
    let since = http_date(text.trim())?.duration_since(civil::date(1970, 1, 1).at(0, 0, 0, 0));
    Some(since.as_secs())
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
/// the identity domain's own host, or a configured one, where any is known
/// (RFC 8628 §5.4 on phishing). Plain http is for loopback only.
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
    if !names_plainly(uri, url.scheme(), host) {
        return refused("hides where it leads");
    }
    let own = &profile.verification_hosts;
    if own.is_empty() || own.iter().any(|own| own.eq_ignore_ascii_case(host)) {
        return Ok(());
    }
    let (host, own) = (sentence(host), own.join(" or "));
    refused(&format!("leads to {host} instead of {own}"))
}

/// Whether this host follows on `scheme://` at once and stands for itself.
/// Browsers take a `\` for a `/` and do without slashes; what reads RFC 3986
/// alone, a scanner of QR codes perhaps, would end at another host, and a
/// person would read the user name before an `@` as one.
fn names_plainly(uri: &str, scheme: &str, host: &str) -> bool {
    let plain = format!("{scheme}://{host}");
    let (Some(start), Some(rest)) = (uri.get(..plain.len()), uri.get(plain.len()..)) else {
        return false;
    };
    start.eq_ignore_ascii_case(&plain)
        && (rest.is_empty() || rest.starts_with(['/', '?', '#', ':']))
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

/// A server's words, cut to a length that fits a message.
fn sentence(text: &str) -> String {
    harmless(text.trim())
}

/// The same with the white space around it: without what could steer a
/// terminal or break a log line, and without what may be a token: a server may
/// quote what it was sent. Cut between words: half a token would no longer be
/// known as one by [`EndpointError::without`].
fn harmless(text: &str) -> String {
    let text: String = text.chars().map(shown::harmless).collect();
    let words = text.split(' ').map(|word| match word.len() {
        SENTENCE_LEN_MAX.. => HIDDEN,
        WORD_LEN_MAX.. if !word.contains("://") => HIDDEN,
        _ => word,
    });
    let mut len = 0;
    let fits = |word: &&str| {
        len += word.chars().count() + 1;
        len <= SENTENCE_LEN_MAX
    };
    let mut kept = Vec::from_iter(words.clone().take_while(fits));
    // What is cut says so: `invalid_grant` and something long is another error.
    if kept.len() < words.count() {
        kept.push(CUT);
    }
    kept.join(" ")
}
