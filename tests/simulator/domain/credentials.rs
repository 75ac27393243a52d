//! Client authentication, RFC 6749 §2.3.

use super::OAuthError;
use super::registry::{self, Client};

/// How a request says which client it comes from.
#[derive(Default)]
pub(crate) struct Credentials<'a> {
    /// User name and password of HTTP Basic authentication.
    pub(crate) basic: Option<(String, String)>,
    /// `client_id` of the form.
    pub(crate) client_id: Option<&'a str>,
    /// `client_secret` of the form.
    pub(crate) client_secret: Option<&'a str>,
}

impl Credentials<'_> {
    /// The client id as given, not checked against anything but the registry.
    pub(crate) fn claimed_client(&self) -> Option<&'static Client> {
        let basic = self.basic.as_ref().map(|(id, _)| id.as_str());
        registry::client(basic.or(self.client_id)?)
    }

    /// The client this request comes from, proven as its type demands: a
    /// public client names itself, a confidential one shows its secret.
    pub(crate) fn authenticate(&self) -> Result<&'static Client, OAuthError> {
        let client = self
            .claimed_client()
            .ok_or_else(OAuthError::invalid_client)?;
        let two_methods = self.basic.is_some() && self.client_secret.is_some();
        let two_names = self.client_id.is_some_and(|id| id != client.id);
        if two_methods || two_names {
            // RFC 6749 §2.3: "The client MUST NOT use more than one
            // authentication method in each request."
            return Err(OAuthError::invalid_request(
                "More than one client authentication",
            ));
        }
        let basic = self.basic.as_ref().map(|(_, secret)| secret.as_str());
        if client.secret != basic.or(self.client_secret) {
            return Err(OAuthError::invalid_client());
        }
        Ok(client)
    }
}
