//! What is logged, and where to.

use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// The variable that says how much is logged: a level, or directives as
/// `tracing_subscriber` has them.
const VARIABLE: &str = "OIC_TOKEND_LOG";

/// Logs to stderr from here on: with times, but for the journal, which has its
/// own, and in colour on a terminal.
pub fn start() {
    let told = std::env::var(VARIABLE).unwrap_or_default();
    let filter = directives(&told).unwrap_or_else(|| EnvFilter::new("info"));
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    let lines = match std::env::var_os("JOURNAL_STREAM") {
        Some(_) => lines.without_time().boxed(),
        None => lines.boxed(),
    };
    tracing_subscriber::registry()
        .with(
            lines
                .with_filter(filter_fn(is_ours_or_important))
                .with_filter(filter),
        )
        .init();
    if !told.is_empty() && directives(&told).is_none() {
        tracing::warn!("{VARIABLE} is {told:?}, expected error, warn, info, debug or trace");
    }
}

/// A word that is no level would be taken for the name of a module, and
/// silence all others.
fn directives(told: &str) -> Option<EnvFilter> {
    let known = |it: &str| it.contains('=') || it.trim().parse::<LevelFilter>().is_ok();
    let all_known = !told.is_empty() && told.split(',').all(known);
    all_known.then(|| EnvFilter::try_new(told).ok()).flatten()
}

/// Our own words cannot hold a secret, whatever the level: no type of ours
/// lets one be printed. What the libraries below us would say in detail has
/// seen the requests, tokens and all, so it is left out.
fn is_ours_or_important(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("oic_tokend") || *metadata.level() <= Level::INFO
}
