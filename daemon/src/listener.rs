//! Where callers come in: a Unix domain socket, or a named pipe on Windows.
//! Only this file and its rooms name `interprocess`.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::path::Path;

#[cfg(unix)]
pub use unix::{Connection, Entrance, Error, Listener, Listeners, hang_up_on_all};
#[cfg(windows)]
pub use windows::{Connection, Entrance, Error, Listener, Listeners, hang_up_on_all};

/// Which sockets there are to be beside the first, unless systemd passes them,
/// and where: by a path, or by a name in the folder of the first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// For callers from elsewhere.
    pub forward: Option<&'a Path>,
    /// For credentials of systemd units.
    pub credentials: Option<&'a Path>,
}
