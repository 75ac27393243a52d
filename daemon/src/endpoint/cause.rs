//! Why no answer came, in the words of this program: those of the libraries are
//! for whoever writes them.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use rustls::{CertificateError, InvalidMessage};

/// Most names of a certificate that are shown; some hold hundreds.
const NAMES_MAX: usize = 3;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The causes of `error` in one line, without the libraries' names for their
/// own layers. No cause holds anything of the form or of the body.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = match of_tls(cause) {
            Some(said) => said,
            None => of_proxy(cause.to_string()),
        };
        // Many repeat the text of their own cause.
        let said = causes.last().is_some_and(|last| last.ends_with(&text));
        if !said && !text.starts_with("client error (") {
            causes.push(text);
        }
        next = cause.source();
    }
    if causes.is_empty() {
        return error.to_string();
    }
    causes.join(": ")
}

/// The library calls a proxy a tunnel, and does not say whose error it is.
fn of_proxy(cause: String) -> String {
    let Some(error) = cause.strip_prefix("tunnel error: ") else {
        return cause;
    };
    let said = match error {
        "failed to create underlying connection" => "the proxy cannot be reached",
        "proxy authorization required" => "the proxy wants authentication",
        "unsuccessful" => "the proxy refused",
        other => return format!("the proxy: {other}"),
    };
    said.to_owned()
}

/// Where TLS did not come about, in a word of ours if there is one.
fn of_tls(cause: &(dyn StdError + 'static)) -> Option<String> {
    match innermost(cause).downcast_ref()? {
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Some("what answers there speaks no TLS".to_owned())
        }
        rustls::Error::InvalidCertificate(error) => of_certificate(error),
        _ => None,
    }
}

/// What is wrapped in errors of I/O, each in the next: `source` steps over it.
fn innermost<'a>(mut error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    while let Some(inner) = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        error = inner;
    }
    error
}

fn of_certificate(error: &CertificateError) -> Option<String> {
    let by_our_clock = "by this computer's clock";
    Some(match error {
        CertificateError::UnknownIssuer => {
            "nobody whom this computer trusts vouches for its certificate".to_owned()
        }
        CertificateError::Expired => format!("its certificate has expired, {by_our_clock}"),
        CertificateError::ExpiredContext { time, not_after } => {
            let ago = days(time.as_secs(), not_after.as_secs());
            format!("its certificate expired {ago} ago, {by_our_clock}")
        }
        CertificateError::NotValidYet => {
            format!("its certificate is not valid yet, {by_our_clock}")
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            let ahead = days(not_before.as_secs(), time.as_secs());
            format!("its certificate is not valid for another {ahead}, {by_our_clock}")
        }
        CertificateError::NotValidForName => "its certificate is for another host".to_owned(),
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!("its certificate is for another host{}", names(presented))
        }
        CertificateError::BadSignature => {
            "its certificate was not signed by the authority that it names".to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        // The library of the library knows it by this name alone.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate vouches for itself".to_owned()
        }
        _ => return None,
    })
}

/// From `before` to `after`, in seconds since 1970.
fn days(after: u64, before: u64) -> String {
    match after.saturating_sub(before) / DAY.as_secs() {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// The library writes `DnsName("id.example.com")`, anything odd in it escaped.
fn names(presented: &[String]) -> String {
    let of = |name: &String| name.split('"').nth(1).unwrap_or(name).to_owned();
    let names = presented.iter().take(NAMES_MAX).map(of);
    let more = presented.len().saturating_sub(NAMES_MAX);
    match (Vec::from_iter(names).join(", "), more) {
        (names, _) if names.is_empty() => String::new(),
        (names, 0) => format!(", {names}"),
        (names, more) => format!(", {names} and {more} more"),
    }
}
