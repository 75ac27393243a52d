//! Whether a resource takes the access token: what it answers, and what that
//! means for a token of OCI IAM.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::process::{Command, Output, Stdio};

use oic_proto::message::{Finding, Outcome, TokenView};
use serde_json::Value;

use super::host::{finding, good};
use crate::args::{Freshness, MIN_VALID_DEFAULT, TIMEOUT_DEFAULT};
use crate::call::Daemon;
use crate::failure::Failure;
use crate::{claims, get, program};

const CHECK: &str = "resource";

/// How long the resource may take, in seconds; curl's option.
const SECONDS_MAX: &str = "20";

/// Asks for `url` with an access token of `profile`. Curl asks, which follows
/// no redirect.
///
/// # Errors
///
/// Curl cannot be started.
pub fn look(daemon: &Daemon, profile: Option<String>, url: &str) -> Result<Finding, Failure> {
    if !is_safe(url) {
        return Ok(finding(
            CHECK,
            Outcome::Bad,
            format!("{url} is not https: an access token would travel for all to see"),
            Some("ask for an https:// address".to_owned()),
        ));
    }
    let freshness = Freshness {
        min_valid: MIN_VALID_DEFAULT,
        timeout: TIMEOUT_DEFAULT,
    };
    let view = match get::access_token(daemon, profile, freshness, false) {
        Ok(view) => view,
        Err(failure) => {
            let why = format!("not asked, for want of an access token: {failure}");
            return Ok(finding(CHECK, Outcome::Bad, why, failure.hint()));
        }
    };
    let output = ask(&view, url);
    let output = output.map_err(|error| program::not_started(OsStr::new("curl"), error))?;
    let found = match Seen::of(&String::from_utf8_lossy(&output.stdout)) {
        Some(seen) => judge(url, &seen, &audience(&view)),
        None => unreached(url, &output),
    };
    Ok(Finding {
        profile: Some(view.profile),
        ..found
    })
}

/// Whether a token may be sent there.
fn is_safe(url: &str) -> bool {
    let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([':', '/', '?']);
    let is_loopback = |start: &str| url.strip_prefix(start).is_some_and(ends);
    url.starts_with("https://") || loopback.into_iter().any(is_loopback)
}

fn ask(view: &TokenView, url: &str) -> io::Result<Output> {
    let mut curl = Command::new("curl");
    // `-q`: a configuration of the user's might follow redirects.
    curl.args(["-q", "--silent", "--show-error", "--globoff"])
        .args(["--max-time", SECONDS_MAX, "--output"])
        .arg(if cfg!(windows) { "NUL" } else { "/dev/null" })
        .args(["--dump-header", "-", "--config", "-", "--url", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = curl.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(get::curl_config(view.access_token.expose()).as_bytes())?;
    }
    child.wait_with_output()
}

/// For whom the token says that it is: one, or several (RFC 7519 §4.1.3).
fn audience(view: &TokenView) -> String {
    let claims = claims::decode(view.access_token.expose());
    match claims.as_ref().and_then(|it| it.claims.get("aud")) {
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(several)) => {
            let names = several.iter().filter_map(Value::as_str);
            Vec::from_iter(names).join(", ")
        }
        _ => "an audience that it does not name".to_owned(),
    }
}

/// What of an answer's head counts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    status: u16,
    location: String,
    challenge: String,
}

impl Seen {
    /// Of the last head in `heads`: those of proxies and interim answers come
    /// before.
    fn of(heads: &str) -> Option<Self> {
        let mut seen = None;
        for line in heads.lines() {
            if let Some(status) = line.strip_prefix("HTTP/") {
                let status = status.split(' ').nth(1)?.parse().ok()?;
                seen = Some(Self {
                    status,
                    ..Self::default()
                });
            }
            let (Some(seen), Some((name, value))) = (&mut seen, line.split_once(':')) else {
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "location" => seen.location = value.trim().to_owned(),
                "www-authenticate" => seen.challenge = value.trim().to_owned(),
                _ => {}
            }
        }
        seen
    }
}

