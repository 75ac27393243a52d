//! The journey of a user: sign in once, call the Echo trigger from scripts,
//! log out.

use std::process::Command;

use oic_tests::simulator::{JANE, JOHN};

use crate::signed_in::{SignedIn, quick_domain};

/// Calls the Echo trigger as a script would: the token by standard input,
/// never on the command line.
fn call_echo(signed_in: &SignedIn) -> String {
    let url = format!(
        "{}/ic/api/integration/v1/flows/rest/ECHO/1.0/hello",
        signed_in.domain.url()
    );
    let outcome = signed_in
        .home
        .oic_token(&["curl", "--", "--silent", "--show-error", &url]);
    outcome.succeeded()
}

#[test]
fn a_script_calls_the_echo_trigger_as_the_user_who_signed_in() {
    let signed_in = SignedIn::with_lifetime(3600);
    assert!(call_echo(&signed_in).contains("hello"));

    let claims = signed_in.home.oic_token(&["inspect", "--json"]).succeeded();
    let claims: serde_json::Value = serde_json::from_str(&claims).unwrap();
    assert_eq!(claims["claims"]["sub"], JANE);
}

#[test]
fn the_header_format_authorizes_plain_curl() {
    let signed_in = SignedIn::with_lifetime(3600);
    let header = signed_in
        .home
        .oic_token(&["get", "--format", "header"])
        .succeeded();
    let url = format!(
        "{}/ic/api/integration/v1/flows/rest/ECHO/1.0/word",
        signed_in.domain.url()
    );
    let file = signed_in.home.path("header");
    std::fs::write(&file, header).unwrap();
    let output = Command::new("curl")
        .args(["--silent", "--noproxy", "*", "-H"])
        .arg(format!("@{}", file.display()))
        .arg(&url)
        .output()
        .expect("curl is installed");
    assert!(String::from_utf8_lossy(&output.stdout).contains("word"));
}

#[test]
fn a_user_without_the_role_gets_a_token_that_the_trigger_refuses() {
    let domain = quick_domain().knob("auto_approve", JOHN);
    let signed_in = SignedIn::signed_out(domain);
    signed_in
        .home
        .oic_token(&["login", "--no-browser"])
        .succeeded();
    assert!(!call_echo(&signed_in).contains("hello"));
}

#[test]
fn logout_revokes_the_refresh_token_and_forgets_it() {
    let signed_in = SignedIn::with_lifetime(3600);
    signed_in.home.oic_token(&["logout"]).succeeded();

    let revoked = signed_in.domain.log().iter().any(|entry| {
        entry.endpoint == oic_tests::simulator::Endpoint::Revoke && entry.status == Some(200)
    });
    assert!(revoked, "the domain was asked to revoke");
    let get = signed_in.home.oic_token(&["get"]);
    assert_eq!(get.code, 3, "{}", get.stderr);
    let left: Vec<_> = std::fs::read_dir(signed_in.home.state())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.contains("session"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "a session file is left");
}

#[test]
fn a_session_forgotten_by_logout_stays_forgotten_after_a_restart() {
    let mut signed_in = SignedIn::with_lifetime(3600);
    signed_in.home.oic_token(&["logout"]).succeeded();
    signed_in.restart_after_kill();
    assert_eq!(signed_in.home.oic_token(&["get"]).code, 3);
}
