//! Says how far the daemon is: to the service manager where there is one, else
//! on stderr. Nobody has to poll, nobody has to sleep.

use std::io::{self, Write};
use std::path::Path;

/// The daemon serves at `socket` from now on.
pub fn ready(socket: &Path) {
    if notify(Stage::Ready) {
        return;
    }
    // A stderr that is closed is no reason to stop serving.
    let _ = writeln!(io::stderr(), "oic-tokend: ready on {}", socket.display());
}

/// The daemon reads its configuration again; [`ready`] follows.
pub fn reloading() {
    notify(Stage::Reloading);
}

/// The daemon has begun to end.
pub fn stopping() {
    notify(Stage::Stopping);
}

enum Stage {
    Ready,
    Reloading,
    Stopping,
}

/// Whether there is a service manager and it was told.
#[cfg(target_os = "linux")]
fn notify(stage: Stage) -> bool {
    use sd_notify::NotifyState;

    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return false;
    }
    let sent = match stage {
        Stage::Ready => sd_notify::notify(&[NotifyState::Ready]),
        // With Type=notify-reload, systemd wants to know since when.
        Stage::Reloading => NotifyState::monotonic_usec_now()
            .and_then(|since| sd_notify::notify(&[NotifyState::Reloading, since])),
        Stage::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
    };
    if let Err(error) = &sent {
        tracing::warn!("the service manager at $NOTIFY_SOCKET cannot be told: {error}");
    }
    sent.is_ok()
}

#[cfg(not(target_os = "linux"))]
fn notify(_: Stage) -> bool {
    false
}
