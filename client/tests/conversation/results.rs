//! What `get`, `status` and `inspect` print.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oic_proto::message::{ProfileView, Refusal};
use oic_proto::secret::AccessToken;
use oic_proto::{Request, Response};
use serde_json::json;

use crate::example::{self, profile, signed_out, status};
use crate::fake_daemon::{FakeDaemon, finish};

#[test]
fn get_prints_the_token_and_one_newline_and_nothing_else() {
    let daemon = FakeDaemon::answering(vec![example::token("abc.def")]);
    let get = daemon.run(&["get"]);
    assert_eq!(get.code, 0);
    assert_eq!(
        (get.stdout.as_str(), get.stderr.as_str()),
        ("abc.def\n", "")
    );
}

#[test]
fn status_json_is_the_object_of_the_contract() {
    let daemon = FakeDaemon::answering(status(&[profile(), signed_out()]));
    let outcome = daemon.run(&["status", "--json"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let time = "2001-09-09T01:46:40Z";
    let expected = format!(
        concat!(
            r#"{{"daemon":{{"version":"0.1.0","pid":4242,"started_at":"{0}","session_key":"the key file","lock":null}},"profiles":["#,
            r#"{{"name":"prod","state":"signed_in","renewal":"backoff","#,
            r#""subject":"jane.doe@example.com","#,
            r#""access_token":{{"expires_at":"{0}","remaining_seconds":2520}},"#,
            r#""refresh_token":{{"obtained_at":"{0}","renew_by":"{0}","login_needed_by":null}},"#,
            r#""next_renewal_at":"{0}","failures":2,"last_error":{{"code":"unreachable","#,
            r#""message":"the token endpoint cannot be reached","at":"{0}"}},"#,
            r#""store":"disk"}},"#,
            r#"{{"name":"test","state":"signed_out","renewal":null,"subject":null,"#,
            r#""access_token":null,"refresh_token":null,"next_renewal_at":null,"#,
            r#""failures":0,"last_error":null,"store":"memory-only"}}]}}"#,
            "\n"
        ),
        time
    );
    assert_eq!(outcome.stdout, expected);
}

#[test]
fn the_table_has_a_line_for_each_profile() {
    let signed_in = ProfileView {
        refresh_token: None,
        ..profile()
    };
    let daemon = FakeDaemon::answering(status(&[signed_in, signed_out()]));
    let outcome = daemon.run(&["status"]);
    let lines = Vec::from_iter(outcome.stdout.lines());
    assert!(lines[0].starts_with("PROFILE  STATE       USER                  ACCESS TOKEN"));
    assert!(lines[1].starts_with("prod     signed in   jane.doe@example.com  42 min left"));
    assert!(lines[1].contains("again now"), "{}", lines[1]);
    assert!(
        lines[2].starts_with("  failed 2 times; last error, "),
        "{}",
        lines[2]
    );
    assert!(lines[2].ends_with(" ago: unreachable: the token endpoint cannot be reached"));
    assert!(lines[3].starts_with("test     signed out  -                     -"));
    assert_eq!(
        lines[4],
        "  kept in memory only: a restart of oic-tokend needs a login"
    );
    assert_eq!(
        lines[6],
        "oic-tokend 0.1.0, process 4242, running since 2001-09-09 01:46; sessions are sealed with the key file"
    );
}

#[test]
fn check_exits_as_get_would() {
    let later = Refusal::TryLater {
        profile: "prod".to_owned(),
        retry_in: None,
        why: "the authorization server cannot be reached".to_owned(),
    };
    let login = Refusal::LoginRequired {
        profile: "prod".to_owned(),
        why: "nobody has signed in yet".to_owned(),
    };
    let short = Refusal::ValidityUnavailable {
        profile: "prod".to_owned(),
        remaining: Duration::from_secs(14),
        lifetime: Duration::from_secs(20),
    };
    let rejected = Refusal::Rejected {
        profile: "prod".to_owned(),
        why: "invalid_client".to_owned(),
    };
    let token = || vec![example::token("abc.def")];
    let refused = |refusal: &Refusal| vec![Response::Refused(refusal.clone())];
    for (answers, code) in [
        (vec![token()], 0),
        (vec![refused(&later)], 5),
        (vec![refused(&login)], 3),
        (vec![refused(&short)], 8),
        (vec![refused(&rejected)], 1),
        (vec![token(), refused(&later), refused(&login)], 5),
        (vec![], 7),
    ] {
        let profiles = Vec::from_iter(answers.iter().map(|_| profile()));
        let mut turns = vec![status(&profiles)];
        turns.extend(answers.clone());
        let daemon = FakeDaemon::answering_in_turn(turns);
        let check = daemon.run(&["status", "--check"]);
        assert_eq!(check.code, code, "{answers:?}");
        assert_eq!(check.stdout, "");
        assert_eq!(check.stderr.is_empty(), code == 0, "{}", check.stderr);
    }
}

#[test]
fn check_asks_for_what_a_plain_get_asks_for() {
    let turns = vec![status(&[profile()]), vec![example::token("abc.def")]];
    let daemon = FakeDaemon::answering_in_turn(turns);
    assert_eq!(daemon.run(&["status", "--check"]).code, 0);
    assert_eq!(daemon.request(), Request::Status { profile: None });
    let Request::GetToken {
        profile,
        min_validity,
        patience,
        force,
    } = daemon.request()
    else {
        panic!("it asks for a token");
    };
    assert_eq!(profile.as_deref(), Some("prod"));
    assert_eq!(min_validity, Duration::from_secs(60));
    assert!(patience > Duration::from_secs(25), "{patience:?}");
    assert!(!force);
}

#[test]
fn a_token_that_a_resource_refused_is_reported_without_being_sent() {
    let daemon = FakeDaemon::answering(vec![Response::End]);
    let mut reject = daemon.folder.oic_token(&["reject", "prod"]);
    let mut reject = reject.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = reject.stdin.take().unwrap();
    stdin.write_all(b"abc.def\n").unwrap();
    drop(stdin);
    let outcome = finish(reject);
    assert_eq!(outcome.code, 0);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""));
    let reported = Request::RejectToken {
        profile: Some("prod".to_owned()),
        fingerprint: AccessToken::new("abc.def".to_owned()).fingerprint(),
    };
    assert_eq!(daemon.request(), reported);
}

