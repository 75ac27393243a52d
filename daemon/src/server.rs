//! Accepts callers, checks who they are, reads their requests and answers
//! them.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use oic_proto::frame::{self, HEADER_LEN};
use oic_proto::message::{DaemonView, PROFILES_NAMED_MAX, Refusal, Selection};
use oic_proto::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::timeout;
use tracing::{debug, warn};

use crate::clock;
use crate::lifecycle::Ask;
use crate::listener::{Connection, Listener};
use crate::peer;
use crate::profile::Command;

/// Callers connected at once. Each costs a descriptor and about a kilobyte.
const CONNECTIONS_MAX: usize = 16 * 1024;

/// Descriptors that no caller gets: the disk, the authorization servers and
/// the clock need some at the worst moment.
const DESCRIPTORS_KEPT: usize = 64;

/// How long a connection may be silent before, or between, its requests.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// How long a caller may take to read an answer.
const WRITE_MAX: Duration = Duration::from_secs(10);

/// Longest that any caller is kept waiting for a renewal, whatever it asks.
const PATIENCE_MAX: Duration = Duration::from_secs(3600);

/// How long to leave the socket alone when the system has no descriptors left
/// for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long the daemon's end waits for answers that are being written.
const LAST_ANSWERS_MAX: Duration = Duration::from_secs(2);

/// Answers on their way to one caller of `login`: a prompt and an end.
const LOGIN_ANSWERS_MAX: usize = 4;

/// What the daemon serves: its profiles and what it says of itself.
#[derive(Debug)]
pub struct Served {
    /// The profile that is meant when none is named.
    pub default_profile: Option<String>,
    /// Each profile's task.
    pub profiles: BTreeMap<String, mpsc::Sender<Command>>,
    /// The daemon itself.
    pub daemon: DaemonView,
    /// One place for each request that is being answered.
    pub answering: Answering,
}

/// The requests that are being answered.
#[derive(Debug)]
pub struct Answering(Semaphore);

impl Default for Answering {
    fn default() -> Self {
        Self(Semaphore::new(CONNECTIONS_MAX))
    }
}

impl Answering {
    /// Returns when no request is being answered any more, or when waiting
    /// longer helps nobody.
    pub async fn finished(&self) {
        let all = u32::try_from(CONNECTIONS_MAX).expect("the limit is far below four billion");
        // The places themselves are never closed.
        let _ = timeout(LAST_ANSWERS_MAX, self.0.acquire_many(all)).await;
    }
}

/// Serves every caller until it is dropped.
///
/// `descriptors` is how many the process may have.
pub async fn serve(mut listener: Listener, served: Arc<Served>, descriptors: usize) {
    let places = descriptors.saturating_sub(DESCRIPTORS_KEPT).max(1);
    let places = Arc::new(Semaphore::new(places.min(CONNECTIONS_MAX)));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let connection = match listener.accept().await {
            Ok(connection) => connection,
            Err(error) => {
                warn!("no caller can connect: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Before the first byte: a stranger learns nothing, not even that a
        // request was bad (as ssh-agent does it).
        if !peer::may_connect(&connection) {
            warn!("a caller of another user was turned away");
            continue;
        }
        let served = Arc::clone(&served);
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = converse(connection, &served).await {
                debug!("a caller was hung up on: {error}");
            }
        });
    }
}

/// One caller, request after request, until it hangs up or errs.
async fn converse(mut connection: Connection, served: &Served) -> io::Result<()> {
    loop {
        match read_request(&mut connection).await? {
            Incoming::HungUp => return Ok(()),
            Incoming::OtherVersion => {
                return write(&mut connection, &frame::version_refusal()).await;
            }
            Incoming::NotUnderstood => {
                return respond(&mut connection, &refused(Refusal::NotUnderstood)).await;
            }
            Incoming::Request(request) => {
                let _place = served.answering.0.acquire().await;
                answer(&mut connection, served, request).await?;
            }
        }
    }
}

enum Incoming {
    Request(Request),
    OtherVersion,
    NotUnderstood,
    HungUp,
}

async fn read_request(connection: &mut Connection) -> io::Result<Incoming> {
    timeout(SILENCE_MAX, async {
        let mut header = [0; HEADER_LEN];
        if connection.read(&mut header[..1]).await? == 0 {
            return Ok(Incoming::HungUp);
        }
        connection.read_exact(&mut header[1..]).await?;
        let len = match frame::body_len::<Request>(&header) {
            Ok(len) => len,
            Err(frame::Error::Version { .. }) => return Ok(Incoming::OtherVersion),
            Err(_) => return Ok(Incoming::NotUnderstood),
        };
        let mut body = vec![0; len];
        connection.read_exact(&mut body).await?;
        Ok(match frame::decode(&body) {
            Ok(request) => Incoming::Request(request),
            Err(_) => Incoming::NotUnderstood,
        })
    })
    .await?
}

