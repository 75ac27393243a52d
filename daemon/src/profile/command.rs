//! What the server asks of a profile, and the way there.

use std::sync::Arc;

use oic_proto::Response;
use oic_proto::secret::Fingerprint;
use tokio::sync::{mpsc, oneshot};

use super::shelf::Shelf;
use crate::lifecycle::{Ask, BootTime};

/// Commands on their way to one profile. The task answers each in
/// microseconds; a full queue makes senders wait that long.
const COMMANDS_MAX: usize = 1024;

/// What the server asks of a profile.
#[derive(Debug)]
pub enum Command {
    /// An access token; answered when there is one or there will be none.
    GetToken {
        /// Which.
        ask: Ask,
        /// When the request came.
        asked: BootTime,
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// A login; answered by its prompt and its end.
    Login {
        /// The profile may belong to another user afterwards.
        change_user: bool,
        /// Where the answers go.
        reply: mpsc::Sender<Response>,
    },
    /// A caller of `login` has hung up.
    LoginHungUp,
    /// A logout; answered when it is done.
    Logout {
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// A resource refused an access token; answered when that is noted.
    RejectToken {
        /// Which one.
        fingerprint: Fingerprint,
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// How things stand.
    Status {
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// Whether a user could sign in; answered when the server has been asked.
    Examine {
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
    /// What has happened.
    Metrics {
        /// Where the answer goes.
        reply: oneshot::Sender<Response>,
    },
}

/// Where the commands of a profile go.
///
/// Each is in a box: a queue has room for dozens from the start, and there is
/// one for each profile.
#[derive(Clone, Debug)]
pub struct Commands {
    queue: mpsc::Sender<Box<Command>>,
    shelf: Arc<Shelf>,
}

/// The other end of [`Commands`].
pub(super) struct Incoming(mpsc::Receiver<Box<Command>>);

/// There is no profile any more that takes commands, or it takes none now.
#[derive(Debug)]
pub struct NotTaken;

pub(super) fn channel(shelf: Arc<Shelf>) -> (Commands, Incoming) {
    let (queue, incoming) = mpsc::channel(COMMANDS_MAX);
    (Commands { queue, shelf }, Incoming(incoming))
}

impl Commands {
    /// What can be had without a command.
    pub fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    /// Waits for room where there is none.
    ///
    /// # Errors
    ///
    /// [`NotTaken`] once the profile is ending.
    pub async fn send(&self, command: Command) -> Result<(), NotTaken> {
        let sent = self.queue.send(Box::new(command)).await;
        sent.map_err(|_| NotTaken)
    }

    /// Does not wait.
    ///
    /// # Errors
    ///
    /// [`NotTaken`].
    pub fn try_send(&self, command: Command) -> Result<(), NotTaken> {
        let sent = self.queue.try_send(Box::new(command));
        sent.map_err(|_| NotTaken)
    }

    /// Those of a profile that has ended.
    #[cfg(test)]
    pub(crate) fn of_nobody() -> Self {
        channel(Arc::default()).0
    }
}

impl Incoming {
    /// The next one; `None` when nobody is left who could send one.
    pub(super) async fn recv(&mut self) -> Option<Command> {
        self.0.recv().await.map(|command| *command)
    }
}
