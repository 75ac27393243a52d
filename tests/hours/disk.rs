//! A disk: what is on it for good, what is only visible, and how writes go.

use std::time::Duration;

use oic_tokend::lifecycle::{BootTime, StoredSession};

use crate::random::Random;

/// What the disk is like for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Good,
    /// No space left: writes fail and change nothing.
    Full,
    /// Some writes fail, some of them after the new file has its name.
    Flaky,
    /// Seconds for each write.
    Slow,
    /// Nothing comes back until the end of it.
    Hangs,
}

impl Health {
    pub const BAD: [Self; 4] = [Self::Full, Self::Flaky, Self::Slow, Self::Hangs];

    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "disk good",
            Self::Full => "disk full",
            Self::Flaky => "disk flaky",
            Self::Slow => "disk slow",
            Self::Hangs => "disk hangs",
        }
    }
}

/// How one write goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Durable,
    Failed,
    /// The new file has its name, and syncing the folder failed.
    FailedAfterRename,
}

/// What a profile's file holds.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub session: Option<StoredSession>,
    /// By how many seconds the wall clock had been set forward when it was
    /// written.
    pub set_forward: i64,
}

pub struct Disk {
    pub health: Health,
    /// Until when, by real time.
    pub until: Duration,
    /// What a power cut leaves at least.
    durable: Content,
    /// What a daemon that starts finds.
    visible: Content,
    /// What a power cut may leave instead.
    unsynced: Vec<Content>,
    writing: Option<Content>,
    /// Since when a write has been under way without a pause.
    busy_since: Option<BootTime>,
    /// When the last write ended.
    rested_at: BootTime,
    /// Whether the last write failed.
    failed: bool,
}

impl Disk {
    pub fn new() -> Self {
        Self {
            health: Health::Good,
            until: Duration::ZERO,
            durable: Content::default(),
            visible: Content::default(),
            unsynced: Vec::new(),
            writing: None,
            busy_since: None,
            rested_at: BootTime(Duration::ZERO),
            failed: false,
        }
    }

    pub fn visible(&self) -> &Content {
        &self.visible
    }

    pub fn durable(&self) -> Option<&StoredSession> {
        self.durable.session.as_ref()
    }

    pub fn writing(&self) -> Option<&StoredSession> {
        self.writing.as_ref()?.session.as_ref()
    }

    pub fn failed(&self) -> bool {
        self.failed
    }

    pub fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// For how long a write has been under way without a pause.
    pub fn busy_for(&self, now: BootTime) -> Duration {
        self.busy_since
            .map_or(Duration::ZERO, |since| now.since(since))
    }

    pub fn begin(&mut self, content: Content, now: BootTime) {
        let goes_on = self.busy_since.filter(|_| self.rested_at == now);
        self.busy_since = Some(goes_on.unwrap_or(now));
        self.writing = Some(content);
    }

    pub fn end(&mut self, outcome: Outcome, now: BootTime) {
        let Some(content) = self.writing.take() else {
            return;
        };
        self.rested_at = now;
        self.failed = outcome != Outcome::Durable;
        match outcome {
            Outcome::Failed => {}
            Outcome::FailedAfterRename => {
                self.visible.clone_from(&content);
                self.unsynced.push(content);
            }
            Outcome::Durable => {
                self.visible.clone_from(&content);
                self.durable = content;
                self.unsynced.clear();
            }
        }
    }

    /// The daemon ends during a write, which may have been done by then.
    pub fn interrupt(&mut self, random: &mut Random) {
        if random.percent(50) {
            self.end(Outcome::FailedAfterRename, self.rested_at);
        }
        self.writing = None;
    }

    /// A new daemon knows nothing of earlier writes.
    pub fn rest(&mut self) {
        (self.busy_since, self.failed) = (None, false);
    }

    /// What was written and not synced is lost, or is not.
    pub fn power_cut(&mut self, random: &mut Random) {
        let left = random.below(self.unsynced.len() as u64 + 1) as usize;
        if left < self.unsynced.len() {
            self.durable = self.unsynced.swap_remove(left);
        }
        self.unsynced.clear();
        // The clock of the boot that ended counts no more.
        self.durable
            .session
            .as_mut()
            .map(StoredSession::forget_boot_clock);
        self.visible.clone_from(&self.durable);
    }

    /// How the next write goes, and how long it takes.
    pub fn draw(&self, now: Duration, random: &mut Random) -> (Outcome, Duration) {
        let (milliseconds, seconds) = (Duration::from_millis, Duration::from_secs);
        let quick = random.between(milliseconds(1), milliseconds(30));
        if self.until <= now {
            return (Outcome::Durable, quick);
        }
        let outcome = match random.below(3) {
            0 => Outcome::Failed,
            1 => Outcome::FailedAfterRename,
            _ => Outcome::Durable,
        };
        match self.health {
            Health::Good => (Outcome::Durable, quick),
            Health::Full => (Outcome::Failed, quick),
            Health::Flaky => (outcome, quick),
            Health::Slow => (outcome, random.between(milliseconds(500), seconds(12))),
            // As soon as it goes on.
            Health::Hangs => (Outcome::Durable, quick),
        }
    }

    /// For how long nothing comes back.
    pub fn hangs_for(&self, now: Duration) -> Option<Duration> {
        let hangs = self.health == Health::Hangs && now < self.until;
        hangs.then(|| self.until - now)
    }

    /// Whether it has been good for so long.
    pub fn is_good_for(&self, long: Duration, now: Duration) -> bool {
        self.until.is_zero() || self.until + long <= now
    }
}
