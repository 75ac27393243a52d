//! A caller that speaks to the daemon without a program around it: where ten
//! thousand of them are needed, or one that asks all the time.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use oic_proto::frame::{self, HEADER_LEN};
use oic_proto::{Request, Response};

/// One connection to the daemon.
#[derive(Debug)]
pub struct Caller(UnixStream);

impl Caller {
    /// Connects to the daemon at `socket`. An answer that takes longer than
    /// `patience` is an error.
    ///
    /// # Errors
    ///
    /// Nobody listens there.
    pub fn connect(socket: &Path, patience: Duration) -> io::Result<Self> {
        let connection = UnixStream::connect(socket)?;
        connection.set_read_timeout(Some(patience))?;
        Ok(Self(connection))
    }

    /// Sends `request`; its answers can be read later.
    ///
    /// # Errors
    ///
    /// The daemon has hung up.
    pub fn ask(&mut self, request: &Request) -> io::Result<()> {
        let frame = frame::encode(request).map_err(io::Error::other)?;
        self.0.write_all(&frame)
    }

    /// The next answer.
    ///
    /// # Errors
    ///
    /// The daemon has hung up, or takes too long, or its answer cannot be
    /// read.
    pub fn answer(&mut self) -> io::Result<Response> {
        let mut header = [0; HEADER_LEN];
        self.0.read_exact(&mut header)?;
        let len = frame::body_len::<Response>(&header).map_err(io::Error::other)?;
        let mut body = vec![0; len];
        self.0.read_exact(&mut body)?;
        frame::decode(&body).map_err(io::Error::other)
    }
}
