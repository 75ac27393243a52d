//! What one profile has under way outside: its requests to the authorization
//! server and its writes to the disk.

use std::collections::HashMap;
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
    /// Starts what `action` asks for.
    pub(crate) fn start<W: World>(&mut self, world: &Arc<W>, action: Action) {
        trace!(?action, "begun");
        let answer = cut_off(&action);
        let world = Arc::clone(world);
        let task = self
            .running
            .spawn(async move { world.perform(action).await });
        self.if_cut_off.insert(task.id(), answer);
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

/// The answer to an action whose task was cut off.
fn cut_off(action: &Action) -> Event {
    let why = || "the request was cut off inside the daemon".to_owned();
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
