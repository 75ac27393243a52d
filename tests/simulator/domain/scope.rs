//! The scope parameter, RFC 6749 §3.3, with the domain's own scope values.

use super::OAuthError;
use super::registry::{Client, Resource};
use crate::simulator::knobs::value::Seconds;

/// Asks for a refresh token.
const OFFLINE_ACCESS: &str = "offline_access";
/// Allows scopes of several resources in one request.
const MULTIRESOURCE: &str = "urn:opc:resource:multiresourcescope";
/// In front of a number of seconds: asks for a shorter lived access token.
const EXPIRY: &str = "urn:opc:resource:expiry=";
/// Scopes about the user, which every client may ask for.
const ABOUT_THE_USER: [&str; 9] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "groups",
    "get_groups",
    "approles",
    "get_approles",
];

/// What a request asks for, read and allowed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scopes {
    /// The scope values per resource, in the order asked for.
    pub(crate) resources: Vec<(&'static Resource, Vec<&'static str>)>,
    /// `openid` and its like.
    pub(crate) about_the_user: Vec<&'static str>,
    /// Whether a refresh token was asked for.
    pub(crate) offline_access: bool,
    /// Whether the answer has the form for several resources.
    pub(crate) multiresource: bool,
    /// The lifetime asked for; it can only shorten.
    pub(crate) expiry: Option<Seconds>,
}

impl Scopes {
    /// Reads `scope` as `client` may ask for it.
    pub(crate) fn parse(scope: &str, client: &Client) -> Result<Self, OAuthError> {
        let mut scopes = Self::default();
        for value in scope.split(' ').filter(|value| !value.is_empty()) {
            scopes.add(value, client)?;
        }
        if scopes.resources.len() > 1 && !scopes.multiresource {
            return Err(OAuthError::invalid_scope(
                "Scopes of more than one audience need urn:opc:resource:multiresourcescope",
            ));
        }
        if scopes.resources.is_empty() && scopes.about_the_user.is_empty() {
            return Err(OAuthError::invalid_scope(
                "No resource scope in the request",
            ));
        }
        Ok(scopes)
    }

    /// Whether an ID token may be asked for with these.
    pub(crate) fn openid(&self) -> bool {
        self.about_the_user.contains(&"openid")
    }

    /// Whether everything asked for here was granted in `granted`.
    pub(crate) fn within(&self, granted: &Self) -> bool {
        let about_the_user = &granted.about_the_user;
        let resources = &granted.resources;
        self.about_the_user
            .iter()
            .all(|value| about_the_user.contains(value))
            && self.resources.iter().all(|(resource, values)| {
                let granted = resources.iter().find(|(other, _)| other == resource);
                granted
                    .is_some_and(|(_, granted)| values.iter().all(|value| granted.contains(value)))
            })
    }

    fn add(&mut self, value: &str, client: &Client) -> Result<(), OAuthError> {
        if let Some(known) = ABOUT_THE_USER.iter().find(|known| **known == value) {
            self.about_the_user.push(known);
        } else if value == OFFLINE_ACCESS {
            self.offline_access = true;
        } else if value == MULTIRESOURCE {
            self.multiresource = true;
        } else if let Some(seconds) = value.strip_prefix(EXPIRY) {
            let seconds = seconds.parse().ok().filter(|seconds| *seconds > 0);
            let seconds = seconds.ok_or_else(|| OAuthError::invalid_scope("Invalid expiry"))?;
            self.expiry = Some(Seconds(seconds));
        } else {
            self.add_resource(value, client)?;
        }
        Ok(())
    }

    fn add_resource(&mut self, value: &str, client: &Client) -> Result<(), OAuthError> {
        let Some((resource, value)) = client.resource_scope(value) else {
            return Err(OAuthError::invalid_scope(
                "The scope is invalid or not allowed for this client",
            ));
        };
        match self
            .resources
            .iter_mut()
            .find(|(other, _)| *other == resource)
        {
            Some((_, values)) => values.push(value),
            None => self.resources.push((resource, vec![value])),
        }
        Ok(())
    }
}
