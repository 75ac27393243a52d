//! Whose token belongs to which URL: the `[[helper]]` entries of the
//! configuration. Pure: a URL and the entries in, an entry out.
//!
//! A host that no entry covers gets no token, whatever it says of itself: a
//! challenge chooses only among entries whose pattern covers the URL.

mod pattern;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use oic_proto::message::MappingView;
use url::Url;

pub use pattern::{Pattern, Problem};

/// One `[[helper]]` entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Which URLs it covers.
    pub pattern: Pattern,
    /// Only where the server names this realm in its challenge (RFC 9110
    /// §11.5).
    pub realm: Option<String>,
    /// Whose token belongs there.
    pub profile: String,
    /// The user name for programs that want one beside the token.
    pub username: String,
}

impl From<&Mapping> for MappingView {
    fn from(mapping: &Mapping) -> Self {
        Self {
            url: mapping.pattern.to_string(),
            realm: mapping.realm.clone(),
            profile: mapping.profile.clone(),
            username: mapping.username.clone(),
        }
    }
}

/// The entry for `url`, where the server has challenged with these `realms`:
/// of those that cover it, the longest.
pub fn find<'a>(mappings: &'a [Mapping], url: &str, realms: &[String]) -> Option<&'a Mapping> {
    let named = |mapping: &&Mapping| match &mapping.realm {
        Some(realm) => realms.contains(realm),
        None => true,
    };
    let longest_first = |mapping: &&Mapping| {
        let (written, stars) = mapping.pattern.len();
        (written, Reverse(stars), mapping.realm.is_some())
    };
    // Of equals the last is found, and the first is meant.
    let covering = Vec::from_iter(covering(mappings, url));
    let covering = covering.into_iter().rev().filter(named);
    covering.max_by_key(longest_first)
}

/// All entries that cover `url`.
pub fn covering<'a>(mappings: &'a [Mapping], url: &str) -> impl Iterator<Item = &'a Mapping> {
    let urls = read(url);
    mappings
        .iter()
        .filter(move |mapping| urls.iter().any(|url| mapping.pattern.covers(url)))
}

/// `url` as a sentence may name it: without user name, password and query.
pub fn shown(url: &str) -> String {
    let Some(mut url) = read(url).into_iter().next() else {
        return "what is no URL".to_owned();
    };
    url.set_query(None);
    url.set_fragment(None);
    // They fail for URLs without a host, and `read` gives none of those.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// What `url` may mean. Some programs name a host without a scheme; then it is
/// https, or http on loopback, where alone patterns may have that.
///
/// Refused is what programs read in different ways: `https://a\@b` leads some
/// of them to a, and others to b.
fn read(url: &str) -> Vec<Url> {
    let plain = |byte: u8| matches!(byte, 0x21..=0x7e) && byte != b'\\';
    if !url.bytes().all(plain) {
        return Vec::new();
    }
    let meant = match url.contains("://") {
        true => vec![url.to_owned()],
        false => vec![format!("https://{url}"), format!("http://{url}")],
    };
    let read = meant.iter().filter_map(|url| Url::parse(url).ok());
    read.filter(Url::has_host).collect()
}
