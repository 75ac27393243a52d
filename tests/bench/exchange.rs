//! The bytes of one `get`. The C programs send and answer exactly these, so
//! they stay right when the protocol changes.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use oic_proto::frame::{self, HEADER_LEN};
use oic_proto::{Request, Response};
use oic_tests::harness::DEADLINE;

use crate::failure::Failure;

/// What `oic-token get` asks when nothing else is said.
const MIN_VALIDITY: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(30);

/// One request and its answer, as frames.
pub struct Exchange {
    /// The request.
    pub request: Vec<u8>,
    /// The answer.
    pub response: Vec<u8>,
    /// The access token in the answer.
    pub token: String,
    /// Where in the answer it starts.
    pub token_at: usize,
}

impl Exchange {
    /// Asks the daemon at `socket` for the default profile's token.
    pub fn with_daemon(socket: &Path) -> Result<Self, Failure> {
        let request = request();
        let response = ask(socket, &request)
            .map_err(|error| Failure::of("the daemon does not answer", error))?;
        Self::new(request, response)
    }

    /// The exchange in which `response` is the answer.
    pub fn new(request: Vec<u8>, response: Vec<u8>) -> Result<Self, Failure> {
        let message = frame::decode(&response[HEADER_LEN..])
            .map_err(|error| Failure::of("the daemon's answer cannot be read", error))?;
        let Response::Token(view) = message else {
            return Err(Failure::of(
                "the daemon gives no token",
                format!("{message:?}"),
            ));
        };
        let token = view.access_token.expose().to_owned();
        let mut places = response.windows(token.len());
        let token_at = places
            .position(|bytes| bytes == token.as_bytes())
            .ok_or_else(|| Failure::of("the daemon's answer", "its token is not in its bytes"))?;
        Ok(Self {
            request,
            response,
            token,
            token_at,
        })
    }

    /// The arguments with which the C client does the same.
    pub fn floor_client_arguments(&self, socket: &Path) -> Vec<String> {
        let hex = self.request.iter().map(|byte| format!("{byte:02x}"));
        vec![
            socket.display().to_string(),
            hex.collect(),
            self.token_at.to_string(),
            self.token.len().to_string(),
        ]
    }
}

/// The request of a plain `oic-token get`.
pub fn request() -> Vec<u8> {
    let request = Request::GetToken {
        profile: None,
        min_validity: MIN_VALIDITY,
        patience: PATIENCE,
        force: false,
    };
    let frame = frame::encode(&request).expect("a request without a name is short");
    frame.to_vec()
}

fn ask(socket: &Path, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut daemon = UnixStream::connect(socket)?;
    daemon.set_read_timeout(Some(DEADLINE))?;
    daemon.write_all(request)?;
    let mut header = [0; HEADER_LEN];
    daemon.read_exact(&mut header)?;
    let len = frame::body_len::<Response>(&header).map_err(std::io::Error::other)?;
    let mut response = header.to_vec();
    response.resize(HEADER_LEN + len, 0);
    daemon.read_exact(&mut response[HEADER_LEN..])?;
    Ok(response)
}
