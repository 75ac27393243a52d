//! What git says to its helper: the host that git names is the one that is
//! asked for, and each attribute of the answer is a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::helper::git;
use oic_fuzz::helper::protocol::Ask;
use oic_fuzz::helpers::{Asked, TOKEN};

fuzz_target!(|bytes: &[u8]| {
    let Some(asked) = Asked::read(bytes, git::parse) else {
        return;
    };
    match &asked.ask {
        Ask::Token { url, .. } => {
            check_url(&asked, url);
            check_credential(&asked.granted());
        }
        Ask::Reject { url, .. } => check_url(&asked, url),
        Ask::Nothing => assert!(!asked.everything().contains(TOKEN)),
        other => panic!("git asks for {other:?}"),
    }
    assert!(!asked.not_mapped().0.contains('='));
});

/// The last value of `key` that git wrote.
fn value<'a>(asked: &'a Asked, key: &str) -> &'a str {
    let lines = asked.text.split('\n').take_while(|line| !line.is_empty());
    let values = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.last().unwrap_or_default()
}

fn check_url(asked: &Asked, url: &str) {
    let (protocol, host) = (value(asked, "protocol"), value(asked, "host"));
    assert!(!host.contains(['/', '?', '#', '@', '\\', '%']), "{url}");
    let start = format!("{protocol}://{host}/");
    assert!(protocol == "http" || protocol == "https", "{url}");
    let path = url.strip_prefix(&start).expect("the host that git named");
    assert!(!path.contains(['?', '#', '@', '\\', ' ']), "{url}");
}

/// No value reaches over its line, so that nobody gets a line of their own in.
fn check_credential(text: &str) {
    let keys = [
        "capability[]",
        "authtype",
        "credential",
        "username",
        "password",
        "ephemeral",
        "password_expiry_utc",
    ];
    let mut seen = Vec::new();
    for line in text.strip_suffix('\n').expect("lines").split('\n') {
        let (key, value) = line.split_once('=').expect("an attribute");
        assert!(keys.contains(&key) && !seen.contains(&key), "{text}");
        seen.push(key);
        let secret = matches!(key, "credential" | "password");
        assert_eq!(value == TOKEN, secret, "{text}");
    }
}
