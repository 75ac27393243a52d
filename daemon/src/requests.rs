//! What one profile has under way outside: its requests to the authorization
//! server and its writes to the disk.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use tokio::task::{Id, JoinError, JoinSet};
use tracing::trace;

use crate::lifecycle::{Action, Event};
use crate::oauth::EndpointError;
use crate::world::World;

/// What is under way. Every action gets exactly one answer: where the
/// task that performs it is cut off, the answer kept here is given.
#[derive(Default)]
pub(crate) struct Requests {
    running: JoinSet<Event>,
    if_cut_off: HashMap<Id, Event>,
}

impl Requests {
    /// Starts reading what the disk holds.
    pub(crate) fn restore<W: World>(&mut self, world: &Arc<W>) {
        let world = Arc::clone(world);
        let answer = Event::Unreadable(CUT_OFF.to_owned());
        self.begin(answer, async move { world.restore().await });
    }

    /// Starts what `action` asks for.
    pub(crate) fn start<W: World>(&mut self, world: &Arc<W>, action: Action) {
        trace!(?action, "begun");
        let answer = cut_off(&action);
        let world = Arc::clone(world);
        self.begin(answer, async move { world.perform(action).await });
    }

    fn begin(&mut self, if_cut_off: Event, deed: impl Future<Output = Event> + Send + 'static) {
        let task = self.running.spawn(deed);
        self.if_cut_off.insert(task.id(), if_cut_off);
    }

    /// Whether nothing is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// The next answer; never, while nothing is under way. Safe to cancel.
    pub(crate) async fn next_answer(&mut self) -> Event {
        loop {
            let Some(joined) = self.running.join_next_with_id().await else {
                return std::future::pending().await;
            };
            let id = joined.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
            let kept = self.if_cut_off.remove(&id);
            match (joined, kept) {
                (Ok((_, event)), _) => return event,
                (Err(_), Some(event)) => return event,
                (Err(_), None) => {}
            }
        }
    }
}

/// Why there is no other answer.
const CUT_OFF: &str = "it was cut off inside the daemon";

/// The answer to an action whose task was cut off.
fn cut_off(action: &Action) -> Event {
    let why = || CUT_OFF.to_owned();
    match action {
        Action::AuthorizeDevice { request } => Event::DeviceAuthorized {
            request: *request,
            answer: Err(EndpointError::Unanswered(why())),
        },
        Action::PollToken { request, .. } | Action::RefreshToken { request, .. } => {
            Event::TokenAnswered {
                request: *request,
                answer: Err(EndpointError::Unanswered(why())),
            }
        }
        Action::RevokeToken { request, .. } => Event::Revoked {
            request: *request,
            answer: Err(EndpointError::Unanswered(why())),
        },
        Action::Store { generation, .. } => Event::Stored {
            generation: *generation,
            result: Err(why()),
        },
    }
}
