use std::time::Duration;

use super::*;

const PROFILE: &str = "prod";

const UPGRADE: &str = "install oic-token and oic-tokend of one version, then restart oic-tokend: \
                       'systemctl --user restart oic-tokend'";

fn io_error(kind: io::ErrorKind) -> io::Error {
    io::Error::new(kind, "the system says no")
}

fn refusals() -> Vec<(Failure, u8, &'static str)> {
    let known = || vec!["prod".to_owned(), "test".to_owned()];
    let unknown = Refusal::UnknownProfile {
        profile: "prdo".to_owned(),
        known: known(),
    };
    let no_default = |known| Refusal::NoDefaultProfile { known };
    let table = [
        (
            unknown,
            7,
            "known profiles: prod, test; a configuration that was changed is read at a reload",
        ),
        (no_default(known()), 7, "known profiles: prod, test"),
        (
            no_default(Vec::new()),
            7,
            "no profile is configured: 'oic-token setup' adds one",
        ),
        (
            Refusal::NotAllowed,
            6,
            "run this as the user that oic-tokend runs as, or have it add you to 'allow' of the \
             profile",
        ),
        (Refusal::Busy, 5, "try again in a few seconds"),
        (
            Refusal::NotUnderstood,
            1,
            "install oic-token and oic-tokend of one version, then restart oic-tokend",
        ),
        (Refusal::ShuttingDown, 5, "try again once it is back"),
        (Refusal::Locked, 9, "run 'oic-token unlock'"),
        (
            Refusal::WrongPassphrase {
                retry_in: Duration::from_secs(2),
            },
            1,
            "run 'oic-token unlock' again in 2 s",
        ),
        (
            Refusal::TooSoon {
                retry_in: Duration::from_secs(2),
            },
            5,
            "run 'oic-token unlock' again in 2 s",
        ),
        (
            Refusal::NotUnlocked {
                why: "a clause".to_owned(),
            },
            1,
            "repair that, then run 'oic-token unlock' again",
        ),
        (
            Refusal::NotMapped {
                url: "https://git.example.com/".to_owned(),
            },
            7,
            "add one to oic-tokend's config.toml: [[helper]] with 'url' and 'profile'",
        ),
    ];
    let table = table.into_iter().chain(refusals_of_a_session());
    table
        .map(|(refusal, exit, hint)| (Failure::Refused(refusal), exit, hint))
        .collect()
}

fn refusals_of_a_session() -> Vec<(Refusal, u8, &'static str)> {
    let (profile, why) = (|| PROFILE.to_owned(), || "a clause".to_owned());
    let try_later = |seconds: Option<u64>| Refusal::TryLater {
        profile: profile(),
        retry_in: seconds.map(Duration::from_secs),
        why: why(),
    };
    let login_required = Refusal::LoginRequired {
        profile: profile(),
        why: why(),
    };
    let rejected = Refusal::Rejected {
        profile: profile(),
        why: why(),
    };
    let not_forgotten = Refusal::NotForgotten {
        profile: profile(),
        why: why(),
    };
    let validity_unavailable = Refusal::ValidityUnavailable {
        profile: profile(),
        remaining: Duration::from_millis(90_999),
        lifetime: Duration::from_secs(300),
    };
    vec![
        (login_required, 3, "run 'oic-token login prod'"),
        (
            try_later(Some(20)),
            5,
            "try again later; the daemon itself does so in 20 s",
        ),
        (
            try_later(Some(0)),
            5,
            "try again later; the daemon itself does so now",
        ),
        (
            try_later(None),
            5,
            "try again later; 'oic-token status prod' shows how it stands",
        ),
        (
            rejected,
            1,
            "an administrator has to repair the registration there, or client_id and scopes in \
             the configuration here",
        ),
        (
            not_forgotten,
            1,
            "repair that, then run 'oic-token logout prod' again",
        ),
        (
            validity_unavailable,
            8,
            "ask for a smaller '--min-valid' (it is 60 unless given)",
        ),
    ]
}

fn failures_of_the_call() -> Vec<(Failure, u8, &'static str)> {
    let place = || PathBuf::from("/run/user/1000/oic-tokend/socket");
    let unreachable = |kind| Failure::Unreachable {
        place: place(),
        error: io_error(kind),
    };
    let wrong = |error| Failure::Wrong {
        place: place(),
        error,
    };
    let waited = Duration::from_secs(35);
    vec![
        (
            Failure::NoDaemon {
                tried: vec![place(), place()],
            },
            4,
            service::START,
        ),
        (
            Failure::Silent {
                place: place(),
                waited,
            },
            4,
            "restart oic-tokend: 'systemctl --user restart oic-tokend'",
        ),
        (
            Failure::HungUp { place: place() },
            1,
            "try again; its log says why: 'journalctl --user -u oic-tokend'",
        ),
        (
            Failure::TurnedAway {
                place: place(),
                user: 1001,
            },
            6,
            "start your own: 'systemctl --user start oic-tokend'",
        ),
        (
            unreachable(io::ErrorKind::PermissionDenied),
            6,
            "run this as the user that oic-tokend runs as, or name another '--socket'",
        ),
        (
            unreachable(io::ErrorKind::Other),
            1,
            "name another '--socket'",
        ),
        (
            wrong(frame::Error::NotOurs),
            1,
            "something else listens there; name another '--socket'",
        ),
        (wrong(frame::Error::Garbled), 1, UPGRADE),
        (
            wrong(frame::Error::VersionRefused {
                oldest: 2,
                newest: 3,
            }),
            1,
            UPGRADE,
        ),
        (
            Failure::Unsendable(frame::Error::TooLong { len: 2, max: 1 }),
            1,
            "",
        ),
    ]
}

