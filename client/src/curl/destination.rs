//! Where curl would take the token, and whether it belongs there.

use std::ffi::OsStr;

use oic_proto::host::{self, HostPattern};

use super::arguments::Section;
use crate::failure::Failure;

/// Options that take a request elsewhere than its URL says. Over https whoever
/// is there has to prove to be the host of the URL; over plain http nobody has
/// to prove anything.
const DETOURS: [&str; 4] = [
    "abstract-unix-socket",
    "connect-to",
    "resolve",
    "unix-socket",
];

/// Options that leave open where a token would go.
const UNCHECKABLE: [(&str, &str); 3] = [
    (
        "config",
        "has curl read more options, which are not looked at",
    ),
    (
        "insecure",
        "has curl give the token to whoever answers as the host",
    ),
    (
        "proto-redir",
        "lets a redirect lead to where the token could be read",
    ),
];

/// Where a URL leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To this host, which TLS proves.
    Https(&'a str),
    /// To this host or whoever is on the way.
    Plain(&'a str),
    /// Programs do not agree, or it is no host to send tokens to.
    Unclear,
}

impl Destination<'_> {
    /// Whether this is plain http.
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Plain(_))
    }
}

/// Where `url` leads. curl tolerates much in a URL, and versions of it differ:
/// whatever is not plainly written is [`Destination::Unclear`], and so is one
/// whose host a glob would make several.
pub fn of(url: &OsStr) -> Destination<'_> {
    let Some(url) = url.to_str() else {
        return Destination::Unclear;
    };
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|it| it.is_ascii_digit()) => host,
        _ => authority,
    };
    match scheme.to_ascii_lowercase().as_str() {
        "https" if host::is_host(host) => Destination::Https(host),
        "http" if host::is_host(host) => Destination::Plain(host),
        _ => Destination::Unclear,
    }
}

/// Whether the token of `profile` may go where `section` leads.
///
/// # Errors
///
/// [`Failure::TokenKept`].
pub fn check(section: &Section, profile: &str, hosts: &[String]) -> Result<(), Failure> {
    if section.first_of(&["location-trusted"]).is_some() {
        return Err(trusted_location());
    }
    if !hosts.is_empty() {
        for (option, what) in UNCHECKABLE {
            if section.first_of(&[option]).is_some() {
                return Err(kept(
                    format!("'--{option}' {what}, and profile '{profile}' names its hosts"),
                    "leave it out",
                ));
            }
        }
    }
    let patterns = hosts.iter().filter_map(|host| HostPattern::parse(host));
    let patterns = Vec::from_iter(patterns);
    for url in &section.urls {
        let destination = of(url);
        check_plain(section, url, destination)?;
        let covered = match destination {
            Destination::Https(host) | Destination::Plain(host) => {
                patterns.iter().any(|pattern| pattern.covers(host))
            }
            Destination::Unclear => false,
        };
        if !hosts.is_empty() && !covered {
            return Err(stranger(url, destination, profile));
        }
    }
    Ok(())
}

fn check_plain(section: &Section, url: &OsStr, to: Destination<'_>) -> Result<(), Failure> {
    let Destination::Plain(host) = to else {
        return Ok(());
    };
    if !is_loopback(host) {
        let url = url.to_string_lossy();
        return Err(kept(
            format!("'{url}' is plain http, and anybody on the way could read it"),
            "write https://",
        ));
    }
    match section.first_of(&DETOURS) {
        None => Ok(()),
        Some(option) => Err(kept(
            format!("'--{option}' may take plain http off this machine"),
            "leave it out, or write https://",
        )),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|it| it.is_loopback())
}

/// The token is not taken there: to a host that is none of the profile's, or
/// to nobody knows whom.
pub fn stranger(url: &OsStr, destination: Destination<'_>, profile: &str) -> Failure {
    match destination {
        Destination::Https(host) | Destination::Plain(host) => kept(
            format!("'{host}' is none of the hosts of profile '{profile}'"),
            "if the token belongs there, add it to the profile's 'hosts' in the configuration",
        ),
        Destination::Unclear => kept(
            format!(
                "it is not clear to which host '{}' leads",
                url.to_string_lossy()
            ),
            "write it as https://HOST/PATH, without user, and braces in the path alone",
        ),
    }
}

/// `--location-trusted` is for those who trust every host that a server may
/// name; a token is not.
pub fn trusted_location() -> Failure {
    kept(
        "'--location-trusted' has curl send it to every host that a redirect names".to_owned(),
        "write '--location', which sends it to the host of the URL alone",
    )
}

