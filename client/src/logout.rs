//! `oic-token logout`: has sessions revoked (RFC 7009) and forgotten, and says
//! what became of each refresh token.

use std::time::Duration;

use oic_proto::message::{LoggedOut, Refusal, Revocation, SERVER_PATIENCE, Selection};
use oic_proto::{Request, Response};

use crate::args::Logout;
use crate::call::Daemon;
use crate::failure::{Exit, Failure};
use crate::start::ExitCode;
use crate::{clock, terminal};

/// How long the daemon may take for each profile: it asks a server that may
/// not be there.
const PROFILE_MAX: Duration = SERVER_PATIENCE.saturating_add(Duration::from_secs(10));

/// Runs the command.
///
/// # Errors
///
/// Whatever kept every profile from being logged out; what kept a single one
/// is reported on the way and decides the exit code.
pub fn run(daemon: &Daemon, arguments: Logout) -> Result<ExitCode, Failure> {
    let profiles = match (arguments.all, arguments.profile) {
        (true, _) => Selection::All,
        (false, Some(name)) => Selection::Named(name),
        (false, None) => Selection::Default,
    };
    let deadline = clock::after(PROFILE_MAX);
    let mut call = daemon.call(&Request::Logout { profiles }, deadline)?;
    let mut worst: Option<Exit> = None;
    loop {
        match call.answer(clock::after(PROFILE_MAX)) {
            Ok(Response::LoggedOut(logged_out)) => {
                for line in lines(&logged_out) {
                    terminal::say(&line);
                }
            }
            Ok(Response::End) => break,
            Ok(_) => return Err(call.beside_the_point()),
            Err(failure) if is_about_one_profile(&failure) => {
                worst = worst.or(Some(failure.report()));
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(worst.map_or(ExitCode::SUCCESS, ExitCode::from))
}

/// After such a refusal the other profiles' answers follow.
const fn is_about_one_profile(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Refused(
            Refusal::NotForgotten { .. } | Refusal::TryLater { .. } | Refusal::Rejected { .. }
        )
    )
}

fn lines(logged_out: &LoggedOut) -> Vec<String> {
    let profile = &logged_out.profile;
    let done = |end: &str| format!("logged out of profile '{profile}'; {end}");
    let lives_on = "hint: the refresh token lives on there until it expires; an administrator \
                    can end the session";
    match &logged_out.revocation {
        Revocation::NothingToRevoke => vec![done("there was no refresh token to revoke")],
        Revocation::Revoked => vec![done("the refresh token is revoked")],
        Revocation::NoEndpoint => vec![
            done("the session here is forgotten"),
            format!(
                "warning: the refresh token of '{profile}' is not revoked: the authorization \
                 server has no revocation endpoint"
            ),
            lives_on.to_owned(),
        ],
        Revocation::Failed { message } => vec![
            done("the session here is forgotten"),
            format!("warning: the refresh token of '{profile}' is not revoked: {message}"),
            lives_on.to_owned(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_the_refresh_token_is_said() {
        for (revocation, first, warns) in [
            (Revocation::NothingToRevoke, "no refresh token", false),
            (Revocation::Revoked, "is revoked", false),
            (Revocation::NoEndpoint, "forgotten", true),
            (
                Revocation::Failed {
                    message: "it cannot be reached".to_owned(),
                },
                "forgotten",
                true,
            ),
        ] {
            let lines = lines(&LoggedOut {
                profile: "prod".to_owned(),
                revocation,
            });
            assert!(lines[0].starts_with("logged out of profile 'prod'; "));
            assert!(lines[0].contains(first));
            assert_eq!(lines.len() > 1 && lines[1].starts_with("warning: "), warns);
        }
    }
}
