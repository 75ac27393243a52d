//! What is logged, where to, and how often.

mod journal;
mod json;
mod limit;
mod repeats;

use std::io::{self, IsTerminal};
use std::sync::LazyLock;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::clock;
use json::Json;
use limit::Limit;
use repeats::Tally;

/// The variable that says how much is logged: a level, or directives as
/// `tracing_subscriber` has them.
const VARIABLE: &str = "OIC_TOKEND_LOG";

/// The variable that says how a line looks.
const FORMAT_VARIABLE: &str = "OIC_TOKEND_LOG_FORMAT";

/// There is one log, and this is what it left out.
static TALLY: LazyLock<Tally> = LazyLock::new(Tally::default);

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As the journal has it where stderr leads there, else as text.
    Fitting,
    /// For people.
    Text,
    /// For programs: an object a line.
    Json,
}

/// Logs from here on: to the journal with a field for everything that a line
/// says, where stderr leads there; else in lines on stderr, in colour on a
/// terminal; in another format where the environment says so.
pub fn start() -> Format {
    let told = std::env::var(VARIABLE).unwrap_or_default();
    let filter = directives(&told).unwrap_or_else(|| EnvFilter::new("info"));
    let told_format = std::env::var(FORMAT_VARIABLE).unwrap_or_default();
    let format = format(&told_format);
    let log = match format.unwrap_or(Format::Fitting) {
        Format::Fitting => journal::layer().unwrap_or_else(lines),
        Format::Text => lines(),
        Format::Json => Json::to(io::stderr).boxed(),
    };
    let limited = Limit {
        log,
        tally: &TALLY,
        clock: || clock::now().boot,
    };
    tracing_subscriber::registry()
        .with(
            limited
                .with_filter(filter_fn(is_ours_or_important))
                .with_filter(filter),
        )
        .init();
    if !told.is_empty() && directives(&told).is_none() {
        tracing::warn!("{VARIABLE} is {told:?}, expected error, warn, info, debug or trace");
    }
    if format.is_none() {
        tracing::warn!("{FORMAT_VARIABLE} is {told_format:?}, expected text or json");
    }
    format.unwrap_or(Format::Fitting)
}

/// Repeated lines are left out from here on, and how many they were is said.
pub async fn count_repeats() {
    TALLY.report(clock::BootAlarm::default()).await;
}

/// None is left out any more; how many were, is said.
pub fn end_counting() {
    TALLY.end();
}

fn format(told: &str) -> Option<Format> {
    match told {
        "" => Some(Format::Fitting),
        "text" => Some(Format::Text),
        "json" => Some(Format::Json),
        _ => None,
    }
}

type Log = Box<dyn Layer<Registry> + Send + Sync>;

fn lines() -> Log {
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    match journal::is_at_stderr() {
        // It has its own times.
        true => lines.without_time().boxed(),
        false => lines.boxed(),
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
/// seen the requests, tokens and all, so it is left out; and so are their spans,
/// since we have none.
fn is_ours_or_important(metadata: &Metadata<'_>) -> bool {
    let is_ours = metadata.target().starts_with("oic_tokend");
    !metadata.is_span() && (is_ours || *metadata.level() <= Level::INFO)
}
