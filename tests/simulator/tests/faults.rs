//! Every fault, over a real socket.

use std::io::ErrorKind;
use std::thread;

use super::*;

/// The reply to a refresh that met `fault`, and whether the refresh token was
/// used up by it.
fn met(simulator: &Simulator, fault: &str) -> (std::io::Result<Reply>, bool) {
    let token = first_refresh_token(simulator);
    simulator.fault(fault.parse().unwrap(), 1, Endpoint::Token);
    let reply = refresh(simulator, &token);
    let used_up = refresh(simulator, &token).unwrap().status != 200;
    let log = simulator.log();
    assert_eq!(log[log.len() - 2].fault.unwrap().to_string(), fault);
    (reply, used_up)
}

#[test]
fn answers_from_something_in_between_use_nothing_up() {
    let simulator = simulator(&[]);
    for (fault, status, content_type) in [
        ("html_200", 200, Some("text/html;charset=UTF-8")),
        ("html_503", 503, Some("text/html;charset=UTF-8")),
        ("empty_500", 500, None),
        ("empty_400", 400, None),
    ] {
        let (reply, used_up) = met(&simulator, fault);
        let reply = reply.unwrap();
        assert_eq!((reply.status, used_up), (status, false), "{fault}");
        assert_eq!(reply.header("content-type"), content_type, "{fault}");
        assert_eq!(
            reply.header("x-oracle-dms-ecid").is_none(),
            content_type.is_some()
        );
    }
}

#[test]
fn throttling_comes_in_two_shapes() {
    let simulator = simulator(&[]);
    let (reply, used_up) = met(&simulator, "scim_429");
    let reply = reply.unwrap();
    assert_eq!((reply.status, used_up), (429, false));
    assert_eq!(reply.json()["status"], "429");
    assert_eq!(reply.header("retry-after"), None);
    let (reply, used_up) = met(&simulator, "oauth_429");
    let reply = reply.unwrap();
    assert_eq!((reply.status, used_up), (429, false));
    assert_eq!(reply.error(), "too_many_requests");
}

#[test]
fn knobs_add_retry_after_as_seconds_or_date() {
    let simulator = simulator(&[("retry_after", "17")]);
    for fault in ["scim_429", "oauth_429", "html_503"] {
        let reply = met(&simulator, fault).0.unwrap();
        assert_eq!(reply.header("retry-after"), Some("17"), "{fault}");
    }
    simulator.set_knob("retry_after_form", "date").unwrap();
    // The clock of the Date header counts, not the domain's.
    simulator.advance(Duration::from_secs(86_400));
    let reply = met(&simulator, "scim_429").0.unwrap();
    let seconds = |name| {
        let date = jiff::fmt::rfc2822::parse(reply.header(name).unwrap()).unwrap();
        date.timestamp().as_second()
    };
    let wait = seconds("retry-after") - seconds("date");
    assert!((16..=18).contains(&wait), "{wait}");
}

#[test]
fn oauth_errors_can_be_forced() {
    let simulator = simulator(&[]);
    for fault in ["slow_down", "invalid_grant"] {
        let (reply, used_up) = met(&simulator, fault);
        let reply = reply.unwrap();
        assert_eq!(
            (reply.status, reply.error().as_str(), used_up),
            (400, fault, false)
        );
    }
}

#[test]
fn following_the_redirect_shows_in_the_log() {
    let simulator = simulator(&[]);
    let (reply, used_up) = met(&simulator, "redirect");
    let reply = reply.unwrap();
    assert_eq!((reply.status, used_up), (307, false));
    let location = reply.header("location").unwrap();
    let path = location.strip_prefix(&simulator.url()).unwrap();
    post(&simulator.url(), path, &[]).unwrap();
    assert_eq!(
        simulator.log().last().unwrap().endpoint,
        Endpoint::Redirected
    );
}

#[test]
fn an_oversized_answer_is_sent_whole() {
    let (reply, used_up) = met(&simulator(&[]), "oversized");
    assert!(reply.unwrap().body.len() > OVERSIZED_LEN);
    assert!(!used_up);
}

