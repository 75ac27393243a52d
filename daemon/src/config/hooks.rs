//! `[hooks]`: who is told what happens, and by what.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Error;
use super::table::{Table, Value};

/// Everything that a program can be run for.
const EVENTS: [&str; 6] = [
    "login_needed_soon",
    "login_needed",
    "renewed",
    "refused",
    "outage",
    "recovered",
];

/// What to run when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HooksConfig {
    /// A program and its arguments for each event that has one.
    pub commands: BTreeMap<String, Vec<String>>,
    /// Whether the desktop shows what needs a person, where there is one.
    pub desktop: bool,
    /// How long a program may take.
    pub time_limit: Duration,
}

/// The program for each event that has none of its own.
const ANY: &str = "on_event";

const DESKTOP: &str = "desktop";

const TIME_LIMIT: &str = "time_limit";

/// How long a program may take unless told otherwise: a mail server that is far
/// away is reached in that.
const TIME_LIMIT_DEFAULT: Duration = Duration::from_secs(10);

/// Longest time limit, in seconds. Other events wait meanwhile.
const TIME_LIMIT_MAX: u64 = 300;

impl Default for HooksConfig {
    fn default() -> Self {
        Self {
            commands: BTreeMap::new(),
            desktop: true,
            time_limit: TIME_LIMIT_DEFAULT,
        }
    }
}

pub(super) fn read(root: &Table<'_>) -> Result<HooksConfig, Error> {
    let Some(table) = root.table("hooks")? else {
        return Ok(HooksConfig::default());
    };
    let known = EVENTS.iter().chain([&ANY, &DESKTOP, &TIME_LIMIT]);
    table.allow_only(&Vec::from_iter(known.copied()))?;
    let any = command(&table, ANY)?;
    let mut commands = BTreeMap::new();
    for event in EVENTS {
        if let Some(command) = command(&table, event)?.or_else(|| any.clone()) {
            commands.insert(event.to_owned(), command);
        }
    }
    let desktop = table.boolean(DESKTOP)?;
    if commands.is_empty() && desktop.is_none() {
        return Err(table
            .refuse("expected an event and a program for it")
            .hint(format!("events: {ANY}, {}", EVENTS.join(", "))));
    }
    Ok(HooksConfig {
        commands,
        desktop: desktop.is_none_or(|wanted| wanted.value),
        time_limit: time_limit(&table)?,
    })
}

/// An array, since no shell reads it; and an absolute path, since nobody's
/// PATH is searched.
fn command(table: &Table<'_>, key: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(words) = table.strings(key)? else {
        return Ok(None);
    };
    let Some(program) = words.value.first() else {
        return Err(words.refuse("expected a program and its arguments"));
    };
    if !Path::new(program.value).is_absolute() {
        return Err(program.refuse("expected the absolute path of a program"));
    }
    if words.value.iter().any(|word| word.value.contains('\0')) {
        return Err(words.refuse("no argument can hold a zero byte"));
    }
    let text = |word: &Value<'_, &str>| word.value.to_owned();
    Ok(Some(words.value.iter().map(text).collect()))
}

fn time_limit(table: &Table<'_>) -> Result<Duration, Error> {
    let Some(written) = table.integer(TIME_LIMIT)? else {
        return Ok(TIME_LIMIT_DEFAULT);
    };
    match u64::try_from(written.value) {
        Ok(seconds @ 1..=TIME_LIMIT_MAX) => Ok(Duration::from_secs(seconds)),
        _ => Err(written.refuse(format!(
            "expected a number of seconds from 1 to {TIME_LIMIT_MAX}"
        ))),
    }
}
