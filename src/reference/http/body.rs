//! Request bodies: JSON within the limits.
//!
//! It owns what a body may be. It never keeps one.

use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Refusal;

/// A request body's limit, in bytes.
const BODY_MAX: usize = 16 * 1024;

/// A message's limit, in bytes.
const TEXT_MAX: usize = 4 * 1024;

/// The limit of a client's id of a message, in characters.
const ID_MAX: usize = 64;

/// A body of JSON, whatever its declared type.
pub(super) async fn read<T: DeserializeOwned>(body: Incoming) -> Result<T, Refusal> {
    let bytes = match Limited::new(body, BODY_MAX).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let reason = format!("the body is longer than {BODY_MAX} bytes");
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, reason));
        }
        Err(error) => return Err(Refusal::new(StatusCode::BAD_REQUEST, format!("the body broke off: {error}"))),
    };
    serde_json::from_slice(&bytes).map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, format!("bad JSON: {error}")))
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
