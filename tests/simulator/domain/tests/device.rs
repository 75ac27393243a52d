//! The device authorization grant.

use super::*;
use crate::simulator::domain::registry::{ANALYTICS_SCOPE, DEVELOPER_SCOPE, JOHN};

#[test]
fn the_answer_has_no_interval_and_no_complete_uri() {
    let answer = Scene::new().ask(&offline()).unwrap();
    assert_eq!(answer.verification_uri, "http://127.0.0.1:1/ui/v1/device");
    assert_eq!(answer.expires_in, 300);
    assert_eq!(
        (answer.interval, answer.verification_uri_complete),
        (None, None)
    );
}

#[test]
fn knobs_add_interval_and_complete_uri() {
    let mut scene = Scene::with(&[("interval", "7"), ("verification_uri_complete", "true")]);
    let answer = scene.ask(&offline()).unwrap();
    let complete = format!("{}?user_code={}", answer.verification_uri, answer.user_code);
    assert_eq!(answer.interval, Some(7));
    assert_eq!(answer.verification_uri_complete, Some(complete));
}

#[test]
fn a_knob_sends_the_user_elsewhere() {
    let mut scene = Scene::with(&[("verification_uri", "https://login.example.net/device")]);
    let answer = scene.ask(&offline()).unwrap();
    assert_eq!(answer.verification_uri, "https://login.example.net/device");
}

#[test]
fn device_codes_are_32_hexadecimal_digits_or_a_uuid() {
    let hex = Scene::new().ask(&offline()).unwrap().device_code;
    assert!(
        hex.len() == 32 && hex.chars().all(|c| c.is_ascii_hexdigit()),
        "{hex}"
    );
    let mut scene = Scene::with(&[("device_code_form", "uuid")]);
    let uuid = scene.ask(&offline()).unwrap().device_code;
    let groups: Vec<_> = uuid.split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12]);
}

#[test]
fn user_codes_are_eight_upper_case_consonants() {
    let mut scene = Scene::new();
    for _ in 0..50 {
        let code = scene.ask(&offline()).unwrap().user_code;
        assert_eq!(code.len(), 8);
        let consonant = |c: char| c.is_ascii_uppercase() && !"AEIOU".contains(c);
        assert!(code.chars().all(consonant), "{code}");
    }
}

#[test]
fn polling_is_pending_until_the_user_decides() {
    let mut scene = Scene::new();
    let answer = scene.ask(&offline()).unwrap();
    let (status, error, _) = refusal(scene.poll(&answer.device_code));
    assert_eq!((status, error), (400, "authorization_pending"));
    scene.decide(&answer.user_code, Decision::Approve).unwrap();
    assert!(scene.poll(&answer.device_code).is_ok());
}

#[test]
fn a_knob_sets_the_status_of_pending() {
    let mut scene = Scene::with(&[("pending_status", "403")]);
    let answer = scene.ask(&offline()).unwrap();
    assert_eq!(refusal(scene.poll(&answer.device_code)).0, 403);
}

#[test]
fn a_device_code_brings_tokens_once() {
    let mut scene = Scene::new();
    let answer = scene.ask(&offline()).unwrap();
    scene.decide(&answer.user_code, Decision::Approve).unwrap();
    scene.poll(&answer.device_code).unwrap();
    assert_eq!(error(scene.poll(&answer.device_code)), "invalid_grant");
}

#[test]
fn a_denied_login_is_access_denied() {
    let mut scene = Scene::new();
    let answer = scene.ask(&offline()).unwrap();
    scene.decide(&answer.user_code, Decision::Deny).unwrap();
    assert_eq!(error(scene.poll(&answer.device_code)), "access_denied");
}

#[test]
fn a_device_code_expires_with_time_and_by_hand() {
    let mut scene = Scene::with(&[("device_code_lifetime", "120")]);
    let timed = scene.ask(&offline()).unwrap();
    let forced = scene.ask(&offline()).unwrap();
    assert_eq!(timed.expires_in, 120);
    scene.decide(&forced.user_code, Decision::Expire).unwrap();
    assert_eq!(error(scene.poll(&forced.device_code)), "expired_token");
    scene.wait(119);
    assert_eq!(
        error(scene.poll(&timed.device_code)),
        "authorization_pending"
    );
    scene.wait(1);
    assert_eq!(error(scene.poll(&timed.device_code)), "expired_token");
    assert!(scene.decide(&timed.user_code, Decision::Approve).is_err());
}

#[test]
fn a_knob_calls_expired_codes_invalid_grant() {
    let mut scene = Scene::with(&[("expired_device_code", "invalid_grant")]);
    let answer = scene.ask(&offline()).unwrap();
    scene.wait(300);
    assert_eq!(error(scene.poll(&answer.device_code)), "invalid_grant");
}

