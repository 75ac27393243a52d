//! The token file of `exec`: fresh for as long as its program runs.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use oic_proto::message::TokenView;

use crate::args::Freshness;
use crate::call::Daemon;
use crate::failure::{Exit, Failure};
use crate::private_file::PrivateFile;
use crate::{clock, get, terminal};

/// How long to wait before the daemon is asked again that had no token for us:
/// soon enough that the end of an outage is noticed before most programs make
/// their next request.
const RETRY_PAUSE: Duration = Duration::from_secs(15);

/// Shortest time from one token to the next, however long `--min-valid` is.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// The file, until the program has ended; removed when dropped.
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    shared: Arc<Shared>,
}

/// `None` once it was removed: who would write it then leaves nothing behind.
type Shared = Mutex<Option<PrivateFile>>;

impl TokenFile {
    /// A file with this access token.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    pub fn create(view: &TokenView) -> io::Result<Self> {
        let file = PrivateFile::create(view.access_token.expose())?;
        Ok(Self {
            path: file.path(),
            shared: Arc::new(Mutex::new(Some(file))),
        })
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// Replaces it, from a thread of its own, whenever the token in it is about
    /// to be valid for less than `freshness` says.
    pub fn keep_fresh(&self, daemon: &Daemon, first: TokenView, freshness: Freshness) {
        let mut keeper = Keeper {
            freshness,
            profile: first.profile.clone(),
            told: None,
        };
        let (daemon, shared) = (daemon.clone(), Arc::clone(&self.shared));
        let mut pause = keeper.until_next(&first);
        drop(first);
        thread::spawn(move || {
            loop {
                clock::sleep(pause);
                let asked =
                    get::access_token(&daemon, Some(keeper.profile.clone()), freshness, false);
                let written = asked.and_then(|view| write(&shared, &view).map(|()| view));
                let (wait, words) = keeper.judge(written);
                words.iter().for_each(|line| terminal::say(line));
                pause = wait;
            }
        });
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        drop(locked(&self.shared).take());
    }
}

fn locked(shared: &Shared) -> std::sync::MutexGuard<'_, Option<PrivateFile>> {
    // Whoever panicked left a whole file or none.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(shared: &Shared, view: &TokenView) -> Result<(), Failure> {
    match &*locked(shared) {
        Some(file) => file
            .replace(view.access_token.expose())
            .map_err(Failure::TokenFile),
        None => Ok(()),
    }
}

/// When to ask next, and what to say.
struct Keeper {
    freshness: Freshness,
    profile: String,
    /// The failure that was told: of one that lasts, nobody wants to read
    /// twice.
    told: Option<Exit>,
}

impl Keeper {
    /// How long the token in `view` is still good enough.
    fn until_next(&self, view: &TokenView) -> Duration {
        let good = view
            .expires_in
            .saturating_sub(self.freshness.min_validity());
        good.max(PAUSE_MIN)
    }

    fn judge(&mut self, written: Result<TokenView, Failure>) -> (Duration, Vec<String>) {
        let profile = &self.profile;
        match written {
            Ok(view) => {
                let recovered = self.told.take().map(|_| {
                    format!("the token file of profile '{profile}' has a fresh access token again")
                });
                (self.until_next(&view), Vec::from_iter(recovered))
            }
            Err(failure) if self.told == Some(failure.exit()) => (RETRY_PAUSE, Vec::new()),
            Err(failure) => {
                self.told = Some(failure.exit());
                let mut words = vec![format!(
                    "warning: the token file of profile '{profile}' keeps its old access token \
                     for now: {failure}"
                )];
                words.extend(failure.hint().map(|hint| format!("hint: {hint}")));
                (RETRY_PAUSE, words)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use oic_proto::message::{Refusal, UnixTime};
    use oic_proto::secret::AccessToken;

    use super::*;

    fn view(expires_in: u64) -> TokenView {
        TokenView {
            access_token: AccessToken::new("a".to_owned()),
            profile: "prod".to_owned(),
            scopes: Vec::new(),
            expires_at: UnixTime(0),
            expires_in: Duration::from_secs(expires_in),
            hosts: Vec::new(),
        }
    }

    fn keeper() -> Keeper {
        Keeper {
            freshness: Freshness {
                min_valid: 60,
                timeout: 30,
            },
            profile: "prod".to_owned(),
            told: None,
        }
    }

    fn login_required() -> Failure {
        Failure::Refused(Refusal::LoginRequired {
            profile: "prod".to_owned(),
            why: "the session is over".to_owned(),
        })
    }

    #[test]
    fn the_daemon_is_asked_when_the_token_is_about_to_be_too_short() {
        let mut keeper = keeper();
        assert_eq!(
            keeper.judge(Ok(view(3600))),
            (Duration::from_secs(3540), vec![])
        );
        assert_eq!(
            keeper.judge(Ok(view(60))),
            (PAUSE_MIN, vec![]),
            "and not in a loop"
        );
    }

    #[test]
    fn a_failure_that_lasts_is_told_once_and_its_end_too() {
        let mut keeper = keeper();
        let absent = || Failure::NoDaemon { tried: Vec::new() };
        let (wait, words) = keeper.judge(Err(absent()));
        assert_eq!(wait, RETRY_PAUSE);
        assert!(
            words[0].contains("keeps its old access token for now"),
            "{words:?}"
        );
        assert!(words[1].starts_with("hint: start oic-tokend"), "{words:?}");
        assert_eq!(keeper.judge(Err(absent())), (RETRY_PAUSE, vec![]));
        let (_, words) = keeper.judge(Err(login_required()));
        assert!(words[1].contains("oic-token login prod"), "{words:?}");
        assert_eq!(keeper.judge(Err(login_required())).1, Vec::<String>::new());
        let (_, words) = keeper.judge(Ok(view(3600)));
        assert!(words[0].contains("fresh access token again"), "{words:?}");
        assert_eq!(keeper.judge(Ok(view(3600))).1, Vec::<String>::new());
    }

    #[test]
    fn a_renewal_that_comes_after_the_end_leaves_no_file_behind() {
        let file = TokenFile::create(&view(60)).unwrap();
        let (shared, path) = (Arc::clone(&file.shared), file.path());
        assert!(path.exists());
        drop(file);
        write(&shared, &view(60)).unwrap();
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }
}
