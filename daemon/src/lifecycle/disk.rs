//! What the disk holds against what it should: one write at a time, and a
//! failed one is tried again.

use std::time::Duration;

use oic_proto::message::UnixTime;

use super::schedule::STORE_PATIENCE;
use super::{BootTime, Notice, Now};

/// First pause after a failed write; each further failure doubles it.
const RETRY_FIRST: Duration = Duration::from_secs(1);

/// Longest pause between two tries to write.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// The write side of a profile's state.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// Number of the newest state. Only grows, over restarts too.
    generation: u64,
    /// Newest state that a write has been tried for, well or badly.
    attempted: u64,
    /// The write under way, and when it began.
    writing: Option<(u64, Now)>,
    /// The disk does not hold the newest state.
    stale: bool,
    /// When to try again after a failure.
    retry: Option<BootTime>,
    failures: u32,
    error: Option<(String, UnixTime)>,
    /// Users have heard that the disk fails or hangs.
    told: bool,
}

impl Disk {
    /// The disk holds this state.
    pub(super) fn restored(&mut self, generation: u64) {
        self.generation = generation;
        self.attempted = generation;
    }

    /// There is a new state to write; its number.
    pub(super) fn change(&mut self) -> u64 {
        self.generation += 1;
        self.stale = true;
        self.retry = None;
        self.generation
    }

    /// The state to write now, if any. The caller writes it.
    pub(super) fn next_write(&mut self, now: Now) -> Option<u64> {
        let early = self.retry.is_some_and(|retry| now.boot < retry);
        if self.writing.is_some() || !self.stale || early {
            return None;
        }
        self.stale = false;
        self.retry = None;
        self.writing = Some((self.generation, now));
        Some(self.generation)
    }

    /// A write ended.
    pub(super) fn written(&mut self, generation: u64, result: Result<(), String>, now: Now) {
        if self
            .writing
            .is_none_or(|(current, _)| current != generation)
        {
            return;
        }
        self.writing = None;
        self.attempted = generation;
        match result {
            Ok(()) => {
                self.failures = 0;
                self.error = None;
            }
            Err(why) => {
                let pause = RETRY_FIRST.saturating_mul(1 << self.failures.min(10));
                self.failures += 1;
                self.error = Some((why, now.wall));
                if !self.stale {
                    self.stale = true;
                    self.retry = Some(now.boot.after(pause.min(RETRY_MAX)));
                }
            }
        }
    }

    /// Whether a write of this state or a newer one has ended, well or badly.
    pub(super) fn reached(&self, generation: u64) -> bool {
        self.attempted >= generation
    }

    /// Why the disk does not hold the newest state, and since when: the last
    /// write failed, or the present one hangs.
    pub(super) fn error(&self, now: Now) -> Option<(String, UnixTime)> {
        let hangs = |since: Now| ("the disk does not answer".to_owned(), since.wall);
        self.error
            .clone()
            .or_else(|| self.hangs_since(now).map(hangs))
    }

    fn hangs_since(&self, now: Now) -> Option<Now> {
        let (_, since) = self.writing?;
        (since.boot.after(STORE_PATIENCE) <= now.boot).then_some(since)
    }

    /// What users have not heard yet: that the disk hangs, or that it is well
    /// again.
    pub(super) fn news(&mut self, now: Now) -> Option<Notice> {
        let hangs = self.hangs_since(now).is_some();
        let told = std::mem::replace(&mut self.told, hangs || self.error.is_some());
        match (told, self.told) {
            (false, true) if hangs => Some(Notice::DiskHangs),
            (true, false) => Some(Notice::DiskHolds),
            _ => None,
        }
    }

    /// Why the last write failed, if it did.
    pub(super) fn failure(&self) -> Option<&str> {
        self.error.as_ref().map(|(why, _)| why.as_str())
    }

    /// Whether the disk holds the newest state.
    pub(super) fn is_settled(&self) -> bool {
        self.writing.is_none() && !self.stale
    }

    pub(super) fn poll_timeout(&self) -> Option<BootTime> {
        match self.writing {
            None => self.retry,
            Some(_) if self.told => None,
            Some((_, since)) => Some(since.boot.after(STORE_PATIENCE)),
        }
    }
}
