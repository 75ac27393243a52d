//! `oic-token get`: a live access token in the format that was asked for.

use std::time::Duration;

use oic_proto::message::TokenView;
use oic_proto::{Request, Response, Secret};

use crate::args::{Format, Freshness, Get};
use crate::call::{Daemon, repeatable};
use crate::failure::Failure;
use crate::start::ExitCode;
use crate::{clock, json, terminal};

/// How much longer than it was asked to wait for a renewal the daemon may take
/// to answer.
pub const ANSWER_GRACE: Duration = Duration::from_secs(5);

/// Runs the command.
///
/// # Errors
///
/// Whatever stands between us and the access token.
pub fn run(daemon: &Daemon, arguments: Get) -> Result<ExitCode, Failure> {
    let view = access_token(
        daemon,
        arguments.profile,
        arguments.freshness,
        arguments.force,
    )?;
    terminal::print_secret(&render(&view, arguments.format)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Asks the daemon for an access token, and makes sure that it is safe to put
/// into a header, a file or a variable.
///
/// # Errors
///
/// Whatever stands between us and the access token.
pub fn access_token(
    daemon: &Daemon,
    profile: Option<String>,
    freshness: Freshness,
    force: bool,
) -> Result<TokenView, Failure> {
    let patient_until = clock::after(freshness.patience());
    let deadline = patient_until + ANSWER_GRACE;
    repeatable(|| {
        let request = Request::GetToken {
            profile: profile.clone(),
            min_validity: freshness.min_validity(),
            patience: whole_seconds(clock::left_until(patient_until)),
            force,
        };
        let mut call = daemon.call(&request, deadline)?;
        match call.answer(deadline)? {
            Response::Token(view) => checked(view),
            _ => Err(call.beside_the_point()),
        }
    })
}

/// What it takes to get here is not the caller's time.
fn whole_seconds(left: Duration) -> Duration {
    Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}

/// A line break in an access token would add headers to every request made
/// with it. RFC 6749 appendix A.12 allows printable ASCII only.
///
/// # Errors
///
/// [`Failure::UnusableToken`].
pub fn checked(view: TokenView) -> Result<TokenView, Failure> {
    let token = view.access_token.expose();
    // To its end in any case, which a processor does for many bytes at a time.
    let is_printable = |so_far, byte| so_far & matches!(byte, b' '..=b'~');
    if !token.is_empty() && token.bytes().fold(true, is_printable) {
        return Ok(view);
    }
    Err(Failure::UnusableToken {
        profile: view.profile,
        why: "it is empty or holds control characters",
    })
}

fn render(view: &TokenView, format: Format) -> Result<Secret<String>, Failure> {
    let token = view.access_token.expose();
    let line = match format {
        Format::Token => format!("{token}\n"),
        Format::Header => format!("Authorization: Bearer {token}\n"),
        Format::Json => format!("{}\n", json::line(&json::Token::from(view))),
        Format::Curl => curl_config(token),
        Format::Env if is_shell_safe(token) => format!("OIC_ACCESS_TOKEN={token}\n"),
        Format::Env => {
            return Err(Failure::UnusableToken {
                profile: view.profile.clone(),
                why: "it holds characters that a shell acts on",
            });
        }
    };
    Ok(Secret::new(line))
}

/// The line of a curl config file that sends `token`. Inside the quotes of
/// such a file `\` and `"` are escaped by `\`.
pub fn curl_config(token: &str) -> String {
    let escaped = token.replace('\\', r"\\").replace('"', "\\\"");
    format!("header = \"Authorization: Bearer {escaped}\"\n")
}

/// Whether `token` is a `b64token` (RFC 6750 §2.1), as every bearer token
/// should be: a shell that reads the line takes it as one word.
fn is_shell_safe(token: &str) -> bool {
    token
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use oic_proto::message::UnixTime;
    use oic_proto::secret::AccessToken;

    use super::*;

    fn view(token: &str) -> TokenView {
        TokenView {
            access_token: AccessToken::new(token.to_owned()),
            profile: "prod".to_owned(),
            scopes: vec!["urn:a".to_owned(), "urn:b".to_owned()],
            expires_at: UnixTime(1_795_000_000),
            expires_in: Duration::from_millis(59_900),
            hosts: Vec::new(),
        }
    }

    fn rendered(token: &str, format: Format) -> String {
        render(&view(token), format).unwrap().expose().clone()
    }

    #[test]
    fn each_format_is_the_line_of_the_contract() {
        for (format, line) in [
            (Format::Token, "abc.def"),
            (Format::Header, "Authorization: Bearer abc.def"),
            (Format::Curl, r#"header = "Authorization: Bearer abc.def""#),
            (Format::Env, "OIC_ACCESS_TOKEN=abc.def"),
            (
                Format::Json,
                r#"{"access_token":"abc.def","token_type":"Bearer","expires_at":"2026-11-18T11:06:40Z","expires_in":59,"profile":"prod","scopes":["urn:a","urn:b"]}"#,
            ),
        ] {
            assert_eq!(rendered("abc.def", format), format!("{line}\n"));
        }
    }

    #[test]
    fn quotes_cannot_leave_the_quotes_of_a_curl_config() {
        assert_eq!(
            rendered(r#"a"b\c"#, Format::Curl),
            "header = \"Authorization: Bearer a\\\"b\\\\c\"\n"
        );
    }

    #[test]
    fn a_token_that_would_add_a_header_is_refused() {
        for token in [
            "",
            "a\r\nX: y",
            "a\nb",
            "a\0b",
            "a\tb",
            "a\x7f",
            "a\u{85}b",
            "ä",
        ] {
            assert!(matches!(
                checked(view(token)),
                Err(Failure::UnusableToken { .. })
            ));
        }
        assert!(checked(view("a.b-c_d~e+f/g==")).is_ok());
    }

    #[test]
    fn a_token_that_a_shell_would_run_is_not_printed_for_a_shell() {
        for token in ["$(reboot)", "a;b", "a b", "`a`"] {
            assert!(render(&view(token), Format::Env).is_err());
            assert!(render(&view(token), Format::Token).is_ok());
        }
    }
}
