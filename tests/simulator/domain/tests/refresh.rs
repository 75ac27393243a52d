//! Refresh tokens: the rules a daemon lives by.

use super::*;
use crate::simulator::domain::registry::DEVELOPER_SCOPE;

const CONSUMED: &str = "The token has already been consumed";

fn consumed() -> (u16, &'static str, String) {
    (400, "invalid_grant", CONSUMED.to_owned())
}

#[test]
fn a_refresh_brings_a_new_refresh_token_and_spends_the_old_one() {
    let mut scene = Scene::new();
    let first = scene.refresh_token();
    let second = scene.refresh(&first).unwrap().refresh_token.unwrap();
    assert_ne!(first, second);
    assert_eq!(refusal(scene.refresh(&first)), consumed());
    assert!(scene.refresh(&second).is_ok());
}

#[test]
fn an_expired_refresh_token_is_refused_in_the_domains_words() {
    let mut scene = Scene::with(&[("refresh_token_lifetime", "100")]);
    let token = scene.refresh_token();
    scene.wait(100);
    let text = format!("Token is expired for client : {PUBLIC_CLIENT}");
    assert_eq!(refusal(scene.refresh(&token)), (400, "invalid_grant", text));
}

#[test]
fn the_lifetime_slides_with_every_refresh() {
    let mut scene = Scene::with(&[("refresh_token_lifetime", "100")]);
    let mut token = scene.refresh_token();
    for _ in 0..5 {
        scene.wait(99);
        token = scene.refresh(&token).unwrap().refresh_token.unwrap();
    }
}

#[test]
fn an_absolute_lifetime_counts_from_the_login() {
    let mut scene = Scene::with(&[
        ("refresh_token_lifetime", "100"),
        ("refresh_token_expiry", "absolute"),
    ]);
    let token = scene.refresh_token();
    scene.wait(60);
    let token = scene.refresh(&token).unwrap().refresh_token.unwrap();
    scene.wait(39);
    let token = scene.refresh(&token).unwrap().refresh_token.unwrap();
    scene.wait(1);
    let (_, error, description) = refusal(scene.refresh(&token));
    assert_eq!(error, "invalid_grant");
    assert!(description.contains("expired"), "{description}");
}

#[test]
fn reuse_leaves_the_chain_alone_unless_the_knob_revokes_it() {
    for (revokes, successor_lives) in [("false", true), ("true", false)] {
        let mut scene = Scene::with(&[("reuse_revokes_chain", revokes)]);
        let first = scene.refresh_token();
        let second = scene.refresh(&first).unwrap().refresh_token.unwrap();
        assert_eq!(refusal(scene.refresh(&first)), consumed());
        assert_eq!(scene.refresh(&second).is_ok(), successor_lives, "{revokes}");
    }
}

#[test]
fn a_grace_period_forgives_a_second_use_but_is_not_prolonged_by_it() {
    let mut scene = Scene::with(&[("grace_seconds", "30")]);
    let token = scene.refresh_token();
    scene.refresh(&token).unwrap();
    scene.wait(29);
    assert!(scene.refresh(&token).is_ok());
    scene.wait(1);
    assert_eq!(refusal(scene.refresh(&token)), consumed());
}

#[test]
fn without_rotation_the_old_refresh_token_stays_good() {
    let mut scene = Scene::with(&[("rotate_refresh_tokens", "false")]);
    let token = scene.refresh_token();
    for _ in 0..2 {
        assert_eq!(scene.refresh(&token).unwrap().refresh_token, None);
    }
}

#[test]
fn a_second_login_ends_the_first_only_by_knob() {
    for (ends, first_lives) in [("false", true), ("true", false)] {
        let mut scene = Scene::with(&[("second_login_revokes_first", ends)]);
        let first = scene.refresh_token();
        let second = scene.refresh_token();
        assert_eq!(scene.refresh(&first).is_ok(), first_lives, "{ends}");
        assert!(scene.refresh(&second).is_ok());
    }
}

#[test]
fn a_refresh_token_needs_all_three_switches() {
    assert_eq!(Scene::new().log_in(SCOPE).refresh_token, None);
    let mut scene = Scene::with(&[("refresh_grant", "omitted")]);
    assert_eq!(scene.log_in(&offline()).refresh_token, None);
    let mut scene = Scene::with(&[("refresh_grant", "refused")]);
    assert_eq!(error(scene.ask(&offline())), "unauthorized_client");
}

#[test]
fn a_revoked_login_cannot_be_refreshed_but_its_access_token_lives_on() {
    let mut scene = Scene::new();
    let tokens = scene.log_in(&offline());
    let token = tokens.refresh_token.clone().unwrap();
    scene.revoke_as(PUBLIC_CLIENT, &token).unwrap();
    assert_eq!(error(scene.refresh(&token)), "invalid_grant");
    assert_eq!(scene.claims(&tokens)["sub"], JANE);
}

#[test]
fn revoking_an_unknown_token_is_no_error() {
    assert_eq!(Scene::new().revoke_as(PUBLIC_CLIENT, "unknown"), Ok(()));
}

#[test]
fn a_client_can_only_use_and_revoke_its_own_refresh_tokens() {
    let mut scene = Scene::new();
    let token = scene.refresh_token();
    let stolen = scene.refresh_as(CONFIDENTIAL_CLIENT, &token, None);
    assert_eq!(error(stolen), "invalid_grant");
    assert_eq!(
        error(scene.revoke_as(CONFIDENTIAL_CLIENT, &token)),
        "invalid_grant"
    );
    assert!(scene.refresh(&token).is_ok());
}

#[test]
fn a_knob_keeps_public_clients_from_revoking() {
    let mut scene = Scene::with(&[("public_client_may_revoke", "false")]);
    let token = scene.refresh_token();
    assert_eq!(
        error(scene.revoke_as(PUBLIC_CLIENT, &token)),
        "invalid_client"
    );
    assert!(scene.refresh(&token).is_ok());
}

#[test]
fn a_knob_sets_the_status_for_unknown_refresh_tokens() {
    let mut scene = Scene::with(&[("unknown_refresh_token_status", "401")]);
    let (status, error, _) = refusal(scene.refresh("garbage"));
    assert_eq!((status, error), (401, "invalid_grant"));
}

#[test]
fn a_refresh_may_narrow_the_scope_and_not_widen_it() {
    let mut scene = Scene::new();
    let both = format!("{SCOPE} {DEVELOPER_SCOPE} offline_access");
    let token = scene.log_in(&both).refresh_token.unwrap();
    let narrowed = scene
        .refresh_as(PUBLIC_CLIENT, &token, Some(DEVELOPER_SCOPE))
        .unwrap();
    assert_eq!(scene.claims(&narrowed)["scope"], "/ic/api/");
    let token = scene.refresh_token();
    for wider in [DEVELOPER_SCOPE.to_owned(), format!("openid {SCOPE}")] {
        let widened = scene.refresh_as(PUBLIC_CLIENT, &token, Some(&wider));
        assert_eq!(error(widened), "invalid_scope");
    }
    assert!(
        scene.refresh(&token).is_ok(),
        "a refused refresh spends nothing"
    );
}

#[test]
fn refresh_tokens_look_like_those_of_the_two_generations() {
    for (form, head) in [("new", "AgAg"), ("old", "AQIDBAU")] {
        let token = Scene::with(&[("refresh_token_form", form)]).refresh_token();
        assert!(token.starts_with(head) && token.ends_with("=="), "{form}");
        let url_safe = |c: char| c.is_ascii_alphanumeric() || "-_=".contains(c);
        assert!(token.chars().all(url_safe), "{form}");
    }
}
