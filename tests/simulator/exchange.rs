//! One request from arrival to answer, for every endpoint alike:
//! log it, hold it, let a fault have it, ask the endpoint, answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::Request;
use axum::response::Response;
use jiff::Timestamp;
use tokio::sync::watch;

use super::answer::Answer;
use super::clock::DomainClock;
use super::domain::{Domain, Rotation};
use super::endpoint::Endpoint;
use super::faults::{Fault, FaultPlan, HoldPoint};
use super::knobs::Knobs;
use super::log::{Log, LogEntry, Outcome, Record};
use super::received::Received;
use super::routes;
use super::wire::Wire;

/// What the server's requests and the simulator's owner share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) log: Arc<Log>,
    world: Mutex<World>,
    /// Changes when held requests are let go.
    released: watch::Sender<()>,
    /// The knobs as they were at the start, for `reset`.
    initial_knobs: Knobs,
}

/// Everything that a request or a control command can change.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: DomainClock,
    pub(crate) domain: Domain,
    pub(crate) faults: FaultPlan,
}

impl Shared {
    pub(crate) fn new(url: String, knobs: Knobs) -> Self {
        Self {
            log: Arc::default(),
            world: Mutex::new(World {
                clock: DomainClock::default(),
                domain: Domain::new(url, knobs.clone()),
                faults: FaultPlan::default(),
            }),
            released: watch::Sender::new(()),
            initial_knobs: knobs,
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A panic in one request must not take the simulator from the others.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go every held request and forgets the holds not met yet.
    pub(crate) fn release(&self) {
        let mut world = self.world();
        world.faults.forget_holds();
        self.released.send_replace(());
    }

    /// Forgets everything but the signing key, and lets go what is held.
    pub(crate) fn reset(&self) {
        let mut world = self.world();
        world.clock = DomainClock::default();
        world.faults.clear();
        world.domain.reset(self.initial_knobs.clone());
        self.log.clear();
        self.released.send_replace(());
    }

    /// Waits for a release if the next request to `endpoint` is to be held here.
    async fn hold(&self, endpoint: Endpoint, point: HoldPoint, record: &Record) {
        let (fault, mut released) = {
            // Subscribed under the lock, so that a release cannot slip in between.
            let mut world = self.world();
            let Some(fault) = world.faults.take_hold(endpoint, point) else {
                return;
            };
            (fault, self.released.subscribe())
        };
        record.note(|entry| {
            entry.fault = Some(fault);
            entry.outcome = Outcome::Held;
        });
        // An error would mean that the simulator is being dropped; so is this request.
        let _ = released.changed().await;
        record.note(|entry| entry.outcome = Outcome::Pending);
    }

    fn open_record(&self, endpoint: Endpoint, received: &Received) -> Record {
        let client = received.credentials().claimed_client();
        let time = self.world().clock.now();
        self.log.open(LogEntry {
            time,
            endpoint,
            grant_type: received.grant_type().map(routes::token::grant_type_name),
            client: client.map(|client| client.id),
            status: None,
            error: None,
            fault: None,
            outcome: Outcome::Pending,
        })
    }

    /// What the endpoint, or the fault in its place, has to say. A refresh
    /// token is spent when this returns: before any byte of the answer is written.
    fn answer(&self, endpoint: Endpoint, received: &Received, fault: Option<Fault>) -> Answer {
        let mut world = self.world();
        let now = world.clock.now();
        let replacement = fault.and_then(|fault| fault.replacement(&world.domain.url));
        let mut answer = replacement.unwrap_or_else(|| {
            let rotation = match fault {
                Some(Fault::NoRefreshToken) => Rotation::Keep,
                _ => Rotation::Rotate,
            };
            world.dispatch(endpoint, received, rotation, now)
        });
        if let Some(fault) = fault {
            fault.bend(&mut answer);
        }
        let domain = &world.domain;
        answer.seal(&domain.mint.ecid(), &domain.knobs, now)
    }
}

impl World {
    fn dispatch(
        &mut self,
        endpoint: Endpoint,
        received: &Received,
        rotation: Rotation,
        now: Timestamp,
    ) -> Answer {
        let domain = &mut self.domain;
        match endpoint {
            Endpoint::Token => routes::token::answer(domain, received, rotation, now),
            Endpoint::Device => routes::device::answer(domain, received, now),
            Endpoint::Revoke => routes::revoke::answer(domain, received),
            Endpoint::Introspect => routes::introspect::answer(domain, received, now),
            Endpoint::Userinfo => routes::userinfo::answer(domain, received, now),
            Endpoint::Metadata => routes::metadata::answer(domain, received),
            Endpoint::Jwks => routes::jwks::answer(domain, received),
            Endpoint::Page => routes::page::answer(domain, received, now),
            Endpoint::Echo => routes::echo::answer(domain, received, now),
            Endpoint::Developer => routes::developer::answer(domain, received, now),
            Endpoint::Redirected => Answer::html(200, "<h1>Not the identity domain</h1>\n"),
            Endpoint::Unknown => Answer::empty(404),
        }
    }
}

/// Serves one request.
pub(crate) async fn exchange(
    shared: Arc<Shared>,
    endpoint: Endpoint,
    wire: Wire,
    request: Request,
) -> Response {
    let received = Received::read(request).await;
    let record = shared.open_record(endpoint, &received);
    shared.hold(endpoint, HoldPoint::Before, &record).await;
    let fault = shared.world().faults.take_fault(endpoint);
    if fault.is_some() {
        record.note(|entry| entry.fault = fault);
    }
    if fault == Some(Fault::Reset) {
        return cut(&wire, &record);
    }
    let answer = shared.answer(endpoint, &received, fault);
    shared.hold(endpoint, HoldPoint::After, &record).await;
    if let Some(Fault::Slow(wait)) = fault {
        tokio::time::sleep(wait).await;
    }
    if fault == Some(Fault::ResetAfterRotation) {
        return cut(&wire, &record);
    }
    record.note(|entry| {
        entry.status = Some(answer.status);
        entry.error = answer.error().map(str::to_owned);
        entry.outcome = Outcome::Answered;
    });
    answer.into_response()
}

/// Cuts the connection under a request. The response goes nowhere.
fn cut(wire: &Wire, record: &Record) -> Response {
    wire.cut();
    record.note(|entry| entry.outcome = Outcome::Cut);
    Response::default()
}
