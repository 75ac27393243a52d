//! What `get`, `status` and `inspect` print.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oic_proto::message::{ProfileView, Refusal, RenewalState, SessionState};
use oic_proto::{Request, Response};
use serde_json::json;

use crate::example::{self, profile, signed_out, status};
use crate::fake_daemon::FakeDaemon;

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
            r#"{{"daemon":{{"version":"0.1.0","pid":4242,"started_at":"{0}"}},"profiles":["#,
            r#"{{"name":"prod","state":"signed_in","renewal":"backoff","#,
            r#""subject":"jane.doe@example.com","#,
            r#""access_token":{{"expires_at":"{0}","remaining_seconds":2520}},"#,
            r#""refresh_token":{{"obtained_at":"{0}","renew_by":"{0}","login_needed_by":null}},"#,
            r#""next_renewal_at":"{0}","failures":2,"last_error":{{"code":"unreachable","#,
            r#""message":"the token endpoint cannot be reached","at":"{0}"}}}},"#,
            r#"{{"name":"test","state":"signed_out","renewal":null,"subject":null,"#,
            r#""access_token":null,"refresh_token":null,"next_renewal_at":null,"#,
            r#""failures":0,"last_error":null}}]}}"#,
            "\n"
        ),
        time
    );
    assert_eq!(outcome.stdout, expected);
}

#[test]
fn the_table_has_a_line_for_each_profile() {
    let daemon = FakeDaemon::answering(status(&[profile(), signed_out()]));
    let outcome = daemon.run(&["status"]);
    let lines = Vec::from_iter(outcome.stdout.lines());
    assert!(lines[0].starts_with("PROFILE  STATE       USER                  ACCESS TOKEN"));
    assert!(lines[1].starts_with("prod     signed in   jane.doe@example.com  42 min left"));
    assert!(lines[1].contains("failed 2 times"));
    assert!(lines[1].contains("unreachable: the token endpoint cannot be reached"));
    assert!(lines[2].starts_with("test     signed out  -                     -"));
    assert_eq!(
        lines[4],
        "oic-tokend 0.1.0, process 4242, running since 2001-09-09 01:46"
    );
}

#[test]
fn check_exits_as_get_would() {
    let signed_in = |renewal, failures| ProfileView {
        state: SessionState::SignedIn,
        renewal: Some(renewal),
        failures,
        ..signed_out()
    };
    let ended = ProfileView {
        access_token: profile().access_token,
        ..signed_out()
    };
    let awaiting = ProfileView {
        state: SessionState::AwaitingUser,
        ..signed_out()
    };
    for (profiles, code) in [
        (vec![profile()], 0),
        (vec![ended], 0),
        (vec![signed_in(RenewalState::InFlight, 0)], 0),
        (vec![signed_in(RenewalState::Due, 0)], 0),
        (vec![signed_in(RenewalState::Backoff, 1)], 5),
        (vec![signed_out()], 3),
        (vec![awaiting], 3),
        (
            vec![profile(), signed_in(RenewalState::Backoff, 1), signed_out()],
            5,
        ),
        (vec![], 7),
    ] {
        let daemon = FakeDaemon::answering(status(&profiles));
        let check = daemon.run(&["status", "--check"]);
        assert_eq!(check.code, code, "{profiles:?}");
        assert_eq!(check.stdout, "");
        assert_eq!(check.stderr.is_empty(), code == 0, "{}", check.stderr);
    }
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
