//! What the driver has and sends: the session, followed from outside.

use std::time::Duration;

use oic_tokend::lifecycle::{BootTime, Now, StoredSession};
use oic_tokend::oauth::{EndpointError, TokenGrant, Verdict};

use super::polls::Polls;
use super::{Held, Offered, Rules, STORE_PATIENCE, hold};
use crate::disk::{Content, Disk};

/// What a token read back after a restart may be cut short by: a part of its
/// life, at most so much, and the grain of the wall clock.
const RESTART_MARGIN_PART: u32 = 20;
const RESTART_MARGIN_MAX: Duration = Duration::from_secs(300);
const WALL_CLOCK_GRAIN: Duration = Duration::from_secs(2);

impl Rules {
    /// The daemon is gone, and what it knew.
    pub fn end_life(&mut self) {
        self.restored = false;
        self.forget();
        self.refused.clear();
        self.polls = Polls::new();
    }

    fn forget(&mut self) {
        self.logging_out = false;
        self.known = None;
        self.in_doubt = false;
        (self.serving, self.pending) = (None, None);
        (self.offered, self.previous) = (None, None);
        self.pace.forget();
    }

    /// The driver has heard of a logout.
    pub fn logged_out(&mut self) {
        self.forget();
    }

    fn read(&mut self, now: BootTime) {
        (self.restored, self.restored_at) = (true, now);
    }

    /// The driver cannot read what is on the disk.
    pub fn unreadable(&mut self, real: Duration, now: Now) {
        self.read(now.boot);
        // It knows of no state, whatever the disk holds.
        (self.generation, self.counts_anew) = (0, true);
        self.pace.restart(real, now.boot, None);
    }

    /// The driver reads this.
    pub fn restored(&mut self, content: &Content, set_forward: i64, real: Duration, now: Now) {
        self.read(now.boot);
        self.counts_anew = false;
        let session = content.session.as_ref();
        self.generation = session.map_or(0, |it| it.generation);
        let refresh_token = session.and_then(|it| it.refresh_token.as_ref());
        self.known = refresh_token.map(|it| it.refresh_token.0.expose().clone());
        self.in_doubt = refresh_token.is_some_and(|it| it.sent_at.is_some());
        let Some(token) = session.and_then(|it| it.access_token.as_ref()) else {
            return self.pace.restart(real, now.boot, None);
        };
        let name = token.access_token.expose().to_owned();
        let by_wall_clock = || {
            let left = token.expires_at.0.saturating_sub(now.wall.0);
            Duration::from_secs(u64::try_from(left).unwrap_or(0))
        };
        let rebooted = token.expires.is_none();
        let left = token
            .expires
            .map_or_else(by_wall_clock, |it| it.since(now.boot));
        let misled = rebooted && content.set_forward != set_forward;
        if misled || self.doubtful.contains(&name) {
            self.doubtful.insert(name.clone());
            self.pace.restart(
                real,
                now.boot,
                Some((token.lifetime, left.min(token.lifetime))),
            );
        } else {
            let usable = !self.in_doubt;
            let token = usable.then_some((token.lifetime, left.min(token.lifetime)));
            self.pace.restart(real, now.boot, token);
        }
        let margin = match rebooted {
            true => (token.lifetime / RESTART_MARGIN_PART).min(RESTART_MARGIN_MAX),
            false => Duration::ZERO,
        };
        self.serving = Some(Held {
            access_token: name,
            expires: now
                .boot
                .after(left.saturating_sub(margin + WALL_CLOCK_GRAIN)),
            since: BootTime(Duration::ZERO),
            written: true,
        });
    }

    /// A refresh is sent.
    pub fn sends(
        &mut self,
        request: u64,
        refresh_token: &str,
        disk: &Disk,
        real: Duration,
        now: BootTime,
    ) -> Result<(), String> {
        self.accept_offer_of(|offered| offered.refresh_token.as_deref() == Some(refresh_token));
        hold!(
            self.known.as_deref() == Some(refresh_token),
            "{refresh_token} is sent, and the newest refresh token is {:?}",
            self.known
        );
        let noted = |session: Option<&StoredSession>| {
            let refresh = session.and_then(|it| it.refresh_token.as_ref());
            refresh.is_some_and(|it| {
                it.sent_at.is_some() && it.refresh_token.0.expose() == refresh_token
            })
        };
        hold!(
            noted(disk.visible().session.as_ref())
                || disk.failed()
                || disk.busy_for(now) >= STORE_PATIENCE,
            "{refresh_token} is sent before the disk says that it is"
        );
        self.pace.sends(request, real, now)
    }

    /// An answer to a refresh reaches the driver. Whether it was the current
    /// one.
    pub fn refreshed(
        &mut self,
        request: u64,
        sent: BootTime,
        answer: &Result<TokenGrant, EndpointError>,
        now: BootTime,
    ) -> bool {
        self.accept_offer_of(|_| true);
        if !self.pace.is_current(request) {
            return false;
        }
        let grant = match answer {
            Ok(grant) => grant,
            Err(error) => {
                self.refresh_failed(error, now);
                return true;
            }
        };
        let held = held(grant, sent, now);
        self.pace.granted(now, held.expires.since(now));
        if let Some(refresh_token) = &grant.refresh_token {
            self.known = Some(refresh_token.0.expose().clone());
        }
        self.in_doubt = false;
        self.pending = Some(held);
        true
    }

