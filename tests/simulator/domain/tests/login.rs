//! What a login's tokens say and how long they live.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::simulator::domain::registry::{JOHN, OIC};

#[test]
fn an_access_token_is_signed_and_says_what_the_domains_say() {
    let mut scene = Scene::new();
    let tokens = scene.log_in(&offline());
    let token = &tokens.access_tokens[0];
    assert!(
        token.starts_with("eyJ4NXQjUzI1NiI6"),
        "the header starts with x5t#S256"
    );
    assert!((2500..3500).contains(&token.len()), "{}", token.len());
    let claims = scene.claims(&tokens);
    assert_eq!(claims["iss"], "https://identity.oraclecloud.com/");
    assert_eq!(claims["aud"], OIC.audience);
    assert_eq!(claims["scope"], "urn:opc:resource:consumer::all");
    assert_eq!(claims["sub"], JANE);
    assert_eq!(claims["client_id"], PUBLIC_CLIENT);
    assert_eq!(claims["iat"], scene.now.as_second());
    assert_eq!(claims["exp"], scene.now.as_second() + 3600);
}

#[test]
fn an_access_token_with_other_claims_is_not_valid() {
    let mut scene = Scene::new();
    let token = scene.log_in(SCOPE).access_tokens[0].clone();
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("a JWT has three parts");
    };
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let claims = URL_SAFE_NO_PAD.encode(claims.replace(JANE, JOHN));
    for forged in [
        format!("{header}.{claims}.{signature}"),
        format!("{header}.{claims}."),
    ] {
        assert_eq!(scene.domain.valid_access_token(&forged, scene.now), None);
    }
}

#[test]
fn an_access_token_is_valid_until_it_expires() {
    let mut scene = Scene::with(&[("access_token_lifetime", "100")]);
    let tokens = scene.log_in(SCOPE);
    assert_eq!(tokens.expires_in, 100);
    scene.wait(99);
    let token = tokens.access_tokens[0].as_str();
    assert!(scene.domain.valid_access_token(token, scene.now).is_some());
    scene.wait(1);
    assert!(scene.domain.valid_access_token(token, scene.now).is_none());
}

#[test]
fn a_request_can_shorten_the_lifetime_and_not_lengthen_it() {
    let mut scene = Scene::new();
    let expiry = |seconds| format!("{SCOPE} urn:opc:resource:expiry={seconds}");
    assert_eq!(scene.log_in(&expiry(60)).expires_in, 60);
    assert_eq!(scene.log_in(&expiry(90_000)).expires_in, 3600);
}

#[test]
fn the_users_session_cuts_access_tokens_as_the_knob_says() {
    for (cut, at_login, at_refresh, after_the_session) in [
        ("never", 3600, 3600, 3600),
        ("login", 1000, 3600, 3600),
        ("always", 1000, 400, 60),
    ] {
        let mut scene = Scene::with(&[("session_lifetime", "1000"), ("session_cut", cut)]);
        let login = scene.log_in(&offline());
        assert_eq!(login.expires_in, at_login, "{cut}");
        scene.wait(600);
        let token = login.refresh_token.unwrap();
        let refreshed = scene.refresh(&token).unwrap();
        assert_eq!(refreshed.expires_in, at_refresh, "{cut}");
        scene.wait(600);
        let token = refreshed.refresh_token.unwrap();
        let late = scene.refresh(&token).unwrap();
        assert_eq!(late.expires_in, after_the_session, "{cut}");
    }
}

#[test]
fn openid_brings_an_id_token_unless_the_knob_forbids_it() {
    let scope = format!("openid {SCOPE}");
    let mut scene = Scene::new();
    let id_token = scene.log_in(&scope).id_token.unwrap();
    let claims = scene.domain.mint.verify(&id_token).unwrap();
    assert_eq!(
        (&claims["tok_type"], &claims["azp"]),
        (&"IT".into(), &PUBLIC_CLIENT.into())
    );
    assert_eq!(scene.domain.valid_access_token(&id_token, scene.now), None);
    assert_eq!(scene.log_in(SCOPE).id_token, None);
    let mut scene = Scene::with(&[("id_token", "false")]);
    assert_eq!(scene.log_in(&scope).id_token, None);
}

#[test]
fn knobs_change_issuer_audience_and_port_in_the_claims() {
    let mut scene = Scene::with(&[
        ("issuer", "https://login.example.com"),
        ("audience_form", "array"),
        ("port_in_urls", "false"),
    ]);
    let tokens = scene.log_in(SCOPE);
    let claims = scene.claims(&tokens);
    assert_eq!(claims["iss"], "https://login.example.com");
    assert_eq!(claims["aud"], serde_json::json!([OIC.audience]));
    let tenant = claims["tenant_iss"].as_str().unwrap();
    assert!(tenant.ends_with(".identity.oraclecloud.com"), "{tenant}");
}

#[test]
fn a_knob_makes_access_tokens_huge() {
    let mut scene = Scene::with(&[("access_token_size", "8192")]);
    let tokens = scene.log_in(SCOPE);
    assert!(tokens.access_tokens[0].len() >= 8192);
    assert_eq!(scene.claims(&tokens)["sub"], JANE);
}

#[test]
fn a_knob_forces_the_form_for_several_resources() {
    let mut scene = Scene::with(&[("multiresource_reply", "true")]);
    assert!(scene.log_in(SCOPE).multiresource);
}

#[test]
fn reset_forgets_logins_and_keeps_the_signing_key() {
    let mut scene = Scene::with(&[("auto_approve", JOHN)]);
    let device_code = scene.ask(&offline()).unwrap().device_code;
    let tokens = scene.poll(&device_code).unwrap();
    scene.domain.reset(Knobs::default());
    let token = tokens.refresh_token.clone().unwrap();
    assert_eq!(error(scene.refresh(&token)), "invalid_grant");
    assert_eq!(scene.claims(&tokens)["sub"], JOHN);
    assert_eq!(scene.domain.knobs, Knobs::default());
}

#[test]
fn everything_issued_can_be_searched_for() {
    let mut scene = Scene::new();
    let authorization = scene.ask(&format!("openid {}", offline())).unwrap();
    scene
        .decide(&authorization.user_code, Decision::Approve)
        .unwrap();
    let tokens = scene.poll(&authorization.device_code).unwrap();
    let issued = scene.domain.issued_secrets();
    for secret in [
        &authorization.device_code,
        &tokens.access_tokens[0],
        &tokens.id_token.unwrap(),
        &tokens.refresh_token.unwrap(),
    ] {
        assert!(issued.contains(secret));
    }
    assert_eq!(scene.domain.issued_access_tokens(), tokens.access_tokens);
}
