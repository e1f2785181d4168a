//! The HTTP interface: routes, limits, and what every answer has in common.
//!
//! It owns the wire. It never decides what the policy says, and touches sessions only by asking
//! the store.

mod agent;
mod body;
mod cookies;
mod listen;
mod race;
mod route;
mod test_clock;
mod visitor;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, DATE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use serde::Serialize;
use serde_json::json;

use super::clock::Clock;
use super::policy::Rules;
use super::store::{Store, StoreFailed};
use super::usage::Usage;
use route::Route;

pub(super) use listen::serve;
pub(super) use race::UnderWay;

/// What a handler gives.
type Answer = Response<Full<Bytes>>;

/// What the handlers share.
#[derive(Debug)]
pub(super) struct App {
    /// The door to the store.
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

/// A request, taken apart.
struct Asked<'a> {
    app: &'a App,
    peer: SocketAddr,
    head: &'a http::request::Parts,
    body: Incoming,
}

/// Answers a request. Every answer has the server's date, and no cache may hold it.
async fn answer(app: &App, peer: SocketAddr, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let asked = Asked { app, peer, head: &head, body };
    let mut answer = match Route::of(head.uri.path(), app.shown_files.is_some()) {
        Some(route) => dispatch(asked, route).await.unwrap_or_else(Refusal::into_answer),
        None => Refusal::new(StatusCode::NOT_FOUND, "no such resource").into_answer(),
    };
    answer.headers_mut().insert(DATE, app.clock.date());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Usage::count_one();
    answer
}

async fn dispatch(asked: Asked<'_>, route: Route<'_>) -> Result<Answer, Refusal> {
    // The answer to HEAD is GET's, of which the connection sends the head.
    let method = if asked.head.method == Method::HEAD { &Method::GET } else { &asked.head.method };
    match (method.as_str(), route) {
        ("POST", Route::Load(website)) => visitor::load(asked, website).await,
        ("POST", Route::Page(website)) => visitor::view_page(asked, website).await,
        ("POST", Route::Messages(website)) => visitor::send_message(asked, website).await,
        ("GET", Route::Messages(website)) => visitor::read_messages(asked, website).await,
        ("GET", Route::Session(id)) => agent::look(asked, id).await,
        ("DELETE", Route::Session(id)) => agent::delete(asked, id).await,
        ("POST", Route::AgentMessages(id)) => agent::answer(asked, id).await,
        ("POST", Route::Greeting(id)) => agent::greet(asked, id).await,
        ("GET", Route::Health) => health(asked.app),
        ("GET", Route::Clock) => test_clock::look(asked.app).await,
        ("POST", Route::Advance) => test_clock::advance(asked).await,
        ("POST", Route::Resume) => test_clock::resume(asked.app),
        _ => {
            let mut answer = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "no such method here").into_answer();
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static(route.methods()));
            Ok(answer)
        }
    }
}

fn health(app: &App) -> Result<Answer, Refusal> {
    let version = env!("CARGO_PKG_VERSION");
    let mut about = json!({ "now": app.clock.now_ms(), "version": version });
    if let Some(Files { store, log }) = &app.shown_files {
        about["store"] = json!(store.to_string_lossy());
        about["log"] = json!(log.to_string_lossy());
        about["pid"] = json!(std::process::id());
        about["run"] = json!(app.run);
        let Usage { requests, cpu_us } = Usage::now();
        about["requests"] = json!(requests);
        if let Some(cpu_us) = cpu_us {
            about["cpu_us"] = json!(cpu_us);
        }
    }
    json_answer(StatusCode::OK, &about)
}

/// An answer whose body is JSON.
fn json_answer(status: StatusCode, body: &impl Serialize) -> Result<Answer, Refusal> {
    let bytes =
        serde_json::to_vec(body).map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(with_json(status, bytes))
}

fn with_json(status: StatusCode, bytes: Vec<u8>) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(bytes)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
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

    fn into_answer(self) -> Answer {
        with_json(self.status, json!({ "error": self.reason }).to_string().into_bytes())
    }
}

impl From<StoreFailed> for Refusal {
    fn from(failed: StoreFailed) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, failed.to_string())
    }
}
