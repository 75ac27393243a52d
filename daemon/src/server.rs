//! Accepts callers, checks who they are, reads their requests and answers
//! them.

mod credential;
mod inbox;
mod login;
mod mapped;
mod serving;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use oic_proto::frame;
use oic_proto::message::{Refusal, Selection};
use oic_proto::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tracing::{debug, warn};
use zeroize::Zeroizing;

use crate::access::Door;
use crate::clock;
use crate::lifecycle::Ask;
use crate::listener::{Connection, Listener};
use crate::peer::Peer;
use crate::places::{Free, Places};
use crate::profile::Command;
use crate::readiness::Pulse;
use crate::served::{HandedOut, Profile, Served};
use inbox::{Inbox, Incoming};
use serving::Answering;
pub use serving::Serving;

/// How long a caller may take to read an answer.
const WRITE_MAX: Duration = Duration::from_secs(10);

/// Longest that any caller is kept waiting for a renewal, whatever it asks.
const PATIENCE_MAX: Duration = Duration::from_secs(3600);

/// How long to leave the socket alone when the system has no descriptors left
/// for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves every caller until it is dropped.
async fn serve(
    mut listener: Listener,
    served: Arc<Served>,
    answering: Answering,
    places: Arc<Places>,
) {
    let mut pulse = match served.door {
        Door::Here => Pulse::start(),
        _ => Pulse::none(),
    };
    loop {
        let (free, accepted) = tokio::select! {
            () = pulse.beat() => continue,
            next = next(&mut listener, &places) => next,
        };
        let connection = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                warn!("no caller can connect: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(peer) = connection.peer() else {
            continue;
        };
        // Before the first byte: a stranger learns nothing, not even that a
        // request was bad (as ssh-agent does it).
        if !served.serves(&peer) {
            served
                .audit
                .note_turned_away(served.door, &peer, "stranger");
            continue;
        }
        let Some(place) = places.give(free, &peer) else {
            served
                .audit
                .note_turned_away(served.door, &peer, "too_many_connections");
            turn_away(connection).await;
            continue;
        };
        let (served, answering) = (Arc::clone(&served), answering.clone());
        tokio::spawn(async move {
            let _place = place;
            let done = match served.door {
                Door::Units => credential::give(connection, &peer, &served, answering).await,
                Door::Here | Door::Forward => converse(connection, &peer, &served, answering).await,
            };
            if let Err(error) = done {
                debug!("a caller was hung up on: {error}");
            }
        });
    }
}

/// The next caller, once there is a place. May be dropped and called again.
async fn next(listener: &mut Listener, places: &Arc<Places>) -> (Free, io::Result<Connection>) {
    let free = places.free().await;
    (free, listener.accept().await)
}

/// One of a user who has all places that it may have hears so, without being
/// listened to. A connection that is new has room for that, so it takes no time.
async fn turn_away(mut connection: Connection) {
    let _ = respond(&mut connection, &refused(Refusal::Busy)).await;
}

/// One caller, request after request, until it hangs up or errs.
async fn converse(
    mut connection: Connection,
    peer: &Peer,
    served: &Served,
    answering: Answering,
) -> io::Result<()> {
    let later = answering.downgrade();
    // Who has got in will be answered, also where the daemon ends before the
    // request is there.
    let mut first = Some(answering);
    let mut inbox = Inbox::default();
    let mut handed_out = None;
    loop {
        match inbox.next(&mut connection).await? {
            Incoming::HungUp => return Ok(()),
            Incoming::OtherVersion => {
                return write(&mut connection, &frame::version_refusal()).await;
            }
            Incoming::NotUnderstood => {
                return respond(&mut connection, &refused(Refusal::NotUnderstood)).await;
            }
            Incoming::Request(request) => {
                let Some(_answering) = first.take().or_else(|| later.upgrade()) else {
                    return Ok(());
                };
                match at_once(peer, served, &request, &mut handed_out) {
                    Some(frame) => write(&mut connection, &frame).await?,
                    None => answer(&mut connection, peer, served, request).await?,
                }
            }
        }
    }
}

/// The answer that lies ready for this request, if one does.
fn at_once(
    peer: &Peer,
    served: &Served,
    request: &Request,
    handed_out: &mut Option<HandedOut>,
) -> Option<Zeroizing<Vec<u8>>> {
    let Request::GetToken {
        profile,
        min_validity,
        force: false,
        ..
    } = request
    else {
        return None;
    };
    let copy = |frame: &[u8]| Zeroizing::new(frame.to_vec());
    served.at_once(peer, profile.as_deref(), *min_validity, handed_out, copy)
}

