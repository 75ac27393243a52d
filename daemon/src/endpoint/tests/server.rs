//! A server on loopback that behaves as one test wants it to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use url::Url;

/// Until a test that waits for a request is seen to hang.
const DEADLINE: Duration = Duration::from_secs(10);

/// Reads a request, hands it on, then does with the connection as it was told.
pub(super) struct Server {
    address: SocketAddr,
    requests: Receiver<String>,
}

impl Server {
    pub(super) fn start(answer: impl FnMut(&mut TcpStream) + Send + 'static) -> Self {
        Self::listen(read_request, answer)
    }

    /// One that does not wait for a request.
    pub(super) fn start_unasked(answer: impl FnMut(&mut TcpStream) + Send + 'static) -> Self {
        Self::listen(|_| String::new(), answer)
    }

    fn listen(
        request: fn(&mut TcpStream) -> String,
        mut answer: impl FnMut(&mut TcpStream) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // The test may be over.
                let _ = sender.send(request(&mut stream));
                answer(&mut stream);
            }
        });
        Self { address, requests }
    }

    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// The next request as it came.
    pub(super) fn request(&self) -> String {
        self.requests.recv_timeout(DEADLINE).unwrap()
    }

    /// How many requests came before the last answer.
    pub(super) fn requests_so_far(&self) -> usize {
        self.requests.try_iter().count()
    }
}

/// Answers with these bytes, unless the other side hangs up in the middle.
pub(super) fn answer(
    bytes: impl AsRef<[u8]> + Send + 'static,
) -> impl FnMut(&mut TcpStream) + Send + 'static {
    move |stream| drop(stream.write_all(bytes.as_ref()))
}

/// Hangs up without a farewell.
pub(super) fn reset(stream: &mut TcpStream) {
    rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO)).unwrap();
}

/// Reads until the form is there, which ends with a known value; or until the
/// other side hangs up, or says something else than we expect.
pub(super) fn read_request(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 1024];
    while !bytes.ends_with(b"%3D") {
        match stream.read(&mut chunk) {
            Ok(len @ 1..) => bytes.extend_from_slice(&chunk[..len]),
            Ok(0) | Err(_) => break,
        }
        if !bytes.starts_with(b"POST") {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A listener that takes no connection any more, and those that fill it.
pub(super) fn with_a_full_queue() -> ((TcpListener, Vec<TcpStream>), Url) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // Once more, with a shorter queue.
    rustix::net::listen(&listener, 0).unwrap();
    let address = listener.local_addr().unwrap();
    let wait = Duration::from_millis(200);
    let connect = || TcpStream::connect_timeout(&address, wait).ok();
    let queued = Vec::from_iter(std::iter::from_fn(connect));
    let url = Url::parse(&format!("http://{address}/")).unwrap();
    ((listener, queued), url)
}
