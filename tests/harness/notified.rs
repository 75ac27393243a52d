//! The socket at which a service manager hears from a daemon (`sd_notify(3)`),
//! and what it keeps for it.

use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};

use super::DEADLINE;

/// Longest message that is read, in bytes.
const MESSAGE_LEN_MAX: usize = 4096;

/// A service manager that listens.
#[derive(Debug)]
pub struct Notified {
    place: PathBuf,
    socket: UnixDatagram,
    heard: Arc<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    state: Mutex<State>,
    grew: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Every line since the daemon started.
    said: Vec<String>,
    /// Its file descriptor store.
    kept: Vec<(String, OwnedFd)>,
}

impl Notified {
    /// Listens at `place`.
    pub(super) fn at(place: PathBuf) -> Self {
        let socket = UnixDatagram::bind(&place).expect("the folder is ours");
        let heard = Arc::new(Heard::default());
        let (listening, hearing) = (socket.try_clone(), Arc::clone(&heard));
        let listening = listening.expect("a descriptor is free");
        thread::spawn(move || while hearing.hear(&listening) {});
        Self {
            place,
            socket,
            heard,
        }
    }

    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    /// Another daemon is started.
    pub(super) fn start_anew(&self) {
        self.heard.lock().said.clear();
    }

    /// Waits until the daemon has said this many lines that begin so.
    ///
    /// # Panics
    ///
    /// When it does not; with what it said.
    pub fn wait_for(&self, text: &str, times: usize) {
        let is_missing = |state: &mut State| {
            let found = state.said.iter().filter(|line| line.starts_with(text));
            found.count() < times
        };
        let state = self.heard.lock();
        let waited = self
            .heard
            .grew
            .wait_timeout_while(state, DEADLINE, is_missing);
        let (state, waited) = waited.expect("no test panics here");
        assert!(!waited.timed_out(), "no {text}, but {:?}", state.said);
    }

    /// How many lines began so.
    pub fn count(&self, text: &str) -> usize {
        let state = self.heard.lock();
        state.said.iter().filter(|it| it.starts_with(text)).count()
    }

    /// The names of what is kept.
    pub fn kept(&self) -> Vec<String> {
        let state = self.heard.lock();
        state.kept.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Names, and where a process that is started finds what is kept.
    pub(super) fn passed(&self) -> Vec<(String, String)> {
        let state = self.heard.lock();
        let place = |fd: &OwnedFd| format!("/proc/{}/fd/{}", std::process::id(), fd.as_raw_fd());
        let kept = state.kept.iter();
        kept.map(|(name, fd)| (name.clone(), place(fd))).collect()
    }
}

impl Drop for Notified {
    fn drop(&mut self) {
        // Ends the thread; whether it can be told does not matter to a test.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Heard {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no test panics here")
    }

    /// One message; whether there may be more.
    fn hear(&self, socket: &UnixDatagram) -> bool {
        let mut bytes = [0; MESSAGE_LEN_MAX];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut buffer = [IoSliceMut::new(&mut bytes)];
        let flags = RecvFlags::CMSG_CLOEXEC;
        let Ok(message) = recvmsg(socket, &mut buffer, &mut control, flags) else {
            return false;
        };
        let passed = control.drain().filter_map(|it| match it {
            RecvAncillaryMessage::ScmRights(mut passed) => passed.next(),
            _ => None,
        });
        let passed = Vec::from_iter(passed);
        if message.bytes == 0 {
            return false;
        }
        let text = String::from_utf8_lossy(&bytes[..message.bytes]).into_owned();
        self.lock().take(&text, passed);
        self.grew.notify_all();
        true
    }
}

impl State {
    /// As systemd does it.
    fn take(&mut self, text: &str, passed: Vec<OwnedFd>) {
        let named = text.lines().find_map(|line| line.strip_prefix("FDNAME="));
        let name = named.unwrap_or("stored").to_owned();
        if text.lines().any(|line| line == "FDSTOREREMOVE=1") {
            self.kept.retain(|(kept, _)| *kept != name);
        } else if text.lines().any(|line| line == "FDSTORE=1") {
            let named = passed.into_iter().map(|fd| (name.clone(), fd));
            self.kept.extend(named);
        }
        self.said.extend(text.lines().map(str::to_owned));
    }
}
