//! The world of the driver: its actions meet the simulated network and disk.

use std::sync::Arc;
use std::time::Duration;

use oic_tokend::lifecycle::{Action, Event, Now, StoredSession};
use oic_tokend::oauth::{self, Answer, EndpointError, TokenGrant, TransportError};
use oic_tokend::world::World;
use tokio::time::sleep;

use crate::network::Passage;
use crate::replies::{Reply, Request, spoilt};
use crate::server::{Fate, Sender};
use crate::sim::{Sim, State};
use crate::tally::Kind;
use crate::time::SimulatedAlarm;

/// What one life of the daemon sees of the outside.
pub struct Machine {
    sim: Arc<Sim>,
    life: u64,
}

impl World for Machine {
    type Alarm = SimulatedAlarm;

    fn now(&self) -> Now {
        self.sim.now()
    }

    fn alarm(&self) -> SimulatedAlarm {
        SimulatedAlarm::new(&self.sim)
    }

    async fn restore(&self) -> Event {
        let takes = self.live(State::draw_restore).await;
        self.disk_takes(takes).await;
        self.live(State::restored).await
    }

    async fn perform(&self, action: Action) -> Event {
        match action {
            Action::AuthorizeDevice { request } => {
                let reply = self.request(Request::Authorize).await;
                let answer = oauth::device_authorization(&self.sim.profile, reply.answer);
                Event::DeviceAuthorized { request, answer }
            }
            Action::PollToken {
                request,
                device_code,
            } => {
                let code = device_code.0.expose().clone();
                let sent = self.live(|state| state.poll_begins(&code)).await;
                let reply = self.request(Request::Poll(code.clone())).await;
                let (answer, breaks) = self.token_answer(reply.answer).await;
                self.live(|state| state.polled(&code, sent, &answer)).await;
                breaks.into_event(Event::TokenAnswered { request, answer })
            }
            Action::RefreshToken {
                request,
                refresh_token,
            } => {
                let name = refresh_token.0.expose().clone();
                let sent = self
                    .live(|state| state.refresh_begins(request.0, &name))
                    .await;
                let reply = self.request(Request::Refresh(name)).await;
                let (answer, breaks) = self.token_answer(reply.answer).await;
                let ended = reply.ended.filter(|_| answer.is_err() && !breaks.0);
                self.live(|state| state.refreshed(request.0, sent, &answer, ended))
                    .await;
                breaks.into_event(Event::TokenAnswered { request, answer })
            }
            Action::RevokeToken {
                request,
                refresh_token,
            } => {
                let sent = refresh_token.0.expose().clone();
                let reply = self.request(Request::Revoke(sent)).await;
                let answer = oauth::revocation(reply.answer);
                Event::Revoked { request, answer }
            }
            Action::Store {
                generation,
                session,
            } => {
                let result = self.store(generation, session).await;
                let breaks = result.is_err() && self.live(State::draw_breakdown).await;
                Breaks(breaks).into_event(Event::Stored { generation, result })
            }
        }
    }
}

impl Machine {
    pub fn new(sim: &Arc<Sim>, life: u64) -> Self {
        Self {
            sim: Arc::clone(sim),
            life,
        }
    }

    /// What the driver makes of an answer, if the one that waits for it does
    /// not break down.
    async fn token_answer(
        &self,
        answer: Result<Answer, TransportError>,
    ) -> (Result<TokenGrant, EndpointError>, Breaks) {
        if self.live(State::draw_breakdown).await {
            let why = "it was cut off inside the daemon".to_owned();
            return (Err(EndpointError::Unanswered(why)), Breaks(true));
        }
        (oauth::token_grant(answer), Breaks(false))
    }

    /// Does what only a live daemon does, and may be killed right after it.
    async fn live<T>(&self, deed: impl FnOnce(&mut State) -> T) -> T {
        let done = self.sim.with(|state| {
            if !state.alive || state.life != self.life {
                return None;
            }
            let done = deed(state);
            state.may_die(&self.sim.died);
            state.alive.then_some(done)
        });
        match done {
            Some(done) => done,
            None => std::future::pending().await,
        }
    }