async fn answer(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    request: Request,
) -> io::Result<()> {
    if !served.door.takes(peer, &request) {
        return respond(connection, &refused(Refusal::NotAllowed)).await;
    }
    match request {
        Request::GetToken {
            profile,
            min_validity,
            patience,
            force,
        } => {
            let ask = to_ask(min_validity, patience, force);
            hand_out(connection, peer, served, profile, ask).await
        }
        Request::GetTokenFor {
            url,
            realms,
            min_validity,
            patience,
        } => {
            let ask = to_ask(min_validity, patience, false);
            mapped::token(connection, peer, served, &url, &realms, ask).await
        }
        Request::RejectTokenFor { url, fingerprint } => {
            mapped::reject(connection, peer, served, &url, fingerprint).await
        }
        Request::ListMappings => mapped::list(connection, peer, served).await,
        Request::Login {
            profile,
            change_user,
        } => login::log_in(connection, peer, served, profile.as_deref(), change_user).await,
        Request::Logout { profiles } => {
            let chosen = selected(peer, served, profiles);
            each(connection, peer, served, chosen, |reply| Command::Logout {
                reply,
            })
            .await
        }
        Request::RejectToken {
            profile,
            fingerprint,
        } => {
            let rejected = |reply| Command::RejectToken { fingerprint, reply };
            let response = match served.find(peer, profile.as_deref()) {
                Ok(profile) => served.ask(peer, &profile, rejected).await,
                Err(refusal) => refused(refusal),
            };
            respond(connection, &response).await
        }
        Request::Examine { profile } => examine(connection, peer, served, profile).await,
        Request::Unlock { passphrase } => {
            let response = served.unlocking.unlock(passphrase).await;
            respond(connection, &response).await
        }
        Request::SetPassphrase { present, new } => {
            let response = served.unlocking.set_passphrase(present, new).await;
            respond(connection, &response).await
        }
        Request::Metrics => measure(connection, peer, served).await,
        Request::Status { profile } => report(connection, peer, served, profile).await,
    }
}

fn selected(peer: &Peer, served: &Served, profiles: Selection) -> Result<Vec<Profile>, Refusal> {
    match profiles {
        Selection::Default => served.find(peer, None).map(|it| vec![it]),
        Selection::Named(name) => served.find(peer, Some(&name)).map(|it| vec![it]),
        Selection::All => Ok(served.all(peer)),
    }
}

fn named_or_all(
    peer: &Peer,
    served: &Served,
    profile: Option<String>,
) -> Result<Vec<Profile>, Refusal> {
    match profile {
        Some(name) => served.find(peer, Some(&name)).map(|it| vec![it]),
        None => Ok(served.all(peer)),
    }
}

async fn examine(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    profile: Option<String>,
) -> io::Result<()> {
    let chosen = named_or_all(peer, served, profile);
    each(connection, peer, served, chosen, |reply| Command::Examine {
        reply,
    })
    .await
}

/// How the daemon stands, and this profile, or all.
async fn report(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    profile: Option<String>,
) -> io::Result<()> {
    let chosen = named_or_all(peer, served, profile);
    if chosen.is_ok() {
        respond(connection, &Response::Daemon(served.daemon())).await?;
    }
    each(connection, peer, served, chosen, |reply| Command::Status {
        reply,
    })
    .await
}

fn to_ask(min_validity: Duration, patience: Duration, force: bool) -> Ask {
    let now = clock::now().boot;
    Ask {
        min_validity,
        newer_than: force.then_some(now),
        deadline: now.after(patience.min(PATIENCE_MAX)),
    }
}

/// An access token, or why not, and a line of the log that says which.
async fn hand_out(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    name: Option<String>,
    ask: Ask,
) -> io::Result<()> {
    let asked = clock::now().boot;
    let command = |reply| Command::GetToken { ask, asked, reply };
    let (name, response) = match served.find(peer, name.as_deref()) {
        Ok(profile) => {
            let answer = served.ask(peer, &profile, command);
            let response = while_there(connection, answer).await?;
            (profile.name, response)
        }
        Err(refusal) => (name.unwrap_or_default(), refused(refusal)),
    };
    // Whatever becomes of it: half an answer may hold a whole token.
    served.audit.note(served.door, peer, &name, &response);
    respond(connection, &response).await
}

async fn measure(connection: &mut Connection, peer: &Peer, served: &Served) -> io::Result<()> {
    respond(connection, &Response::Daemon(served.daemon())).await?;
    let all = Ok(served.all(peer));
    each(connection, peer, served, all, |reply| Command::Metrics {
        reply,
    })
    .await
}

/// The answer, unless the caller hangs up before: a place among those who wait
/// is for one who does.
async fn while_there(
    connection: &mut Connection,
    answer: impl Future<Output = Response>,
) -> io::Result<Response> {
    let mut byte = [0];
    tokio::select! {
        biased;
        answer = answer => Ok(answer),
        _ = connection.read(&mut byte) => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

/// One answer a profile, then the end. A daemon that is shutting down says so
/// once.
async fn each(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    chosen: Result<Vec<Profile>, Refusal>,
    command: impl Fn(oneshot::Sender<Response>) -> Command,
) -> io::Result<()> {
    let profiles = match chosen {
        Ok(profiles) => profiles,
        Err(refusal) => return respond(connection, &refused(refusal)).await,
    };
    for profile in &profiles {
        let response = served.ask(peer, profile, &command).await;
        let gone = matches!(
            &response,
            Response::Refused(Refusal::UnknownProfile { .. } | Refusal::NotAllowed)
        );
        if gone && profiles.len() > 1 {
            // Nobody asked for this one by name.
            continue;
        }
        respond(connection, &response).await?;
        if gone || response == refused(Refusal::ShuttingDown) {
            return Ok(());
        }
    }
    respond(connection, &Response::End).await
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
