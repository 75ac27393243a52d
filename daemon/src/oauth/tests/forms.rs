//! The forms that are sent, field by field.

use oic_proto::Secret;

use super::super::{Form, authorize_device, poll_token, refresh_token, revoke_token, token_grant};
use super::said::{confidential_profile, json, profile};
use crate::lifecycle::{DeviceCode, RefreshToken};

const CLIENT_ID: &str = "client_id=6b0c1d2e3f405162738495a6b7c8d9e0";

fn device_code() -> DeviceCode {
    DeviceCode(Secret::new("9f2c41d0".to_owned()))
}

fn old_refresh_token() -> RefreshToken {
    RefreshToken(Secret::new("AgAgOWIx5nQ==".to_owned()))
}

#[track_caller]
fn check(form: &Form, expected: &[&str]) {
    let fields = form.0.iter();
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{name}={}", value.expose()))
        .collect();
    assert_eq!(fields, expected);
}

#[test]
fn a_device_authorization_names_client_and_scope() {
    check(
        &authorize_device(&profile()),
        &[
            CLIENT_ID,
            "scope=https://20D5.example.com:443urn:opc:resource:consumer::all openid offline_access",
            "response_type=device_code",
        ],
    );
}

#[test]
fn offline_access_can_be_left_out() {
    let mut profile = profile();
    profile.offline_access = false;
    profile.scopes = vec!["api".to_owned()];
    profile.device_authorization_params = Vec::new();
    check(&authorize_device(&profile), &[CLIENT_ID, "scope=api"]);
}

#[test]
fn a_poll_of_a_public_client_names_it() {
    check(
        &poll_token(&profile(), &device_code()),
        &[
            "grant_type=urn:ietf:params:oauth:grant-type:device_code",
            "device_code=9f2c41d0",
            CLIENT_ID,
        ],
    );
}

#[test]
fn a_refresh_of_a_public_client_names_it_and_asks_for_no_scope() {
    check(
        &refresh_token(&profile(), &old_refresh_token()),
        &[
            "grant_type=refresh_token",
            "refresh_token=AgAgOWIx5nQ==",
            CLIENT_ID,
        ],
    );
}

#[test]
fn a_revocation_of_a_public_client_names_it() {
    check(
        &revoke_token(&profile(), &old_refresh_token()),
        &["token=AgAgOWIx5nQ==", CLIENT_ID],
    );
}

#[test]
fn a_confidential_client_is_named_by_its_credentials_and_not_in_the_body() {
    let profile = confidential_profile();
    check(
        &poll_token(&profile, &device_code()),
        &[
            "grant_type=urn:ietf:params:oauth:grant-type:device_code",
            "device_code=9f2c41d0",
        ],
    );
    check(
        &refresh_token(&profile, &old_refresh_token()),
        &["grant_type=refresh_token", "refresh_token=AgAgOWIx5nQ=="],
    );
    check(
        &revoke_token(&profile, &old_refresh_token()),
        &["token=AgAgOWIx5nQ=="],
    );
}

#[test]
fn a_confidential_client_is_named_in_the_device_authorization() {
    let form = authorize_device(&confidential_profile());
    assert_eq!(form.0[0].0, "client_id");
}

#[test]
fn no_form_holds_the_client_secret() {
    let profile = confidential_profile();
    let forms = [
        authorize_device(&profile),
        poll_token(&profile, &device_code()),
        refresh_token(&profile, &old_refresh_token()),
        revoke_token(&profile, &old_refresh_token()),
    ];
    for (_, value) in forms.iter().flat_map(|form| &form.0) {
        assert!(!value.expose().contains("sim-secret"));
    }
}

#[test]
fn further_parameters_go_where_they_are_configured_to() {
    let mut profile = profile();
    let resource = ("resource".to_owned(), "urn:example:api".to_owned());
    let audience = ("audience".to_owned(), "api".to_owned());
    profile.device_authorization_params = vec![resource];
    profile.token_params = vec![audience];
    let has = |form: &Form, name: &str| form.0.iter().any(|field| field.0 == name);

    let device = authorize_device(&profile);
    assert!(has(&device, "resource") && !has(&device, "audience"));
    let poll = poll_token(&profile, &device_code());
    assert!(has(&poll, "audience") && !has(&poll, "resource"));
    let refresh = refresh_token(&profile, &old_refresh_token());
    assert!(has(&refresh, "audience") && !has(&refresh, "resource"));
    let revocation = revoke_token(&profile, &old_refresh_token());
    assert!(!has(&revocation, "audience") && !has(&revocation, "resource"));
}

#[test]
fn nothing_prints_a_form() {
    let form = refresh_token(&profile(), &old_refresh_token());
    assert!(!format!("{form:?}").contains("AgAg"), "{form:?}");
}

#[test]
fn a_server_may_quote_all_of_a_form_but_what_opens_a_session() {
    for (form, secret) in [
        (poll_token(&profile(), &device_code()), "9f2c41d0"),
        (
            refresh_token(&profile(), &old_refresh_token()),
            "AgAgOWIx5nQ==",
        ),
        (
            revoke_token(&profile(), &old_refresh_token()),
            "AgAgOWIx5nQ==",
        ),
    ] {
        let fields = form.0.iter();
        let quoted = fields.map(|(name, value)| format!("{name}={}", value.expose()));
        let quoted = Vec::from_iter(quoted).join(" ");
        let body = format!(r#"{{"error":"invalid_request","error_description":"{quoted}"}}"#);
        let error = token_grant(Ok(json(400, &body))).expect_err("no grant");
        let message = error.without(&form.secrets()).to_string();
        assert!(!message.contains(secret), "{message}");
        assert!(message.contains(CLIENT_ID), "{message}");
    }
}
