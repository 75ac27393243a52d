//! What credential helpers ask: tokens by URL.

use std::io;

use oic_proto::Response;
use oic_proto::message::MappedToken;
use oic_proto::secret::Fingerprint;

use super::{refused, respond, while_there};
use crate::clock;
use crate::lifecycle::Ask;
use crate::listener::Connection;
use crate::peer::Peer;
use crate::profile::Command;
use crate::served::Served;

/// What an audit line calls the profile of a URL that belongs to none.
const NO_PROFILE: &str = "";

pub(super) async fn token(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    url: &str,
    realms: &[String],
    ask: Ask,
) -> io::Result<()> {
    let (profile, username) = match served.find_for(peer, url, realms) {
        Ok(found) => found,
        Err(refusal) => {
            let response = refused(refusal);
            served.audit.note(served.door, peer, NO_PROFILE, &response);
            return respond(connection, &response).await;
        }
    };
    let asked = clock::now().boot;
    let ask = |reply| Command::GetToken { ask, asked, reply };
    let response = while_there(connection, served.ask(peer, &profile, ask)).await?;
    served
        .audit
        .note(served.door, peer, &profile.name, &response);
    let response = match response {
        Response::Token(token) => Response::MappedToken(MappedToken { token, username }),
        refused => refused,
    };
    respond(connection, &response).await
}

/// A fingerprint means one token, so all profiles that it may be of are told.
pub(super) async fn reject(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
    url: &str,
    fingerprint: Fingerprint,
) -> io::Result<()> {
    let profiles = match served.all_for(peer, url) {
        Ok(profiles) => profiles,
        Err(refusal) => return respond(connection, &refused(refusal)).await,
    };
    for profile in &profiles {
        let rejected = |reply| Command::RejectToken { fingerprint, reply };
        let answer = served.ask(peer, profile, rejected).await;
        if let Response::Refused(_) = answer {
            return respond(connection, &answer).await;
        }
    }
    respond(connection, &Response::End).await
}

pub(super) async fn list(
    connection: &mut Connection,
    peer: &Peer,
    served: &Served,
) -> io::Result<()> {
    for mapping in &served.mappings_of(peer) {
        respond(connection, &Response::Mapping(mapping.into())).await?;
    }
    respond(connection, &Response::End).await
}
