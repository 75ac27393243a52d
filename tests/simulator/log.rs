//! The request log: what came in and how it ended, never a secret. Tests wait
//! on it instead of sleeping.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::endpoint::Endpoint;
use super::faults::Fault;

/// Requests remembered; the oldest are forgotten.
pub const LOG_LEN_MAX: usize = 10_000;

/// One request. Every field is one of a fixed set of words, a number or a
/// time: no text of a caller gets in, so no token can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// When it arrived, by the domain's clock.
    #[serde(serialize_with = "as_rfc_3339")]
    pub time: Timestamp,
    /// Where it arrived.
    pub endpoint: Endpoint,
    /// The grant type of a token request; `unsupported` for one there is not.
    pub grant_type: Option<&'static str>,
    /// The client it names, if that client is registered.
    pub client: Option<&'static str>,
    /// The status of the answer, once there is one.
    pub status: Option<u16>,
    /// The OAuth error of the answer.
    pub error: Option<String>,
    /// The fault that met it.
    #[serde(serialize_with = "as_text")]
    pub fault: Option<Fault>,
    /// How far it has come.
    pub outcome: Outcome,
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has arrived.
    Pending,
    /// A hold keeps it.
    Held,
    /// The answer is on its way.
    Answered,
    /// The simulator cut the connection.
    Cut,
    /// The caller went away before the answer.
    Abandoned,
}

/// The log, shared by the server and those who wait on it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: Mutex<Entries>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<LogEntry>,
    /// How many were forgotten: the number of the first one kept.
    forgotten: usize,
}

/// The right to finish one entry. Dropping it unfinished means that the
/// connection went away under the request.
#[derive(Debug)]
pub(crate) struct Record {
    log: Arc<Log>,
    number: usize,
}

impl Log {
    /// Adds an entry for a request that has arrived.
    pub(crate) fn open(self: &Arc<Self>, entry: LogEntry) -> Record {
        let mut entries = self.lock();
        if entries.kept.len() == LOG_LEN_MAX {
            entries.kept.pop_front();
            entries.forgotten += 1;
        }
        entries.kept.push_back(entry);
        let number = entries.forgotten + entries.kept.len() - 1;
        drop(entries);
        self.changed.notify_all();
        Record {
            log: Arc::clone(self),
            number,
        }
    }

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.lock().kept.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.lock();
        entries.forgotten += entries.kept.len();
        entries.kept.clear();
        drop(entries);
        self.changed.notify_all();
    }

    /// Waits until `enough` holds; hands back the log either way.
    pub(crate) fn wait(
        &self,
        enough: impl Fn(&[LogEntry]) -> bool,
        deadline: Duration,
    ) -> Result<Vec<LogEntry>, Vec<LogEntry>> {
        let missing = |entries: &mut Entries| !enough(entries.kept.make_contiguous());
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), deadline, missing);
        let (entries, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        let kept = entries.kept.iter().cloned().collect();
        if timeout.timed_out() {
            Err(kept)
        } else {
            Ok(kept)
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // A panicking predicate of a test leaves the entries whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Notes something about the request.
    pub(crate) fn note(&self, change: impl FnOnce(&mut LogEntry)) {
        let mut entries = self.log.lock();
        let at = self.number.checked_sub(entries.forgotten);
        if let Some(entry) = at.and_then(|at| entries.kept.get_mut(at)) {
            change(entry);
        }
        drop(entries);
        self.log.changed.notify_all();
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.note(|entry| {
            if matches!(entry.outcome, Outcome::Pending | Outcome::Held) {
                entry.outcome = Outcome::Abandoned;
            }
        });
    }
}

fn as_rfc_3339<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn as_text<S: Serializer>(fault: &Option<Fault>, serializer: S) -> Result<S::Ok, S::Error> {
    match fault {
        Some(fault) => serializer.collect_str(fault),
        None => serializer.serialize_none(),
    }
}
