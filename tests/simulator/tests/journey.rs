//! The endpoints of the identity domain, as a client meets them.

use super::caller::{call, post_with};
use super::*;

#[test]
fn a_login_ends_in_a_call_to_echo() {
    let simulator = simulator(&[]);
    let tokens = log_in(&simulator, JANE);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], Value::Null, "the domain sends no scope");
    let bearer = format!("Bearer {}", text(&tokens["access_token"]));
    let path = "/ic/api/integration/v1/flows/rest/ECHO/1.0/good%20morning";
    let echo = get(&simulator.url(), path, &[("Authorization", &bearer)]).unwrap();
    assert_eq!(echo.status, 200);
    assert_eq!(echo.json()["Message"], "Your message is good morning");
}

#[test]
fn errors_come_as_oauth_json_with_the_domains_headers() {
    let simulator = simulator(&[]);
    let reply = refresh(&simulator, "garbage").unwrap();
    assert_eq!(
        (reply.status, reply.error().as_str()),
        (400, "invalid_grant")
    );
    assert_eq!(
        reply.header("content-type"),
        Some("application/json;charset=UTF-8")
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("pragma"), Some("no-cache"));
    assert_eq!(reply.header("x-oracle-dms-rid"), Some("0"));
    let ecid = reply.json()["ecid"].as_str().map(str::to_owned);
    assert_eq!(ecid.as_deref(), reply.header("x-oracle-dms-ecid"));
    assert_eq!(ecid.unwrap().len(), 17);
}

#[test]
fn a_knob_takes_the_ecid_out_of_the_body_and_not_out_of_the_header() {
    let simulator = simulator(&[("ecid", "false")]);
    let reply = refresh(&simulator, "garbage").unwrap();
    assert_eq!(reply.json()["ecid"], Value::Null);
    assert!(reply.header("x-oracle-dms-ecid").is_some());
}

#[test]
fn a_device_request_needs_all_its_parameters() {
    let simulator = simulator(&[]);
    let all = [
        ("response_type", "device_code"),
        ("client_id", PUBLIC_CLIENT),
        ("scope", SCOPE),
    ];
    for (missing, _) in all {
        let rest: Vec<_> = all
            .into_iter()
            .filter(|(name, _)| *name != missing)
            .collect();
        let reply = post(&simulator.url(), "/oauth2/v1/device", &rest).unwrap();
        assert_eq!(
            (reply.status, reply.error().as_str()),
            (400, "invalid_request"),
            "{missing}"
        );
    }
    simulator
        .set_knob("response_type_required", "false")
        .unwrap();
    let reply = post(&simulator.url(), "/oauth2/v1/device", &all[1..]).unwrap();
    assert_eq!(reply.status, 200);
}

#[test]
fn requests_that_are_no_form_are_refused() {
    let simulator = simulator(&[]);
    let url = simulator.url();
    let json = [("Content-Type", "application/json")];
    let reply = call(&url, "POST /oauth2/v1/device HTTP/1.1", &json, "{}").unwrap();
    assert_eq!(reply.status, 415);
    let twice = [("token", "a"), ("token", "b")];
    let reply = post(&url, "/oauth2/v1/revoke", &twice).unwrap();
    assert_eq!(
        (reply.status, reply.error().as_str()),
        (400, "invalid_request")
    );
    let long = "x".repeat(70_000);
    let reply = post(&url, "/oauth2/v1/revoke", &[("token", &long)]).unwrap();
    assert_eq!(reply.status, 413);
    let reply = get(&url, "/oauth2/v1/token", &[]).unwrap();
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
}

#[test]
fn the_confidential_client_shows_its_secret_in_either_place() {
    let simulator = simulator(&[("auto_approve", JANE)]);
    let url = simulator.url();
    let fields = [
        ("response_type", "device_code"),
        ("client_id", CONFIDENTIAL_CLIENT),
        ("scope", SCOPE),
    ];
    let new_code = || {
        let reply = post(&url, "/oauth2/v1/device", &fields).unwrap();
        text(&reply.json()["device_code"]).to_owned()
    };
    let code = new_code();
    let grant = [("grant_type", DEVICE_GRANT), ("device_code", code.as_str())];
    let named = [grant[0], grant[1], ("client_id", CONFIDENTIAL_CLIENT)];
    let reply = post(&url, "/oauth2/v1/token", &named).unwrap();
    assert_eq!(
        (reply.status, reply.error().as_str()),
        (401, "invalid_client")
    );
    assert_eq!(
        reply.json()["error_description"],
        "Client authentication failed"
    );
    // base64 of c0ffee00c0ffee00c0ffee00c0ffee00:sim-secret
    let basic = "Basic YzBmZmVlMDBjMGZmZWUwMGMwZmZlZTAwYzBmZmVlMDA6c2ltLXNlY3JldA==";
    let header = [("Authorization", basic)];
    let reply = post_with(&url, "/oauth2/v1/token", &grant, &header).unwrap();
    assert_eq!(reply.status, 200);
    let code = new_code();
    let grant = [
        ("grant_type", DEVICE_GRANT),
        ("device_code", code.as_str()),
        ("client_id", CONFIDENTIAL_CLIENT),
        ("client_secret", CONFIDENTIAL_SECRET),
    ];
    let reply = post(&url, "/oauth2/v1/token", &grant).unwrap();
    assert_eq!(reply.status, 200);
}

