//! A `[[helper]]` entry and a URL: a token goes only where the entry leads, by
//! its letters.

#![no_main]

use libfuzzer_sys::fuzz_target;
use oic_fuzz::mapping::{Mapping, Pattern, find, shown};
use oic_fuzz::{SECRET, check_shown, within};

/// How much memory one entry and one URL may take for every byte of them, and
/// for any. The names of hosts take most.
const MEMORY_FOR_A_BYTE: usize = 128;
const MEMORY_FOR_ANY: usize = 16 * 1024;

fuzz_target!(|bytes: &[u8]| {
    let Some((pattern, url)) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|it| it.split_once('\n'))
    else {
        return;
    };
    let memory = MEMORY_FOR_ANY + MEMORY_FOR_A_BYTE * bytes.len();
    within(memory, || check(pattern, url));
});

fn check(written: &str, url: &str) {
    check_shown(&shown(url), 1);
    let pattern = match Pattern::parse(written) {
        Ok(pattern) => pattern,
        Err(problem) => {
            check_shown(&problem.what, 1);
            let password = written.contains(&format!("://jane:{SECRET}@"));
            let alone = password && written.matches(SECRET).count() == 1;
            assert!(!alone || !problem.what.contains(SECRET));
            return;
        }
    };
    let text = pattern.to_string();
    let again = Pattern::parse(&text).map(|pattern| pattern.to_string());
    assert_eq!(again.as_ref(), Ok(&text));
    let mapping = Mapping {
        pattern,
        realm: None,
        profile: "prod".to_owned(),
        username: "oauth2".to_owned(),
    };
    if find(&[mapping], url, &[]).is_some() {
        check_covered(&text, url);
    }
}

/// The host in the URL, without what stands before an `@`, has the letters of
/// the pattern's host from behind up to its first star.
fn check_covered(pattern: &str, url: &str) {
    let loopback = pattern.starts_with("http://");
    assert!(loopback || pattern.starts_with("https://"), "{pattern}");
    assert!(url.bytes().all(|byte| matches!(byte, 0x21..=0x7e)), "{url}");
    assert!(!url.contains('\\'), "{url}");
    let (written, asked) = (authority(pattern), authority(url));
    let end = written.rsplit('*').next().unwrap_or_default();
    let plain = |text: &str| !text.contains('%') && !text.contains("xn--") && !text.contains("0x");
    let is_name = |text: &str| text.contains(|char: char| char.is_ascii_alphabetic());
    if plain(asked) && is_name(end) && !asked.contains('[') && !end.contains('[') {
        let asked = asked.to_ascii_lowercase();
        assert!(asked.ends_with(end), "{url} is not below {pattern}");
    }
}

/// The host of a URL, without user name and port.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.trim_start_matches('/');
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    host.split(':').next().unwrap_or_default()
}
