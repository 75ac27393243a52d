//! Everything that is not a grant, and what it means.

use std::time::Duration;

use oic_proto::Secret;
use oic_proto::shown::is_harmful;

use super::super::{
    Answer, EndpointError, TransportError, Verdict, revocation, seconds_of_date, token_grant,
};
use super::said::{json, said};

#[track_caller]
fn check(answer: Answer, verdict: &str, code: &str, row: &str) {
    let error = token_grant(Ok(answer)).expect_err(row);
    let said = match error.verdict() {
        Verdict::AskAgain => "ask-again",
        Verdict::InDoubt => "in-doubt",
        Verdict::Over => "over",
        Verdict::Rejected => "rejected",
    };
    assert_eq!((said, error.code()), (verdict, code), "{row}");
}

fn error_of(answer: Answer) -> EndpointError {
    token_grant(Ok(answer)).expect_err("not a grant")
}

#[test]
fn only_a_user_who_has_not_answered_is_pending() {
    for (error, pending) in [
        ("authorization_pending", true),
        ("slow_down", true),
        ("access_denied", false),
        ("expired_token", false),
        ("invalid_grant", false),
    ] {
        let body = format!(r#"{{"error":"{error}"}}"#);
        assert_eq!(error_of(json(400, &body)).is_pending(), pending, "{error}");
    }
    let throttled = error_of(json(429, r#"{"error":"slow_down"}"#));
    assert!(!throttled.is_pending());
}

#[test]
fn a_request_that_never_left_used_nothing_up() {
    let error = token_grant(Err(TransportError::NotSent("no address".to_owned())));
    let error = error.expect_err("not a grant");
    assert_eq!(error.verdict(), Verdict::AskAgain);
    assert_eq!(error.code(), "unreachable");
}

#[test]
fn a_request_without_an_answer_may_have_used_the_refresh_token_up() {
    let error = token_grant(Err(TransportError::Unanswered("timed out".to_owned())));
    let error = error.expect_err("not a grant");
    assert_eq!(error.verdict(), Verdict::InDoubt);
    assert_eq!(error.code(), "unanswered");
}

#[test]
fn an_access_token_that_fits_no_frame_is_not_taken() {
    let body = |len| {
        format!(
            r#"{{"access_token":"{}","expires_in":60}}"#,
            "a".repeat(len)
        )
    };
    assert!(token_grant(Ok(json(200, &body(48 * 1024)))).is_ok());
    check(
        json(200, &body(48 * 1024 + 1)),
        "in-doubt",
        "unusable_answer",
        "48 KiB and a byte",
    );
}

#[test]
fn a_token_of_another_type_is_not_used() {
    for token_type in ["DPoP", "mac", "N_A", ""] {
        let body = format!(r#"{{"access_token":"at-1","token_type":"{token_type}"}}"#);
        check(json(200, &body), "in-doubt", "unusable_answer", token_type);
    }
}

#[test]
fn the_servers_own_words_and_the_ecid_are_in_the_message() {
    let cases = [
        (
            json(
                400,
                r#"{"error":"invalid_grant","error_description":"Gone","ecid":"rHOZ"}"#,
            ),
            "the authorization server refused: invalid_grant: Gone (ecid rHOZ)",
        ),
        (
            Answer {
                ecid: Some("0aB1".to_owned()),
                ..json(401, r#"{"error":"invalid_client"}"#)
            },
            "the authorization server refused: invalid_client (ecid 0aB1)",
        ),
        (
            json(429, r#"{"detail":"Too many requests","status":"429"}"#),
            "the authorization server wants fewer requests (HTTP 429): Too many requests",
        ),
        (
            json(500, r#"{"code":"Internal","message":"It broke"}"#),
            "the authorization server is not working (HTTP 500): It broke",
        ),
        (
            json(503, r#"{"code":"ServiceUnavailable","message":""}"#),
            "the authorization server is not working (HTTP 503): ServiceUnavailable",
        ),
        (
            said(503, Some("text/html"), "<html>"),
            "the authorization server is not working (HTTP 503): a body of type text/html",
        ),
        (
            said(500, None, ""),
            "the authorization server is not working (HTTP 500): an empty body",
        ),
        (
            said(302, None, ""),
            "the authorization server is not working (HTTP 302): a redirect, which a token endpoint must not send",
        ),
        (
            said(200, Some("text/html"), "<html>"),
            "the authorization server's answer cannot be used: HTTP 200 with a body of type text/html instead of a JSON object",
        ),
    ];
    for (answer, message) in cases {
        assert_eq!(error_of(answer).to_string(), message);
    }
}

#[test]
fn a_body_that_goes_on_and_on_is_not_quoted_whole() {
    let body = format!(
        r#"{{"error":"invalid_request","error_description":"{}"}}"#,
        "long ".repeat(1000)
    );
    assert!(error_of(json(400, &body)).to_string().len() < 400);
}

#[test]
fn an_html_page_is_not_quoted() {
    let page = "<html><script>alert(1)</script>secret</html>";
    let message = error_of(said(403, Some("text/html"), page)).to_string();
    assert!(!message.contains("secret"), "{message}");
}

/// `Retry-After` and `Date` of an answer, and the seconds read from them.
#[track_caller]
fn check_retry_after(retry_after: &str, date: Option<&str>, seconds: Option<u64>) {
    for status in [429, 503] {
        let error = error_of(Answer {
            retry_after: Some(retry_after.to_owned()),
            date: date.map(str::to_owned),
            ..json(status, "")
        });
        assert_eq!(error.retry_after(), seconds.map(Duration::from_secs));
    }
}

#[test]
fn retry_after_is_seconds_or_a_date_and_anything_else_is_nothing() {
    let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
    check_retry_after("0", None, Some(0));
    check_retry_after("17", None, Some(17));
    check_retry_after(" 17 ", date, Some(17));
    check_retry_after("Sun, 06 Nov 1994 08:51:07 GMT", date, Some(90));
    check_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", date, Some(0));
    check_retry_after("Sun, 06 Nov 1994 07:00:00 GMT", date, Some(0));
    check_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", date, Some(252_618_189_022));
    check_retry_after("Sun, 06 Nov 1994 08:51:07 GMT", None, None);
    check_retry_after("Sun, 06 Nov 1994 08:51:07 GMT", Some("today"), None);
    check_retry_after("soon", date, None);
    check_retry_after("-1", None, None);
    check_retry_after("1.5", None, None);
    check_retry_after("", None, None);
    check_retry_after("1, 2", None, None);
    check_retry_after("١٧", None, None);
    check_retry_after("99999999999999999999999", None, Some(u64::MAX));
}

#[test]
fn a_date_in_the_old_formats_is_one() {
    for now in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        check_retry_after("Sun, 06 Nov 1994 08:51:07 GMT", Some(now), Some(90));
        check_retry_after(now, Some("Sun, 06 Nov 1994 08:48:37 GMT"), Some(60));
    }
}

#[test]
fn a_wrong_clock_is_told_by_the_date_of_an_answer() {
    assert_eq!(
        seconds_of_date(" Sun, 06 Nov 1994 08:49:37 GMT "),
        Some(784_111_777)
    );
    assert_eq!(seconds_of_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(seconds_of_date("today"), None);
}

/// Daylight saving is nothing to HTTP: dates are in GMT.
#[test]
fn a_date_in_another_time_zone_is_none() {
    let date = Some("Sun, 30 Mar 2025 00:59:30 GMT");
    check_retry_after("Sun, 30 Mar 2025 01:00:30 GMT", date, Some(60));
    check_retry_after("Sun, 30 Mar 2025 01:00:30 CET", date, None);
    check_retry_after("Sun, 30 Mar 2025 03:00:30 +0200", date, None);
}

#[test]
fn an_answer_without_retry_after_asks_for_nothing() {
    assert_eq!(error_of(json(429, "")).retry_after(), None);
    assert_eq!(
        error_of(json(400, r#"{"error":"slow_down"}"#)).retry_after(),
        None
    );
}

#[test]
fn a_revocation_that_the_server_accepts_has_succeeded_whatever_its_body_says() {
    for body in ["", "{}", "<html>", r#"{"error":"invalid_grant"}"#] {
        assert_eq!(revocation(Ok(json(200, body))), Ok(()));
    }
    assert_eq!(revocation(Ok(said(204, None, ""))), Ok(()));
}

#[test]
fn a_revocation_that_the_server_does_not_accept_has_failed() {
    let cases = [
        (
            json(400, r#"{"error":"unsupported_token_type"}"#),
            "unsupported_token_type",
        ),
        (json(401, r#"{"error":"invalid_client"}"#), "invalid_client"),
        (said(302, None, ""), "server_error"),
        (said(404, Some("text/html"), "<html>"), "server_error"),
        (json(429, ""), "throttled"),
        (said(503, None, ""), "server_error"),
    ];
    for (answer, code) in cases {
        let error = revocation(Ok(answer)).expect_err(code);
        assert_eq!(error.code(), code);
    }
    let lost = revocation(Err(TransportError::Unanswered("reset".to_owned())));
    assert_eq!(lost.expect_err("lost").code(), "unanswered");
}

#[test]
fn an_error_with_white_space_about_it_is_another() {
    for error in [" invalid_grant", "invalid_grant ", r"invalid_grant\n"] {
        let body = format!(r#"{{"error":"{error}"}}"#);
        assert_ne!(error_of(json(400, &body)).verdict(), Verdict::Over);
    }
}

#[test]
fn an_error_that_is_cut_is_not_the_one_that_is_left() {
    for len in 200..400 {
        let body = format!(r#"{{"error":"invalid_grant https://{}"}}"#, "a".repeat(len));
        let error = error_of(json(400, &body));
        assert_ne!(error.verdict(), Verdict::Over, "{len}");
    }
}

#[test]
fn an_array_is_no_error_of_oauth() {
    for at in 0..12 {
        let mut members = vec!["\"\""; at];
        members.push("\"invalid_grant\"");
        let body = format!("[{}]", members.join(","));
        let got = token_grant(Ok(json(400, &body))).expect_err(&body);
        assert_eq!(got.verdict(), Verdict::AskAgain, "{body}");
    }
}

#[test]
fn a_servers_words_hold_no_terminal_controls() {
    let body = r#"{"error":"invalid_\u001b[2Jrequest","error_description":"\u001b]0;owned\u0007\nfaked: line \u202egnp.exe\u200b","ecid":"\u0000"}"#;
    let error = token_grant(Ok(json(400, body))).expect_err("no grant");
    let message = format!("{error}{}", error.code());
    assert!(!message.contains(is_harmful), "{message:?}");
}

#[test]
fn a_server_that_quotes_what_it_was_sent_does_not_get_it_into_a_message() {
    let secret = Secret::new("rt/1==".to_owned());
    for quoted in ["rt/1==", "rt%2F1%3D%3D"] {
        let body = format!(r#"{{"error":"invalid_grant","error_description":"no {quoted} here"}}"#);
        let error = error_of(json(400, &body)).without(std::slice::from_ref(&secret));
        assert!(error.to_string().ends_with("no [hidden] here"), "{error}");
    }
    let page = error_of(json(503, r#"{"message":"no rt/1== here"}"#));
    assert!(!page.without(&[secret]).to_string().contains("rt/1"));
}

#[test]
fn no_part_of_what_it_was_sent_is_left_where_a_servers_words_are_cut() {
    let secret = Secret::new("rt-8c4Df19A0b7e3Z2y".to_owned());
    for before in 270..310 {
        let said = format!("{} {}", "a ".repeat(before / 2), secret.expose());
        let body = format!(r#"{{"error":"invalid_request","error_description":"{said}"}}"#);
        let error = error_of(json(400, &body)).without(std::slice::from_ref(&secret));
        assert!(!error.to_string().contains("rt-8"), "{error}");
    }
}

#[test]
fn a_word_that_may_be_a_token_is_hidden_however_it_is_cut() {
    let token = "AgAg".repeat(30);
    let body = format!(r#"{{"error":"invalid_grant","error_description":"bad {token}"}}"#);
    let message = error_of(json(400, &body)).to_string();
    assert!(message.ends_with("bad [hidden]"), "{message}");
}

#[test]
fn an_address_is_shown_although_it_is_long() {
    let address = "https://docs.example.com/iaas/identity/troubleshooting/refresh-tokens";
    let body =
        format!(r#"{{"error":"invalid_request","error_description":"see {address} for more"}}"#);
    let message = error_of(json(400, &body)).to_string();
    assert!(
        message.ends_with(&format!("see {address} for more")),
        "{message}"
    );
}

#[test]
fn what_follows_an_endless_address_is_shown() {
    let address = format!("https://docs.example.com/{}", "a".repeat(300));
    let body =
        format!(r#"{{"error":"invalid_request","error_description":"see {address} for more"}}"#);
    let message = error_of(json(400, &body)).to_string();
    assert!(message.ends_with("see [hidden] for more"), "{message}");
}
