//! What scripts read: formats and JSON, to the letter.

use serde_json::Value;

use crate::signed_in::SignedIn;

#[test]
fn every_format_is_one_line_with_the_token_in_its_place() {
    let signed_in = SignedIn::with_lifetime(3600);
    let token = signed_in.get();
    let formatted = |format: &str| {
        let outcome = signed_in.home.oic_token(&["get", "--format", format]);
        assert_eq!(outcome.stderr, "");
        outcome.stdout
    };
    assert_eq!(formatted("token"), format!("{token}\n"));
    assert_eq!(
        formatted("header"),
        format!("Authorization: Bearer {token}\n")
    );
    assert_eq!(
        formatted("curl"),
        format!("header = \"Authorization: Bearer {token}\"\n")
    );
    assert_eq!(formatted("env"), format!("OIC_ACCESS_TOKEN={token}\n"));
    let json: Value = serde_json::from_str(&formatted("json")).unwrap();
    assert_eq!(json["access_token"], token.as_str());
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["profile"], "sim");
    assert_eq!(
        json["scopes"],
        serde_json::json!([oic_tests::simulator::SCOPE])
    );
    assert!(json["expires_in"].as_u64().unwrap() <= 3600);
}

#[test]
fn status_json_has_every_field_and_no_token() {
    let signed_in = SignedIn::with_lifetime(3600);
    let status = signed_in.home.oic_token(&["status", "--json"]).succeeded();
    for secret in signed_in.domain.secrets_issued() {
        assert!(!status.contains(&secret));
    }
    let status: Value = serde_json::from_str(&status).unwrap();
    let pid = signed_in.daemon.own_pid(&signed_in.home);
    assert_eq!(status["daemon"]["pid"], pid);
    let profile = &status["profiles"][0];
    assert_eq!(profile["name"], "sim");
    assert_eq!(profile["state"], "signed_in");
    assert_eq!(profile["renewal"], "due");
    assert_eq!(profile["subject"], oic_tests::simulator::JANE);
    assert!(
        profile["access_token"]["remaining_seconds"]
            .as_u64()
            .unwrap()
            > 3500
    );
    assert!(profile["refresh_token"]["obtained_at"].is_string());
    assert!(profile["next_renewal_at"].is_string());
    assert_eq!(profile["failures"], 0);
    assert_eq!(profile["last_error"], Value::Null);
}

#[test]
fn a_token_of_sixteen_kilobytes_is_handed_out_whole() {
    let options = crate::signed_in::quick_domain().knob("access_token_size", "16384");
    let signed_in = SignedIn::with(options);
    let token = signed_in.get();
    assert!(token.len() >= 16_384);
    assert_eq!(signed_in.domain.access_tokens_issued().last(), Some(&token));
}