#[test]
fn reject_without_a_token_is_wrong_usage() {
    let daemon = FakeDaemon::answering(vec![Response::End]);
    let reject = daemon.run(&["reject"]);
    reject.failed(2, "no access token on stdin", "the token that was refused");
}

#[test]
fn an_unknown_profile_is_seven_for_check_too() {
    let daemon = FakeDaemon::answering(vec![Response::Refused(Refusal::UnknownProfile {
        profile: "prdo".to_owned(),
        known: vec!["prod".to_owned()],
    })]);
    let check = daemon.run(&["status", "prdo", "--check"]);
    check.failed(7, "there is no profile 'prdo'", "known profiles: prod");
    let profile = Some("prdo".to_owned());
    assert_eq!(daemon.request(), Request::Status { profile });
}

#[test]
fn watch_wants_a_terminal() {
    let daemon = FakeDaemon::answering(status(&[profile()]));
    let watch = daemon.run(&["status", "--watch"]);
    watch.failed(2, "needs a terminal", "--json");
}

fn jwt() -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = part(json!({"alg": "RS256", "kid": "K"}));
    let claims = part(json!({"sub": "jane.doe@example.com", "aud": ["a", "b"]}));
    format!("{header}.{claims}.c2lnbmF0dXJl")
}

#[test]
fn inspect_shows_the_claims_and_never_the_token() {
    let token = jwt();
    let daemon = FakeDaemon::answering(vec![example::token(&token)]);
    let people = daemon.run(&["inspect"]);
    assert!(people.stdout.contains("not verified"), "{}", people.stdout);
    assert!(people.stdout.contains("sub  jane.doe@example.com"));
    let script = daemon.run(&["inspect", "--json"]);
    assert_eq!(
        script.stdout,
        "{\"verified\":false,\"header\":{\"alg\":\"RS256\",\"kid\":\"K\"},\
         \"claims\":{\"aud\":[\"a\",\"b\"],\"sub\":\"jane.doe@example.com\"}}\n"
    );
    for part in token.split('.') {
        assert!(!people.stdout.contains(part) && !script.stdout.contains(part));
    }
}

#[test]
fn an_opaque_token_is_said_to_be_one() {
    let daemon = FakeDaemon::answering(vec![example::token("opaque")]);
    let inspect = daemon.run(&["inspect"]);
    inspect.failed(1, "is not a JWT", "only the authorization server");
}
