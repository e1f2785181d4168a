//! The routes that show and move the test clock.
//!
//! It owns their answers. It never exists in a server that was started without a test clock.

use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, App, Asked, Refusal, body, json_answer};
use crate::reference::clock::LATEST_MS;
use crate::reference::engine::Engine;

/// The body of an advance.
#[derive(Debug, Deserialize)]
struct Advance {
    /// Milliseconds since the Unix epoch.
    to: i64,
}

pub(super) async fn look(app: &App) -> Result<Answer, Refusal> {
    let view = app.store.run(|engine| Ok(engine.view_clock())).await?;
    json_answer(StatusCode::OK, &view)
}

pub(super) async fn advance(asked: Asked<'_>) -> Result<Answer, Refusal> {
    let Advance { to } = body::read(asked.body).await?;
    if to > LATEST_MS {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "the clock ends with the year 9998"));
    }
    match asked.app.store.run_alone(|engine| engine.advance_clock(to))? {
        Ok(view) => json_answer(StatusCode::OK, &view),
        Err(backwards) => {
            let now = backwards.now_ms;
            let reason = format!("the clock never goes backwards, and its now is {now}");
            json_answer(StatusCode::CONFLICT, &json!({ "error": reason, "now": now }))
        }
    }
}

pub(super) fn resume(app: &App) -> Result<Answer, Refusal> {
    let view = app.store.run_alone(Engine::resume_clock)?;
    json_answer(StatusCode::OK, &view)
}
