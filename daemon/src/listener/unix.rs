//! A Unix domain socket, made by us or passed by systemd.

mod entrance;
mod groups;
#[cfg_attr(not(target_os = "linux"), path = "unix/no_name.rs")]
mod name;
#[cfg_attr(not(target_os = "linux"), path = "unix/not_passed.rs")]
mod passed;
mod stale;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use interprocess::local_socket::traits::tokio::Listener as _;
use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
#[cfg(not(target_os = "macos"))]
use interprocess::os::unix::local_socket::ListenerOptionsExt;
use interprocess::os::unix::uds_local_socket::tokio as uds;
use oic_proto::place::{self, Environment};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Beside;
use crate::directory::{self, Others};
use crate::fd_store::Memory;
use crate::lock::{self, Lock};
use crate::peer::Peer;
pub use entrance::Entrance;
pub use passed::hang_up_on_all;

/// Longest path of a socket, in bytes (`sun_path` in `unix(7)`, less its end).
const SOCKET_PATH_LEN_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// A socket that callers connect to.
#[derive(Debug)]
pub struct Listener {
    socket: uds::Listener,
    place: PathBuf,
    /// The file that is to be removed at the end; `None` where systemd owns it.
    made: Option<SocketFile>,
}

/// All sockets that callers connect to.
#[derive(Debug)]
pub struct Listeners {
    /// For callers of this machine.
    pub here: Listener,
    /// For callers from elsewhere, if there is one.
    pub forward: Option<Listener>,
    /// For credentials of systemd units, if there is one.
    pub credentials: Option<Listener>,
    /// Sessions that the service manager has kept.
    pub kept: Vec<(String, Memory)>,
}

/// Why there is no socket to listen on. Its text ends with the command that
/// repairs it, on a line of its own, where there is one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing says where to listen.
    #[error(
        "no place for the socket: $XDG_RUNTIME_DIR is not set\nhint: name one with '--socket PATH'"
    )]
    NoPlace,
    /// The directory of the socket will not do.
    #[error(transparent)]
    Directory(#[from] directory::Error),
    /// Another daemon serves this socket, and holds its lock.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// Somebody answers at this socket who does not hold its lock.
    #[error("another program is listening on {}", .0.display())]
    Taken(PathBuf),
    /// There is a file in the socket's place.
    #[error("{} exists and is not a socket\nhint: run 'rm {}' if it is not needed", .0.display(), .0.display())]
    NotASocket(PathBuf),
    /// The path does not fit into a socket's address.
    #[error(
        "{} is longer than the {SOCKET_PATH_LEN_MAX} bytes that a socket's path may have\nhint: name a shorter one with '--socket PATH'",
        .0.display()
    )]
    TooLong(PathBuf),
    /// What systemd passed is not what we can listen on.
    #[error(
        "systemd passed {0}, not one listening Unix stream socket\nhint: the .socket unit needs one 'ListenStream=/PATH'"
    )]
    Passed(String),
    /// The system refuses.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Listeners {
    /// Listens on the descriptors that systemd passed, or else at the place
    /// that `option` and `environment` name, and at those of `beside`. Must be
    /// called within a runtime, once.
    ///
    /// # Errors
    ///
    /// [`Error`]. A live daemon is never pushed aside.
    pub fn bind(
        option: Option<PathBuf>,
        environment: Environment<'_>,
        beside: Beside<'_>,
    ) -> Result<Self, Error> {
        let passed = passed::by_systemd()?;
        let here = match passed.here {
            Some(socket) => Listener::of_passed(socket)?,
            None => {
                let place = place::of_daemon(option, environment).ok_or(Error::NoPlace)?;
                Listener::bind_at(&place)?
            }
        };
        let folder = here.place().parent().ok_or(Error::NoPlace)?;
        let another = |passed, place: Option<&Path>| match passed {
            Some(socket) => Listener::of_passed(socket).map(Some),
            None => place
                .map(|it| Listener::bind_at(&folder.join(it)))
                .transpose(),
        };
        Ok(Self {
            forward: another(passed.forward, beside.forward)?,
            credentials: another(passed.credentials, beside.credentials)?,
            kept: passed.kept,
            here,
        })
    }

    /// The folders in which they are.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let beside = [self.forward.as_ref(), self.credentials.as_ref()];
        [Some(&self.here)]
            .into_iter()
            .chain(beside)
            .flatten()
            .filter_map(|it| it.place().parent().map(Path::to_owned))
    }
}

