//! What `status` says below the row of a profile.

use oic_proto::message::{ProfileView, RefreshTokenView, UnixTime};

use crate::example::{profile, status};
use crate::fake_daemon::FakeDaemon;

fn notes(profile: ProfileView) -> Vec<String> {
    let daemon = FakeDaemon::answering(status(&[profile]));
    let outcome = daemon.run(&["status"]);
    let notes = outcome.stdout.lines().skip(2);
    let notes = notes.take_while(|line| line.starts_with("  "));
    notes.map(|line| line.trim_start().to_owned()).collect()
}

#[test]
fn a_login_that_becomes_necessary_is_said_days_before() {
    const HOUR: i64 = 3600;
    const MINUTES: i64 = 1800;
    let now = jiff::Timestamp::now().as_second();
    let in_hours = |hours: i64| Some(UnixTime(now + hours * HOUR + MINUTES));
    let by = |renew_by, login_needed_by, failures| ProfileView {
        refresh_token: Some(RefreshTokenView {
            obtained_at: UnixTime(now),
            renew_by,
            login_needed_by,
        }),
        failures,
        last_error: None,
        ..profile()
    };
    let until = |notes: &[String]| {
        let [note] = notes else { panic!("{notes:?}") };
        // The local time of it is tested with the words for times.
        let (start, rest) = note.split_once(" 2").unwrap();
        format!("{start} … {}", &rest[rest.find('(').unwrap()..])
    };
    for (view, said) in [
        (
            by(None, in_hours(60), 0),
            "login needed by … (in 2 days): 'oic-token login prod'",
        ),
        (
            by(in_hours(60), None, 40),
            "login needed by … (in 2 days) unless a renewal succeeds before",
        ),
        (
            by(None, in_hours(-60), 0),
            "login probably needed since … (2 days ago): 'oic-token login prod'",
        ),
        (
            by(in_hours(-60), None, 0),
            "login probably needed since … (2 days ago): 'oic-token login prod'",
        ),
    ] {
        assert_eq!(until(&notes(view)), said);
    }
    for view in [
        by(None, None, 40),
        by(None, in_hours(72), 40),
        by(in_hours(72), None, 40),
        by(in_hours(60), None, 0),
    ] {
        assert_eq!(notes(view), Vec::<String>::new());
    }
}

#[test]
fn a_renewal_that_failed_once_is_said_to_have() {
    let once = ProfileView {
        failures: 1,
        ..profile()
    };
    let daemon = FakeDaemon::answering(status(&[once]));
    let outcome = daemon.run(&["status"]);
    assert!(outcome.stdout.contains("failed once"), "{}", outcome.stdout);
}
