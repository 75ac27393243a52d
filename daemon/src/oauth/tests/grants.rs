//! Grants, read leniently.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::{Answer, token_grant};
use super::said::{column, json, rows, said};

#[test]
fn every_grant_is_read_as_the_table_says() {
    let mut checked = 0;
    for (line, mut row) in rows(include_str!("grants.txt")) {
        let lifetime: u64 = column(&mut row).parse().expect("seconds");
        let refresh_token = Some(column(&mut row)).filter(|&it| it != "-");
        let subject = Some(column(&mut row)).filter(|&it| it != "-");
        let answer = json(200, &with_jwt(row));
        let row = format!("grants.txt:{line}");
        let grant = token_grant(Ok(answer)).expect(&row);
        assert_eq!(grant.lifetime.as_secs(), lifetime, "{row}");
        let got = grant
            .refresh_token
            .as_ref()
            .map(|it| it.0.expose().as_str());
        assert_eq!(got, refresh_token, "{row}");
        assert_eq!(grant.subject.as_deref(), subject, "{row}");
        checked += 1;
    }
    assert!(checked >= 40, "only {checked} rows");
}

/// `JWT` and what follows it up to the end of the JSON string becomes a JSON
/// Web Token with that payload.
fn with_jwt(body: &str) -> String {
    let Some((before, rest)) = body.split_once("\"JWT") else {
        return body.to_owned();
    };
    let end = rest
        .replace("\\\"", "##")
        .find('"')
        .expect("the string ends");
    let (payload, after) = rest.split_at(end);
    let payload = URL_SAFE_NO_PAD.encode(payload.replace("\\\"", "\""));
    format!("{before}\"eyJhbGciOiJSUzI1NiJ9.{payload}.c2lnbmF0dXJl{after}")
}

#[test]
fn the_access_token_is_taken_as_it_was_sent() {
    let body = r#"{"access_token":"eyJ4NXQjUzI1NiI6.a-b_c~d+e/f==","expires_in":60}"#;
    let grant = token_grant(Ok(json(200, body))).expect("a grant");
    assert_eq!(
        grant.access_token.expose(),
        "eyJ4NXQjUzI1NiI6.a-b_c~d+e/f=="
    );
}

#[test]
fn a_grant_under_the_wrong_content_type_or_none_is_a_grant() {
    let body = r#"{"access_token":"at-1","expires_in":60}"#;
    for content_type in [None, Some("text/html"), Some("application/octet-stream")] {
        let grant = token_grant(Ok(said(200, content_type, body)));
        assert_eq!(grant.expect("a grant").lifetime, Duration::from_secs(60));
    }
}

#[test]
fn an_access_token_of_16_kib_and_its_refresh_token_are_taken() {
    let body = format!(
        r#"{{"access_token":"{}","expires_in":60,"refresh_token":"{}"}}"#,
        "a".repeat(16 * 1024),
        "r".repeat(16 * 1024)
    );
    let grant = token_grant(Ok(json(200, &body))).expect("a grant");
    assert_eq!(grant.access_token.expose().len(), 16 * 1024);
    assert!(grant.refresh_token.is_some());
}

#[test]
fn nothing_prints_a_token() {
    let body = r#"{"access_token":"at-secret","expires_in":60,"refresh_token":"rt-secret"}"#;
    let answer: Answer = json(200, body);
    assert!(!format!("{answer:?}").contains("secret"));
    let grant = token_grant(Ok(answer)).expect("a grant");
    assert!(!format!("{grant:?}").contains("secret"), "{grant:?}");
}

#[test]
fn an_error_never_quotes_what_may_be_a_token() {
    let bodies = [
        r#"{"access_token":"secret token","refresh_token":"rt-secret"}"#,
        r#"{"access_token":"secret","token_type":"DPoP","refresh_token":"rt-secret"}"#,
        r#"{"refresh_token":"rt-secret"}"#,
        r#"{"access_token":"secret","refresh_token":"rt-secr"#,
    ];
    for body in bodies {
        let error = token_grant(Ok(json(200, body))).expect_err(body);
        assert!(!error.to_string().contains("secret"), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}

#[test]
fn an_array_is_no_grant() {
    let got = token_grant(Ok(json(200, r#"["at-1","Bearer",3600]"#)));
    assert_eq!(got.expect_err("an array").code(), "unusable_answer");
}

#[test]
fn a_member_that_comes_twice_does_not_lose_the_grant() {
    let body =
        r#"{"access_token":"at-1","expires_in":3600,"refresh_token":"rt-1","ecid":"a","ecid":"b"}"#;
    assert!(token_grant(Ok(json(200, body))).is_ok());
}

#[test]
fn an_infinite_lifetime_is_none_that_can_be_read() {
    let body = r#"{"access_token":"at-1","expires_in":"inf"}"#;
    let grant = token_grant(Ok(json(200, body))).expect("a grant");
    assert_eq!(grant.lifetime.as_secs(), 300);
}

#[test]
fn a_refresh_token_with_a_space_is_one() {
    // RFC 6749 appendix A.17: 1*VSCHAR, which includes the space.
    let body = r#"{"access_token":"at-1","expires_in":60,"refresh_token":"rt 1"}"#;
    let grant = token_grant(Ok(json(200, body))).expect("a grant");
    assert!(grant.refresh_token.is_some());
}

#[test]
fn a_refresh_token_lives_as_long_as_the_answer_says() {
    for (member, lifetime) in [
        (r#""refresh_token_expires_in":1800"#, Some(1800)),
        (r#""refresh_expires_in":1800"#, Some(1800)),
        (r#""refresh_token_expires_in":"86399""#, Some(86399)),
        (r#""refresh_expires_in":15724800.0"#, Some(15_724_800)),
        (r#""refresh_expires_in":0"#, None),
        (r#""refresh_expires_in":-1"#, None),
        (r#""refresh_token_expires_in":null"#, None),
        (r#""refresh_token_expires_in":"never""#, None),
        (r#""scope":"api""#, None),
    ] {
        let body = format!(r#"{{"access_token":"at-1","refresh_token":"rt-1",{member}}}"#);
        let grant = token_grant(Ok(json(200, &body))).expect(member);
        assert_eq!(
            grant.refresh_token_lifetime,
            lifetime.map(Duration::from_secs),
            "{member}"
        );
        assert!(grant.refresh_token.is_some(), "{member}");
    }
}

#[test]
fn a_subject_holds_no_terminal_controls() {
    // {"sub":"\u001b[2J"}
    let body = r#"{"access_token":"a.eyJzdWIiOiJcdTAwMWJbMkoifQ.c","expires_in":60}"#;
    let grant = token_grant(Ok(json(200, body))).expect("a grant");
    let subject = grant.subject.unwrap_or_default();
    assert!(!subject.chars().any(char::is_control), "{subject:?}");
}