#[test]
fn a_reset_uses_nothing_up() {
    let simulator = simulator(&[]);
    let (reply, used_up) = met(&simulator, "reset");
    assert_eq!(reply.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(!used_up);
}

#[test]
fn a_reset_after_rotation_uses_the_refresh_token_up() {
    let simulator = simulator(&[]);
    let (reply, used_up) = met(&simulator, "reset_after_rotation");
    assert_eq!(reply.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(used_up);
    let log = simulator.log();
    let lost = &log[log.len() - 2];
    assert_eq!((lost.outcome, lost.status), (Outcome::Cut, None));
}

#[test]
fn a_truncated_answer_ends_early_and_uses_the_refresh_token_up() {
    let (reply, used_up) = met(&simulator(&[]), "truncated_json");
    assert_eq!(reply.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert!(used_up);
}

#[test]
fn a_slow_answer_is_right_in_the_end() {
    let (reply, used_up) = met(&simulator(&[]), "slow:0");
    assert_eq!(reply.unwrap().status, 200);
    assert!(used_up);
}

#[test]
fn the_right_answer_can_be_bent() {
    let simulator = simulator(&[]);
    let reply = met(&simulator, "wrong_content_type").0.unwrap();
    assert_eq!(reply.header("content-type"), Some("text/plain"));
    assert!(reply.json()["access_token"].is_string());
    let reply = met(&simulator, "no_expires_in").0.unwrap();
    assert_eq!(reply.json()["expires_in"], Value::Null);
    let reply = met(&simulator, "expires_in_text").0.unwrap();
    assert_eq!(reply.json()["expires_in"], "3600");
    let (reply, used_up) = met(&simulator, "no_refresh_token");
    assert_eq!(reply.unwrap().json()["refresh_token"], Value::Null);
    assert!(!used_up);
}

#[test]
fn a_fault_is_counted_and_keeps_to_its_endpoint() {
    let simulator = simulator(&[]);
    simulator.fault(Fault::Empty500, 2, Endpoint::Device);
    assert_eq!(refresh(&simulator, "garbage").unwrap().status, 400);
    assert_eq!(ask(&simulator).unwrap().status, 500);
    assert_eq!(ask(&simulator).unwrap().status, 500);
    assert_eq!(ask(&simulator).unwrap().status, 200);
}

#[test]
fn faults_meet_the_other_endpoints_too() {
    let simulator = simulator(&[]);
    let token = first_refresh_token(&simulator);
    simulator.fault(Fault::ResetAfterRotation, 1, Endpoint::Revoke);
    assert_eq!(
        revoke(&simulator, &token).unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert_eq!(
        refresh(&simulator, &token).unwrap().error(),
        "invalid_grant"
    );
    simulator.fault(Fault::NoExpiresIn, 1, Endpoint::Device);
    assert_eq!(ask(&simulator).unwrap().json()["expires_in"], Value::Null);
    simulator.fault(Fault::Scim429, 1, Endpoint::Echo);
    let path = "/ic/api/integration/v1/flows/rest/ECHO/1.0/word";
    assert_eq!(get(&simulator.url(), path, &[]).unwrap().status, 429);
}

#[test]
fn a_fault_during_polling_leaves_the_login_pending() {
    let simulator = simulator(&[]);
    let authorization = ask(&simulator).unwrap().json();
    let code = text(&authorization["device_code"]);
    simulator.fault(Fault::Html503, 1, Endpoint::Token);
    assert_eq!(poll(&simulator, code).unwrap().status, 503);
    assert_eq!(
        poll(&simulator, code).unwrap().error(),
        "authorization_pending"
    );
}

fn held(log: &[LogEntry]) -> bool {
    log.last()
        .is_some_and(|entry| entry.outcome == Outcome::Held)
}

#[test]
fn a_held_request_is_answered_by_what_is_right_at_the_release() {
    let simulator = simulator(&[("refresh_token_lifetime", "100")]);
    let token = first_refresh_token(&simulator);
    simulator.fault(Fault::Hold, 5, Endpoint::Token);
    thread::scope(|scope| {
        let reply = scope.spawn(|| refresh(&simulator, &token).unwrap());
        simulator.wait_for_requests(held, DEADLINE).unwrap();
        simulator.advance(Duration::from_secs(100));
        simulator.release();
        assert_eq!(reply.join().unwrap().error(), "invalid_grant");
    });
    assert_eq!(
        refresh(&simulator, &token).unwrap().status,
        400,
        "the other holds are forgotten"
    );
}

#[test]
fn a_request_held_after_rotation_has_used_the_refresh_token_up() {
    let simulator = simulator(&[("refresh_token_lifetime", "100")]);
    let token = first_refresh_token(&simulator);
    simulator.fault(Fault::HoldAfterRotation, 1, Endpoint::Token);
    thread::scope(|scope| {
        let reply = scope.spawn(|| refresh(&simulator, &token).unwrap());
        simulator.wait_for_requests(held, DEADLINE).unwrap();
        assert_eq!(
            refresh(&simulator, &token).unwrap().error(),
            "invalid_grant"
        );
        simulator.advance(Duration::from_secs(100));
        simulator.release();
        assert_eq!(reply.join().unwrap().status, 200);
    });
}

#[test]
fn a_held_request_can_still_meet_another_fault() {
    let simulator = simulator(&[]);
    simulator.fault(Fault::Hold, 1, Endpoint::Token);
    thread::scope(|scope| {
        let reply = scope.spawn(|| refresh(&simulator, "any").unwrap());
        simulator.wait_for_requests(held, DEADLINE).unwrap();
        simulator.fault(Fault::Html503, 1, Endpoint::Token);
        simulator.release();
        assert_eq!(reply.join().unwrap().status, 503);
    });
}

#[test]
fn a_caller_that_leaves_is_logged_as_gone() {
    let simulator = simulator(&[]);
    simulator.fault(Fault::Hold, 1, Endpoint::Jwks);
    let address = simulator.url().replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = b"GET /admin/v1/SigningCert/jwk HTTP/1.1\r\nHost: x\r\n\r\n";
    std::io::Write::write_all(&mut stream, request).unwrap();
    simulator.wait_for_requests(held, DEADLINE).unwrap();
    drop(stream);
    let gone = |log: &[LogEntry]| log[0].outcome == Outcome::Abandoned;
    simulator.wait_for_requests(gone, DEADLINE).unwrap();
}

#[test]
fn dropping_the_simulator_ends_what_it_holds() {
    let simulator = simulator(&[]);
    simulator.fault(Fault::Hold, 1, Endpoint::Token);
    let url = simulator.url();
    let caller = thread::spawn(move || post(&url, "/oauth2/v1/token", &[]));
    simulator.wait_for_requests(held, DEADLINE).unwrap();
    drop(simulator);
    assert!(caller.join().unwrap().is_err());
}

#[test]
fn every_fault_is_read_from_the_name_it_is_shown_by() {
    let slow = Fault::Slow(Duration::from_millis(1500));
    let table = Fault::TABLE.iter().map(|(_, fault, _)| *fault);
    for fault in table.chain([slow]) {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    let refused = "rest".parse::<Fault>().unwrap_err();
    assert!(refused.contains("reset_after_rotation") && refused.contains("slow:<seconds>"));
    assert!("slow:soon".parse::<Fault>().is_err());
    assert!("slow:99999".parse::<Fault>().is_err());
}
