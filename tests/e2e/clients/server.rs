//! An HTTP server on loopback that lets in who brings the right credential.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::sync::oneshot;

/// What was asked for by somebody who may.
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What it is answered; a body that is not there is a 404.
pub type Answer = Option<Response<Body>>;

/// The server; it stops when dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// Its end ends the thread.
    _stop: oneshot::Sender<()>,
}

struct Shared {
    /// What a 401 says of credentials, as in `Basic realm="team"`.
    challenge: &'static str,
    door: Mutex<Door>,
    answer: Box<dyn Fn(&Asked) -> Answer + Send + Sync>,
}

#[derive(Default)]
struct Door {
    /// The value of `Authorization` that is let in, if any.
    admitted: Option<String>,
    /// Each that was brought, once, in order.
    brought: Vec<String>,
}

impl Server {
    /// Starts it; at first nobody is let in.
    pub fn start(
        challenge: &'static str,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            challenge,
            door: Mutex::default(),
            answer: Box::new(answer),
        });
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        thread::spawn(move || serve(listener, served, stopped));
        Self {
            address,
            shared,
            _stop: stop,
        }
    }

    /// Scheme, host and port, as in `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Host and port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Lets in whoever brings this value of `Authorization`, and nobody else.
    pub fn admit(&self, authorization: &str) {
        self.shared.door.lock().unwrap().admitted = Some(authorization.to_owned());
    }

    /// Each value of `Authorization` that was brought so far, once, in order.
    pub fn brought(&self) -> Vec<String> {
        self.shared.door.lock().unwrap().brought.clone()
    }
}

/// The value of `Authorization` with a token.
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The value of `Authorization` with a token as the password.
pub fn basic(user: &str, token: &str) -> String {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{user}:{token}"))
    )
}

/// An answer with a body of this type.
pub fn answer(content_type: &str, body: impl Into<Body>) -> Answer {
    let answer = Response::builder().header(header::CONTENT_TYPE, content_type);
    answer.body(body.into()).ok()
}

fn serve(listener: TcpListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let router = Router::new().fallback(receive).with_state(shared);
        tokio::select! {
            _ = axum::serve(listener, router) => {}
            _ = stopped => {}
        }
    });
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    if !shared.lets_in(&head.headers) {
        return shared.refusal();
    }
    let body = axum::body::to_bytes(body, usize::MAX).await;
    let asked = Asked {
        method: head.method,
        uri: head.uri,
        headers: head.headers,
        body: body.unwrap_or_default(),
    };
    // The answer may be another program's, which takes its time.
    let answer = tokio::task::spawn_blocking(move || (shared.answer)(&asked)).await;
    answer
        .unwrap()
        .unwrap_or_else(|| status(StatusCode::NOT_FOUND))
}

impl Shared {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return false;
        };
        let value = value.to_str().unwrap_or_default().to_owned();
        let mut door = self.door.lock().unwrap();
        if !door.brought.contains(&value) {
            door.brought.push(value.clone());
        }
        door.admitted == Some(value)
    }

    fn refusal(&self) -> Response<Body> {
        let mut refusal = status(StatusCode::UNAUTHORIZED);
        let challenge = self.challenge.parse().unwrap();
        refusal
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
        refusal
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut answer = Response::default();
    *answer.status_mut() = status;
    answer
}
