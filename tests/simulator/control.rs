//! `/control/…`: plays the user, moves the clock, plans faults, turns knobs.
//!
//! There is no authentication: the simulator listens on loopback only and
//! guards nothing. Control requests are not in the log.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::answer::Answer;
use super::domain::device::Decision;
use super::endpoint::Endpoint;
use super::exchange::Shared;
use super::faults::Fault;
use super::knobs::value::SECONDS_MAX;
use super::received::{Form, Received};

/// What a command answers, or the sentence that refuses it.
type CommandResult = Result<Value, String>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route(
            "/approve",
            command(|shared, form| decide(shared, form, Decision::Approve)),
        )
        .route(
            "/deny",
            command(|shared, form| decide(shared, form, Decision::Deny)),
        )
        .route(
            "/expire",
            command(|shared, form| decide(shared, form, Decision::Expire)),
        )
        .route("/advance", command(advance))
        .route("/fault", command(fault))
        .route("/release", command(release))
        .route("/knob", command(knob))
        .route("/reset", command(reset))
        .route("/log", get(log))
        .route("/knobs", get(knobs))
}

/// A route that takes a form by POST and answers JSON.
fn command(run: fn(&Shared, &Form) -> CommandResult) -> MethodRouter<Arc<Shared>> {
    any(move |State(shared): State<Arc<Shared>>, request: Request| obey(shared, run, request))
}

async fn obey(
    shared: Arc<Shared>,
    run: fn(&Shared, &Form) -> CommandResult,
    request: Request,
) -> Response {
    let received = Received::read(request).await;
    let result = if received.method == Method::POST {
        run(&shared, received.form_or_empty())
    } else {
        Err("control commands are sent by POST".into())
    };
    let answer = match result {
        Ok(value) => Answer::json(200, value),
        Err(refusal) => Answer::json(400, json!({"error": refusal})),
    };
    answer.into_response()
}

fn decide(shared: &Shared, form: &Form, decision: Decision) -> CommandResult {
    let user_code = form
        .get("user_code")
        .ok_or("the field user_code is missing")?;
    let mut world = shared.world();
    let now = world.clock.now();
    let user_code = world
        .domain
        .decide(user_code, form.get("user"), decision, now)?;
    Ok(json!({"user_code": user_code}))
}

fn advance(shared: &Shared, form: &Form) -> CommandResult {
    let seconds = form.get("seconds").and_then(|seconds| seconds.parse().ok());
    let seconds: i64 = seconds
        .filter(|seconds| (-SECONDS_MAX..=SECONDS_MAX).contains(seconds))
        .ok_or_else(|| format!("the field seconds takes a number up to {SECONDS_MAX}"))?;
    let mut world = shared.world();
    world.clock.advance(SignedDuration::from_secs(seconds));
    Ok(json!({"time": world.clock.now().to_string()}))
}

fn fault(shared: &Shared, form: &Form) -> CommandResult {
    let fault: Fault = form
        .get("fault")
        .ok_or("the field fault is missing")?
        .parse()?;
    let times = match form.get("times") {
        None => 1,
        Some(times) => times
            .parse()
            .ok()
            .filter(|times| *times > 0)
            .ok_or("the field times takes a number from 1 on")?,
    };
    let endpoint = form
        .get("endpoint")
        .map_or(Ok(Endpoint::Token), str::parse)?;
    shared.world().faults.add(fault, times, endpoint)?;
    Ok(json!({"fault": fault.to_string(), "times": times, "endpoint": endpoint}))
}

fn release(shared: &Shared, _: &Form) -> CommandResult {
    shared.release();
    Ok(json!({}))
}

fn knob(shared: &Shared, form: &Form) -> CommandResult {
    let name = form.get("name").ok_or("the field name is missing")?;
    let value = form.get("value").ok_or("the field value is missing")?;
    let set = shared.world().domain.knobs.set(name, value);
    set.map_err(|refused| refused.to_string())?;
    Ok(json!({"name": name, "value": value}))
}

fn reset(shared: &Shared, _: &Form) -> CommandResult {
    shared.reset();
    Ok(json!({}))
}

async fn log(State(shared): State<Arc<Shared>>) -> Response {
    Answer::json(200, json!(shared.log.entries())).into_response()
}

async fn knobs(State(shared): State<Arc<Shared>>) -> Response {
    let table = shared.world().domain.knobs.table();
    Answer::json(200, json!(table)).into_response()
}
