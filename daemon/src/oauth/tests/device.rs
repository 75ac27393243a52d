//! Device authorization answers (RFC 8628 §3.2).

use std::time::Duration;

use super::super::{DeviceAuthorization, EndpointError, device_authorization};
use super::said::{json, profile};
use crate::config::ProfileConfig;

const CODES: &str = r#""device_code":"9f2c41d0","user_code":"QTZLMCBW""#;
const URI: &str = "https://id.example.com/ui/v1/device";

/// An answer with both codes and these members besides.
fn answer(profile: &ProfileConfig, members: &str) -> Result<DeviceAuthorization, EndpointError> {
    let body = format!("{{{CODES},{members}}}");
    device_authorization(profile, Ok(json(200, &body)))
}

/// An answer with both codes, the URI and these members besides.
#[track_caller]
fn authorized(members: &str) -> DeviceAuthorization {
    let members = format!(r#""verification_uri":"{URI}"{members}"#);
    answer(&profile(), &members).expect("an authorization")
}

#[test]
fn an_answer_as_the_rfc_has_it_is_read_whole() {
    let got = authorized(
        r#","verification_uri_complete":"https://id.example.com/ui/v1/device?user_code=QTZLMCBW","expires_in":1800,"interval":7"#,
    );
    assert_eq!(got.device_code.0.expose(), "9f2c41d0");
    assert_eq!(got.user_code, "QTZLMCBW");
    assert_eq!(got.verification_uri, URI);
    assert_eq!(
        got.verification_uri_complete.as_deref(),
        Some("https://id.example.com/ui/v1/device?user_code=QTZLMCBW")
    );
    assert_eq!(got.expires_in, Duration::from_secs(1800));
    assert_eq!(got.interval, Duration::from_secs(7));
}

#[test]
fn without_an_interval_it_is_five_seconds() {
    for members in [
        "",
        r#","interval":null"#,
        r#","interval":"often""#,
        r#","interval":[]"#,
    ] {
        assert_eq!(authorized(members).interval, Duration::from_secs(5));
    }
}

#[test]
fn an_interval_may_be_text() {
    assert_eq!(
        authorized(r#","interval":"10""#).interval,
        Duration::from_secs(10)
    );
}

#[test]
fn without_a_lifetime_the_codes_are_taken_to_live_five_minutes() {
    for members in ["", r#","expires_in":null"#, r#","expires_in":"a while""#] {
        assert_eq!(authorized(members).expires_in, Duration::from_secs(300));
    }
}

#[test]
fn a_lifetime_may_be_text_and_is_an_hour_at_most() {
    let lifetime = |members: &str| authorized(members).expires_in.as_secs();
    assert_eq!(lifetime(r#","expires_in":"600""#), 600);
    assert_eq!(lifetime(r#","expires_in":3600"#), 3600);
    assert_eq!(lifetime(r#","expires_in":86400"#), 3600);
    assert_eq!(lifetime(r#","expires_in":-5"#), 0);
}

#[test]
fn the_draft_name_of_the_verification_uri_is_understood() {
    let members = format!(r#""verification_url":"{URI}""#);
    let got = answer(&profile(), &members).expect("an authorization");
    assert_eq!(got.verification_uri, URI);
}

#[test]
fn where_both_names_of_the_verification_uri_come_the_rfcs_one_counts() {
    let (rfc, draft) = (
        format!(r#""verification_uri":"{URI}""#),
        r#""verification_url":"https://id.example.com/old""#,
    );
    for members in [format!("{rfc},{draft}"), format!("{draft},{rfc}")] {
        let got = answer(&profile(), &members).expect("an authorization");
        assert_eq!(got.verification_uri, URI, "{members}");
    }
}

/// Whether `uri` is shown to a user of a profile whose server is at `host`.
fn is_shown(uri: &str, host: Option<&str>) -> bool {
    let mut profile = profile();
    profile.verification_hosts = host.into_iter().map(str::to_owned).collect();
    let members = format!(r#""verification_uri":"{uri}""#);
    answer(&profile, &members).is_ok()
}

#[test]
fn a_verification_uri_on_the_domains_own_host_is_shown() {
    for uri in [
        "https://id.example.com/ui/v1/device",
        "https://id.example.com:443/ui/v1/device",
        "https://ID.Example.COM/device",
        "https://id.example.com",
    ] {
        assert!(is_shown(uri, Some("id.example.com")), "{uri}");
    }
}

#[test]
fn a_verification_uri_that_leads_to_a_stranger_is_not_shown() {
    for uri in [
        "https://evil.example.net/device",
        "https://id.example.com.evil.example.net/device",
        "https://evil.example.net/id.example.com",
        "https://id.example.com@evil.example.net/device",
        r"https://evil.example.net\\@id.example.com/device",
        "https://xid.example.com/device",
        "http://id.example.com/device",
        "http://127.0.0.1/device",
    ] {
        assert!(!is_shown(uri, Some("id.example.com")), "{uri}");
    }
}

/// In JSON: each `\\` is one.
#[test]
fn a_verification_uri_that_programs_read_differently_is_not_shown() {
    for uri in [
        r"https://id.example.com\@evil.example.net/device",
        r"https:\\id.example.com/device",
        r"https:\\\\id.example.com/device",
        r"https://id.example.com\.evil.example.net/device",
        "https:id.example.com/device",
        "https:///id.example.com/device",
        "https://evil.example.net@id.example.com/device",
        "https://evil.example.net:443@id.example.com/device",
        "https://%69d.example.com/device",
    ] {
        assert!(!is_shown(uri, Some("id.example.com")), "{uri}");
        assert!(!is_shown(uri, None), "{uri}");
    }
    for uri in ["http://2130706433/device", "http://0x7f.1/device"] {
        assert!(!is_shown(uri, None), "{uri}");
    }
}

#[test]
fn a_verification_uri_of_another_kind_is_not_shown() {
    for uri in [
        "http://id.example.com/device",
        "http://127.0.0.1.example.net/",
        "http://localhost.example.net/",
        "ftp://id.example.com/device",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,hello",
        "/ui/v1/device",
        "id.example.com/device",
        "https://",
        "",
        " ",
    ] {
        assert!(!is_shown(uri, None), "{uri}");
    }
}

#[test]
fn any_https_host_is_shown_where_the_servers_own_is_not_known() {
    assert!(is_shown("https://login.example.net/device", None));
}

#[test]
fn plain_http_is_shown_for_loopback_alone() {
    for uri in [
        "http://127.0.0.1:8080/device",
        "http://127.9.9.9/device",
        "http://[::1]:8080/device",
        "http://localhost/device",
    ] {
        assert!(is_shown(uri, None), "{uri}");
    }
    assert!(is_shown("http://127.0.0.1:8080/device", Some("127.0.0.1")));
}

#[test]
fn a_refused_verification_uri_says_where_it_leads() {
    let members = r#""verification_uri":"https://evil.example.net/device""#;
    let error = answer(&profile(), members).expect_err("it leads elsewhere");
    assert_eq!(error.code(), "unusable_answer");
    let message = error.to_string();
    assert!(
        message.contains("evil.example.net instead of id.example.com"),
        "{message}"
    );
}

#[test]
fn a_complete_uri_that_leads_elsewhere_is_dropped_and_the_login_goes_on() {
    for complete in [
        r#""https://evil.example.net/device?user_code=QTZLMCBW""#,
        r#""http://id.example.com/device?user_code=QTZLMCBW""#,
        r#""nonsense""#,
        "null",
        "17",
    ] {
        let got = authorized(&format!(r#","verification_uri_complete":{complete}"#));
        assert_eq!(got.verification_uri_complete, None, "{complete}");
        assert_eq!(got.user_code, "QTZLMCBW");
    }
}

#[test]
fn an_answer_that_lacks_what_a_login_needs_is_unusable() {
    for body in [
        r#"{"user_code":"Q","verification_uri":"https://id.example.com/"}"#,
        r#"{"device_code":"9","verification_uri":"https://id.example.com/"}"#,
        r#"{"device_code":"9","user_code":"Q"}"#,
        r#"{"device_code":"","user_code":"Q","verification_uri":"https://id.example.com/"}"#,
        r#"{"device_code":null,"user_code":"Q","verification_uri":"https://id.example.com/"}"#,
        "{}",
        "<html>",
        "",
    ] {
        let got = device_authorization(&profile(), Ok(json(200, body)));
        assert_eq!(got.expect_err(body).code(), "unusable_answer");
    }
}

#[test]
fn a_long_uri_is_taken() {
    let padding = "a".repeat(2048 - URI.len() - 1);
    let members = format!(r#""verification_uri":"{URI}/{padding}""#);
    let got = answer(&profile(), &members).expect("an authorization");
    assert_eq!(got.verification_uri.len(), 2048);
}

#[test]
fn a_code_or_uri_that_goes_on_and_on_is_unusable() {
    let long = "a".repeat(2049);
    for body in [
        format!(r#"{{"device_code":"{long}","user_code":"Q","verification_uri":"{URI}"}}"#),
        format!(r#"{{"device_code":"9","user_code":"{long}","verification_uri":"{URI}"}}"#),
        format!(r#"{{"device_code":"9","user_code":"Q","verification_uri":"{URI}/{long}"}}"#),
    ] {
        let got = device_authorization(&profile(), Ok(json(200, &body)));
        assert_eq!(got.expect_err("too long").code(), "unusable_answer");
    }
}

#[test]
fn what_an_identity_domain_refuses_keeps_its_name() {
    let cases = [
        (400, r#"{"error":"invalid_scope"}"#, "invalid_scope"),
        (400, r#"{"error":"invalid_request"}"#, "invalid_request"),
        (401, r#"{"error":"invalid_client"}"#, "invalid_client"),
        (
            401,
            r#"{"error":"unauthorized_client","error_description":"The resource does not support offline access"}"#,
            "unauthorized_client",
        ),
        (
            200,
            r#"{"error":"device_flow_disabled"}"#,
            "device_flow_disabled",
        ),
        (
            429,
            r#"{"detail":"Too many requests","status":"429"}"#,
            "throttled",
        ),
        (503, "", "server_error"),
    ];
    for (status, body, code) in cases {
        let got = device_authorization(&profile(), Ok(json(status, body)));
        assert_eq!(got.expect_err(body).code(), code);
    }
}

#[test]
fn a_server_that_sends_both_names_of_the_verification_uri_is_understood() {
    let body = r#"{"device_code":"9","user_code":"Q","verification_uri":"https://id.example.com/","verification_url":"https://id.example.com/"}"#;
    let got = device_authorization(&profile(), Ok(json(200, body)));
    assert!(got.is_ok(), "{got:?}");
}

#[test]
fn what_the_user_is_shown_holds_no_terminal_controls() {
    for (code, uri) in [
        (r"Q\u001b[2J", "https://id.example.com/"),
        (r"Q\nenter your password:", "https://id.example.com/"),
        ("Q", r"https://id.example.com/\u001b[2J"),
        ("Q", r"https://id.exa\nmple.com/"),
    ] {
        let body = format!(
            r#"{{"device_code":"9","user_code":"{code}","verification_uri":"{uri}","verification_uri_complete":"{uri}"}}"#
        );
        if let Ok(got) = device_authorization(&profile(), Ok(json(200, &body))) {
            let complete = got.verification_uri_complete.unwrap_or_default();
            let shown = format!("{}{}{complete}", got.user_code, got.verification_uri);
            assert!(!shown.chars().any(char::is_control), "{shown:?}");
        }
    }
}
