//! A named pipe, for its owner alone.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use interprocess::os::windows::ToWtf16;
use interprocess::os::windows::named_pipe::pipe_mode::Bytes;
use interprocess::os::windows::named_pipe::tokio::{DuplexPipeStream, PipeListener};
use interprocess::os::windows::named_pipe::{PipeListenerOptions, PipeMode};
use interprocess::os::windows::security_descriptor::SecurityDescriptor;
use oic_proto::place::{self, Environment};
use oic_proto::sid::{self, Sid};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use widestring::U16CString;

use super::Beside;
use crate::fd_store::Memory;
use crate::peer::Peer;

/// How much of an answer the system keeps for a caller that has not read it
/// yet, in bytes: when the daemon ends, what is beyond that is lost. More than
/// any answer with a token.
const BUFFER_LEN: u32 = 128 * 1024;

/// A named pipe that callers connect to.
#[derive(Debug)]
pub struct Listener {
    pipe: PipeListener<Bytes, Bytes>,
    place: PathBuf,
    /// Who may call.
    user: Sid,
}

/// All pipes that callers connect to.
#[derive(Debug)]
pub struct Listeners {
    /// For callers of this machine.
    pub here: Listener,
    /// None: a pipe is not passed on.
    pub forward: Option<Listener>,
    /// None: there is no systemd.
    pub credentials: Option<Listener>,
    /// None: likewise.
    pub kept: Vec<(String, Memory)>,
}

impl Listeners {
    /// Listens on the pipe that `option` or `environment` names, or on the
    /// user's own. Must be called within a runtime.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn bind(
        option: Option<PathBuf>,
        environment: Environment<'_>,
        beside: Beside<'_>,
    ) -> Result<Self, Error> {
        if beside.forward.is_some() {
            tracing::warn!("'forward' is not for this system: a pipe is not passed on");
        }
        if beside.credentials.is_some() {
            tracing::warn!("'credentials' is not for this system: there is no systemd");
        }
        let here = Listener::bind(option, environment)?;
        Ok(Self {
            here,
            forward: None,
            kept: Vec::new(),
            credentials: None,
        })
    }

    /// None: pipes are in no folder.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> {
        std::iter::empty()
    }
}

/// Nobody has connected before there is a daemon.
pub fn hang_up_on_all() {}

/// Why there is no pipe to listen on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system does not say who we are.
    #[error("cannot tell this user's security identifier: {0}")]
    WhoAmI(#[from] io::Error),
    /// The system refuses; an existing pipe of that name is another daemon's.
    #[error("cannot listen on {}: {source}", path.display())]
    Io {
        /// The pipe.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Listener {
    fn bind(option: Option<PathBuf>, environment: Environment<'_>) -> Result<Self, Error> {
        let user = sid::of_user()?;
        let place = place::of_pipe(option, environment, &user);
        match bind_at(&place, &user) {
            Ok(pipe) => Ok(Self { pipe, place, user }),
            Err(source) => Err(Error::Io {
                path: place,
                source,
            }),
        }
    }

    /// The next caller. May be dropped and called again.
    ///
    /// # Errors
    ///
    /// None of them ends the listener. Pause before the next call.
    pub async fn accept(&mut self) -> io::Result<Connection> {
        let pipe = self.pipe.accept().await?;
        let user = self.user.clone();
        Ok(Connection { pipe, user })
    }

    /// The way in.
    pub fn entrance(&self) -> Entrance {
        Entrance
    }

    /// Whether somebody else keeps the pipe open when the daemon ends.
    pub fn is_kept(&self) -> bool {
        false
    }

    /// Where callers connect to.
    pub fn place(&self) -> &Path {
        &self.place
    }
}

/// The way in: for our own user, whatever the configuration says, which names
/// no other users here.
#[derive(Clone, Debug)]
pub struct Entrance;

impl Entrance {
    /// Nothing to do.
    pub fn open_to_others(&self, _: bool) {}
}

/// `interprocess` asks for the first instance of the pipe, so that nobody can
/// have taken the name before, and rejects callers from other machines.
fn bind_at(place: &Path, user: &Sid) -> io::Result<PipeListener<Bytes, Bytes>> {
    // Ours, by which callers know us, even where we run as an administrator,
    // whose things belong to all of them. Protected, so that nothing is
    // inherited: all rights to this user, and to nobody else. The default would
    // let everybody read.
    let descriptor = format!("O:{user}D:P(A;;GA;;;{user})");
    let descriptor =
        U16CString::from_str(descriptor).map_err(|error| io::Error::other(error.to_string()))?;
    // A name with a zero in it, which is none.
    place.to_wtf_16().map_err(io::Error::other)?;
    PipeListenerOptions::new()
        .path(place)
        .mode(PipeMode::Bytes)
        .input_buffer_size_hint(BUFFER_LEN)
        .output_buffer_size_hint(BUFFER_LEN)
        .security_descriptor(Some(SecurityDescriptor::deserialize(&descriptor)?))
        .create_tokio_duplex()
}

/// One caller.
#[derive(Debug)]
pub struct Connection {
    pipe: DuplexPipeStream<Bytes>,
    /// Who may call.
    user: Sid,
}

impl Connection {
    /// Who is calling: our own user, whom alone the pipe's access list lets
    /// in. This holds where that list was changed.
    ///
    /// # Errors
    ///
    /// Anybody else, who has gone, or whose process the system does not show
    /// us.
    pub fn peer(&self) -> io::Result<Peer> {
        let pid = self.pipe.client_process_id()?;
        if sid::of_process(pid)? != self.user {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(Peer {
            uid: 0,
            groups: Vec::new(),
            pid: Some(pid),
        })
    }

    /// None: a caller's end of a pipe has no name.
    pub fn abstract_name(&self) -> Option<Vec<u8>> {
        None
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(context, bytes)
    }

    /// The pipe's own waits until everything is read, in a thread that the disk
    /// may want.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
