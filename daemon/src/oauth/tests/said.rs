//! Answers and profiles to try things with.

use std::path::{Path, PathBuf};

use oic_proto::Secret;

use super::super::Answer;
use crate::config::{ClientSecret, Config, ProfileConfig};

/// An answer of this status with this body and nothing else.
pub(super) fn said(status: u16, content_type: Option<&str>, body: &str) -> Answer {
    Answer {
        status,
        content_type: content_type.map(str::to_owned),
        retry_after: None,
        date: None,
        ecid: None,
        body: Secret::new(body.as_bytes().to_vec()),
    }
}

pub(super) fn json(status: u16, body: &str) -> Answer {
    said(status, Some("application/json;charset=UTF-8"), body)
}

/// A public client of an identity domain.
pub(super) fn profile() -> ProfileConfig {
    configured(
        r#"
        domain = "https://id.example.com"
        client_id = "6b0c1d2e3f405162738495a6b7c8d9e0"
        scopes = ["https://20D5.example.com:443urn:opc:resource:consumer::all", "openid"]
        "#,
    )
}

/// The same with a client secret.
pub(super) fn confidential_profile() -> ProfileConfig {
    let mut profile = profile();
    profile.client.secret = Some(ClientSecret {
        secret: Secret::new("sim-secret".to_owned()),
        file: PathBuf::new(),
    });
    profile
}

/// A profile with these lines in its table.
pub(super) fn configured(lines: &str) -> ProfileConfig {
    let text = format!("[profile.prod]\n{lines}");
    let config = Config::parse(&text, Path::new("config.toml")).expect("a configuration");
    config.profiles.into_iter().next().expect("one profile")
}

/// The rows of a table in a text file with their line numbers, less comments
/// and blank lines.
pub(super) fn rows(table: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = table.lines().enumerate().map(|(at, line)| (at + 1, line));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// The next column of a row.
pub(super) fn column<'a>(row: &mut &'a str) -> &'a str {
    let (column, rest) = row.split_once(' ').unwrap_or((row, ""));
    *row = rest.trim_start();
    column
}
