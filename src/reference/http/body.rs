//! Request bodies: JSON within the limits.
//!
//! It owns what a body may be. It never keeps one.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Refusal;

/// A message's limit, in bytes.
const TEXT_MAX: usize = 4 * 1024;

/// The limit of a client's id of a message, in characters.
const ID_MAX: usize = 64;

/// A body of JSON, whatever its declared type.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejected| Refusal::new(rejected.status(), rejected.body_text()))?;
        serde_json::from_slice(&bytes)
            .map(Body)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("bad JSON: {error}")))
    }
}

/// The body of a message.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    text: String,
    id: Option<String>,
}

impl Said {
    /// The text as [`Said::text`] gives it, and the client's id of it where that is not too long.
    pub(super) fn text_and_id(mut self) -> Result<(String, Option<String>), Refusal> {
        let id = self.id.take();
        if id.as_ref().is_some_and(|id| id.chars().count() > ID_MAX) {
            let reason = format!("the id is longer than {ID_MAX} characters");
            return Err(Refusal::new(StatusCode::BAD_REQUEST, reason));
        }
        Ok((self.text()?, id))
    }

    /// The text, where it is neither empty nor too long.
    pub(super) fn text(self) -> Result<String, Refusal> {
        if self.text.is_empty() {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "the text is empty"));
        }
        if self.text.len() > TEXT_MAX {
            let reason = format!("the text is longer than {TEXT_MAX} bytes");
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, reason));
        }
        Ok(self.text)
    }
}
