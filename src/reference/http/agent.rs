//! The agent's routes: look, answer, greet, delete.
//!
//! It owns who is let in as an agent. It never writes the token anywhere.

use http::header::AUTHORIZATION;
use http::{HeaderMap, Response, StatusCode};

use super::body::Said;
use super::{Answer, App, Asked, Refusal, body, json_answer};

pub(super) async fn look(asked: Asked<'_>, id: &str) -> Result<Answer, Refusal> {
    let app = let_in(&asked)?;
    let view = app.store.run(|engine| engine.look(id)).await?;
    json_answer(StatusCode::OK, &view.ok_or_else(Refusal::no_session)?)
}

pub(super) async fn answer(asked: Asked<'_>, id: &str) -> Result<Answer, Refusal> {
    let app = let_in(&asked)?;
    let text = body::read::<Said>(asked.body).await?.text()?;
    let stored = app.store.run(|engine| engine.answer(id, &text)).await?;
    json_answer(StatusCode::CREATED, &stored.ok_or_else(Refusal::no_session)?)
}

pub(super) async fn greet(asked: Asked<'_>, id: &str) -> Result<Answer, Refusal> {
    let app = let_in(&asked)?;
    let text = body::read::<Said>(asked.body).await?.text()?;
    let stored = app.store.run(|engine| engine.greet(id, &text)).await?;
    json_answer(StatusCode::CREATED, &stored.ok_or_else(Refusal::no_session)?)
}

pub(super) async fn delete(asked: Asked<'_>, id: &str) -> Result<Answer, Refusal> {
    let app = let_in(&asked)?;
    if !app.store.run(|engine| engine.delete(id)).await? {
        return Err(Refusal::no_session());
    }
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    Ok(answer)
}

/// Lets in whoever sent the agents' token.
fn let_in<'a>(asked: &Asked<'a>) -> Result<&'a App, Refusal> {
    let Asked { app, head, .. } = asked;
    if sends_token(&head.headers, &app.agent_token) {
        Ok(app)
    } else {
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "send the agents' token as Bearer"))
    }
}

fn sends_token(headers: &HeaderMap, token: &str) -> bool {
    let sent = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
    same(sent.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default(), token.as_bytes())
}

/// Compares without telling by its duration where the difference is.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |bits, (l, r)| bits | (l ^ r));
    left.len() == right.len() && differing == 0
}
