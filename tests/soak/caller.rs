//! A caller that asks all the time, takes what there is and waits for nothing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use oic_proto::message::Refusal;
use oic_proto::{Request, Response};
use oic_tests::harness::{Caller, DEADLINE};

use crate::clock;

/// How long it pauses between two questions: its figures are as fine as this.
const PAUSE: Duration = Duration::from_millis(20);

/// It asks on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct EagerCaller {
    stopped: Arc<AtomicBool>,
    seen: Arc<RwLock<Seen>>,
    thread: Option<JoinHandle<()>>,
}

/// What it has seen.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// How often it asked.
    pub asked: u64,
    /// How many access tokens it was given, each counted once.
    pub tokens: u64,
    /// The longest time in which it had no valid token, from the end of one to
    /// the arrival of the next.
    pub longest_without: Duration,
    /// Why a login is required, if that was ever said.
    pub login_required: Option<String>,
    /// The newest token and its end.
    newest: Option<(String, Instant)>,
}

impl EagerCaller {
    /// Starts to ask the daemon at `socket`.
    pub fn start(socket: PathBuf) -> Self {
        let (stopped, seen) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let (stop, shared) = (Arc::clone(&stopped), Arc::clone(&seen));
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let answer = ask(&socket);
                note(&shared, answer);
                clock::let_pass(PAUSE);
            }
        });
        Self {
            stopped,
            seen,
            thread: Some(thread),
        }
    }

    /// What it has seen so far.
    pub fn seen(&self) -> Seen {
        let seen = self.seen.read();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for EagerCaller {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell that is not in `seen`.
            let _ = thread.join();
        }
    }
}

fn note(seen: &RwLock<Seen>, answer: Option<Response>) {
    let mut seen = seen.write().unwrap_or_else(PoisonError::into_inner);
    seen.note(answer, clock::now());
}

/// `None`: nobody is there to answer.
fn ask(socket: &Path) -> Option<Response> {
    let mut caller = Caller::connect(socket, DEADLINE).ok()?;
    let request = Request::GetToken {
        profile: None,
        min_validity: Duration::ZERO,
        patience: Duration::ZERO,
        force: false,
    };
    caller.ask(&request).ok()?;
    caller.answer().ok()
}

impl Seen {
    /// An answer came, or none.
    pub fn note(&mut self, answer: Option<Response>, now: Instant) {
        self.asked += 1;
        match answer {
            Some(Response::Token(view)) => {
                let token = view.access_token.expose().to_owned();
                if let Some((newest, end)) = &self.newest {
                    let without = now.saturating_duration_since(*end);
                    self.longest_without = self.longest_without.max(without);
                    self.tokens += u64::from(*newest != token);
                } else {
                    self.tokens += 1;
                }
                self.newest = Some((token, now + view.expires_in));
            }
            Some(Response::Refused(Refusal::LoginRequired { why, .. })) => {
                self.login_required.get_or_insert(why);
            }
            _ => {}
        }
    }
}
