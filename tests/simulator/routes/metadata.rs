//! The two well-known documents: OpenID Connect Discovery, and Oracle's own
//! with the same inside.

use axum::http::Method;
use serde_json::{Value, json};

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::Domain;
use crate::simulator::domain::registry::TENANT;
use crate::simulator::received::Received;

pub(crate) fn answer(domain: &Domain, received: &Received) -> Answer {
    either(metadata(domain, received))
}

fn metadata(domain: &Domain, received: &Received) -> Result<Answer, Answer> {
    check_method(received, &[Method::GET])?;
    let document = openid_configuration(domain);
    let document = if received.path.ends_with("/idcs-configuration") {
        json!({"openid-configuration": document, "cloudgate-configuration": {}})
    } else {
        document
    };
    Ok(Answer::json(200, document))
}

fn openid_configuration(domain: &Domain) -> Value {
    let mut document = json!({
        "issuer": domain.knobs.issuer,
        "scopes_supported": ["openid", "profile", "offline_access", "email", "address", "phone",
            "groups", "get_groups", "approles", "get_approles"],
        "response_types_supported": ["code", "token", "id_token", "code token", "code id_token",
            "token id_token", "code token id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub"],
        "grant_types_supported": ["client_credentials", "password", "refresh_token",
            "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer", "tls_cert_auth"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "private_key_jwt", "client_secret_post"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "userinfo_signing_alg_values_supported": ["none"],
        "ui_locales_supported": ["en"],
        "claims_parameter_supported": false,
        "http_logout_supported": true,
        "logout_session_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "idcs_id_token": "supported",
        "idcs_logout_v3": "supported",
    });
    // The `secure_` twins are the mTLS hosts; the simulator has no such listener.
    let secure = format!("https://{TENANT}.us-ashburn-idcs-1.secure.identity.oraclecloud.com");
    for (name, path) in ENDPOINTS {
        document[*name] = json!(format!("{}{path}", domain.url));
        document[format!("secure_{name}")] = json!(format!("{secure}{path}"));
    }
    if domain.knobs.device_endpoint_in_metadata {
        document["device_authorization_endpoint"] =
            json!(format!("{}/oauth2/v1/device", domain.url));
    }
    document
}

const ENDPOINTS: &[(&str, &str)] = &[
    ("authorization_endpoint", "/oauth2/v1/authorize"),
    ("token_endpoint", "/oauth2/v1/token"),
    ("userinfo_endpoint", "/oauth2/v1/userinfo"),
    ("revocation_endpoint", "/oauth2/v1/revoke"),
    ("introspection_endpoint", "/oauth2/v1/introspect"),
    ("end_session_endpoint", "/oauth2/v1/userlogout"),
    ("jwks_uri", "/admin/v1/SigningCert/jwk"),
];
