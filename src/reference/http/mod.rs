//! The HTTP interface: routes, limits, and what every answer has in common.
//!
//! It owns the wire. It never decides what the policy says, and touches sessions only by asking
//! the store's queue.

mod agent;
mod body;
mod cookies;
mod race;
mod test_clock;
mod visitor;

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CACHE_CONTROL, DATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::json;

use super::clock::Clock;
use super::policy::Rules;
use super::store::{Store, StoreFailed};

pub(super) use race::UnderWay;

/// A request body's limit, in bytes.
const BODY_MAX: usize = 16 * 1024;

/// What the handlers share.
#[derive(Debug)]
pub(super) struct App {
    /// The queue to the store.
    pub(super) store: Store,
    /// The server's clock.
    pub(super) clock: Arc<Clock>,
    /// The rules about cookies and addresses.
    pub(super) rules: Rules,
    /// The header that names the visitor's address.
    pub(super) trust_header: Option<HeaderName>,
    /// What agents send.
    pub(super) agent_token: String,
    /// The files, told to testers only: those who may move the clock.
    pub(super) shown_files: Option<Files>,
    /// A name that is another one after each start: a restart keeps the process's number.
    pub(super) run: String,
    /// The cookies of loads that are under way, where a defect counts them.
    pub(super) under_way: UnderWay,
}

/// Where the server keeps what it keeps, as absolute paths.
#[derive(Debug, Clone)]
pub(super) struct Files {
    /// The store.
    pub(super) store: PathBuf,
    /// The access log, which only a defect writes.
    pub(super) log: PathBuf,
}

/// All routes; those of the clock only where it can be moved.
pub(super) fn router(app: App, with_test_clock: bool) -> Router {
    let app = Arc::new(app);
    let mut router = Router::new()
        .route("/v1/{website}/load", post(visitor::load))
        .route("/v1/{website}/page", post(visitor::view_page))
        .route("/v1/{website}/messages", post(visitor::send_message).get(visitor::read_messages))
        .route("/agent/sessions/{id}", get(agent::look).delete(agent::delete))
        .route("/agent/sessions/{id}/messages", post(agent::answer))
        .route("/agent/sessions/{id}/greeting", post(agent::greet))
        .route("/healthz", get(health));
    if with_test_clock {
        router = router
            .route("/test/clock", get(test_clock::look))
            .route("/test/clock/advance", post(test_clock::advance))
            .route("/test/clock/resume", post(test_clock::resume));
    }
    router
        .fallback(|| async { Refusal::new(StatusCode::NOT_FOUND, "no such resource") })
        .method_not_allowed_fallback(|| async { Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "no such method here") })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::map_response_with_state(Arc::clone(&app), stamp))
        .with_state(app)
}

async fn health(State(app): State<Arc<App>>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    let mut about = json!({ "now": app.clock.now_ms(), "version": version });
    if let Some(Files { store, log }) = &app.shown_files {
        about["store"] = json!(store.to_string_lossy());
        about["log"] = json!(log.to_string_lossy());
        about["pid"] = json!(std::process::id());
        about["run"] = json!(app.run);
    }
    Json(about).into_response()
}

/// Sets the server's date on an answer, and keeps caches from holding it.
async fn stamp(State(app): State<Arc<App>>, mut answer: Response) -> Response {
    answer.headers_mut().insert(DATE, app.clock.date());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// An answer that is an error, with its reason as JSON.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    reason: String,
}

impl Refusal {
    fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into() }
    }

    fn no_session() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no session")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.reason }))).into_response()
    }
}

impl From<StoreFailed> for Refusal {
    fn from(failed: StoreFailed) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, failed.to_string())
    }
}
