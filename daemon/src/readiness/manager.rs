//! The service manager: systemd, or whoever speaks like it (sd_notify(3)).

use std::time::Duration;

use sd_notify::NotifyState;

use super::has_manager;

/// The daemon serves; whether there is a manager and it was told.
pub fn ready() -> bool {
    notify(&[NotifyState::Ready])
}

/// With Type=notify-reload, systemd wants to know since when.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(since) => _ = notify(&[NotifyState::Reloading, since]),
        Err(error) => warn(&error),
    }
}

/// The daemon ends.
pub fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// One line for people.
pub fn status(line: &str) {
    notify(&[NotifyState::Status(line)]);
}

/// The daemon's loop goes round.
pub fn alive() {
    notify(&[NotifyState::Watchdog]);
}

/// How long the loop may take, if anybody looks.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero())
}

fn notify(states: &[NotifyState<'_>]) -> bool {
    if !has_manager() {
        return false;
    }
    let sent = sd_notify::notify(states);
    if let Err(error) = &sent {
        warn(error);
    }
    sent.is_ok()
}

fn warn(error: &std::io::Error) {
    tracing::warn!("the service manager at $NOTIFY_SOCKET cannot be told: {error}");
}