impl Listener {
    fn bind_at(place: &Path) -> Result<Self, Error> {
        let place = std::path::absolute(place).map_err(failed("resolve", place))?;
        if place.as_os_str().len() > SOCKET_PATH_LEN_MAX {
            return Err(Error::TooLong(place));
        }
        let parent = place.parent().ok_or(Error::NoPlace)?;
        directory::prepare(parent, Others::Look)?;
        let lock = Lock::take(&lock_path(&place))?;
        stale::remove(&place)?;
        let socket = bind_new(&place).map_err(failed("listen on", &place))?;
        let made = fs::symlink_metadata(&place).map_err(failed("look at", &place))?;
        Ok(Self {
            socket,
            place: place.clone(),
            made: Some(SocketFile {
                place,
                device: made.dev(),
                inode: made.ino(),
                _lock: lock,
            }),
        })
    }

    fn of_passed((socket, place): passed::Passed) -> Result<Self, Error> {
        let socket = uds::Listener::try_from(socket).map_err(failed("listen on", &place))?;
        Ok(Self {
            socket,
            place,
            made: None,
        })
    }

    /// The next caller. May be dropped and called again.
    ///
    /// # Errors
    ///
    /// None of them ends the listener: the caller hung up, or there are no
    /// descriptors left for now. Pause before the next call.
    pub async fn accept(&mut self) -> io::Result<Connection> {
        self.socket.accept().await.map(Connection)
    }

    /// The way in, which may be widened and narrowed.
    pub fn entrance(&self) -> Entrance {
        Entrance::of(self.made.as_ref().map(|it| it.place.clone()))
    }

    /// Whether somebody else keeps the socket, and its queue, open when the
    /// daemon ends.
    pub fn is_kept(&self) -> bool {
        self.made.is_none()
    }

    /// Where callers connect to.
    pub fn place(&self) -> &Path {
        &self.place
    }
}

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        operation,
        path,
        source,
    }
}

fn lock_path(place: &Path) -> PathBuf {
    let mut path = place.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

/// Binds without any of interprocess' ways to unlink a socket: on dropping, it
/// would unlink whatever has that name by then, and on overwriting, a live
/// daemon's.
fn bind_new(place: &Path) -> io::Result<uds::Listener> {
    let name = place.to_fs_name::<GenericFilePath>()?;
    let options = ListenerOptions::new()
        .name(name)
        .reclaim_name(false)
        .try_overwrite(false);
    // Before the socket has its name, so that no caller slips in before. macOS
    // cannot set a mode then. There the directory keeps others out, and every
    // caller is asked who it is.
    #[cfg(not(target_os = "macos"))]
    let options = options.mode(entrance::CLOSED as rustix::fs::RawMode);
    options.create_tokio_as()
}

/// The socket's name in the file system, removed when the daemon ends, if it
/// is still the one that was made.
#[derive(Debug)]
struct SocketFile {
    place: PathBuf,
    device: u64,
    inode: u64,
    /// Held longer than the name exists.
    _lock: Lock,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let ours = fs::symlink_metadata(&self.place)
            .is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.inode));
        if ours {
            // A name that stays is found stale by the next daemon.
            let _ = fs::remove_file(&self.place);
        }
    }
}

/// One caller.
#[derive(Debug)]
pub struct Connection(uds::Stream);

impl Connection {
    /// Who is calling. Asked through tokio, because a caller in another pid
    /// namespace has the process id 0: `interprocess` takes that for a lost
    /// connection, and `rustix` for a failed call.
    ///
    /// # Errors
    ///
    /// The system does not say.
    pub fn peer(&self) -> io::Result<Peer> {
        let credentials = self.0.inner().peer_cred()?;
        let mut peer = Peer {
            uid: credentials.uid(),
            groups: vec![credentials.gid()],
            pid: credentials
                .pid()
                .and_then(|pid| u32::try_from(pid).ok())
                .filter(|&pid| pid != 0),
        };
        if !peer.is_owner() {
            peer.groups.extend(groups::of_peer(self.0.inner())?);
        }
        Ok(peer)
    }

    /// The name that the caller gave its own end in the abstract namespace, if
    /// it did (`unix(7)`).
    pub fn abstract_name(&self) -> Option<Vec<u8>> {
        name::of_peer(self.0.inner())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
