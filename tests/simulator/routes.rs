//! The paths of the identity domain and the two OIC hosts, one file each.

pub(crate) mod developer;
pub(crate) mod device;
pub(crate) mod echo;
pub(crate) mod introspect;
pub(crate) mod jwks;
pub(crate) mod metadata;
pub(crate) mod page;
pub(crate) mod revoke;
pub(crate) mod token;
pub(crate) mod userinfo;

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Method;
use axum::routing::{MethodRouter, any};

use super::answer::Answer;
use super::control;
use super::endpoint::Endpoint;
use super::exchange::{Shared, exchange};
use super::received::Received;
use super::wire::Wire;

/// Every path there is.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/oauth2/v1/token", serve(Endpoint::Token))
        .route("/oauth2/v1/device", serve(Endpoint::Device))
        .route("/oauth2/v1/revoke", serve(Endpoint::Revoke))
        .route("/oauth2/v1/introspect", serve(Endpoint::Introspect))
        .route("/oauth2/v1/userinfo", serve(Endpoint::Userinfo))
        .route(
            "/.well-known/openid-configuration",
            serve(Endpoint::Metadata),
        )
        .route("/.well-known/idcs-configuration", serve(Endpoint::Metadata))
        .route("/admin/v1/SigningCert/jwk", serve(Endpoint::Jwks))
        .route("/ui/v1/device", serve(Endpoint::Page))
        .route(
            "/ic/api/integration/v1/flows/rest/ECHO/1.0/{word}",
            serve(Endpoint::Echo),
        )
        .route(
            "/ic/api/integration/v1/flows/{*flow}",
            serve(Endpoint::Unknown),
        )
        .route(
            "/ic/api/integration/v1/{*resource}",
            serve(Endpoint::Developer),
        )
        .route("/redirected", serve(Endpoint::Redirected))
        .nest("/control", control::router())
        .fallback_service(serve(Endpoint::Unknown).with_state(Arc::clone(&shared)))
        .with_state(shared)
}

/// Serves `endpoint`, whatever the method: wrong ones are logged too.
fn serve(endpoint: Endpoint) -> MethodRouter<Arc<Shared>> {
    any(
        move |State(shared): State<Arc<Shared>>,
              ConnectInfo(wire): ConnectInfo<Wire>,
              request: Request| exchange(shared, endpoint, wire, request),
    )
}

/// Refuses every method but those in `allowed`.
fn check_method(received: &Received, allowed: &[Method]) -> Result<(), Answer> {
    if allowed.contains(&received.method) {
        return Ok(());
    }
    let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
    Err(Answer::empty(405).header("Allow", names.join(", ")))
}

/// An answer from a computation that may end early with one.
fn either(answer: Result<Answer, Answer>) -> Answer {
    answer.unwrap_or_else(|answer| answer)
}
