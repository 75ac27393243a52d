//! What keeps repeated lines out of a log.

use std::fmt::Debug;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::repeats::{self, Kind, Tally};
use crate::audit;
use crate::lifecycle::BootTime;

/// What `log` gets where there are no spans: the events that `tally` takes, by
/// the time that `clock` has. Not a filter: those expect to know an event by its
/// place in the code alone.
pub(super) struct Limit<L, C> {
    pub(super) log: L,
    pub(super) tally: &'static Tally,
    pub(super) clock: C,
}

impl<S, L, C> Layer<S> for Limit<L, C>
where
    S: Subscriber,
    L: Layer<S>,
    C: Fn() -> BootTime + 'static,
{
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if !is_limited(event.metadata()) || self.takes(event) {
            self.log.on_event(event, context);
        }
    }
}

impl<L, C: Fn() -> BootTime> Limit<L, C> {
    fn takes(&self, event: &Event<'_>) -> bool {
        let mut words = Words::default();
        event.record(&mut words);
        let kind = Kind {
            callsite: event.metadata().callsite(),
            profile: words.profile,
        };
        let (level, now) = (*event.metadata().level(), (self.clock)());
        self.tally.takes(kind, level, words.message, now)
    }
}

/// Whoever asks for details wants all of them. Hand-outs have a limit of their
/// own, and none of them may be missing.
fn is_limited(metadata: &Metadata<'_>) -> bool {
    let has_its_own = [audit::TARGET, repeats::TARGET].contains(&metadata.target());
    *metadata.level() <= Level::INFO && !has_its_own
}

/// What of a line says of which kind it is, and what it says.
#[derive(Default)]
struct Words {
    profile: Option<String>,
    message: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match field.name() {
            "profile" => self.profile = Some(format!("{value:?}")),
            "message" => self.message = format!("{value:?}"),
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // Without the quotes of `Debug`.
        self.record_debug(field, &format_args!("{value}"));
    }
}
