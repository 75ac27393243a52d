//! The sockets that are served, from the daemon's start to its end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use crate::access::Door;
use crate::listener::Listener;
use crate::places::Places;
use crate::served::Served;

/// How long the daemon's end waits for callers who are connected: for their
/// first request, and for answers that are being written.
const LAST_ANSWERS_MAX: Duration = Duration::from_secs(2);

/// Held by whoever must be answered before the daemon may end.
pub type Answering = mpsc::Sender<Infallible>;

/// The sockets that are served.
#[derive(Debug)]
pub struct Serving {
    sockets: JoinSet<()>,
    /// Those that somebody else keeps open, or where a refusal would be taken
    /// for a token that is empty.
    left: Vec<AbortHandle>,
    answering: Answering,
    answered: mpsc::Receiver<Infallible>,
}

impl Default for Serving {
    fn default() -> Self {
        let (answering, answered) = mpsc::channel(1);
        Self {
            sockets: JoinSet::new(),
            left: Vec::new(),
            answering,
            answered,
        }
    }
}

impl Serving {
    /// Serves the callers of `listener` from now on.
    pub fn open(&mut self, listener: Listener, served: &Arc<Served>, places: Arc<Places>) {
        let leave = listener.is_kept() || served.door == Door::Units;
        let answering = self.answering.clone();
        let serving = super::serve(listener, Arc::clone(served), answering, places);
        let socket = self.sockets.spawn(serving);
        if leave {
            self.left.push(socket);
        }
    }

    /// The daemon has begun to end: who comes from now on is left to the next
    /// one, where the service manager keeps the socket and its queue for it. At
    /// a socket of our own everybody still hears why not, but for units, whose
    /// start fails.
    pub fn leave(&mut self) {
        self.left.drain(..).for_each(|socket| socket.abort());
    }

    /// Lets nobody in any more; returns when everybody who is in has been
    /// answered, or when waiting longer helps nobody.
    pub async fn end(mut self) {
        self.sockets.shutdown().await;
        drop(self.answering);
        // Nothing is ever sent: this is the end of the last one who holds it.
        let _ = timeout(LAST_ANSWERS_MAX, self.answered.recv()).await;
    }
}
