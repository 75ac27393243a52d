//! `oic-token reject`: reports an access token that a resource refused.

use std::io::{self, Read};
use std::time::Duration;

use oic_proto::frame::RESPONSE_LEN_MAX;
use oic_proto::secret::AccessToken;
use oic_proto::{Request, Response};
use zeroize::Zeroizing;

use crate::args::Reject;
use crate::call::Daemon;
use crate::clock;
use crate::failure::Failure;
use crate::start::ExitCode;

/// How long the daemon may take; it asks nobody.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Longest token that is read, in bytes: none that was handed out is longer.
const TOKEN_LEN_MAX: usize = RESPONSE_LEN_MAX;

/// Runs the command.
///
/// # Errors
///
/// There is no token on stdin, and whatever stands between us and the daemon.
pub fn run(daemon: &Daemon, arguments: Reject) -> Result<ExitCode, Failure> {
    let token = read_token(io::stdin().lock())?;
    report(daemon, arguments.profile, &token)?;
    Ok(ExitCode::SUCCESS)
}

/// Tells the daemon that a resource refused this access token.
///
/// # Errors
///
/// Whatever stands between us and the daemon.
pub fn report(
    daemon: &Daemon,
    profile: Option<String>,
    token: &AccessToken,
) -> Result<(), Failure> {
    let request = Request::RejectToken {
        profile,
        fingerprint: token.fingerprint(),
    };
    let deadline = clock::after(ANSWER_MAX);
    let mut call = daemon.call(&request, deadline)?;
    match call.answer(deadline)? {
        Response::End => Ok(()),
        _ => Err(call.beside_the_point()),
    }
}

/// One access token, as `get` prints it.
fn read_token(input: impl Read) -> Result<AccessToken, Failure> {
    // As large as it may become: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(TOKEN_LEN_MAX + 1));
    let read = input
        .take(TOKEN_LEN_MAX as u64 + 1)
        .read_to_string(&mut text);
    let why = match read {
        Err(error) => error.to_string(),
        Ok(len) if len > TOKEN_LEN_MAX => format!("longer than {TOKEN_LEN_MAX} bytes"),
        Ok(_) => match text.trim_end_matches(['\r', '\n']) {
            "" => "it is empty".to_owned(),
            token if token.contains(char::is_whitespace) => "it holds spaces".to_owned(),
            token => return Ok(AccessToken::new(token.to_owned())),
        },
    };
    Err(Failure::NoToken { why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_get_prints_it() {
        for text in ["abc.def", "abc.def\n", "abc.def\r\n"] {
            let token = read_token(text.as_bytes()).unwrap();
            assert_eq!(token.expose(), "abc.def");
        }
        let longest = "a".repeat(TOKEN_LEN_MAX);
        assert_eq!(read_token(longest.as_bytes()).unwrap().expose(), longest);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let too_long = "a".repeat(TOKEN_LEN_MAX + 1);
        for text in [
            "",
            "\n",
            "Authorization: Bearer abc",
            "abc\ndef\n",
            too_long.as_str(),
        ] {
            let refused = read_token(text.as_bytes());
            assert!(matches!(refused, Err(Failure::NoToken { .. })));
        }
        let refused = read_token(&[0xff_u8, 0xfe][..]);
        assert!(matches!(refused, Err(Failure::NoToken { .. })));
    }
}