fn failures_of_trust() -> Vec<(Failure, u8, &'static str)> {
    let place = PathBuf::from("/run/user/1000/oic-tokend/socket");
    vec![(
        Failure::Stranger { place, user: 4711 },
        1,
        "if that is the daemon's user, say so: 'export OIC_TOKEND_UID=4711'",
    )]
}

fn failures_afterwards() -> Vec<(Failure, u8, &'static str)> {
    let profile = || PROFILE.to_owned();
    let login_failed = |reason: &str, remedy| {
        Failure::LoginFailed(LoginFailed {
            profile: profile(),
            reason: reason.to_owned(),
            message: "a sentence".to_owned(),
            remedy,
        })
    };
    let not_started = |kind| Failure::NotStarted {
        program: "curl".to_owned(),
        error: io_error(kind),
    };
    vec![
        (
            Failure::UnusableToken {
                profile: profile(),
                why: "it is empty",
            },
            1,
            "tell the administrator of the authorization server",
        ),
        (
            Failure::OpaqueToken { profile: profile() },
            1,
            "only the authorization server can read it",
        ),
        (Failure::TokenFile(io_error(io::ErrorKind::Other)), 1, ""),
        (
            not_started(io::ErrorKind::NotFound),
            1,
            "install it, or add its folder to PATH",
        ),
        (not_started(io::ErrorKind::Other), 1, ""),
        (
            login_failed("access_denied", Remedy::SignInAgain),
            1,
            "try again: run 'oic-token login prod'",
        ),
        (
            login_failed("unreachable", Remedy::Wait),
            5,
            "try again: run 'oic-token login prod' in a while",
        ),
        (
            login_failed("invalid_client", Remedy::Administrator),
            1,
            "an administrator has to repair the registration there, or client_id and scopes in \
             the configuration here",
        ),
        (
            Failure::LoginTimedOut {
                profile: None,
                waited: Duration::from_secs(60),
            },
            1,
            "try again: run 'oic-token login'",
        ),
        (
            Failure::NoTerminal,
            2,
            "use 'oic-token status --json' in scripts",
        ),
        (Failure::OutputClosed, 1, ""),
        (Failure::Output(io_error(io::ErrorKind::Other)), 1, ""),
    ]
}

fn failures_of_helpers() -> Vec<(Failure, u8, &'static str)> {
    vec![
        (
            Failure::NoHelper {
                name: "svn".to_owned(),
            },
            2,
            "'oic-token helper list' names them all",
        ),
        (
            Failure::Install {
                what: "change /a".to_owned(),
                why: "it is full".to_owned(),
            },
            1,
            "",
        ),
        (Failure::Input(io_error(io::ErrorKind::Other)), 1, ""),
    ]
}

fn all() -> impl Iterator<Item = (Failure, u8, &'static str)> {
    refusals()
        .into_iter()
        .chain(failures_of_the_call())
        .chain(failures_of_helpers())
        .chain(failures_of_trust())
        .chain(failures_afterwards())
}

#[test]
fn every_failure_has_the_exit_code_of_the_contract_and_the_hint_that_repairs_it() {
    for (failure, exit, hint) in all() {
        assert_eq!(failure.exit() as u8, exit, "{failure}");
        assert_eq!(failure.hint().unwrap_or_default(), hint, "{failure}");
    }
}

#[test]
fn every_message_is_a_clause_in_lower_case_without_a_full_stop() {
    for (failure, ..) in all() {
        for line in failure.lines() {
            let (_, text) = line.split_once(": ").unwrap();
            assert!(
                text.starts_with(|first: char| !first.is_uppercase()),
                "{line}"
            );
            assert!(!text.ends_with('.'), "{line}");
        }
    }
}

#[test]
fn what_is_left_of_the_access_token_is_said_where_it_is_not_enough() {
    let left = refusals().into_iter().find(|(_, exit, _)| *exit == 8);
    let (failure, ..) = left.unwrap();
    assert_eq!(
        failure.to_string(),
        "the access token of profile 'prod' is valid for 90 s more, and new ones live 300 s"
    );
}

#[cfg(unix)]
#[test]
fn where_one_place_was_named_no_service_is_said_to_be_started() {
    let tried = vec![PathBuf::from("/run/elsewhere")];
    let hint = Failure::NoDaemon { tried }.hint().unwrap();
    assert!(hint.contains("leave out '--socket'"), "{hint}");
}

#[test]
fn the_daemon_of_the_computer_is_not_looked_for_among_the_users_services() {
    let place = || PathBuf::from(oic_proto::place::OF_COMPUTER);
    let silent = Failure::Silent {
        place: place(),
        waited: Duration::from_secs(35),
    };
    let wrong = Failure::Wrong {
        place: place(),
        error: frame::Error::Garbled,
    };
    let hung_up = Failure::HungUp { place: place() };
    for (failure, command) in [
        (silent, "as root: 'systemctl restart oic-tokend'"),
        (wrong, "as root: 'systemctl restart oic-tokend'"),
        (hung_up, "'journalctl -u oic-tokend'"),
    ] {
        let hint = failure.hint().unwrap();
        assert!(hint.ends_with(command), "{hint}");
    }
}

#[test]
fn every_place_that_was_tried_is_named() {
    let tried = ["/run/user/1000/oic-tokend/socket", "/run/oic-tokend/socket"];
    let tried = tried.map(PathBuf::from).to_vec();
    assert_eq!(
        Failure::NoDaemon { tried }.to_string(),
        "no daemon listens at /run/user/1000/oic-tokend/socket, nor at /run/oic-tokend/socket"
    );
}
