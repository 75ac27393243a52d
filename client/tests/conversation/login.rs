//! Signing in and out.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;

use oic_proto::message::{
    LoggedOut, LoginFailed, LoginPrompt, ProfileView, Refusal, Remedy, Revocation, Selection,
};
use oic_proto::{Request, Response};
use rustix::process::{Pid, Signal, kill_process};

use crate::example::{profile, prompt, signed_in, signed_out, status};
use crate::fake_daemon::{FakeDaemon, answer, wait_for_hang_up};

fn failed(reason: &str, remedy: Remedy) -> Response {
    Response::LoginFailed(LoginFailed {
        profile: "prod".to_owned(),
        reason: reason.to_owned(),
        message: "it did not work".to_owned(),
        remedy,
    })
}

/// How long ago the time of the examples was is another every day.
fn without_distances(text: &str) -> String {
    let (before, rest) = text.split_once(" (").unwrap();
    let (_, after) = rest.split_once(')').unwrap();
    format!("{before} (PAST){after}")
}

#[test]
fn people_read_who_asks_where_to_go_what_to_type_and_how_it_ended() {
    let daemon = FakeDaemon::answering(vec![
        Response::Prompt(prompt()),
        Response::SignedIn(signed_in()),
    ]);
    let login = daemon.run(&["login", "prod"]);
    assert_eq!((login.code, login.stdout.as_str()), (0, ""));
    assert_eq!(
        without_distances(&login.stderr),
        "\
oic-token: oic-token on this computer wants to sign in profile 'prod'; only continue if you started this
oic-token: open https://id.example.com/device
oic-token: and enter the code
oic-token:
oic-token:     ABCD-EFGH
oic-token:
oic-token: the code is good until 2001-09-09 01:46; waiting
oic-token: signed in as jane.doe@example.com for profile 'prod'
oic-token: access token until 2001-09-09 01:46 (PAST)
oic-token: next login when 'oic-token status' says so
"
    );
    let profile = Some("prod".to_owned());
    let change_user = false;
    let asked = Request::Login {
        profile,
        change_user,
    };
    assert_eq!(daemon.request(), asked);
}

#[test]
fn scripts_read_one_object_a_line() {
    let trouble = Some("the authorization server cannot be reached".to_owned());
    let again = LoginPrompt {
        trouble,
        ..prompt()
    };
    let daemon = FakeDaemon::answering(vec![
        Response::Prompt(prompt()),
        Response::Prompt(again),
        Response::SignedIn(signed_in()),
    ]);
    let login = daemon.run(&["login", "--json"]);
    assert_eq!((login.code, login.stderr.as_str()), (0, ""));
    assert_eq!(
        login.stdout,
        r#"{"event":"prompt","profile":"prod","verification_uri":"https://id.example.com/device","verification_uri_complete":null,"user_code":"ABCD-EFGH","expires_at":"2001-09-09T01:46:40Z"}
{"event":"signed_in","profile":"prod","subject":"jane.doe@example.com","expires_at":"2001-09-09T01:46:40Z"}
"#
    );
}

#[test]
fn a_failed_login_has_its_reason_and_what_helps() {
    for (reason, remedy, code, hint) in [
        (
            "access_denied",
            Remedy::SignInAgain,
            1,
            "oic-token login prod",
        ),
        (
            "expired_token",
            Remedy::SignInAgain,
            1,
            "oic-token login prod",
        ),
        ("cancelled", Remedy::SignInAgain, 1, "oic-token login prod"),
        ("wrong_user", Remedy::SignInAgain, 1, "--change-user"),
        ("unreachable", Remedy::Wait, 5, "oic-token login prod"),
        ("slow_down", Remedy::Wait, 5, "oic-token login prod"),
        ("invalid_client", Remedy::Administrator, 1, "administrator"),
    ] {
        let daemon = FakeDaemon::answering(vec![failed(reason, remedy)]);
        let cause = format!("it did not work ({reason})");
        daemon.run(&["login"]).failed(code, &cause, hint);
        let login = daemon.run(&["login", "--json"]);
        assert_eq!(login.code, code);
        assert_eq!(
            login.stdout,
            format!(
                "{{\"event\":\"failed\",\"profile\":\"prod\",\"reason\":\"{reason}\",\
                 \"message\":\"it did not work\"}}\n"
            )
        );
    }
}

#[test]
fn a_session_that_cannot_be_renewed_is_warned_of_with_the_three_switches() {
    let mut end = signed_in();
    end.renewable = false;
    let daemon = FakeDaemon::answering(vec![Response::Prompt(prompt()), Response::SignedIn(end)]);
    for arguments in [&["login"][..], &["login", "--json"]] {
        let login = daemon.run(arguments);
        assert_eq!(login.code, 0);
        for text in [
            "warning: ",
            "offline_access",
            "Refresh token",
            "Allow token refresh",
        ] {
            assert!(login.stderr.contains(text), "{}", login.stderr);
        }
    }
}

#[test]
fn a_session_that_is_not_on_disk_is_warned_of() {
    let mut end = signed_in();
    end.not_stored = Some("no space left on device".to_owned());
    let daemon = FakeDaemon::answering(vec![Response::Prompt(prompt()), Response::SignedIn(end)]);
    let login = daemon.run(&["login"]);
    assert_eq!(login.code, 0);
    let warning = "warning: the session is not on disk, and a restart of oic-tokend loses it: \
                   no space left on device";
    assert!(login.stderr.contains(warning), "{}", login.stderr);
}

