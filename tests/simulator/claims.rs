//! The claims of access and ID tokens, in the order a domain writes them.

use jiff::Timestamp;
use serde::Serialize;

use super::domain::Login;
use super::domain::registry::{Resource, TENANT};
use super::knobs::{AudienceForm, Knobs};

/// The tail of an OCID has 60 characters; full length keeps token sizes real.
const OCID_TAIL: &str = "aaaaaaaasimulatedoicdomain234567abcdefghijklmnopqrstuvwxyz23";
/// Roughly what one padding group adds to a token.
const GROUP: &str = "sim-group-that-only-fills-the-access-token";

/// What one token is about.
pub(crate) struct Subject<'a> {
    pub(crate) login: &'a Login,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// A fresh id for `jti`.
    pub(crate) token_id: String,
}

/// The claims of an access token.
#[derive(Serialize)]
pub(crate) struct AccessTokenClaims {
    client_ocid: String,
    user_tz: &'static str,
    sub: &'static str,
    user_locale: &'static str,
    sidle: u32,
    idp_name: &'static str,
    #[serde(rename = "user.tenant.name")]
    user_tenant_name: &'static str,
    idp_guid: &'static str,
    amr: [&'static str; 1],
    iss: String,
    domain_home: &'static str,
    ca_ocid: String,
    user_tenantname: &'static str,
    client_id: &'static str,
    sid: String,
    domain_id: String,
    sub_type: &'static str,
    scope: String,
    user_ocid: String,
    client_tenantname: &'static str,
    region_name: &'static str,
    user_lang: &'static str,
    exp: i64,
    iat: i64,
    client_guid: &'static str,
    client_name: &'static str,
    idp_type: &'static str,
    tenant: &'static str,
    jti: String,
    gtp: &'static str,
    user_displayname: &'static str,
    opc: bool,
    sub_mappingattr: &'static str,
    #[serde(rename = "primTenant")]
    prim_tenant: bool,
    tok_type: &'static str,
    aud: Audience,
    ca_name: &'static str,
    user_id: &'static str,
    domain: &'static str,
    tenant_iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_app_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<&'static str>,
}

/// RFC 7519 §4.1.3 allows both forms.
#[derive(Serialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The claims of an ID token.
#[derive(Serialize)]
pub(crate) struct IdTokenClaims {
    iss: String,
    sub: &'static str,
    aud: [String; 2],
    azp: &'static str,
    at_hash: String,
    auth_time: i64,
    authn_strength: u32,
    session_exp: i64,
    exp: i64,
    iat: i64,
    jti: String,
    sid: String,
    tok_type: &'static str,
    user_displayname: &'static str,
    tenant: &'static str,
}

/// The claims of an access token for `resource`, or for the domain itself.
pub(crate) fn access_token(
    subject: &Subject<'_>,
    resource: Option<(&'static Resource, &[&'static str])>,
    knobs: &Knobs,
) -> AccessTokenClaims {
    let login = subject.login;
    let domain_url = tenant_url(knobs);
    // The scope is the one the resource app defines: the audience is not in it.
    let mut scope = login.scopes.about_the_user.clone();
    scope.extend(resource.iter().flat_map(|(_, values)| *values));
    AccessTokenClaims {
        client_ocid: ocid("domainapp", "iad"),
        user_tz: "America/Chicago",
        sub: login.user.name,
        user_locale: "en",
        sidle: 480,
        idp_name: "UserNamePassword",
        user_tenant_name: TENANT,
        idp_guid: "UserNamePassword",
        amr: ["USERNAME_PASSWORD"],
        iss: knobs.issuer.clone(),
        domain_home: "us-ashburn-1",
        ca_ocid: ocid("tenancy", ""),
        user_tenantname: TENANT,
        client_id: login.client.id,
        sid: login.session_id.clone(),
        domain_id: ocid("domain", ""),
        sub_type: "user",
        scope: scope.join(" "),
        user_ocid: ocid("user", ""),
        client_tenantname: TENANT,
        region_name: "us-ashburn-idcs-1",
        user_lang: "en",
        exp: subject.expires_at.as_second(),
        iat: subject.issued_at.as_second(),
        client_guid: login.client.guid,
        client_name: login.client.name,
        idp_type: "LOCAL",
        tenant: TENANT,
        jti: subject.token_id.clone(),
        gtp: "dc",
        user_displayname: login.user.display_name,
        opc: false,
        sub_mappingattr: "userName",
        prim_tenant: false,
        tok_type: "AT",
        aud: audience(
            resource.map_or(domain_url.clone(), |(app, _)| app.audience.into()),
            knobs,
        ),
        ca_name: "acme",
        user_id: login.user.id,
        domain: "Default",
        tenant_iss: domain_url,
        resource_app_id: resource.map(|(app, _)| app.app_id),
        groups: padding(knobs),
    }
}

/// The claims of an ID token; it ends with the user's session.
pub(crate) fn id_token(subject: &Subject<'_>, at_hash: String, knobs: &Knobs) -> IdTokenClaims {
    let login = subject.login;
    IdTokenClaims {
        iss: knobs.issuer.clone(),
        sub: login.user.name,
        aud: [
            "https://identity.oraclecloud.com/".into(),
            login.client.id.into(),
        ],
        azp: login.client.id,
        at_hash,
        auth_time: login.since.as_second(),
        authn_strength: 2,
        session_exp: login.session_ends.as_second(),
        exp: login.session_ends.as_second(),
        iat: subject.issued_at.as_second(),
        jti: subject.token_id.clone(),
        sid: login.session_id.clone(),
        tok_type: "IT",
        user_displayname: login.user.display_name,
        tenant: TENANT,
    }
}

/// The domain's own URL as its claims give it. It is not where the simulator
/// listens: a caller must not build requests from claims.
fn tenant_url(knobs: &Knobs) -> String {
    let port = if knobs.port_in_urls { ":443" } else { "" };
    format!("https://{TENANT}.identity.oraclecloud.com{port}")
}

fn audience(audience: String, knobs: &Knobs) -> Audience {
    match knobs.audience_form {
        AudienceForm::String => Audience::One(audience),
        AudienceForm::Array => Audience::Many(vec![audience]),
    }
}

/// As many groups as make the token at least as long as the knob says. Base64
/// makes four characters of three bytes; a group costs its name and `"",`.
fn padding(knobs: &Knobs) -> Vec<&'static str> {
    let bytes = knobs.access_token_size * 3 / 4;
    vec![GROUP; bytes.div_ceil(GROUP.len() + 3)]
}

fn ocid(kind: &str, region: &str) -> String {
    format!("ocid1.{kind}.oc1.{region}.{OCID_TAIL}")
}
