//! Which hosts a profile's access tokens are for: patterns of the
//! configuration, which the daemon reads and the client obeys.

/// One host, or all below one: `host.example.com`, `*.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// Without the `*` of a pattern, in lower case.
    name: String,
}

/// What every pattern below a name begins with.
const BELOW: &str = "*.";

impl HostPattern {
    /// `None` where `text` is no pattern: a star anywhere else would cover
    /// hosts of other people, and so would one before a single label.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, good) = match text.strip_prefix(BELOW) {
            Some(below) => (&text[1..], is_host(below) && below.contains('.')),
            None => (text, is_host(text)),
        };
        good.then(|| Self {
            name: name.to_ascii_lowercase(),
        })
    }

    /// Whether `host` is covered; by a pattern below a name, the name itself
    /// is not.
    pub fn covers(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        match self.name.starts_with('.') {
            true => host.len() > self.name.len() && host.ends_with(&self.name),
            false => host == self.name,
        }
    }
}

/// Whether all programs read `text` as the same host: a name in ASCII or an
/// address, without user, port, escapes and final dot.
pub fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let address = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    match address {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => text.bytes().all(plain) && text.split('.').all(|label| !label.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, host: &str) -> bool {
        HostPattern::parse(pattern).unwrap().covers(host)
    }

    #[test]
    fn a_pattern_covers_its_host_or_what_is_below_it() {
        assert!(covers("a.example.com", "A.Example.COM"));
        assert!(!covers("a.example.com", "b.a.example.com"));
        assert!(covers("*.example.com", "a.example.com"));
        assert!(covers("*.example.com", "b.a.example.com"));
        assert!(covers("[::1]", "[::1]"));
        for stranger in [
            "example.com",
            "evilexample.com",
            "a.example.com.evil.org",
            ".example.com",
        ] {
            assert!(!covers("*.example.com", stranger), "{stranger}");
        }
    }

    #[test]
    fn what_would_cover_too_much_or_nothing_is_no_pattern() {
        for text in [
            "",
            "*",
            "*.com",
            "a.*.com",
            "*a.com",
            "**.a.com",
            ".a.com",
            "a.com.",
            "a.com:443",
            "https://a.com",
            "a.com/",
            "u@a.com",
            "a b",
            "[::1",
            "[x]",
            "*..a.com",
        ] {
            assert_eq!(HostPattern::parse(text), None, "{text}");
        }
    }
}