#[test]
fn only_a_knob_brings_slow_down() {
    let mut scene = Scene::with(&[("slow_down_threshold", "5")]);
    let answer = scene.ask(&offline()).unwrap();
    assert_eq!(
        error(scene.poll(&answer.device_code)),
        "authorization_pending"
    );
    scene.wait(4);
    assert_eq!(error(scene.poll(&answer.device_code)), "slow_down");
    scene.wait(5);
    assert_eq!(
        error(scene.poll(&answer.device_code)),
        "authorization_pending"
    );
    scene.domain.knobs.set("slow_down_threshold", "0").unwrap();
    assert_eq!(
        error(scene.poll(&answer.device_code)),
        "authorization_pending"
    );
}

#[test]
fn a_knob_approves_at_once() {
    let mut scene = Scene::with(&[("auto_approve", JOHN)]);
    let answer = scene.ask(&offline()).unwrap();
    let tokens = scene.poll(&answer.device_code).unwrap();
    assert_eq!(scene.claims(&tokens)["sub"], JOHN);
}

#[test]
fn the_user_code_may_be_typed_carelessly() {
    let mut scene = Scene::new();
    let answer = scene.ask(&offline()).unwrap();
    let (left, right) = answer.user_code.split_at(4);
    let typed = format!(" {}-{} ", left.to_lowercase(), right);
    scene.decide(&typed, Decision::Approve).unwrap();
    assert!(scene.poll(&answer.device_code).is_ok());
}

#[test]
fn deciding_needs_a_known_code_and_a_known_user() {
    let mut scene = Scene::new();
    let answer = scene.ask(&offline()).unwrap();
    assert!(scene.decide("BCDFGHJK", Decision::Approve).is_err());
    let code = &answer.user_code;
    let stranger = scene
        .domain
        .decide(
            code,
            Some("nobody@example.com"),
            Decision::Approve,
            scene.now,
        )
        .unwrap_err();
    assert!(
        stranger.contains(JANE) && stranger.contains(JOHN),
        "{stranger}"
    );
}

#[test]
fn another_clients_device_code_is_invalid() {
    let mut scene = Scene::new();
    let answer = scene.ask(&offline()).unwrap();
    scene.decide(&answer.user_code, Decision::Approve).unwrap();
    let other = registry::client(CONFIDENTIAL_CLIENT).unwrap();
    let now = scene.now;
    let code = &answer.device_code;
    let answer = scene
        .domain
        .redeem_device_code(other, code, Rotation::Rotate, now);
    assert_eq!(error(answer), "invalid_grant");
}

#[test]
fn offline_access_is_refused_at_the_device_request() {
    let mut scene = Scene::with(&[("allow_token_refresh", "false")]);
    let text = "The resource does not support offline access";
    let refused = (401, "unauthorized_client", text.to_owned());
    assert_eq!(refusal(scene.ask(&offline())), refused);
    assert!(scene.ask(SCOPE).is_ok());
    let mut scene = Scene::with(&[("unauthorized_client_status", "400")]);
    let refused = refusal(scene.ask(&format!("{ANALYTICS_SCOPE} offline_access")));
    assert_eq!((refused.0, refused.2.as_str()), (400, text));
}

#[test]
fn unknown_clients_and_scopes_are_refused() {
    let mut scene = Scene::new();
    let now = scene.now;
    let stranger = scene.domain.authorize_device("stranger", SCOPE, now);
    assert_eq!(error(stranger), "unauthorized_client");
    let batch = scene
        .domain
        .authorize_device(CONFIDENTIAL_CLIENT, DEVELOPER_SCOPE, now);
    assert_eq!(error(batch), "invalid_scope");
    for scope in [
        "urn:opc:resource:consumer::all",
        "offline_access",
        "urn:opc:resource:expiry=x",
    ] {
        assert_eq!(error(scene.ask(scope)), "invalid_scope", "{scope}");
    }
}

#[test]
fn scopes_of_two_audiences_need_the_multiresource_scope() {
    let mut scene = Scene::new();
    assert!(scene.ask(&format!("{SCOPE} {DEVELOPER_SCOPE}")).is_ok());
    let two = format!("{SCOPE} {ANALYTICS_SCOPE}");
    assert_eq!(error(scene.ask(&two)), "invalid_scope");
    let tokens = scene.log_in(&format!("{two} urn:opc:resource:multiresourcescope"));
    assert!(tokens.multiresource);
    assert_eq!(tokens.access_tokens.len(), 2);
}
