//! Tries passphrases, one at a time and, after a wrong one, not at once: on
//! the socket nobody guesses faster than a person types.

use std::sync::Arc;
use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::{Lock, PASSPHRASE_LEN_MAX, Refusal};
use oic_proto::secret::Passphrase;
use tokio::sync::Mutex;
use tracing::{info, warn};

use crate::clock;
use crate::lifecycle::BootTime;
use crate::store::{self, PassphraseError, Store};

/// Pause after a wrong passphrase; each further one doubles it. A typing error
/// costs no more than a breath.
const PAUSE_FIRST: Duration = Duration::from_secs(1);

/// Longest pause. Longer ones would let any program of this user keep the user
/// out by guessing wrong.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Fewest bytes of a new passphrase: whoever has the disk may guess as fast as
/// Argon2id lets them (NIST SP 800-63B §5.1.1.1 has eight).
const PASSPHRASE_LEN_MIN: usize = 8;

/// The way from a caller's passphrase to the store.
#[derive(Debug)]
pub struct Unlocking {
    store: Arc<Store>,
    /// Held while one is tried: each takes 64 MiB.
    tries: Mutex<Tries>,
}

/// The wrong passphrases since the last right one.
#[derive(Debug, Default)]
struct Tries {
    wrong: u32,
    /// When the next one is tried.
    next: Option<BootTime>,
}

impl Unlocking {
    /// Unlocks the sessions of `store`.
    pub fn new(store: Arc<Store>) -> Self {
        Self {
            store,
            tries: Mutex::default(),
        }
    }

    /// Whether a passphrase stands between the daemon and the sessions.
    pub fn lock(&self) -> Lock {
        self.store.lock()
    }

    /// Unlocks the sessions.
    pub async fn unlock(&self, passphrase: Passphrase) -> Response {
        self.attempt(move |store| store.unlock(&passphrase)).await
    }

    /// Has `new` unlock them from now on.
    pub async fn set_passphrase(&self, present: Option<Passphrase>, new: Passphrase) -> Response {
        let len = new.expose().len();
        if !(PASSPHRASE_LEN_MIN..=PASSPHRASE_LEN_MAX).contains(&len) {
            let why =
                format!("a passphrase has {PASSPHRASE_LEN_MIN} to {PASSPHRASE_LEN_MAX} bytes");
            return Response::Refused(Refusal::NotUnlocked { why });
        }
        self.attempt(move |store| store.set_passphrase(present.as_ref(), &new))
            .await
    }

    /// Argon2id takes its time, and takes it from nobody else.
    async fn attempt(
        &self,
        attempt: impl FnOnce(&Store) -> Result<(), store::Error> + Send + 'static,
    ) -> Response {
        let Ok(mut tries) = self.tries.try_lock() else {
            return Response::Refused(Refusal::Busy);
        };
        if let Some(retry_in) = tries.pause(clock::now().boot) {
            return Response::Refused(Refusal::TooSoon { retry_in });
        }
        let store = Arc::clone(&self.store);
        let tried = tokio::task::spawn_blocking(move || attempt(&store)).await;
        let refusal = match tried {
            Ok(Ok(())) => {
                *tries = Tries::default();
                info!("the sessions are unlocked");
                return Response::End;
            }
            Ok(Err(error)) if is_wrong(&error) => {
                let retry_in = tries.count_wrong(clock::now().boot);
                warn!(tries = tries.wrong, "a wrong passphrase was given");
                Refusal::WrongPassphrase { retry_in }
            }
            Ok(Err(error)) => not_unlocked(error.to_string()),
            Err(panic) => not_unlocked(format!("it was cut off: {panic}")),
        };
        Response::Refused(refusal)
    }
}

fn is_wrong(error: &store::Error) -> bool {
    matches!(error, store::Error::Passphrase { why, .. } if *why == PassphraseError::Wrong)
}

fn not_unlocked(why: String) -> Refusal {
    warn!("the sessions cannot be unlocked: {why}");
    Refusal::NotUnlocked { why }
}

impl Tries {
    /// How long to wait before the next try.
    fn pause(&self, now: BootTime) -> Option<Duration> {
        let next = self.next.filter(|next| *next > now)?;
        Some(next.since(now))
    }

    /// One was wrong; how long to wait before the next.
    fn count_wrong(&mut self, now: BootTime) -> Duration {
        let pause = PAUSE_FIRST.saturating_mul(1 << self.wrong.min(10));
        let pause = pause.min(PAUSE_MAX);
        self.wrong = self.wrong.saturating_add(1);
        self.next = Some(now.after(pause));
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> BootTime {
        BootTime(Duration::from_secs(seconds))
    }

    #[test]
    fn each_wrong_passphrase_makes_the_next_wait_longer_up_to_a_limit() {
        let mut tries = Tries::default();
        assert_eq!(tries.pause(at(100)), None);
        let mut now = at(100);
        for seconds in [1, 2, 4, 8, 16, 30, 30, 30] {
            let pause = Duration::from_secs(seconds);
            assert_eq!(tries.count_wrong(now), pause);
            assert_eq!(tries.pause(now), Some(pause));
            now = now.after(pause);
            assert_eq!(tries.pause(now), None);
        }
    }
}
