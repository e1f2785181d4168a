//! The visitor's routes: load, page view, message, reading.
//!
//! It owns how a visitor's request is read and answered, with the cookie in both directions.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::body::{Body, Said};
use super::{App, Refusal};
use crate::reference::address;
use crate::reference::engine::{Caller, SetCookie, Visit};

/// The websites that carry the chatbox.
const WEBSITES: [&str; 2] = ["site-a", "site-b"];

/// The cookie's name.
const COOKIE_NAME: &str = "chatbox";

/// The body of a load or page view. The page is not kept: the cookie is not for tracking.
#[derive(Debug, Deserialize)]
pub(super) struct Visited {
    #[serde(rename = "page")]
    _page: String,
}

pub(super) async fn load(
    State(app): State<Arc<App>>,
    caller: Caller,
    _body: Body<Visited>,
) -> Result<Response, Refusal> {
    let visit = app.store.run(move |engine| engine.load(&caller)).await?;
    answer(StatusCode::OK, Some(visit))
}

pub(super) async fn view_page(
    State(app): State<Arc<App>>,
    caller: Caller,
    _body: Body<Visited>,
) -> Result<Response, Refusal> {
    let visit = app.store.run(move |engine| engine.view_page(&caller)).await?;
    answer(StatusCode::OK, visit)
}

pub(super) async fn send_message(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(said): Body<Said>,
) -> Result<Response, Refusal> {
    let text = said.text()?;
    let visit = app.store.run(move |engine| engine.send_message(&caller, &text)).await?;
    answer(StatusCode::CREATED, visit)
}

pub(super) async fn read_messages(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let visit = app.store.run(move |engine| engine.read_messages(&caller)).await?;
    answer(StatusCode::OK, visit)
}

fn answer<T: Serialize>(status: StatusCode, visit: Option<Visit<T>>) -> Result<Response, Refusal> {
    let Visit { body, cookie } = visit.ok_or_else(Refusal::no_session)?;
    let mut response = (status, Json(body)).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(SET_COOKIE, header_of(&cookie)?);
    }
    Ok(response)
}

fn header_of(cookie: &SetCookie) -> Result<HeaderValue, Refusal> {
    let value = &cookie.value;
    let term = cookie.max_age_s.map(|seconds| format!(" Max-Age={seconds};")).unwrap_or_default();
    HeaderValue::try_from(format!("{COOKIE_NAME}={value}; Path=/;{term} HttpOnly; SameSite=Lax"))
        .map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refusal> {
        let unknown = || Refusal::new(StatusCode::NOT_FOUND, "no such website");
        let Path(name) = Path::<String>::from_request_parts(parts, app).await.map_err(|_| unknown())?;
        let website = WEBSITES.into_iter().find(|known| *known == name).ok_or_else(unknown)?;
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), |ConnectInfo(peer)| *peer);
        let trusted = app.trust_header.as_ref();
        let address = address::of_visitor(&app.rules, peer, &parts.headers, trusted);
        Ok(Self { website, cookie: cookie_of(&parts.headers), address })
    }
}

/// The value of the chatbox's cookie, where one was sent.
fn cookie_of(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == COOKIE_NAME)?;
    Some(value.trim().to_owned())
}
