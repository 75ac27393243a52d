//! `GET /admin/v1/SigningCert/jwk`: closed unless an administrator opened it.

use axum::http::Method;

use super::{check_method, either};
use crate::simulator::answer::Answer;
use crate::simulator::domain::Domain;
use crate::simulator::received::Received;

pub(crate) fn answer(domain: &Domain, received: &Received) -> Answer {
    either(signing_keys(domain, received))
}

fn signing_keys(domain: &Domain, received: &Received) -> Result<Answer, Answer> {
    check_method(received, &[Method::GET])?;
    if !domain.knobs.jwks_public {
        return Err(Answer::scim(
            401,
            "Operation failed due to unauthorized access.",
            "error.common.exception.unauthorizedAccess",
        ));
    }
    Ok(Answer::json(200, domain.mint.jwk_set()))
}
