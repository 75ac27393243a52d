//! What an administrator has set up in the domain: client apps, resource apps
//! and users. Built in and fixed; what varies is a knob.

/// The public client: no secret, `client_id` in the body.
pub const PUBLIC_CLIENT: &str = "6b0c1d2e3f405162738495a6b7c8d9e0";
/// The confidential client.
pub const CONFIDENTIAL_CLIENT: &str = "c0ffee00c0ffee00c0ffee00c0ffee00";
/// The confidential client's secret.
pub const CONFIDENTIAL_SECRET: &str = "sim-secret";
/// The user who may call integrations.
pub const JANE: &str = "jane.doe@example.com";
/// The user who may not: the ServiceInvoker role is missing.
pub const JOHN: &str = "john.roe@example.com";
/// The scope that calls integrations of the OIC instance.
pub const SCOPE: &str = "https://20D53A0B1C2D4E5F8091A2B3C4D5E6F7.integration.us-ashburn-1.ocp.oraclecloud.com:443urn:opc:resource:consumer::all";
/// The scope of the OIC instance's developer API; it has the same audience.
pub const DEVELOPER_SCOPE: &str = "https://20D53A0B1C2D4E5F8091A2B3C4D5E6F7.integration.us-ashburn-1.ocp.oraclecloud.com:443/ic/api/";
/// A scope of another resource, one whose "Allow token refresh" is off.
pub const ANALYTICS_SCOPE: &str = "https://0A1B2C3D4E5F60718293A4B5C6D7E8F9.analytics.ocp.oraclecloud.comurn:opc:resource:consumer::all";

/// The domain's name in claims; its URL is where the simulator listens.
pub(crate) const TENANT: &str = "idcs-0123456789abcdef0123456789abcdef";

/// An app that asks for tokens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) guid: &'static str,
    /// `None`: a public client, RFC 6749 §2.1.
    pub(crate) secret: Option<&'static str>,
    /// The fully qualified scopes it may ask for.
    allowed_scopes: &'static [&'static str],
}

/// An app that takes tokens.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) app_id: &'static str,
    pub(crate) audience: &'static str,
    /// Scope values; audience and value concatenated are the scope as asked for.
    scopes: &'static [&'static str],
    /// Whether "Allow token refresh" can be on; the OIC instance has a knob for it.
    pub(crate) may_allow_refresh: bool,
}

/// A person.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) display_name: &'static str,
    pub(crate) family_name: &'static str,
    pub(crate) id: &'static str,
    pub(crate) service_invoker: bool,
}

static CLIENTS: [Client; 2] = [
    Client {
        id: PUBLIC_CLIENT,
        name: "oic-cli-public",
        guid: "b3f0a1c2d4e5460788990a1b2c3d4e5f",
        secret: None,
        allowed_scopes: &[SCOPE, DEVELOPER_SCOPE, ANALYTICS_SCOPE],
    },
    Client {
        id: CONFIDENTIAL_CLIENT,
        name: "oic-batch-confidential",
        guid: "5d6e7f8091a2b3c4d5e6f708192a3b4c",
        secret: Some(CONFIDENTIAL_SECRET),
        allowed_scopes: &[SCOPE],
    },
];

/// The OIC instance: the resource whose flows the runtime host serves.
pub(crate) static OIC: Resource = Resource {
    app_id: "7c1e2d3f405162738495a6b7c8d9e0f1",
    audience: "https://20D53A0B1C2D4E5F8091A2B3C4D5E6F7.integration.us-ashburn-1.ocp.oraclecloud.com:443",
    scopes: &["urn:opc:resource:consumer::all", "/ic/api/"],
    may_allow_refresh: true,
};

static ANALYTICS: Resource = Resource {
    app_id: "8d2f3e405162738495a6b7c8d9e0f102",
    audience: "https://0A1B2C3D4E5F60718293A4B5C6D7E8F9.analytics.ocp.oraclecloud.com",
    scopes: &["urn:opc:resource:consumer::all"],
    may_allow_refresh: false,
};

/// Every user, the one that decides when none is named first.
pub(crate) static USERS: [User; 2] = [
    User {
        name: JANE,
        display_name: "Jane Doe",
        family_name: "Doe",
        id: "c7dfb14d6530414e97dd2064fe23c695",
        service_invoker: true,
    },
    User {
        name: JOHN,
        display_name: "John Roe",
        family_name: "Roe",
        id: "d8e0c25e7641525f08ee3175af34d7a6",
        service_invoker: false,
    },
];

/// The client registered under `id`.
pub(crate) fn client(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}

/// The user called `name`.
pub(crate) fn user(name: &str) -> Option<&'static User> {
    USERS.iter().find(|user| user.name == name)
}

/// The names of all users.
pub(crate) fn user_names() -> Vec<&'static str> {
    USERS.iter().map(|user| user.name).collect()
}

impl Client {
    /// The resource a fully qualified scope belongs to and the scope's value
    /// there, if this client may ask for it.
    pub(crate) fn resource_scope(&self, scope: &str) -> Option<(&'static Resource, &'static str)> {
        if !self.allowed_scopes.contains(&scope) {
            return None;
        }
        [&OIC, &ANALYTICS].into_iter().find_map(|resource| {
            let value = scope.strip_prefix(resource.audience)?;
            let known = resource.scopes.iter().find(|known| **known == value)?;
            Some((resource, *known))
        })
    }
}
