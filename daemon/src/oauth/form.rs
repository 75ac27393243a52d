//! The forms we send.

use oic_proto::Secret;

use crate::config::ProfileConfig;
use crate::lifecycle::{DeviceCode, RefreshToken};

/// The fields of a form, not yet percent-encoded; their values are kept from
/// logs.
#[derive(Debug)]
pub struct Form(pub Vec<(String, Secret<String>)>);

impl Form {
    fn of(profile: &ProfileConfig, fields: &[(&str, &str)]) -> Self {
        let mut form = Self(Vec::with_capacity(fields.len() + 2));
        for (name, value) in fields {
            form.push(name, value);
        }
        // RFC 6749 §3.2.1: a client that does not authenticate names itself
        // in the body; one that does is named by its credentials.
        if profile.client.secret.is_none() {
            form.push("client_id", &profile.client.id);
        }
        form
    }

    /// What of this must not be repeated: a server may quote the request in
    /// its error.
    pub fn secrets(&self) -> Vec<Secret<String>> {
        let secret = |name: &str| matches!(name, "refresh_token" | "device_code" | "token");
        let fields = self.0.iter().filter(|(name, _)| secret(name));
        fields.map(|(_, value)| value.clone()).collect()
    }

    fn push(&mut self, name: &str, value: &str) {
        self.0
            .push((name.to_owned(), Secret::new(value.to_owned())));
    }

    fn with(mut self, params: &[(String, String)]) -> Self {
        for (name, value) in params {
            self.push(name, value);
        }
        self
    }
}

/// The device authorization request (RFC 8628 §3.1).
pub fn authorize_device(profile: &ProfileConfig) -> Form {
    let mut form = Form(Vec::new());
    form.push("client_id", &profile.client.id);
    form.push("scope", &requested_scope(profile));
    form.with(&profile.device_authorization_params)
}

/// The token request of the device grant (RFC 8628 §3.4).
pub fn poll_token(profile: &ProfileConfig, device_code: &DeviceCode) -> Form {
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    let fields = [
        ("grant_type", grant),
        ("device_code", device_code.0.expose()),
    ];
    Form::of(profile, &fields).with(&profile.token_params)
}

/// The refresh request (RFC 6749 §6). No `scope`: the server then keeps the
/// one granted, and OCI IAM may answer a narrowed one without a refresh token.
pub fn refresh_token(profile: &ProfileConfig, refresh_token: &RefreshToken) -> Form {
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.0.expose()),
    ];
    Form::of(profile, &fields).with(&profile.token_params)
}

/// The revocation request (RFC 7009 §2.1).
pub fn revoke_token(profile: &ProfileConfig, refresh_token: &RefreshToken) -> Form {
    Form::of(profile, &[("token", refresh_token.0.expose())])
}

fn requested_scope(profile: &ProfileConfig) -> String {
    let mut scope = profile.scopes.join(" ");
    if profile.offline_access {
        scope.push_str(" offline_access");
    }
    scope
}
