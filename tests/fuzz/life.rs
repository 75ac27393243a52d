//! A core that lives on with what was read, in a world that does whatever it
//! wants: no time and no length in it may stop it.

use std::time::Duration;

use oic_proto::message::UnixTime;

use crate::lifecycle::{
    Action, Ask, BootTime, Event, Lifecycle, Now, RefreshTokenExpiry, Settings, StoredSession,
};
use crate::oauth::{DeviceAuthorization, TokenGrant};

/// How often a core may want to be woken at one moment.
const WAKES_AT_ONCE_MAX: u32 = 4;

/// How often it is woken.
const WAKES: u32 = 12;

/// What the authorization server and the disk have to say.
#[derive(Default)]
pub struct World {
    /// What was on the disk.
    pub stored: Option<StoredSession>,
    /// The one answer to a request for codes.
    pub codes: Option<DeviceAuthorization>,
    /// The one answer to a request for tokens.
    pub grant: Option<TokenGrant>,
}

impl World {
    /// Lets a core live in it for a while, and look at it all the time.
    pub fn live(mut self) {
        let mut now = Now {
            boot: BootTime(Duration::from_secs(2_000_000)),
            wall: UnixTime(1_767_225_600),
        };
        let mut core = Lifecycle::new(settings());
        core.handle(self.restored(), now);
        core.handle(Event::LoginRequested { change_user: true }, now);
        let mut at_once = 0;
        for _ in 0..WAKES {
            self.answer(&mut core, now);
            look(&core, now);
            let Some(next) = core.poll_timeout() else {
                break;
            };
            at_once = if next > now.boot { 0 } else { at_once + 1 };
            assert!(at_once <= WAKES_AT_ONCE_MAX, "the core spins");
            now = later(now, next);
            core.handle_timeout(now);
        }
    }

    fn restored(&mut self) -> Event {
        match self.stored.take() {
            Some(stored) => Event::Restored(stored),
            None => Event::NothingStored,
        }
    }

    /// Answers what the core wants, if there is an answer.
    fn answer(&mut self, core: &mut Lifecycle, now: Now) {
        while let Some(action) = core.poll_action() {
            let event = match action {
                Action::Store { generation, .. } => Some(Event::Stored {
                    generation,
                    result: Ok(()),
                }),
                Action::AuthorizeDevice { request } => {
                    let codes = self.codes.take();
                    codes.map(|codes| Event::DeviceAuthorized {
                        request,
                        answer: Ok(codes),
                    })
                }
                Action::PollToken { request, .. } | Action::RefreshToken { request, .. } => {
                    let grant = self.grant.take();
                    grant.map(|grant| Event::TokenAnswered {
                        request,
                        answer: Ok(grant),
                    })
                }
                Action::RevokeToken { .. } => None,
            };
            if let Some(event) = event {
                core.handle(event, now);
            }
        }
        while core.poll_notice().is_some() {}
    }
}

fn look(core: &Lifecycle, now: Now) {
    let ask = Ask {
        min_validity: Duration::from_secs(60),
        newer_than: None,
        deadline: now.boot.after(Duration::from_secs(30)),
    };
    let _ = core.access_token(&ask, now);
    let _ = core.view(now);
}

/// Both clocks go on together, as far as the one on the wall counts.
fn later(now: Now, next: BootTime) -> Now {
    let passed = i64::try_from(next.since(now.boot).as_secs()).unwrap_or(i64::MAX);
    Now {
        boot: next.max(now.boot),
        wall: UnixTime(now.wall.0.saturating_add(passed)),
    }
}

fn settings() -> Settings {
    Settings {
        profile: "prod".to_owned(),
        scopes: vec!["api".to_owned()],
        hosts: vec!["api.example.com".to_owned()],
        revocable: true,
        refresh_token_lifetime: Some(Duration::from_secs(7 * 24 * 3600)),
        refresh_token_expiry: RefreshTokenExpiry::Sliding,
        memory_only: false,
        catch_up_time: Duration::from_secs(1),
        seed: 1,
    }
}