#[test]
fn there_are_two_grants_and_no_third() {
    let simulator = simulator(&[]);
    let fields = [("grant_type", "password"), ("client_id", PUBLIC_CLIENT)];
    let reply = post(&simulator.url(), "/oauth2/v1/token", &fields).unwrap();
    assert_eq!(
        (reply.status, reply.error().as_str()),
        (400, "unsupported_grant_type")
    );
}

#[test]
fn revoking_answers_200_with_nothing_in_it() {
    let simulator = simulator(&[]);
    let token = first_refresh_token(&simulator);
    let reply = revoke(&simulator, &token).unwrap();
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(
        refresh(&simulator, &token).unwrap().error(),
        "invalid_grant"
    );
}

#[test]
fn knobs_change_the_form_of_the_token_answer() {
    let simulator = simulator(&[("expires_in_as_string", "true")]);
    assert_eq!(log_in(&simulator, JANE)["expires_in"], "3600");
    simulator.set_knob("multiresource_reply", "true").unwrap();
    let answer = log_in(&simulator, JANE);
    assert_eq!(answer["access_token"], Value::Null);
    assert_eq!(answer["tokenResponses"][0]["token_type"], "Bearer");
    assert!(answer["refresh_token"].is_string());
}

#[test]
fn the_metadata_has_no_device_endpoint_unless_the_knob_adds_it() {
    let simulator = simulator(&[]);
    let url = simulator.url();
    let metadata = || {
        get(&url, "/.well-known/openid-configuration", &[])
            .unwrap()
            .json()
    };
    assert_eq!(metadata()["issuer"], "https://identity.oraclecloud.com/");
    assert_eq!(
        metadata()["token_endpoint"],
        format!("{url}/oauth2/v1/token")
    );
    assert_eq!(metadata()["device_authorization_endpoint"], Value::Null);
    let idcs = get(&url, "/.well-known/idcs-configuration", &[])
        .unwrap()
        .json();
    assert_eq!(idcs["openid-configuration"], metadata());
    simulator
        .set_knob("device_endpoint_in_metadata", "true")
        .unwrap();
    let device = format!("{url}/oauth2/v1/device");
    assert_eq!(metadata()["device_authorization_endpoint"], device);
}

#[test]
fn the_signing_key_is_closed_unless_the_knob_opens_it() {
    let simulator = simulator(&[]);
    let keys = || get(&simulator.url(), "/admin/v1/SigningCert/jwk", &[]).unwrap();
    assert_eq!(keys().status, 401);
    assert_eq!(
        keys().json()["status"],
        "401",
        "SCIM writes the status as a string"
    );
    simulator.set_knob("jwks_public", "true").unwrap();
    assert_eq!(keys().json()["keys"][0]["kid"], "SIGNING_KEY");
}

#[test]
fn userinfo_needs_openid() {
    let simulator = simulator(&[("auto_approve", JANE)]);
    let url = simulator.url();
    let userinfo = |scope: &str| {
        let fields = [
            ("response_type", "device_code"),
            ("client_id", PUBLIC_CLIENT),
            ("scope", scope),
        ];
        let code = post(&url, "/oauth2/v1/device", &fields).unwrap().json();
        let tokens = poll(&simulator, text(&code["device_code"])).unwrap().json();
        let bearer = format!("Bearer {}", text(&tokens["access_token"]));
        get(&url, "/oauth2/v1/userinfo", &[("Authorization", &bearer)]).unwrap()
    };
    assert_eq!(
        userinfo(&format!("openid {SCOPE}")).json()["name"],
        "Jane Doe"
    );
    assert_eq!(userinfo(SCOPE).status, 401);
}

#[test]
fn introspection_is_for_confidential_clients() {
    let simulator = simulator(&[]);
    let tokens = log_in(&simulator, JANE);
    let token = ("token", text(&tokens["access_token"]));
    let introspect = |client: &[(&str, &str)]| {
        let fields: Vec<_> = client.iter().copied().chain([token]).collect();
        post(&simulator.url(), "/oauth2/v1/introspect", &fields).unwrap()
    };
    assert_eq!(introspect(&[("client_id", PUBLIC_CLIENT)]).status, 401);
    let confidential = [
        ("client_id", CONFIDENTIAL_CLIENT),
        ("client_secret", CONFIDENTIAL_SECRET),
    ];
    assert_eq!(introspect(&confidential).json()["active"], true);
    simulator
        .set_knob("introspection_active", "string")
        .unwrap();
    assert_eq!(introspect(&confidential).json()["active"], "true");
    simulator.advance(Duration::from_secs(3600));
    assert_eq!(
        introspect(&confidential).json(),
        serde_json::json!({"active": "false"})
    );
}
