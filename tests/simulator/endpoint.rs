//! What the simulator's listener serves, by name.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// One kind of request. The names are those of the log and of
/// `POST /control/fault`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `POST /oauth2/v1/token`
    Token,
    /// `POST /oauth2/v1/device`
    Device,
    /// `POST /oauth2/v1/revoke`
    Revoke,
    /// `POST /oauth2/v1/introspect`
    Introspect,
    /// `GET /oauth2/v1/userinfo`
    Userinfo,
    /// The two well-known documents.
    Metadata,
    /// `GET /admin/v1/SigningCert/jwk`
    Jwks,
    /// `GET` and `POST /ui/v1/device`, the verification page.
    Page,
    /// The Echo integration on the runtime host.
    Echo,
    /// The developer API: a redirect on the runtime host, an answer on the design host.
    Developer,
    /// Where the fault `redirect` points: only a caller that follows gets here.
    Redirected,
    /// Anything else.
    Unknown,
}

const NAMES: [(&str, Endpoint); 12] = [
    ("token", Endpoint::Token),
    ("device", Endpoint::Device),
    ("revoke", Endpoint::Revoke),
    ("introspect", Endpoint::Introspect),
    ("userinfo", Endpoint::Userinfo),
    ("metadata", Endpoint::Metadata),
    ("jwks", Endpoint::Jwks),
    ("page", Endpoint::Page),
    ("echo", Endpoint::Echo),
    ("developer", Endpoint::Developer),
    ("redirected", Endpoint::Redirected),
    ("unknown", Endpoint::Unknown),
];

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = NAMES.iter().find(|(name, _)| *name == text);
        known.map(|(_, endpoint)| *endpoint).ok_or_else(|| {
            let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
            format!(
                "no endpoint is named {text:?}; there are: {}",
                names.join(", ")
            )
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = NAMES.iter().find(|(_, endpoint)| endpoint == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}