fn unreached(url: &str, output: &Output) -> Finding {
    let said = String::from_utf8_lossy(&output.stderr);
    let why = said.lines().next().unwrap_or("curl did not say why");
    finding(
        CHECK,
        Outcome::Bad,
        format!("{url} cannot be reached: {why}"),
        Some("compare it with the address in the integration's endpoint metadata".to_owned()),
    )
}

fn judge(url: &str, seen: &Seen, audience: &str) -> Finding {
    let status = seen.status;
    let bad = |message: String, remedy: &str| {
        finding(CHECK, Outcome::Bad, message, Some(remedy.to_owned()))
    };
    match status {
        200..=299 => good(
            CHECK,
            format!("{url} takes the access token (HTTP {status})"),
        ),
        300..=399 => bad(
            format!(
                "{url} redirects to {}, where no token is sent along",
                seen.location
            ),
            "call that address itself; developer APIs of Oracle Integration are at the design \
             host, https://design.integration.REGION.ocp.oraclecloud.com/…?integrationInstance=NAME",
        ),
        401 if seen.challenge.to_ascii_lowercase().contains("audience") => bad(
            format!("{url} answers 401: the access token is for another audience, {audience}"),
            "put the scope of this very instance into the profile's 'scopes' (Oracle Cloud \
             Services > the instance > OAuth configuration), and sign in anew",
        ),
        401 => bad(
            format!(
                "{url} answers 401 to an access token for {audience}{}",
                quoted(seen)
            ),
            "see that the audience is this instance's, that the user has the role ServiceInvoker \
             in it, and that the integration is active; then 'oic-token get --force'",
        ),
        403 => bad(
            format!("{url} answers 403{}", quoted(seen)),
            "give the user the role ServiceInvoker on the integration instance",
        ),
        404 => bad(
            format!("there is nothing at {url} (HTTP 404)"),
            "compare it with the address in the integration's endpoint metadata, and see that \
             the integration is active",
        ),
        status => finding(
            CHECK,
            Outcome::Doubtful,
            format!("{url} takes no notice of the access token (HTTP {status})"),
            Some("try again later; it is not the token".to_owned()),
        ),
    }
}

fn quoted(seen: &Seen) -> String {
    match seen.challenge.as_str() {
        "" => String::new(),
        challenge => format!(", and says: {challenge}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_sent_over_tls_or_to_this_computer_alone() {
        for url in [
            "https://a.example",
            "http://127.0.0.1:9/x",
            "http://[::1]",
            "http://localhost/",
        ] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://a.example",
            "http://127.0.0.1.example",
            "ftp://a",
            "http://localhost@a",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }

    #[test]
    fn the_last_head_counts() {
        let heads = "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 401 \r\n\
                     WWW-Authenticate: Bearer error=\"invalid_token\"\r\n\r\n";
        let seen = Seen::of(heads).unwrap();
        assert_eq!(seen.status, 401);
        assert_eq!(seen.challenge, "Bearer error=\"invalid_token\"");
        assert_eq!(Seen::of(""), None);
    }

    #[test]
    fn each_answer_names_what_mends_it() {
        let says = |status, challenge: &str, location: &str| {
            let seen = Seen {
                status,
                location: location.to_owned(),
                challenge: challenge.to_owned(),
            };
            let found = judge("https://r/x", &seen, "https://aud:443");
            format!(
                "{:?} {} {}",
                found.outcome,
                found.message,
                found.remedy.unwrap_or_default()
            )
        };
        assert!(says(200, "", "").starts_with("Good"));
        assert!(says(401, "", "").contains("ServiceInvoker"));
        assert!(
            says(401, "Bearer error_description=\"Token Audience\"", "")
                .contains("another audience, https://aud:443")
        );
        assert!(says(302, "", "https://design.x/").contains("redirects to https://design.x/"));
        assert!(says(403, "", "").contains("ServiceInvoker"));
        assert!(says(503, "", "").starts_with("Doubtful"));
    }
}
