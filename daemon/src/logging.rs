//! What is logged, and where to.

use std::io::{self, IsTerminal};

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// The variable that says how much is logged: a level, or directives as
/// `tracing_subscriber` has them.
const VARIABLE: &str = "OIC_TOKEND_LOG";

/// Logs from here on: to the journal with a field for everything that a line
/// says, where stderr leads there; else in lines on stderr, in colour on a
/// terminal.
pub fn start() {
    let told = std::env::var(VARIABLE).unwrap_or_default();
    let filter = directives(&told).unwrap_or_else(|| EnvFilter::new("info"));
    let log = journal().unwrap_or_else(lines);
    tracing_subscriber::registry()
        .with(
            log.with_filter(filter_fn(is_ours_or_important))
                .with_filter(filter),
        )
        .init();
    if !told.is_empty() && directives(&told).is_none() {
        tracing::warn!("{VARIABLE} is {told:?}, expected error, warn, info, debug or trace");
    }
}

type Log = Box<dyn Layer<Registry> + Send + Sync>;

fn lines() -> Log {
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match leads_to_the_journal() {
        // It has its own times.
        true => lines.without_time().boxed(),
        false => lines.boxed(),
    }
}

/// Fields are called `OIC_PROFILE`, `OIC_UID` and so on. `None` where there is
/// no journal, or its socket does not answer.
#[cfg(target_os = "linux")]
fn journal() -> Option<Log> {
    if !leads_to_the_journal() {
        return None;
    }
    let journal = tracing_journald::layer().ok()?;
    Some(journal.with_field_prefix(Some("OIC".to_owned())).boxed())
}

#[cfg(not(target_os = "linux"))]
fn journal() -> Option<Log> {
    None
}

/// Whether systemd has connected stderr to the journal. The variable alone does
/// not tell: it is passed on to programs whose stderr is something else.
#[cfg(unix)]
fn leads_to_the_journal() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    rustix::fs::fstat(io::stderr())
        .is_ok_and(|stderr| stream == format!("{}:{}", stderr.st_dev, stderr.st_ino))
}

#[cfg(not(unix))]
fn leads_to_the_journal() -> bool {
    false
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
