//! What a hook is told: facts, and never a token. Pure.

use oic_proto::message::ProfileView;
use serde::{Deserialize, Serialize};

use crate::lifecycle::{Notice, Standing};
use crate::profile::shown;

/// Longest text of a server that is passed on, in characters: a line of the
/// pipe to the runner is written whole or not at all.
const TEXT_LEN_MAX: usize = 300;

/// Something that has happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Occurrence {
    pub(super) event: String,
    pub(super) profile: String,
    pub(super) subject: Option<String>,
    pub(super) login_needed_by: Option<String>,
    pub(super) error: Option<String>,
    pub(super) message: Option<String>,
}

impl Occurrence {
    /// What `notice` is, if programs are run for it.
    pub(super) fn of(notice: &Notice, view: &ProfileView) -> Option<Self> {
        let event = match notice {
            Notice::LoginNeeded { .. }
            | Notice::RenewalNeeded { .. }
            | Notice::ProbablyExpired { .. } => "login_needed_soon",
            Notice::Renewed => "renewed",
            Notice::Stands { now, before } => of_standing(*before, *now)?,
            Notice::DiskHangs | Notice::DiskHolds => return None,
        };
        let by = match notice {
            Notice::LoginNeeded { by }
            | Notice::RenewalNeeded { by }
            | Notice::ProbablyExpired { since: by } => Some(*by),
            _ => None,
        };
        let error = view.last_error.as_ref();
        Some(Self {
            event: event.to_owned(),
            profile: view.name.clone(),
            subject: view.subject.as_deref().map(plain),
            login_needed_by: by.map(shown),
            error: error.map(|error| plain(&error.code)),
            message: error.map(|error| plain(&error.message)),
        })
    }

    /// Whether it takes somebody to go on.
    pub(super) fn needs_a_person(&self) -> bool {
        let event = self.event.as_str();
        matches!(event, "login_needed_soon" | "login_needed" | "refused")
    }
}

fn of_standing(before: Standing, now: Standing) -> Option<&'static str> {
    match (before, now) {
        (_, Standing::LoginNeeded) => Some("login_needed"),
        (_, Standing::Refused) => Some("refused"),
        (_, Standing::Outage) => Some("outage"),
        (Standing::Refused | Standing::Outage, Standing::SignedIn) => Some("recovered"),
        _ => None,
    }
}

/// Text from a server may hold anything: what ends a line or steers a terminal
/// does not get into a variable, nor into what a program makes of it.
fn plain(text: &str) -> String {
    let characters = text.chars().take(TEXT_LEN_MAX);
    characters
        .map(|it| if it.is_control() { ' ' } else { it })
        .collect()
}

#[cfg(test)]
mod tests {
    use oic_proto::message::{Keeping, LastError, SessionState, UnixTime};

    use super::*;

    fn view() -> ProfileView {
        ProfileView {
            name: "prod".to_owned(),
            state: SessionState::SignedIn,
            renewal: None,
            subject: Some("jane.doe@example.com".to_owned()),
            access_token: None,
            refresh_token: None,
            next_renewal_at: None,
            failures: 3,
            last_error: Some(LastError {
                code: "unreachable".to_owned(),
                message: "no route\nto\0host".to_owned(),
                at: UnixTime(0),
            }),
            keeping: Keeping::Disk,
        }
    }

    fn event(notice: &Notice) -> Option<String> {
        Occurrence::of(notice, &view()).map(|it| it.event)
    }

    #[test]
    fn a_change_for_the_better_is_told_only_after_trouble() {
        let told = |before, now| event(&Notice::Stands { now, before });
        use Standing::{LoginNeeded, Outage, Refused, SignedIn, SignedOut, Unread};
        for (before, now, expected) in [
            (SignedIn, LoginNeeded, Some("login_needed")),
            (Unread, LoginNeeded, Some("login_needed")),
            (SignedIn, Outage, Some("outage")),
            (Outage, Refused, Some("refused")),
            (Outage, SignedIn, Some("recovered")),
            (Refused, SignedIn, Some("recovered")),
            (Unread, SignedIn, None),
            (LoginNeeded, SignedIn, None),
            (SignedIn, SignedOut, None),
        ] {
            assert_eq!(told(before, now).as_deref(), expected, "{before:?} {now:?}");
        }
        assert_eq!(event(&Notice::DiskHangs), None);
        assert_eq!(event(&Notice::Renewed).as_deref(), Some("renewed"));
    }

    #[test]
    fn a_text_of_a_server_is_one_line() {
        let by = UnixTime(1_795_000_000);
        let told = Occurrence::of(&Notice::LoginNeeded { by }, &view()).unwrap();
        assert_eq!(told.message.as_deref(), Some("no route to host"));
        assert_eq!(
            told.login_needed_by.as_deref(),
            Some("2026-11-18T11:06:40Z")
        );
    }

    #[test]
    fn every_line_to_the_runner_fits_what_a_pipe_takes_at_once() {
        let mut view = view();
        let long = "\u{10ffff}".repeat(10_000);
        view.subject = Some(long.clone());
        view.last_error = view.last_error.map(|error| LastError {
            message: long,
            ..error
        });
        let occurrence = Occurrence::of(&Notice::Renewed, &view).unwrap();
        assert!(serde_json::to_vec(&occurrence).unwrap().len() < 4096 - 1);
    }
}
