//! What a caller has sent: as a rule one whole request, in one read.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use oic_proto::Request;
use oic_proto::frame::{self, HEADER_LEN};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::listener::Connection;

/// How long a connection may be silent before, or between, its requests.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Bytes that are read at once: every request but those with long names fits.
const CHUNK: usize = 512;

/// What a caller has sent, and nobody has looked at yet: less than a request
/// and a chunk.
#[derive(Debug, Default)]
pub(super) struct Inbox(Vec<u8>);

/// What came.
pub(super) enum Incoming {
    /// A request.
    Request(Request),
    /// A frame of another version of the protocol.
    OtherVersion,
    /// Something else.
    NotUnderstood,
    /// The end.
    HungUp,
}

impl Inbox {
    /// The next request.
    ///
    /// # Errors
    ///
    /// The connection is lost, or was silent for too long.
    pub(super) async fn next(&mut self, connection: &mut Connection) -> io::Result<Incoming> {
        timeout(SILENCE_MAX, async {
            loop {
                if let Some(incoming) = self.take() {
                    return Ok(incoming);
                }
                if poll_fn(|context| self.poll_read(connection, context)).await? == 0 {
                    return Ok(Incoming::HungUp);
                }
            }
        })
        .await?
    }

    /// The first thing in it, once it is complete.
    fn take(&mut self) -> Option<Incoming> {
        let (header, rest) = self.0.split_first_chunk::<HEADER_LEN>()?;
        let len = match frame::body_len::<Request>(header) {
            Ok(len) => len,
            Err(frame::Error::Version { .. }) => return Some(Incoming::OtherVersion),
            Err(_) => return Some(Incoming::NotUnderstood),
        };
        let incoming = match frame::decode(rest.get(..len)?) {
            Ok(request) => Incoming::Request(request),
            Err(_) => Incoming::NotUnderstood,
        };
        self.0.drain(..HEADER_LEN + len);
        if self.0.is_empty() {
            // Nothing is kept for one who is silent.
            self.0 = Vec::new();
        }
        Some(incoming)
    }

    /// Reads what there is. The chunk lives no longer than this call: one who
    /// waits costs none.
    fn poll_read(
        &mut self,
        connection: &mut Connection,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut chunk = Zeroizing::new([0; CHUNK]);
        let mut chunk = ReadBuf::new(&mut *chunk);
        ready!(Pin::new(connection).poll_read(context, &mut chunk))?;
        self.0.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(chunk.filled().len()))
    }
}