#[test]
fn a_user_who_does_not_come_is_waited_for_no_longer_than_was_asked() {
    let daemon = FakeDaemon::answering(vec![Response::Prompt(prompt())]);
    let login = daemon.run(&["login", "--timeout", "1", "--json"]);
    assert_eq!(login.code, 1);
    assert!(
        login.stderr.contains("nobody has signed in for 1 s"),
        "{login:?}"
    );
    let end = login.stdout.lines().nth(1).unwrap();
    assert!(end.contains(r#""event":"failed""#), "{end}");
    assert!(end.contains(r#""reason":"cancelled""#), "{end}");
}

#[test]
fn a_daemon_that_dies_during_a_login_is_a_failure() {
    let daemon = FakeDaemon::playing(|mut caller| {
        answer(&mut caller, &Response::Prompt(prompt()));
    });
    let login = daemon.run(&["login"]);
    assert_eq!(login.code, 1);
    assert!(login.stderr.contains("error: the daemon at "), "{login:?}");
    assert!(login.stderr.contains("hung up"), "{login:?}");
}

#[test]
fn logging_out_goes_on_after_a_profile_that_refuses() {
    let logged_out = |profile: &str, revocation| {
        Response::LoggedOut(LoggedOut {
            profile: profile.to_owned(),
            revocation,
        })
    };
    let daemon = FakeDaemon::playing(move |mut caller| {
        answer(&mut caller, &logged_out("a", Revocation::Revoked));
        answer(
            &mut caller,
            &Response::Refused(Refusal::NotForgotten {
                profile: "b".to_owned(),
                why: "the disk is full".to_owned(),
            }),
        );
        answer(&mut caller, &logged_out("c", Revocation::NoEndpoint));
        answer(&mut caller, &Response::End);
        wait_for_hang_up(&mut caller);
    });
    let logout = daemon.run(&["logout", "--all"]);
    assert_eq!((logout.code, logout.stdout.as_str()), (1, ""));
    let said = |text: &str| logout.stderr.contains(text);
    assert!(said(
        "logged out of profile 'a'; the refresh token is revoked"
    ));
    assert!(said(
        "'b' is logged out, but its session is still on disk: the disk is full"
    ));
    assert!(said("warning: the refresh token of 'c' is not revoked"));
    let profiles = Selection::All;
    assert_eq!(daemon.request(), Request::Logout { profiles });
}

#[test]
fn a_failed_revocation_is_a_warning_only() {
    let daemon = FakeDaemon::answering(vec![
        Response::LoggedOut(LoggedOut {
            profile: "prod".to_owned(),
            revocation: Revocation::Failed {
                message: "it cannot be reached".to_owned(),
            },
        }),
        Response::End,
    ]);
    let logout = daemon.run(&["logout"]);
    assert_eq!(logout.code, 0);
    assert!(logout.stderr.contains("warning: "), "{}", logout.stderr);
    assert!(
        logout.stderr.contains("it cannot be reached"),
        "{}",
        logout.stderr
    );
}

#[test]
fn signing_in_every_profile_leaves_those_alone_that_are_signed_in() {
    let other = |name: &str| ProfileView {
        name: name.to_owned(),
        ..signed_out()
    };
    let end = || vec![Response::Prompt(prompt()), Response::SignedIn(signed_in())];
    let daemon = FakeDaemon::answering_in_turn(vec![
        status(&[profile(), other("denied"), other("test")]),
        vec![
            Response::Prompt(prompt()),
            failed("access_denied", Remedy::SignInAgain),
        ],
        end(),
    ]);
    let login = daemon.run(&["login", "--all", "--no-browser"]);
    assert_eq!(login.code, 1, "{}", login.stderr);
    let said = |text: &str| assert!(login.stderr.contains(text), "{}", login.stderr);
    said("profile 'prod' is signed in already, as jane.doe@example.com");
    said("it did not work (access_denied)");
    said("signed in as jane.doe@example.com");
    assert_eq!(daemon.request(), Request::Status { profile: None });
    for name in ["denied", "test"] {
        let asked = Request::Login {
            profile: Some(name.to_owned()),
            change_user: false,
        };
        assert_eq!(daemon.request(), asked);
    }
}

#[test]
fn ctrl_c_cancels_the_login_and_says_so() {
    let daemon = FakeDaemon::playing(|mut caller| {
        answer(&mut caller, &Response::Prompt(prompt()));
        wait_for_hang_up(&mut caller);
    });
    for json in [false, true] {
        let arguments = if json {
            &["login", "--json"][..]
        } else {
            &["login"]
        };
        let mut login = daemon.folder.oic_token(arguments).spawn().unwrap();
        let (stdout, stderr) = (login.stdout.take().unwrap(), login.stderr.take().unwrap());
        let mut out = BufReader::new(stdout).lines().map_while(Result::ok);
        let mut err = BufReader::new(stderr).lines().map_while(Result::ok);
        // Once the prompt is there, the login is under way.
        let prompted = if json {
            out.next()
        } else {
            err.find(|line| line.contains("waiting"))
        };
        assert!(prompted.is_some());
        kill_process(Pid::from_child(&login), Signal::INT).unwrap();
        let said = err.find(|line| line.contains("login cancelled"));
        assert!(said.is_some());
        let cancelled = out.find(|line| line.contains(r#""reason":"cancelled""#));
        assert_eq!(cancelled.is_some(), json);
        let status = login.wait().unwrap();
        assert_eq!(status.signal(), Some(Signal::INT.as_raw()));
    }
}