    async fn request(&self, request: Request) -> Reply {
        let passage = self
            .live(|state| {
                let passage = Passage::draw(state.sky(), &mut state.random);
                if let Some(name) = passage.name() {
                    state.count(Kind::Fault, name);
                }
                state.note(format_args!("request: {request:?}, {passage:?}"));
                passage
            })
            .await;
        let failed = |answer| Reply {
            answer,
            ended: None,
        };
        let unanswered = || Err(TransportError::Unanswered("connection reset".to_owned()));
        match passage {
            Passage::NotSent { after } => {
                sleep(after).await;
                let why = "connection refused".to_owned();
                failed(Err(TransportError::NotSent(why)))
            }
            Passage::RequestLost { after } => {
                sleep(after).await;
                failed(unanswered())
            }
            Passage::Intercepted { after, answer } => {
                sleep(after).await;
                failed(Ok(*answer))
            }
            Passage::ArrivesLate { after, late } => {
                let sim = Arc::clone(&self.sim);
                tokio::spawn(async move {
                    sleep(after + late).await;
                    sim.with(|state| drop(state.serve(&request, Sender::Late)));
                });
                sleep(after).await;
                failed(unanswered())
            }
            Passage::Arrives { there, back } => self.arrive(request, there, back).await,
            Passage::AnswerLost { there, back } => {
                self.arrive(request, there, back).await;
                failed(unanswered())
            }
            Passage::Spoilt { there, back, how } => {
                self.arrive(request, there, back).await;
                failed(Ok(spoilt(how)))
            }
        }
    }

    async fn arrive(&self, request: Request, there: Duration, back: Duration) -> Reply {
        let mut way = Way {
            machine: self,
            request: Some(request),
            issued: None,
        };
        sleep(there).await;
        let reply = way.arrived();
        sleep(back).await;
        way.answered();
        reply
    }

    /// This long, and as long as the disk hangs.
    async fn disk_takes(&self, time: Duration) {
        loop {
            let changed = self.sim.disk_changed.notified();
            let hangs_for = self
                .sim
                .with(|state| state.disk.hangs_for(state.time.real()));
            let Some(hangs_for) = hangs_for else {
                return sleep(time).await;
            };
            tokio::select! {
                biased;
                () = sleep(hangs_for) => {}
                () = changed => {}
            }
        }
    }

    async fn store(&self, generation: u64, session: Option<StoredSession>) -> Result<(), String> {
        let writing = Writing(self);
        let (outcome, takes) = self
            .live(|state| state.write_begins(generation, session))
            .await;
        self.disk_takes(takes).await;
        let result = self.live(|state| state.written(outcome)).await;
        // Cut off or not, it has been written.
        drop(writing);
        result
    }
}

/// Whether the task that waits for an answer panics before it has handed it
/// on.
struct Breaks(bool);

impl Breaks {
    fn into_event(self, event: Event) -> Event {
        if self.0 {
            // A panic that says nothing: thousands of them are to be expected.
            std::panic::resume_unwind(Box::new("the request breaks down"));
        }
        event
    }
}

/// A request that the end of the daemon may cut off.
struct Way<'a> {
    machine: &'a Machine,
    /// While it has not arrived.
    request: Option<Request>,
    /// While the answer, which holds this refresh token, has not.
    issued: Option<String>,
}

impl Way<'_> {
    fn arrived(&mut self) -> Reply {
        let sender = Sender::Life(self.machine.life);
        let Some(request) = self.request.take() else {
            unreachable!("a request arrives once");
        };
        let served = self.machine.sim.with(|state| state.serve(&request, sender));
        self.issued = served.refresh_token;
        served.reply
    }

    fn answered(&mut self) {
        self.issued = None;
    }
}

impl Drop for Way<'_> {
    fn drop(&mut self) {
        self.machine.sim.with(|state| {
            if let Some(request) = self.request.take()
                && state.random.percent(50)
            {
                let sender = Sender::Life(self.machine.life);
                self.issued = state.serve(&request, sender).refresh_token;
            }
            if let Some(refresh_token) = &self.issued {
                state.server.note(refresh_token, Fate::CutOff);
            }
        });
    }
}

/// A write that the end of the daemon may cut off.
struct Writing<'a>(&'a Machine);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.sim.with(State::write_cut_off);
    }
}
