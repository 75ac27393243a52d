//! The bytes between this caller and the daemon: a Unix socket or a Windows
//! named pipe, which look the same from here on.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Stream, connect, is_queue_full, peer_user, read_within};
#[cfg(windows)]
pub use windows::{Stream, connect, is_queue_full, read_within};
