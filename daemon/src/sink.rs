//! The token file of a profile, for programs that read their token from a
//! file: replaced whenever another access token is served, and gone when there
//! is none. A file with a token that has expired would be worse than no file:
//! who reads it learns of that from a resource, far away from the cause.
//!
//! At the daemon's end the file stays: a restart takes nothing away from the
//! programs that read it.

#[cfg(unix)]
#[path = "sink/unix.rs"]
mod disk;
#[cfg(not(unix))]
#[path = "sink/elsewhere.rs"]
mod disk;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oic_proto::message::LastError;
use oic_proto::secret::AccessToken;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::{error, info};

use crate::clock;
use crate::config::TokenFile;
pub use disk::IS_POSSIBLE;

/// How long to wait before a file is tried again that could not be written:
/// whoever mends its folder does not wait long, and a log is not filled.
const RETRY_PAUSE: Duration = Duration::from_secs(30);

/// A profile's token file.
#[derive(Debug)]
pub struct Sink {
    profile: String,
    /// Where what is wanted goes, since there is a file.
    keeper: Mutex<Option<watch::Sender<Wanted>>>,
    trouble: Arc<Mutex<Option<LastError>>>,
}

/// What is to be on the disk.
#[derive(Clone, Debug, Default)]
struct Wanted {
    file: Option<TokenFile>,
    /// `None` while it is not known who is signed in: what an earlier daemon
    /// left is as good as anything until then.
    access_token: Option<Option<AccessToken>>,
}

impl Sink {
    /// The file of this profile, kept by a task of its own. Most profiles have
    /// none, and no task either.
    pub fn start(profile: &str, file: Option<TokenFile>) -> Self {
        let sink = Self {
            profile: profile.to_owned(),
            keeper: Mutex::default(),
            trouble: Arc::default(),
        };
        sink.configure(file);
        sink
    }

    /// The configuration wants another file, or none. Where it wants the first
    /// one, the access token is to be shown again.
    pub fn configure(&self, file: Option<TokenFile>) {
        let mut keeper = self.keeper();
        let Some(wanted) = keeper.as_ref() else {
            *keeper = file.map(|file| self.keep(file));
            return;
        };
        wanted.send_if_modified(|wanted| {
            let changed = wanted.file != file;
            wanted.file = file;
            changed
        });
    }

    /// This access token is served from now on.
    pub fn show(&self, access_token: Option<&AccessToken>) {
        if let Some(wanted) = self.keeper().as_ref() {
            wanted.send_modify(|wanted| wanted.access_token = Some(access_token.cloned()));
        }
    }

    fn keep(&self, file: TokenFile) -> watch::Sender<Wanted> {
        let (wanted, receiver) = watch::channel(Wanted {
            file: Some(file),
            access_token: None,
        });
        let keeper = Keeper {
            profile: self.profile.clone(),
            written: None,
            trouble: Arc::clone(&self.trouble),
        };
        tokio::spawn(keeper.run(receiver));
        wanted
    }

