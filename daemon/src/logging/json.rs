//! The log for programs: a JSON object a line.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Write;
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::clock;

/// Writes each event to where `W` leads.
pub(super) struct Json<W> {
    out: W,
}

impl<W> Json<W> {
    pub(super) fn to(out: W) -> Self {
        Self { out }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: String,
    target: &'a str,
    #[serde(flatten)]
    fields: Fields,
}

impl<S: Subscriber, W, O> Layer<S> for Json<W>
where
    W: Fn() -> O + 'static,
    O: Write,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = Line {
            timestamp: timestamp(clock::wall_exactly()),
            level: metadata.level().as_str().to_ascii_lowercase(),
            target: metadata.target(),
            fields,
        };
        let Ok(mut line) = serde_json::to_vec(&line) else {
            return;
        };
        line.push(b'\n');
        // At once: lines of other threads do not get in between. Where the log
        // takes nothing, there is nobody to tell.
        let _ = (self.out)().write_all(&line);
    }
}

/// By RFC 3339 in UTC; empty where no calendar has it.
fn timestamp(at: SystemTime) -> String {
    let at = jiff::Timestamp::try_from(at);
    at.map_or_else(|_| String::new(), |at| format!("{at:.6}"))
}

/// What an event says, by name; `message` is one of them. A number stays one.
#[derive(Default, Serialize)]
#[serde(transparent)]
struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        // What every line has is not said twice.
        if !["timestamp", "level", "target"].contains(&field.name()) {
            self.0.insert(field.name(), value.into());
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}
