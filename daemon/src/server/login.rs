//! The one request whose answers take as long as a person does.

use std::io;

use oic_proto::Response;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

use super::{refused, respond};
use crate::listener::Connection;
use crate::peer::Peer;
use crate::profile::Command;
use crate::served::{Profile, Served};

/// Answers on their way to one caller of `login`: a prompt and an end.
const LOGIN_ANSWERS_MAX: usize = 4;

/// A login lives as long as its caller: a code that nobody looks at any more
/// is a code that somebody else could be talked into allowing.
pub(super) async fn log_in(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    profile: Option<&str>,
    change_user: bool,
) -> io::Result<()> {
    let profile = &match served.find(peer, profile) {
        Ok(profile) => profile,
        Err(refusal) => return respond(connection, &refused(refusal)).await,
    };
    let (reply, mut answers) = mpsc::channel(LOGIN_ANSWERS_MAX);
    let login = Command::Login { change_user, reply };
    if profile.commands.send(login).await.is_err() {
        return respond(connection, &served.gone(peer, profile)).await;
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
                None => return respond(connection, &served.gone(peer, profile)).await,
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
    profile: &Profile,
    error: io::Error,
) -> io::Result<()> {
    drop(answers);
    // A profile that is gone has no login to cancel.
    let _ = profile.commands.send(Command::LoginHungUp).await;
    Err(error)
}
