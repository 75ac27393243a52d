//! Where callers come in: a Unix domain socket, or a named pipe on Windows.
//! Only this file and its rooms name `interprocess`.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Connection, Entrance, Error, Listener, Listeners};
#[cfg(windows)]
pub use windows::{Connection, Entrance, Error, Listener, Listeners};
