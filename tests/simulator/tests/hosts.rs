//! The OIC runtime host and the design host.

use super::*;

const ECHO: &str = "/ic/api/integration/v1/flows/rest/ECHO/1.0/word";
const INTEGRATIONS: &str = "/ic/api/integration/v1/integrations";

/// Calls Echo with this access token.
fn echo(simulator: &Simulator, access_token: &str) -> Reply {
    let bearer = format!("Bearer {access_token}");
    get(&simulator.url(), ECHO, &[("Authorization", &bearer)]).unwrap()
}

fn access_token(simulator: &Simulator, user: &str) -> String {
    text(&log_in(simulator, user)["access_token"]).to_owned()
}

#[test]
fn echo_checks_token_signature_expiry_and_role() {
    let simulator = simulator(&[]);
    let jane = access_token(&simulator, JANE);
    assert_eq!(echo(&simulator, &jane).status, 200);
    assert_eq!(get(&simulator.url(), ECHO, &[]).unwrap().status, 401);
    let (head, _) = jane.rsplit_once('.').unwrap();
    assert_eq!(echo(&simulator, head).status, 401);
    let john = access_token(&simulator, JOHN);
    assert_eq!(echo(&simulator, &john).status, 401);
    simulator.advance(Duration::from_secs(3600));
    assert_eq!(echo(&simulator, &jane).status, 401);
}

#[test]
fn echo_takes_no_token_of_another_audience() {
    let simulator = simulator(&[("auto_approve", JANE), ("unauthorized", "challenge")]);
    let fields = [
        ("response_type", "device_code"),
        ("client_id", PUBLIC_CLIENT),
        ("scope", ANALYTICS_SCOPE),
    ];
    let reply = post(&simulator.url(), "/oauth2/v1/device", &fields)
        .unwrap()
        .json();
    let tokens = poll(&simulator, text(&reply["device_code"]))
        .unwrap()
        .json();
    let refused = echo(&simulator, text(&tokens["access_token"]));
    assert_eq!(refused.status, 401);
    let challenge = r#"Bearer error="invalid_token", error_description="Token Audience""#;
    assert_eq!(refused.header("www-authenticate"), Some(challenge));
}

#[test]
fn the_audience_may_be_an_array() {
    let simulator = simulator(&[("audience_form", "array")]);
    let token = access_token(&simulator, JANE);
    assert_eq!(echo(&simulator, &token).status, 200);
}

#[test]
fn a_knob_sets_the_shape_of_the_refusal() {
    let simulator = simulator(&[]);
    assert_eq!(
        echo(&simulator, "garbage").json()["code"],
        "NotAuthenticated"
    );
    for (form, challenge, html) in [
        ("challenge", true, false),
        ("html", true, true),
        ("empty", false, false),
    ] {
        simulator.set_knob("unauthorized", form).unwrap();
        let reply = echo(&simulator, "garbage");
        assert_eq!(reply.status, 401);
        assert_eq!(
            reply.header("www-authenticate").is_some(),
            challenge,
            "{form}"
        );
        assert_eq!(reply.body.starts_with("<!DOCTYPE html>"), html, "{form}");
    }
}

#[test]
fn a_knob_sets_the_status_for_the_missing_role() {
    let simulator = simulator(&[("missing_role_status", "403")]);
    let john = access_token(&simulator, JOHN);
    assert_eq!(echo(&simulator, &john).status, 403);
    assert_eq!(echo(&simulator, "garbage").status, 401);
}

#[test]
fn metadata_describes_the_endpoint() {
    let simulator = simulator(&[]);
    let bearer = format!("Bearer {}", access_token(&simulator, JANE));
    let path = "/ic/api/integration/v1/flows/rest/ECHO/1.0/metadata";
    let reply = get(&simulator.url(), path, &[("Authorization", &bearer)]).unwrap();
    assert_eq!(reply.json()["name"], "ECHO");
}

#[test]
fn developer_paths_lead_to_the_design_host_which_wants_an_instance() {
    let simulator = simulator(&[]);
    let url = simulator.url();
    let reply = get(&url, INTEGRATIONS, &[]).unwrap();
    assert_eq!(reply.status, 302);
    let port = url.rsplit(':').next().unwrap();
    let design = format!("localhost:{port}");
    let location = format!("http://{design}{INTEGRATIONS}?integrationInstance=oic-sim");
    assert_eq!(reply.header("location"), Some(location.as_str()));
    simulator.set_knob("developer_redirect", "307").unwrap();
    assert_eq!(get(&url, INTEGRATIONS, &[]).unwrap().status, 307);

    let bearer = format!("Bearer {}", access_token(&simulator, JANE));
    let authorized = [("Host", design.as_str()), ("Authorization", &bearer)];
    let dropped = get(&url, INTEGRATIONS, &authorized[..1]).unwrap();
    assert_eq!(dropped.status, 401, "the access token got lost on the way");
    assert_eq!(get(&url, INTEGRATIONS, &authorized).unwrap().status, 400);
    let path = format!("{INTEGRATIONS}?integrationInstance=oic-sim");
    let reply = get(&url, &path, &authorized).unwrap();
    assert_eq!(reply.json()["items"][0]["name"], "Echo");
}
