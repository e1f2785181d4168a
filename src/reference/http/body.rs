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
}

impl Said {
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
