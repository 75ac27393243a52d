//! `POST /oauth2/v1/revoke`, RFC 7009.

use axum::http::Method;

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::Domain;
use crate::simulator::received::Received;

pub(crate) fn answer(domain: &mut Domain, received: &Received) -> Answer {
    either(revoke(domain, received))
}

fn revoke(domain: &mut Domain, received: &Received) -> Result<Answer, Answer> {
    check_method(received, &[Method::POST])?;
    let token = received.form()?.required("token")?;
    let client = received.credentials().authenticate()?;
    domain.revoke(client, token)?;
    Ok(Answer::empty(200))
}
