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
use crate::curl::{self, Answer};
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
    if let Err(failure) = curl::may_take(&view, url) {
        let why = failure.to_string();
        return Ok(finding(CHECK, Outcome::Bad, why, failure.hint()));
    }
    let output = ask(&view, url);
    let output = output.map_err(|error| program::not_started(OsStr::new("curl"), error))?;
    let mut answer = Answer::default();
    answer.read(&output.stdout);
    let found = match answer.status() {
        Some(status) => judge(url, status, &answer, &audience(&view)),
        None => unreached(url, &output),
    };
    Ok(Finding {
        profile: Some(view.profile),
        ..found
    })
}

fn ask(view: &TokenView, url: &str) -> io::Result<Output> {
    let mut curl = Command::new("curl");
    // `-q`: a configuration of the user's might follow redirects.
    curl.args(["-q", "--silent", "--show-error", "--globoff"])
        .args(["--max-time", SECONDS_MAX, "--output"])
        .arg(program::NOWHERE)
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

fn judge(url: &str, status: u16, answer: &Answer, audience: &str) -> Finding {
    let said = answer.challenge().map(str::to_ascii_lowercase);
    let is_about_audience = said.is_some_and(|said| said.contains("audience"));
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
                answer.location().unwrap_or("another address")
            ),
            "call that address itself; developer APIs of Oracle Integration are at the design \
             host, https://design.integration.REGION.ocp.oraclecloud.com/…?integrationInstance=NAME",
        ),
        401 if is_about_audience => bad(
            format!("{url} answers 401: the access token is for another audience, {audience}"),
            "put the scope of this very instance into the profile's 'scopes' (Oracle Cloud \
             Services > the instance > OAuth configuration), and sign in anew",
        ),
        401 => bad(
            format!(
                "{url} answers 401 to an access token for {audience}{}",
                quoted(answer)
            ),
            "see that the audience is this instance's, that the user has the role ServiceInvoker \
             in it, and that the integration is active; then 'oic-token get --force'",
        ),
        403 => bad(
            format!("{url} answers 403{}", quoted(answer)),
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

fn quoted(answer: &Answer) -> String {
    let challenge = answer.challenge();
    challenge.map_or_else(String::new, |said| format!(", and says: {said}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oic_proto::message::UnixTime;
    use oic_proto::secret::AccessToken;

    use super::*;

    fn may_take(url: &str, hosts: &[&str]) -> bool {
        let view = TokenView {
            access_token: AccessToken::new("t".to_owned()),
            profile: "prod".to_owned(),
            scopes: Vec::new(),
            expires_at: UnixTime(0),
            expires_in: Duration::ZERO,
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        };
        curl::may_take(&view, url).is_ok()
    }

    #[test]
    fn a_token_is_sent_over_tls_or_to_this_computer_alone() {
        for url in [
            "https://a.example",
            "http://127.0.0.1:9/x",
            "http://[::1]",
            "http://localhost/",
        ] {
            assert!(may_take(url, &[]), "{url}");
        }
        for url in [
            "http://a.example",
            "http://127.0.0.1.example",
            "ftp://a",
            "http://localhost@a",
            "https://user@a.example",
        ] {
            assert!(!may_take(url, &[]), "{url}");
        }
    }

    #[test]
    fn a_token_is_sent_to_the_hosts_of_its_profile_alone() {
        assert!(may_take("https://b.a.example/x", &["*.a.example"]));
        assert!(!may_take("https://a.other", &["*.a.example"]));
    }

    #[test]
    fn each_answer_names_what_mends_it() {
        let says = |status, challenge: &str, location: &str| {
            let mut head = format!("HTTP/1.1 {status} x\r\n");
            for (name, value) in [("WWW-Authenticate", challenge), ("Location", location)] {
                if !value.is_empty() {
                    head += &format!("{name}: {value}\r\n");
                }
            }
            let mut answer = Answer::default();
            answer.read(head.as_bytes());
            let found = judge("https://r/x", status, &answer, "https://aud:443");
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
