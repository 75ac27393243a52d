//! Notices when the daemon has stored something: by the renaming that gives a
//! session its name.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use oic_tests::harness::DEADLINE;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};

/// Room for what happens between two looks: a few events of some 40 bytes.
const EVENTS_LEN: usize = 4096;

/// A watch on a folder of sessions.
#[derive(Debug)]
pub struct Watch {
    events: OwnedFd,
    session: String,
}

impl Watch {
    /// A watch on the session of `profile` in `folder`.
    pub fn on(folder: &Path, profile: &str) -> io::Result<Self> {
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        inotify::add_watch(&events, folder, WatchFlags::MOVED_TO)?;
        Ok(Self {
            events,
            session: format!("{profile}.session"),
        })
    }

    /// Forgets what was stored so far.
    pub fn forget(&self) {
        while self.look() {}
    }

    /// Waits until something is stored that was not there when
    /// [`forget`](Self::forget) or this returned.
    ///
    /// # Errors
    ///
    /// Nothing is, in time.
    pub fn stored(&self) -> io::Result<()> {
        while !self.look() {
            let timeout = Timespec::try_from(DEADLINE).map_err(io::Error::other)?;
            let mut ready = [PollFd::new(&self.events, PollFlags::IN)];
            if poll(&mut ready, Some(&timeout))? == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        Ok(())
    }

    /// Whether the session was stored; looks at what has happened once.
    fn look(&self) -> bool {
        let mut buffer = [MaybeUninit::uninit(); EVENTS_LEN];
        let mut reader = Reader::new(&self.events, &mut buffer);
        let mut stored = false;
        while let Ok(event) = reader.next() {
            let name = event.file_name().and_then(|name| name.to_str().ok());
            stored |= name == Some(&self.session);
        }
        stored
    }
}
