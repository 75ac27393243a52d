//! The developer API. The runtime host sends it on to the design host, which
//! is another host: callers that follow leave the access token behind.
//!
//! Both hosts are this listener. `localhost` is the design host, every other
//! name for it is the runtime host.

use jiff::Timestamp;
use serde_json::json;

use super::{echo, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::Domain;
use crate::simulator::knobs::RedirectStatus;
use crate::simulator::received::Received;

/// The name by which this listener is the design host.
pub(crate) const DESIGN_HOST: &str = "localhost";
/// The service instance, as the console names it.
const INSTANCE: &str = "oic-sim";

pub(crate) fn answer(domain: &Domain, received: &Received, now: Timestamp) -> Answer {
    if received.host == DESIGN_HOST {
        either(design(domain, received, now))
    } else {
        to_design_host(domain, received)
    }
}

fn to_design_host(domain: &Domain, received: &Received) -> Answer {
    let port = domain.url.rsplit(':').next().unwrap_or_default();
    let path = &received.path;
    let location = format!("http://{DESIGN_HOST}:{port}{path}?integrationInstance={INSTANCE}");
    let status = match domain.knobs.developer_redirect {
        RedirectStatus::Found => 302,
        RedirectStatus::Temporary => 307,
    };
    Answer::empty(status).header("Location", location)
}

fn design(domain: &Domain, received: &Received, now: Timestamp) -> Result<Answer, Answer> {
    echo::caller(domain, received, now)?;
    if received.query.get("integrationInstance") != Some(INSTANCE) {
        let message = "The query parameter integrationInstance names no service instance.";
        return Err(Answer::json(
            400,
            json!({"code": "BadRequest", "message": message}),
        ));
    }
    if !received.path.ends_with("/integrations") {
        return Err(Answer::empty(404));
    }
    let echo = json!({"id": "ECHO|01.00.0000", "name": "Echo", "status": "ACTIVATED"});
    Ok(Answer::json(
        200,
        json!({"items": [echo], "hasMore": false, "totalResults": 1}),
    ))
}
