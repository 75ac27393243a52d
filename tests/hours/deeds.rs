//! What the driver does and hears, as the world and its rules take it.

use std::time::Duration;

use oic_tokend::lifecycle::{BootTime, Event, Now, StoredSession};
use oic_tokend::oauth::{EndpointError, TokenGrant};

use crate::disk::{Content, Outcome};
use crate::server::{Ended, Fate};
use crate::sim::State;
use crate::tally::Kind;

/// How often, in a hundred, a bad disk cannot be read.
const UNREADABLE: u64 = 10;

impl State {
    /// How long it takes to read the disk.
    pub fn draw_restore(&mut self) -> Duration {
        let (_, takes) = self.disk.draw(self.time.real(), &mut self.random);
        takes
    }

    /// What the driver reads.
    pub fn restored(&mut self) -> Event {
        let (real, now) = (self.time.real(), self.time.now());
        if !self.disk.is_good_for(Duration::ZERO, real) && self.random.percent(UNREADABLE) {
            self.rules.unreadable(real, now);
            self.count(Kind::Fault, "sessions not read");
            return Event::Unreadable("input/output error".to_owned());
        }
        let content = self.disk.visible().clone();
        self.note(format_args!("restores {}", words(content.session.as_ref())));
        let forward = self.time.set_forward();
        self.rules.restored(&content, forward, real, now);
        content
            .session
            .map_or(Event::NothingStored, Event::Restored)
    }

    pub fn poll_begins(&mut self, code: &str) -> Now {
        let now = self.time.now();
        let result = self.rules.polls.sends(code, now.boot);
        self.check(result);
        now
    }

    pub fn polled(&mut self, code: &str, sent: Now, answer: &Result<TokenGrant, EndpointError>) {
        let now = self.time.boot();
        if self.receives(answer) {
            self.rules.offer(sent, answer, now);
        }
        if let Err(error) = answer {
            self.rules.polls.failed(code, error, now);
        }
    }

    /// Whether the task that waits for an answer panics.
    pub fn draw_breakdown(&mut self) -> bool {
        let breaks = self.plan.crashes && !self.calm && self.random.percent(1);
        if breaks {
            self.note(format_args!("a task breaks down"));
            self.count(Kind::Fault, "tasks broken down");
        }
        breaks
    }

    /// Whether the driver gets an access token or a refresh token by this.
    fn receives(&mut self, answer: &Result<TokenGrant, EndpointError>) -> bool {
        let refresh_token = match answer {
            Ok(grant) => grant.refresh_token.as_ref(),
            Err(error) => error.refresh_token(),
        };
        match answer {
            Ok(grant) => self.note(format_args!("hears of {}", grant.access_token.expose())),
            Err(error) => self.note(format_args!("hears: {error}")),
        }
        if let Some(refresh_token) = refresh_token {
            let received = Fate::Received(self.life);
            self.server.note(refresh_token.0.expose(), received);
        }
        answer.is_ok() || refresh_token.is_some()
    }

    pub fn refresh_begins(&mut self, request: u64, refresh_token: &str) -> BootTime {
        let (real, now) = (self.time.real(), self.time.boot());
        let result = self
            .rules
            .sends(request, refresh_token, &self.disk, real, now);
        self.check(result);
        if self.plan.budget() < 100 {
            self.tally.busiest_hour = self.tally.busiest_hour.max(self.rules.in_this_hour());
        }
        now
    }

    pub fn refreshed(
        &mut self,
        request: u64,
        sent: BootTime,
        answer: &Result<TokenGrant, EndpointError>,
        ended: Option<Ended>,
    ) {
        self.receives(answer);
        let now = self.time.boot();
        let current = self.rules.refreshed(request, sent, answer, now);
        if !current {
            return;
        }
        if answer.is_ok() {
            self.tally.renewals += 1;
        }
        if let Some(why) = ended {
            self.count(Kind::Lost, why.name());
            if why == Ended::Replayed {
                self.fail("a session was lost that nothing had to end");
            }
        }
    }

    /// A write begins; how it will go, and how long it will take.
    pub fn write_begins(
        &mut self,
        generation: u64,
        session: Option<StoredSession>,
    ) -> (Outcome, Duration) {
        let now = self.time.boot();
        self.note(format_args!(
            "writes state {generation}: {}",
            words(session.as_ref())
        ));
        let result = self.rules.writes(generation, session.as_ref(), &self.disk);
        self.check(result);
        let drawn = self.disk.draw(self.time.real(), &mut self.random);
        let content = Content {
            session,
            set_forward: self.time.set_forward(),
        };
        self.disk.begin(content, now);
        drawn
    }

    /// It is done.
    pub fn written(&mut self, outcome: Outcome) -> Result<(), String> {
        self.rules.written(self.disk.writing());
        self.disk.end(outcome, self.time.boot());
        self.note(format_args!("the disk says: {outcome:?}"));
        if outcome != Outcome::Durable {
            self.count(Kind::Fault, "writes failed");
            return Err("no space left on device".to_owned());
        }
        let durable = self.disk.durable().and_then(|it| it.refresh_token.as_ref());
        if let Some(refresh) = durable {
            self.server
                .note(refresh.refresh_token.0.expose(), Fate::Stored);
        }
        Ok(())
    }

    /// The daemon ended meanwhile.
    pub fn write_cut_off(&mut self) {
        if self.disk.is_writing() {
            self.disk.interrupt(&mut self.random);
            self.count(Kind::Fault, "writes cut off");
        }
    }
}

/// "rt-0-1 (sent) at-7".
fn words(session: Option<&StoredSession>) -> String {
    let Some(session) = session else {
        return "nothing".to_owned();
    };
    let refresh = session.refresh_token.as_ref().map(|it| {
        let sent = if it.sent_at.is_some() { " (sent)" } else { "" };
        format!("{}{sent}", it.refresh_token.0.expose())
    });
    let access = session.access_token.as_ref();
    let access = access.map(|it| it.access_token.expose());
    format!(
        "{} {}",
        refresh.unwrap_or_default(),
        access.unwrap_or("no access token")
    )
}
