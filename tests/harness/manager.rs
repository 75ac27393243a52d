//! What a service manager does for a daemon: it keeps the socket and what the
//! daemon gives it, and passes both to one daemon after the other.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixListener;
use std::process::Stdio;

use super::notified::Notified;
use super::{Daemon, Home};

/// A stand-in for systemd.
#[derive(Debug)]
pub struct Manager {
    socket: UnixListener,
    notified: Option<Notified>,
    /// How often the daemon has to show that it is alive, in microseconds.
    watchdog: Option<u64>,
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
        Self {
            socket,
            notified: None,
            watchdog: None,
        }
    }

    /// The same, and listens to what the daemon says, and keeps what it gives.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub fn listening(home: &Home) -> Self {
        Self {
            notified: Some(Notified::at(home.path("notify"))),
            ..Self::of(home)
        }
    }

    /// Wants to hear of the daemon at least once in this many microseconds.
    #[must_use]
    pub fn with_watchdog(self, limit: u64) -> Self {
        Self {
            watchdog: Some(limit),
            ..self
        }
    }

    /// What it heard, and keeps.
    ///
    /// # Panics
    ///
    /// When it does not listen.
    pub fn notified(&self) -> &Notified {
        self.notified.as_ref().expect("it listens")
    }

    /// Starts the daemon of `home` with the socket, and waits until it can
    /// serve.
    ///
    /// # Panics
    ///
    /// When it does not become ready; with its log.
    pub fn start(&self, home: &Home) -> Daemon {
        let daemon = self.spawn(home);
        match &self.notified {
            Some(notified) => notified.wait_for("READY=1", 1),
            None => drop(daemon.wait_for_log("oic-tokend: ready on ")),
        }
        daemon
    }

    /// Starts the daemon of `home` with the socket, which may fail.
    ///
    /// # Panics
    ///
    /// When it cannot be run at all.
    pub fn spawn(&self, home: &Home) -> Daemon {
        let kept = self.notified.as_ref().map(Notified::passed);
        let kept = kept.unwrap_or_default();
        // systemd passes descriptors from 3 on, and says to which process.
        // Shells know those up to 9.
        assert!(kept.len() < 7, "fewer are passed in any test");
        let mut script = format!("LISTEN_PID=$$ LISTEN_FDS={}", 1 + kept.len());
        script.push_str(" LISTEN_FDNAMES=socket");
        kept.iter()
            .for_each(|(name, _)| script.push_str(&format!(":{name}")));
        if let Some(notified) = &self.notified {
            notified.start_anew();
            script.push_str(&format!(" NOTIFY_SOCKET='{}'", notified.place().display()));
        }
        if let Some(limit) = self.watchdog {
            script.push_str(&format!(" WATCHDOG_PID=$$ WATCHDOG_USEC={limit}"));
        }
        script.push_str(" exec \"$0\" \"$@\" 3<&0 </dev/null");
        for (number, (_, place)) in (4..).zip(&kept) {
            script.push_str(&format!(" {number}<{place}"));
        }
        let socket = self.socket.try_clone().expect("a descriptor is free");
        let socket = Stdio::from(OwnedFd::from(socket));
        Daemon::spawn_by(&["sh", "-c", &script], home, socket)
    }
}
