//! The routes that show and move the test clock.
//!
//! It owns their answers. It never exists in a server that was started without a test clock.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::body::Body;
use super::{App, Refusal};
use crate::reference::clock::LATEST_MS;
use crate::reference::engine::Engine;

/// The body of an advance.
#[derive(Debug, Deserialize)]
pub(super) struct Advance {
    /// Milliseconds since the Unix epoch.
    to: i64,
}

pub(super) async fn look(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    let view = app.store.run(|engine| Ok(engine.view_clock())).await?;
    Ok(Json(view).into_response())
}

pub(super) async fn advance(
    State(app): State<Arc<App>>,
    Body(Advance { to }): Body<Advance>,
) -> Result<Response, Refusal> {
    if to > LATEST_MS {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "the clock ends with the year 9998"));
    }
    match app.store.run_alone(move |engine| engine.advance_clock(to)).await? {
        Ok(view) => Ok(Json(view).into_response()),
        Err(backwards) => {
            let now = backwards.now_ms;
            let reason = format!("the clock never goes backwards, and its now is {now}");
            Ok((StatusCode::CONFLICT, Json(json!({ "error": reason, "now": now }))).into_response())
        }
    }
}

pub(super) async fn resume(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    let view = app.store.run_alone(Engine::resume_clock).await?;
    Ok(Json(view).into_response())
}
