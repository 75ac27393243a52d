//! What stands between the daemon and the server. It does nothing by itself:
//! a connection waits in it until somebody says what becomes of it, and no
//! byte goes on before.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use oic_tests::harness::DEADLINE;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::http_message::HttpMessage;

/// Connections that wait at most; the daemon makes one at a time.
const BACKLOG: i32 = 16;

/// The bytes read of a request that is cut off within: a part of its head.
const PART_LEN: usize = 40;

/// A port that the daemon takes for the server's.
#[derive(Debug)]
pub struct Gate {
    listener: TcpListener,
    port: u16,
    server: SocketAddr,
}

/// A connection of the daemon. Dropped, it is closed.
#[derive(Debug)]
pub struct Connection {
    daemon: TcpStream,
    server: SocketAddr,
}

/// A request of the daemon that has been read and nobody else has seen.
pub struct HeldRequest {
    connection: Connection,
    request: HttpMessage,
}

/// What the server said, and the daemon has not heard yet.
pub struct Answered {
    connection: Connection,
    answer: HttpMessage,
}

impl Gate {
    /// A gate to the server at this address.
    pub fn to(server: SocketAddr) -> io::Result<Self> {
        // Bound to its port by number: a port that the system chose would be
        // given away while nobody listens.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let listener = TcpListener::bind(free)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            port: free.port(),
            server,
        })
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Has connections refused, until [`listen`](Self::listen).
    pub fn refuse(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(
            &self.listener,
            rustix::net::Shutdown::Both,
        )?)
    }

    /// Takes connections again.
    pub fn listen(&self) -> io::Result<()> {
        Ok(rustix::net::listen(&self.listener, BACKLOG)?)
    }

    /// The next connection of the daemon.
    ///
    /// # Errors
    ///
    /// There is none in time.
    pub fn next(&self) -> io::Result<Connection> {
        let timeout = Timespec::try_from(DEADLINE).map_err(io::Error::other)?;
        let mut ready = [PollFd::new(&self.listener, PollFlags::IN)];
        poll(&mut ready, Some(&timeout))?;
        self.waiting()
    }

    /// Drops the connections that wait: nobody is at their other end any more.
    pub fn drop_waiting(&self) {
        while self.waiting().is_ok() {}
    }

    fn waiting(&self) -> io::Result<Connection> {
        let (daemon, _) = self.listener.accept()?;
        daemon.set_nonblocking(false)?;
        bound(&daemon)?;
        Ok(Connection {
            daemon,
            server: self.server,
        })
    }
}

impl Connection {
    /// Resets it: the daemon finds its connection broken.
    pub fn reset(self) -> io::Result<()> {
        reset(self.daemon)
    }

    /// Reads the first part of the request, then resets the connection.
    pub fn reset_within(mut self) -> io::Result<()> {
        self.daemon.read_exact(&mut [0; PART_LEN])?;
        self.reset()
    }

    /// Reads the request, whole.
    pub fn read(self) -> io::Result<HeldRequest> {
        let request = HttpMessage::read(&self.daemon)?;
        Ok(HeldRequest {
            connection: self,
            request,
        })
    }
}

impl HeldRequest {
    /// Resets the connection.
    pub fn reset(self) -> io::Result<()> {
        self.connection.reset()
    }

    /// Closes the connection in an orderly way.
    pub fn close(self) -> io::Result<()> {
        self.connection.daemon.shutdown(Shutdown::Both)
    }

    /// Lets half of the request through to the server, then resets both ends.
    pub fn reset_half_way(self) -> io::Result<()> {
        let mut server = TcpStream::connect(self.connection.server)?;
        server.write_all(self.request.half())?;
        reset(server)?;
        self.connection.reset()
    }

    /// Passes the request on and reads the answer, of which the daemon hears
    /// nothing yet.
    pub fn pass_on(self) -> io::Result<Answered> {
        let mut server = TcpStream::connect(self.connection.server)?;
        bound(&server)?;
        server.write_all(&self.request.0)?;
        Ok(Answered {
            answer: HttpMessage::read(&server)?,
            connection: self.connection,
        })
    }
}

impl Answered {
    /// What the server answered, if it was not a grant.
    pub fn refusal(&self) -> Option<String> {
        match self.answer.status() {
            Some(200) => None,
            Some(status) => Some(format!("HTTP {status}: {}", self.answer.body())),
            None => Some("no HTTP".to_owned()),
        }
    }

    /// Gives the daemon its answer.
    pub fn give(mut self) -> io::Result<()> {
        self.connection.daemon.write_all(&self.answer.0)
    }
}

fn bound(connection: &TcpStream) -> io::Result<()> {
    connection.set_read_timeout(Some(DEADLINE))?;
    connection.set_write_timeout(Some(DEADLINE))
}

/// Closes it at once and without a farewell.
fn reset(connection: TcpStream) -> io::Result<()> {
    rustix::net::sockopt::set_socket_linger(&connection, Some(Duration::ZERO))?;
    drop(connection);
    Ok(())
}