async fn answer(connection: &mut Connection, served: &Served, request: Request) -> io::Result<()> {
    match request {
        Request::GetToken {
            profile,
            min_validity,
            patience,
            force,
        } => {
            let now = clock::now().boot;
            let ask = Ask {
                min_validity,
                newer_than: force.then_some(now),
                deadline: now.after(patience.min(PATIENCE_MAX)),
            };
            let ask = |reply| Command::GetToken { ask, reply };
            let response = match served.find(profile.as_deref()) {
                Ok(profile) => ask_profile(profile, ask).await,
                Err(refusal) => refused(refusal),
            };
            respond(connection, &response).await
        }
        Request::Login {
            profile,
            change_user,
        } => match served.find(profile.as_deref()) {
            Ok(profile) => log_in(connection, profile, change_user).await,
            Err(refusal) => respond(connection, &refused(refusal)).await,
        },
        Request::Logout { profiles } => {
            let chosen = match profiles {
                Selection::Default => served.find(None).map(|it| vec![it]),
                Selection::Named(name) => served.find(Some(&name)).map(|it| vec![it]),
                Selection::All => Ok(served.profiles.values().collect()),
            };
            each(connection, chosen, |reply| Command::Logout { reply }).await
        }
        Request::RejectToken {
            profile,
            fingerprint,
        } => {
            let rejected = |reply| Command::RejectToken { fingerprint, reply };
            let response = match served.find(profile.as_deref()) {
                Ok(profile) => ask_profile(profile, rejected).await,
                Err(refusal) => refused(refusal),
            };
            respond(connection, &response).await
        }
        Request::Status { profile } => {
            let chosen = match profile {
                Some(name) => served.find(Some(&name)).map(|it| vec![it]),
                None => Ok(served.profiles.values().collect()),
            };
            if chosen.is_ok() {
                respond(connection, &Response::Daemon(served.daemon.clone())).await?;
            }
            each(connection, chosen, |reply| Command::Status { reply }).await
        }
    }
}

/// One answer a profile, then the end. A daemon that is shutting down says so
/// once.
async fn each(
    connection: &mut Connection,
    profiles: Result<Vec<&mpsc::Sender<Command>>, Refusal>,
    command: impl Fn(oneshot::Sender<Response>) -> Command,
) -> io::Result<()> {
    let profiles = match profiles {
        Ok(profiles) => profiles,
        Err(refusal) => return respond(connection, &refused(refusal)).await,
    };
    for profile in profiles {
        let response = ask_profile(profile, &command).await;
        respond(connection, &response).await?;
        if response == refused(Refusal::ShuttingDown) {
            return Ok(());
        }
    }
    respond(connection, &Response::End).await
}

async fn ask_profile(
    profile: &mpsc::Sender<Command>,
    command: impl FnOnce(oneshot::Sender<Response>) -> Command,
) -> Response {
    let (reply, response) = oneshot::channel();
    // A profile that takes no commands, or drops one, is being shut down.
    if profile.send(command(reply)).await.is_err() {
        return refused(Refusal::ShuttingDown);
    }
    response
        .await
        .unwrap_or_else(|_| refused(Refusal::ShuttingDown))
}

/// A login lives as long as its caller: a code that nobody looks at any more
/// is a code that somebody else could be talked into allowing.
async fn log_in(
    connection: &mut Connection,
    profile: &mpsc::Sender<Command>,
    change_user: bool,
) -> io::Result<()> {
    let (reply, mut answers) = mpsc::channel(LOGIN_ANSWERS_MAX);
    if profile
        .send(Command::Login { change_user, reply })
        .await
        .is_err()
    {
        return respond(connection, &refused(Refusal::ShuttingDown)).await;
    }
    loop {
        let mut byte = [0];
        tokio::select! {
            response = answers.recv() => match response {
                Some(prompt @ Response::Prompt(_)) => {
                    if let Err(error) = respond(connection, &prompt).await {
                        return hang_up(answers, profile, error).await;
                    }
                }
                Some(end) => return respond(connection, &end).await,
                None => return respond(connection, &refused(Refusal::ShuttingDown)).await,
            },
            _ = connection.read(&mut byte) => {
                let error = io::ErrorKind::ConnectionAborted.into();
                return hang_up(answers, profile, error).await;
            }
        }
    }
}

async fn hang_up(
    answers: mpsc::Receiver<Response>,
    profile: &mpsc::Sender<Command>,
    error: io::Error,
) -> io::Result<()> {
    drop(answers);
    // A profile that is gone has no login to cancel.
    let _ = profile.send(Command::LoginHungUp).await;
    Err(error)
}

impl Served {
    fn find(&self, name: Option<&str>) -> Result<&mpsc::Sender<Command>, Refusal> {
        let known = || {
            let names = self.profiles.keys().take(PROFILES_NAMED_MAX);
            names.cloned().collect()
        };
        let Some(name) = name.or(self.default_profile.as_deref()) else {
            return Err(Refusal::NoDefaultProfile { known: known() });
        };
        self.profiles
            .get(name)
            .ok_or_else(|| Refusal::UnknownProfile {
                profile: name.to_owned(),
                known: known(),
            })
    }
}

fn refused(refusal: Refusal) -> Response {
    Response::Refused(refusal)
}

async fn respond(connection: &mut Connection, response: &Response) -> io::Result<()> {
    let bytes = frame::encode(response).map_err(io::Error::other)?;
    write(connection, &bytes).await
}

async fn write(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    timeout(WRITE_MAX, connection.write_all(bytes)).await?
}
