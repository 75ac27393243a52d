//! What systemd asks: credentials of units. It says who asks by the address it
//! connects from, reads until we hang up, and takes what it has read for the
//! credential, nothing at all as well.

use std::io;
use std::time::Duration;

use oic_proto::Response;
use oic_proto::message::Refusal;
use tracing::warn;

use super::serving::Answering;
use super::{to_ask, write};
use crate::clock;
use crate::listener::Connection;
use crate::peer::Peer;
use crate::profile::Command;
use crate::served::Served;
use crate::units::Unit;

/// How long a credential is valid at least, as those of `oic-token get` are
/// unless told otherwise.
const VALIDITY_MIN: Duration = Duration::from_secs(60);

/// How long a unit's start waits for a renewal: systemd has no limit for that
/// but the one for the whole start, 90 s.
const PATIENCE: Duration = Duration::from_secs(30);

/// What an audit line calls the profile of a unit that has none.
const NO_PROFILE: &str = "";

/// Gives the caller what the unit is to have that it asks for.
pub(super) async fn give(
    mut connection: Connection,
    peer: &Peer,
    served: &Served,
    _answering: Answering,
) -> io::Result<()> {
    let address = connection.abstract_name().unwrap_or_default();
    let Some(unit) = Unit::calling_from(&address) else {
        served.audit.note_turned_away(served.door, peer, "no_unit");
        return Ok(());
    };
    let Some(profile) = served.profile_for(&unit) else {
        served.audit.note_unit(&unit, peer, NO_PROFILE, None);
        warn_of_nothing(&unit, NOT_MAPPED);
        return Ok(());
    };
    let response = ask(peer, served, &profile).await;
    served
        .audit
        .note_unit(&unit, peer, &profile, Some(&response));
    match response {
        Response::Token(view) => {
            let credential = view.access_token.expose().as_bytes();
            write(&mut connection, credential).await
        }
        Response::Refused(refusal) => {
            warn_of_nothing(&unit, &why(&profile, &refusal));
            Ok(())
        }
        // No answer to such a request.
        _ => Ok(()),
    }
}

async fn ask(peer: &Peer, served: &Served, profile: &str) -> Response {
    let asked = clock::now().boot;
    let ask = to_ask(VALIDITY_MIN, PATIENCE, false);
    match served.find(peer, Some(profile)) {
        Ok(profile) => {
            let command = |reply| Command::GetToken { ask, asked, reply };
            served.ask(peer, &profile, command).await
        }
        Err(refusal) => Response::Refused(refusal),
    }
}

const NOT_MAPPED: &str = "'units' of [credentials] does not name it; add it to the configuration, \
                          reload oic-tokend and restart the unit";

fn warn_of_nothing(unit: &Unit, why: &str) {
    let (unit, credential) = (&unit.name, &unit.credential);
    warn!(unit, "credential '{credential}' of {unit} is empty: {why}");
}

/// Why there is no token, and what mends it.
fn why(profile: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::LoginRequired { why, .. } => format!(
            "profile '{profile}' needs a login: {why}; run 'oic-token login {profile}' and restart \
             the unit"
        ),
        Refusal::Locked => {
            "the sessions are locked; run 'oic-token unlock' and restart the unit".to_owned()
        }
        Refusal::TryLater { why, .. } => format!(
            "no valid access token for profile '{profile}' now: {why}; restart the unit later; \
             'oic-token status {profile}' shows how it stands"
        ),
        Refusal::ShuttingDown => "the daemon is shutting down".to_owned(),
        _ => {
            format!("no access token for profile '{profile}'; 'oic-token get {profile}' shows why")
        }
    }
}