    fn keeper(&self) -> MutexGuard<'_, Option<watch::Sender<Wanted>>> {
        // Nothing that is done under it leaves half a change behind.
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wrong with the file.
    pub fn trouble(&self) -> Option<LastError> {
        let trouble = self.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Keeper {
    profile: String,
    /// The file that we have written, and not removed yet.
    written: Option<TokenFile>,
    trouble: Arc<Mutex<Option<LastError>>>,
}

impl Keeper {
    async fn run(mut self, mut receiver: watch::Receiver<Wanted>) {
        loop {
            let wanted = receiver.borrow_and_update().clone();
            let settled = self.settle(wanted).await;
            let is_settled = settled.is_ok();
            self.tell(settled);
            let changed = receiver.changed();
            let closed = match is_settled {
                true => changed.await.is_err(),
                // Passed means that it is tried again, all the same.
                false => matches!(timeout(RETRY_PAUSE, changed).await, Ok(Err(_))),
            };
            if closed {
                return;
            }
        }
    }

    /// Where nobody waits for it: the disk may hang.
    async fn settle(&mut self, wanted: Wanted) -> Result<(), String> {
        // Most profiles have no file: that takes no thread at each start.
        if self.written.is_none() && wanted.file.is_none() {
            return Ok(());
        }
        let written = self.written.take();
        let settling = tokio::task::spawn_blocking(move || settle(written, &wanted));
        match settling.await {
            Ok((written, settled)) => {
                self.written = written;
                settled.map_err(|error| error.to_string())
            }
            Err(panic) => Err(format!("it was cut off: {panic}")),
        }
    }

    fn tell(&self, settled: Result<(), String>) {
        let profile = self.profile.as_str();
        let trouble = settled.err().map(|why| LastError {
            code: "file_not_written".to_owned(),
            message: format!("the token file is not what it should be: {why}"),
            at: clock::now().wall,
        });
        let mut before = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match (before.as_ref(), &trouble) {
            (Some(before), Some(trouble)) if before.message == trouble.message => return,
            (_, Some(trouble)) => error!(profile, "{}", trouble.message),
            (Some(_), None) => info!(profile, "the token file is what it should be again"),
            (None, None) => {}
        }
        *before = trouble;
    }
}

/// Makes the disk what is wanted; returns which file is on it.
fn settle(written: Option<TokenFile>, wanted: &Wanted) -> (Option<TokenFile>, io::Result<()>) {
    let path = wanted.file.as_ref().map(|file| &file.path);
    if let Some(old) = written.as_ref().filter(|old| Some(&old.path) != path)
        && let Err(error) = disk::remove(&old.path)
    {
        return (written, Err(error));
    }
    match (&wanted.file, &wanted.access_token) {
        (Some(file), Some(Some(access_token))) => {
            let done = disk::write(file, access_token.expose());
            (Some(file.clone()), done)
        }
        (Some(file), Some(None)) => (None, disk::remove(&file.path)),
        _ => (None, Ok(())),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::testbed::{Scratch, in_time, mode, set_mode};

    fn file(scratch: &Scratch, name: &str) -> TokenFile {
        TokenFile {
            path: scratch.path().join(name),
            mode: 0o600,
            group: None,
        }
    }

    fn token(text: &str) -> Option<AccessToken> {
        Some(AccessToken::new(text.to_owned()))
    }

    fn read(file: &TokenFile) -> Option<String> {
        std::fs::read_to_string(&file.path).ok()
    }

    fn settled(written: Option<TokenFile>, file: Option<&TokenFile>, token: Option<AccessToken>) {
        let wanted = Wanted {
            file: file.cloned(),
            access_token: Some(token),
        };
        settle(written, &wanted).1.unwrap();
    }

    #[test]
    fn the_file_has_the_token_that_is_served_and_is_gone_with_it() {
        let scratch = Scratch::new();
        let one = file(&scratch, "one");
        settled(None, Some(&one), token("first"));
        assert_eq!(read(&one).as_deref(), Some("first"), "and no newline");
        settled(Some(one.clone()), Some(&one), token("second"));
        assert_eq!(read(&one).as_deref(), Some("second"));
        settled(Some(one.clone()), Some(&one), None);
        assert_eq!(read(&one), None);
    }

    #[test]
    fn a_file_that_is_not_wanted_any_more_is_removed() {
        let scratch = Scratch::new();
        let (one, two) = (file(&scratch, "one"), file(&scratch, "two"));
        settled(None, Some(&one), token("first"));
        settled(Some(one.clone()), Some(&two), token("first"));
        assert_eq!((read(&one), read(&two).as_deref()), (None, Some("first")));
        settled(Some(two.clone()), None, token("first"));
        assert_eq!(read(&two), None);
    }

    #[test]
    fn what_an_earlier_daemon_left_stays_until_it_is_known_who_is_signed_in() {
        let scratch = Scratch::new();
        let one = file(&scratch, "one");
        settled(None, Some(&one), token("first"));
        let unknown = Wanted {
            file: Some(one.clone()),
            access_token: None,
        };
        settle(None, &unknown).1.unwrap();
        assert_eq!(read(&one).as_deref(), Some("first"));
        settled(None, Some(&one), None);
        assert_eq!(read(&one), None);
    }

    #[tokio::test]
    async fn a_profile_that_gets_a_file_later_keeps_it_from_then_on() {
        let scratch = Scratch::new();
        let one = file(&scratch, "one");
        let sink = Sink::start("prod", None);
        sink.show(token("first").as_ref());
        assert!(sink.keeper().is_none(), "nobody keeps no file");
        sink.configure(Some(one.clone()));
        sink.show(token("second").as_ref());
        while read(&one).as_deref() != Some("second") {
            tokio::task::yield_now().await;
        }
        sink.configure(None);
        while read(&one).is_some() {
            tokio::task::yield_now().await;
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_is_told_and_tried_again() {
        let scratch = Scratch::new();
        let one = file(&scratch, "missing/one");
        let (folder, expected) = (one.path.parent().unwrap().to_owned(), one.clone());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        in_time(move || {
            runtime.block_on(async {
                let sink = Sink::start("prod", Some(one));
                sink.show(token("first").as_ref());
                while sink.trouble().is_none() {
                    tokio::task::yield_now().await;
                }
                assert_eq!(sink.trouble().unwrap().code, "file_not_written");
                std::fs::create_dir(&folder).unwrap();
                set_mode(&folder, 0o700);
                tokio::time::sleep(RETRY_PAUSE).await;
                while sink.trouble().is_some() {
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            });
        });
        assert_eq!(read(&expected).as_deref(), Some("first"));
        assert_eq!(mode(&expected.path), 0o600);
    }
}