    fn refresh_failed(&mut self, error: &EndpointError, now: BootTime) {
        self.pace.failed(now, error);
        if let Some(refresh_token) = error.refresh_token() {
            self.known = Some(refresh_token.0.expose().clone());
            self.in_doubt = false;
            return;
        }
        match error.verdict() {
            Verdict::Over => {
                self.known = None;
                self.in_doubt = false;
            }
            Verdict::InDoubt => self.in_doubt = true,
            Verdict::AskAgain | Verdict::Rejected => {}
        }
    }

    /// What a login brought reaches the driver: a grant, or an answer that
    /// holds a refresh token alone.
    pub fn offer(&mut self, sent: Now, answer: &Result<TokenGrant, EndpointError>, now: BootTime) {
        let refresh_token = match answer {
            Ok(grant) => grant.refresh_token.as_ref(),
            Err(error) => error.refresh_token(),
        };
        self.offered = Some(Offered {
            brought: match answer {
                Ok(grant) => Ok(held(grant, sent.boot, now)),
                Err(error) => Err(error.clone()),
            },
            refresh_token: refresh_token.map(|it| it.0.expose().clone()),
            sent: sent.wall,
            at: now,
        });
    }

    /// The driver has taken what a login brought, if this says so.
    pub(super) fn accept_offer_of(&mut self, taken: impl FnOnce(&Offered) -> bool) {
        let Some(offered) = self.offered.take_if(|offered| taken(offered)) else {
            return;
        };
        self.known = offered.refresh_token;
        self.in_doubt = false;
        let held = match offered.brought {
            Ok(held) => held,
            Err(error) => return self.pace.half_granted(offered.at, &error),
        };
        self.pace
            .granted(held.since, held.expires.since(held.since));
        if self.known.is_some() {
            self.pending = Some(held);
        } else {
            // It will not be renewed, so nothing has to be saved first.
            self.pending = None;
            self.serving = Some(Held {
                written: true,
                ..held
            });
        }
    }

    /// A write begins.
    pub fn writes(
        &mut self,
        generation: u64,
        session: Option<&StoredSession>,
        disk: &Disk,
    ) -> Result<(), String> {
        hold!(!disk.is_writing(), "two writes at once");
        hold!(
            generation > self.generation || (generation == self.generation && disk.failed()),
            "state {generation} is written after state {}",
            self.generation
        );
        self.generation = generation;
        let there = disk
            .visible()
            .session
            .as_ref()
            .map_or(0, |it| it.generation);
        hold!(
            self.counts_anew || generation >= there,
            "state {generation} replaces state {there}"
        );
        let Some(session) = session else {
            return Ok(());
        };
        hold!(
            session.generation == generation,
            "a state under another's number"
        );
        let written = session
            .access_token
            .as_ref()
            .map(|it| it.access_token.expose());
        let refresh = session.refresh_token.as_ref();
        let refresh = refresh.map(|it| it.refresh_token.0.expose());
        self.accept_offer_of(|offered| match &offered.brought {
            Ok(held) => written == Some(&held.access_token),
            Err(_) => refresh == offered.refresh_token.as_ref(),
        });
        hold!(
            self.logging_out || self.offered.is_some() || refresh == self.known.as_ref(),
            "{refresh:?} is written, and the newest refresh token is {:?}",
            self.known
        );
        Ok(())
    }

    /// A write of this ended, well or badly.
    pub fn written(&mut self, session: Option<&StoredSession>) {
        let written = session.and_then(|it| it.access_token.as_ref());
        let written = written.map(|it| it.access_token.expose());
        if let Some(pending) = &mut self.pending {
            pending.written |= written == Some(&pending.access_token);
        }
    }

    /// A resource refused this access token, and the driver has heard of it.
    pub fn refuse(&mut self, access_token: &str, now: BootTime) {
        let serving = self.serving.as_ref();
        if serving.is_some_and(|it| it.access_token == access_token) {
            self.serving = None;
            self.refused.insert(access_token.to_owned());
            if self.pending.is_none() {
                self.pace.refused(now);
            }
        }
    }

    /// What was pending is served from here on, if it may be.
    pub(super) fn promote(&mut self, now: BootTime) {
        let Some(pending) = self.pending.take_if(|it| it.is_free(now)) else {
            return;
        };
        // One that has expired on its way pushes out none that has not.
        let valid = |held: &Held| now < held.expires;
        if valid(&pending) || !self.serving.as_ref().is_some_and(valid) {
            let before = self.serving.replace(pending);
            self.previous = before.map(|it| (it.access_token, now));
        }
    }
}

fn held(grant: &TokenGrant, sent: BootTime, now: BootTime) -> Held {
    Held {
        access_token: grant.access_token.expose().to_owned(),
        expires: sent.after(grant.lifetime),
        since: now,
        written: false,
    }
}
