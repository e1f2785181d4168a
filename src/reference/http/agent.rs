//! The agent's routes: look, answer, greet, delete.
//!
//! It owns who is let in as an agent. It never writes the token anywhere.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::body::{Body, Said};
use super::{App, Refusal};
use crate::reference::engine::AgentView;

/// Proof that the request came with the agents' token.
pub(super) struct Agent;

pub(super) async fn look(
    State(app): State<Arc<App>>,
    _agent: Agent,
    Path(id): Path<String>,
) -> Result<Json<AgentView>, Refusal> {
    let view = app.store.run(move |engine| engine.look(&id)).await?;
    view.map(Json).ok_or_else(Refusal::no_session)
}

pub(super) async fn answer(
    State(app): State<Arc<App>>,
    _agent: Agent,
    Path(id): Path<String>,
    Body(said): Body<Said>,
) -> Result<Response, Refusal> {
    let text = said.text()?;
    let stored = app.store.run(move |engine| engine.answer(&id, &text)).await?;
    let stored = stored.ok_or_else(Refusal::no_session)?;
    Ok((StatusCode::CREATED, Json(stored)).into_response())
}

pub(super) async fn greet(
    State(app): State<Arc<App>>,
    _agent: Agent,
    Path(id): Path<String>,
    Body(said): Body<Said>,
) -> Result<Response, Refusal> {
    let text = said.text()?;
    let stored = app.store.run(move |engine| engine.greet(&id, &text)).await?;
    let stored = stored.ok_or_else(Refusal::no_session)?;
    Ok((StatusCode::CREATED, Json(stored)).into_response())
}

pub(super) async fn delete(
    State(app): State<Arc<App>>,
    _agent: Agent,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let deleted = app.store.run(move |engine| engine.delete(&id)).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::no_session()) }
}

impl FromRequestParts<Arc<App>> for Agent {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let sent = parts.headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let token = sent.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
        if same(token, app.agent_token.as_bytes()) {
            Ok(Self)
        } else {
            Err(Refusal::new(StatusCode::UNAUTHORIZED, "send the agents' token as Bearer"))
        }
    }
}

/// Compares without telling by its duration where the difference is.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |bits, (l, r)| bits | (l ^ r));
    left.len() == right.len() && differing == 0
}
