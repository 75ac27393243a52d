//! What a service manager with socket activation does for a daemon: it keeps
//! the socket, and passes it to one daemon after the other.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixListener;
use std::process::Stdio;

use super::{Daemon, Home};

/// A stand-in for systemd.
#[derive(Debug)]
pub struct Manager {
    socket: UnixListener,
}

impl Manager {
    /// Listens at the socket of `home`.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn of(home: &Home) -> Self {
        let socket = home.socket();
        let folder = socket.parent().expect("a socket lies in a folder");
        let mut builder = fs::DirBuilder::new();
        builder.mode(0o700).create(folder).expect("a new folder");
        let socket = UnixListener::bind(socket).expect("the folder is ours");
        Self { socket }
    }

    /// Starts the daemon of `home` with the socket, and waits until it can
    /// serve.
    ///
    /// # Panics
    ///
    /// When it does not become ready; with its log.
    pub fn start(&self, home: &Home) -> Daemon {
        let daemon = self.spawn(home);
        daemon.wait_for_log("oic-tokend: ready on ");
        daemon
    }

    /// Starts the daemon of `home` with the socket, which may fail.
    ///
    /// # Panics
    ///
    /// When it cannot be run at all.
    pub fn spawn(&self, home: &Home) -> Daemon {
        // systemd passes descriptors from 3 on, and says to which process.
        const PASS: &str = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 </dev/null";
        let socket = self.socket.try_clone().expect("a descriptor is free");
        let socket = Stdio::from(OwnedFd::from(socket));
        Daemon::spawn_by(&["sh", "-c", PASS], home, socket)
    }
}
