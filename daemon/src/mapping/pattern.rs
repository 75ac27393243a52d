//! The pattern of a URL: `https://*.example.com:8443/team/*`.

use std::fmt;

use url::Url;

use crate::config::is_loopback;

/// What stands for any characters of one label of a host, or of one segment of
/// a path.
const STAR: char = '*';

/// Labels at the end of a host that are written out, where one before them is
/// not: `https://*.com` would send tokens to anybody.
const LABELS_WRITTEN_OUT: usize = 2;

/// A URL with stars in it. It covers everything below its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Without user name, query and fragment; https, or http on loopback.
    url: Url,
}

/// What is wrong with a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What was expected, or what is wrong.
    pub what: String,
    /// How to write it, where that can be said.
    pub hint: Option<&'static str>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let url = Url::parse(text).map_err(|error| Problem {
            what: format!("expected a URL: {error}"),
            hint: Some("write it whole: \"https://git.example.com/team/*\""),
        })?;
        // Not quoted: there may be a password in it.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Problem::of(
                "expected a URL without a user name or password",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Problem::of("expected a URL without a query or fragment"));
        }
        match url.scheme() {
            "https" => check_host(&url)?,
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(Problem::of(
                    "expected https: over plain http, which is for loopback addresses alone, \
                     anybody on the way could read the token",
                ));
            }
            other => return Err(Problem::of(format!("expected https, found {other}"))),
        }
        Ok(Self { url })
    }

    /// Whether a token for this pattern may be sent to `url`.
    pub fn covers(&self, url: &Url) -> bool {
        let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
        self.url.scheme() == url.scheme()
            && self.url.port_or_known_default() == url.port_or_known_default()
            && covers_host(&host(&self.url), &host(url))
            && self.covers_path(url)
    }

    /// Whole segments: `/team` covers `/team/a` and not `/teams`.
    fn covers_path(&self, url: &Url) -> bool {
        let written = Vec::from_iter(self.segments());
        // A server may take it for a slash, and lead elsewhere by `..%2f`.
        let path = url.path().to_ascii_lowercase();
        if !written.is_empty() && (path.contains("%2f") || path.contains("%5c")) {
            return false;
        }
        let asked = Vec::from_iter(url.path().split('/').skip(1));
        asked.len() >= written.len()
            && written
                .iter()
                .zip(asked)
                .all(|(written, asked)| covers_word(written, asked))
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        let path = self.url.path().trim_matches('/');
        path.split('/').filter(|_| !path.is_empty())
    }

    /// How many characters are written out, and how many stars there are.
    pub fn len(&self) -> (usize, usize) {
        let text = self.to_string();
        let stars = text.matches(STAR).count();
        (text.len() - stars, stars)
    }
}

/// As it was written, without a slash at the end.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

impl Problem {
    fn of(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
        }
    }
}

fn check_host(url: &Url) -> Result<(), Problem> {
    let host = url.host_str().unwrap_or_default();
    let mut last = host.rsplit('.').take(LABELS_WRITTEN_OUT);
    let short = host.split('.').count() <= LABELS_WRITTEN_OUT;
    if host.contains(STAR) && (short || last.any(|label| label.contains(STAR))) {
        return Err(Problem {
            what: format!("expected a host whose last {LABELS_WRITTEN_OUT} labels have no '*'"),
            hint: Some("write it so: \"https://*.example.com\""),
        });
    }
    Ok(())
}

/// Label by label: a star does not reach over a dot.
fn covers_host(written: &str, asked: &str) -> bool {
    let (written, asked) = (written.split('.'), asked.split('.'));
    written.clone().count() == asked.clone().count()
        && written
            .zip(asked)
            .all(|(written, asked)| covers_word(written, asked))
}

/// One label or segment. Each star takes as little as it can, and more where
/// what follows does not fit.
fn covers_word(written: &str, asked: &str) -> bool {
    let Some((start, rest)) = written.split_once(STAR) else {
        return written == asked;
    };
    let Some(mut asked) = asked.strip_prefix(start) else {
        return false;
    };
    let mut parts = Vec::from_iter(rest.split(STAR));
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = asked.find(part) else {
            return false;
        };
        asked = &asked[at + part.len()..];
    }
    asked.ends_with(end)
}