/// A word is not understood, and so not whether the next one is a URL.
pub fn unknown(word: &str, why: &str) -> Failure {
    kept(
        format!("'{word}' is no option of curl that is known here, and {why}"),
        "write it out, or leave it out",
    )
}

fn kept(why: String, hint: &'static str) -> Failure {
    Failure::TokenKept { why, hint }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::super::arguments;
    use super::*;

    const HOSTS: [&str; 2] = ["*.ocp.oraclecloud.com", "127.0.0.1"];

    fn refusal(line: &str, hosts: &[&str]) -> Option<String> {
        let words = Vec::from_iter(line.split_whitespace().map(OsString::from));
        let hosts = Vec::from_iter(hosts.iter().map(|host| (*host).to_owned()));
        let mut sections = arguments::read(&words).unwrap().into_iter();
        let refused = sections.find_map(|section| check(&section, "prod", &hosts).err());
        refused.map(|failure| failure.to_string())
    }

    #[test]
    fn tokens_go_to_the_hosts_of_the_profile_alone() {
        for line in [
            "https://a.ocp.oraclecloud.com/x",
            "https://a.ocp.oraclecloud.com",
            "-L HTTPS://A.ocp.ORACLEcloud.com:443/{a,b}?c#d",
            "https://a.ocp.oraclecloud.com/[1-3]@evil.org",
            "http://127.0.0.1:8080/x",
            "-x proxy:3128 --cacert f https://a.ocp.oraclecloud.com/",
            "--resolve a.ocp.oraclecloud.com:443:10.0.0.1 https://a.ocp.oraclecloud.com/",
        ] {
            assert_eq!(refusal(line, &HOSTS), None, "{line}");
        }
        for line in [
            "https://evil.org/",
            "https://evil.org/a.ocp.oraclecloud.com",
            "https://a.ocp.oraclecloud.com@evil.org/",
            "https://evil.org\\@a.ocp.oraclecloud.com/",
            "https://evil.org?.ocp.oraclecloud.com/",
            "https://evil.org#.ocp.oraclecloud.com/",
            "https://evil.org:x@a.ocp.oraclecloud.com/",
            "https:///evil.org/",
            "https:a.ocp.oraclecloud.com/",
            "https://{a.ocp.oraclecloud.com,evil.org}/",
            "https://a.ocp.oraclecloud.com{/,.evil.org/}",
            "{https://a.ocp.oraclecloud.com/,https://evil.org/}",
            "https://%61.ocp.oraclecloud.com/",
            "https://ä.ocp.oraclecloud.com/",
            "https://a.ocp.oraclecloud.com./",
            "ftp://a.ocp.oraclecloud.com/",
            "@file",
            "https://a.ocp.oraclecloud.com/ https://evil.org/",
            "https://a.ocp.oraclecloud.com/ --next https://evil.org/",
            "--url https://evil.org/",
        ] {
            assert!(refusal(line, &HOSTS).is_some(), "{line}");
        }
        assert_eq!(
            refusal("https://evil.org/", &[]),
            None,
            "no hosts, no promise"
        );
    }

    #[test]
    fn options_that_would_make_the_check_worthless_are_refused() {
        for option in [
            "-k",
            "--insecure",
            "-Kf",
            "--config f",
            "--proto-redir =http",
        ] {
            let line = format!("{option} https://a.ocp.oraclecloud.com/");
            assert!(refusal(&line, &HOSTS).is_some(), "{line}");
            assert_eq!(refusal(&line, &[]), None, "{line}");
        }
        let trusting = "--location-trusted https://a.ocp.oraclecloud.com/";
        assert!(refusal(trusting, &[]).unwrap().contains("every host"));
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for hosts in [
            &[][..],
            &["10.0.0.1", "example.com", "*.evil.org", "127.0.0.1"],
        ] {
            for line in [
                "http://10.0.0.1/",
                "example.com/",
                "HTTP://127.0.0.1.evil.org/",
                "--resolve localhost:80:10.0.0.1 http://127.0.0.1/",
                "--connect-to ::evil.org: http://127.0.0.1/",
            ] {
                assert!(refusal(line, hosts).is_some(), "{line}");
            }
        }
        for line in [
            "http://localhost:80/",
            "localhost/x",
            "http://[::1]:9/",
            "127.0.0.1:1/x",
        ] {
            assert_eq!(refusal(line, &[]), None, "{line}");
        }
    }
}
