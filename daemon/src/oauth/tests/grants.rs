//! Grants, read leniently.

use std::time::Duration;

use super::super::{Answer, token_grant, token_id};
use super::said::json;

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

#[test]
fn a_token_that_is_handed_out_is_known_by_its_id_where_it_has_one() {
    let id_of = |access_token| {
        let body = format!(r#"{{"access_token":"{access_token}","expires_in":60}}"#);
        let grant = token_grant(Ok(json(200, &body))).expect("a grant");
        token_id(&grant.access_token)
    };
    let with_an_id = "e30.eyJzdWIiOiJqYW5lIiwianRpIjoiNGYxYy05In0.c2ln";
    assert_eq!(id_of(with_an_id).as_deref(), Some("4f1c-9"));
    let without = "e30.eyJzdWIiOiJqYW5lIn0.c2ln";
    assert_eq!(id_of(without), None);
    assert_eq!(id_of("opaque"), None);
}
