//! A configuration: one that is taken means the same however it is written,
//! and one that is refused is refused without its secrets.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use oic_fuzz::config::{Config, ProfileConfig};
use oic_fuzz::{SECRET, check_shown, within};

/// There is nothing beside it, so no name in it is that of a file.
const PATH: &str = "/nowhere/oic-tokend/config.toml";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // Every dot of a key may begin a table, which takes more than 1 KiB.
    let memory = 64 * 1024 + 2048 * text.len();
    match within(memory, || Config::parse(text, Path::new(PATH))) {
        Ok(config) => check_taken(text, config),
        Err(refusal) => check_refused(text, &refusal.to_string()),
    }
});

fn check_taken(text: &str, config: Config) {
    assert!(!config.profiles.is_empty());
    if let Some(default) = &config.default_profile {
        assert!(config.profiles.iter().any(|it| it.name == *default));
    }
    config.profiles.iter().for_each(check_profile);
    let table: toml::Table = text.parse().expect("it was read as one");
    let rewritten = toml::to_string(&table).expect("it was read as one");
    let again = Config::parse(&rewritten, Path::new(PATH)).expect("the same configuration");
    assert_eq!(in_order(config), in_order(again), "{rewritten}");
}

/// Every profile, and all else that is in it, whatever the order of the file.
fn in_order(mut config: Config) -> String {
    config
        .profiles
        .sort_by(|one, other| one.name.cmp(&other.name));
    for profile in &mut config.profiles {
        profile.device_authorization_params.sort();
        profile.token_params.sort();
    }
    format!("{config:?}")
}

fn check_profile(profile: &ProfileConfig) {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    assert!(profile.name.bytes().all(word) && profile.name.len() <= 64);
    assert!(!profile.name.starts_with(['.', '-']) && !profile.name.is_empty());
    let endpoints = &profile.endpoints;
    let mut urls = vec![&endpoints.device_authorization, &endpoints.token];
    urls.extend(&endpoints.revocation);
    for url in urls {
        let host = url.host_str().unwrap_or_default();
        let loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        assert!(url.scheme() == "https" || loopback, "{url}");
        assert!(
            url.username().is_empty() && url.password().is_none(),
            "{url}"
        );
    }
    assert!(!profile.scopes.is_empty());
    let scopes = profile.scopes.iter();
    assert!(
        scopes
            .clone()
            .all(|it| it.bytes().all(|byte| byte.is_ascii_graphic()))
    );
    assert!(
        profile
            .client
            .id
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~'))
    );
}

fn check_refused(text: &str, refusal: &str) {
    check_shown(refusal, 2);
    if is_secret_alone(text) {
        assert!(!refusal.contains(SECRET), "{refusal}");
    }
}

/// Whether [`SECRET`] stands only where secrets do stand by mistake: as the
/// value of `client_secret`, or in a URL in front of its host.
fn is_secret_alone(text: &str) -> bool {
    let multi_line = text.contains("\"\"\"") || text.contains("'''");
    let misplaced = |line: &str| {
        let (before, after) = line.split_once(SECRET).expect("it is there");
        let (key, value) = before.split_once(" = ").unwrap_or_default();
        let secret = key == "client_secret" && value == "\"" && after == "\"";
        let password = (key == "domain" || key == "token_endpoint")
            && value == "\"https://jane:"
            && after.starts_with("@id.example.com");
        !secret && !password
    };
    let mut lines = text.lines().filter(|line| line.contains(SECRET));
    !multi_line && !lines.any(misplaced)
}
