//! How often what has been logged, and what of it was left out.
//!
//! A place in the code may log [`LINES_MAX`] lines of each profile within
//! [`WINDOW`], whatever they say: those that differ in a number alone are what
//! fills a disk. What is beyond that becomes one line with their number. So a
//! profile that is noisy silences neither another nor what else is said of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tracing::callsite::Identifier;
use tracing::{Level, error, warn};

use crate::clock::Alarm;
use crate::lifecycle::BootTime;

/// How long lines are counted, from the first on.
pub(super) const WINDOW: Duration = Duration::from_secs(30);

/// Lines of one kind in that time. Somebody who tries something a few times
/// sees an answer to each.
const LINES_MAX: u64 = 10;

/// Kinds that are counted at a time: a few for each of a thousand profiles, in
/// less than a megabyte. A line of one more is not left out.
const KINDS_MAX: usize = 4096;

/// By what the lines about other lines are found in the log.
pub(super) const TARGET: &str = "oic_tokend::repeats";

/// What is counted together.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    /// Where in the code.
    pub(super) callsite: Identifier,
    pub(super) profile: Option<String>,
}

/// What was logged of a kind.
#[derive(Debug)]
struct Count {
    since: BootTime,
    lines: u64,
    level: Level,
    /// What the last line that was left out said.
    last: String,
}

impl Count {
    fn ends(&self) -> BootTime {
        self.since.after(WINDOW)
    }

    fn left_out(&self) -> u64 {
        self.lines.saturating_sub(LINES_MAX)
    }
}

/// Pure: it is told the time.
#[derive(Debug, Default)]
struct Repeats(HashMap<Kind, Count>);

impl Repeats {
    /// A line of this kind is to be logged, and says this. How many have been
    /// left out with it; 0 where it is to be written.
    fn handle(&mut self, kind: Kind, level: Level, said: String, now: BootTime) -> u64 {
        if self.0.len() >= KINDS_MAX {
            self.0.retain(|_, it| it.left_out() > 0 || it.ends() > now);
            if self.0.len() >= KINDS_MAX && !self.0.contains_key(&kind) {
                return 0;
            }
        }
        let new = || Count {
            since: now,
            lines: 0,
            level,
            last: String::new(),
        };
        let count = self.0.entry(kind).or_insert_with(new);
        // One of which something was left out goes on until that is said.
        if count.left_out() == 0 && count.ends() <= now {
            *count = new();
        }
        count.lines += 1;
        if count.left_out() > 0 {
            count.last = said;
        }
        count.left_out()
    }

    /// When the time of a kind is over next of which something was left out.
    fn poll_timeout(&self) -> Option<BootTime> {
        let left_out = self.0.values().filter(|it| it.left_out() > 0);
        left_out.map(Count::ends).min()
    }

    /// Those of which something was left out and whose time ends by then.
    fn take(&mut self, by: BootTime) -> Vec<(Kind, Count)> {
        let due = |_: &Kind, it: &mut Count| it.left_out() > 0 && it.ends() <= by;
        self.0.extract_if(due).collect()
    }
}

/// What is counted, and who says so.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// `None` while nobody would say what was left out.
    repeats: Mutex<Option<Repeats>>,
    /// Something was left out of one more kind.
    changed: Notify,
}

impl Tally {
    /// From here on lines are left out, and how many is said each time that it
    /// is known.
    pub(super) async fn report(&self, mut alarm: impl Alarm) {
        self.begin();
        loop {
            let due = self.repeats().as_ref().and_then(Repeats::poll_timeout);
            tokio::select! {
                () = alarm.until(due) => self.say_until(due),
                () = self.changed.notified() => {}
            }
        }
    }

    fn begin(&self) {
        self.repeats().get_or_insert_default();
    }

    /// Nothing is left out any more; what was, is said.
    pub(super) fn end(&self) {
        self.say_until(Some(BootTime(Duration::MAX)));
        *self.repeats() = None;
    }

    fn say_until(&self, by: Option<BootTime>) {
        let known = self.repeats().as_mut().zip(by).map(|(it, by)| it.take(by));
        for (kind, count) in known.unwrap_or_default() {
            let (profile, times, last) = (kind.profile, count.left_out(), count.last);
            let seconds = WINDOW.as_secs();
            // Whoever wants errors alone hears of those that were left out.
            match count.level {
                Level::ERROR => error!(
                    target: TARGET,
                    profile, times, "{times} more like it left out within {seconds} s, the last: {last}"
                ),
                _ => warn!(
                    target: TARGET,
                    profile, times, "{times} more like it left out within {seconds} s, the last: {last}"
                ),
            }
        }
    }

    /// Whether a line of this kind is to be written, which says this.
    pub(super) fn takes(&self, kind: Kind, level: Level, said: String, now: BootTime) -> bool {
        let mut repeats = self.repeats();
        let Some(repeats) = repeats.as_mut() else {
            return true;
        };
        let left_out = repeats.handle(kind, level, said, now);
        if left_out == 1 {
            self.changed.notify_one();
        }
        left_out == 0
    }

    fn repeats(&self) -> MutexGuard<'_, Option<Repeats>> {
        // Nothing that is done under it leaves half a change behind.
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
