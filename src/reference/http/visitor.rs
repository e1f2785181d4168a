//! The visitor's routes: load, page view, message, reading.
//!
//! It owns how a visitor's request is read and answered.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::http::header::{ETAG, IF_NONE_MATCH, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::body::{Body, Said};
use super::{App, Refusal, cookies};
use crate::reference::address;
use crate::reference::engine::{Caller, Visit};

/// The websites that carry the chatbox.
const WEBSITES: [&str; 2] = ["site-a", "site-b"];

/// The body of a load or page view. A sound server does not keep the page: the cookie is not for tracking.
#[derive(Debug, Deserialize)]
pub(super) struct Visited {
    page: String,
}

pub(super) async fn load(
    State(app): State<Arc<App>>,
    mut caller: Caller,
    Body(Visited { page }): Body<Visited>,
) -> Result<Response, Refusal> {
    let _entered = if app.rules.identity.lost_in_race { app.under_way.enter(&mut caller).await } else { None };
    let visit = app.store.run(move |engine| engine.load(&caller, &page)).await?;
    let with_uid = app.rules.cookie.with_uid && visit.body.fresh;
    let mut response = answer(&app, StatusCode::OK, Some(visit))?;
    if with_uid {
        cookies::set_uid(response.headers_mut())?;
    }
    Ok(response)
}

pub(super) async fn view_page(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(Visited { page }): Body<Visited>,
) -> Result<Response, Refusal> {
    let visit = app.store.run(move |engine| engine.view_page(&caller, &page)).await?;
    answer(&app, StatusCode::OK, visit)
}

pub(super) async fn send_message(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(said): Body<Said>,
) -> Result<Response, Refusal> {
    let (text, id) = said.text_and_id()?;
    let visit = app.store.run(move |engine| engine.send_message(&caller, &text, id.as_deref())).await?;
    answer(&app, StatusCode::CREATED, visit)
}

pub(super) async fn read_messages(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, Refusal> {
    let visit = app.store.run(move |engine| engine.read_messages(&caller)).await?;
    answer(&app, StatusCode::OK, visit)
}

fn answer<T: Serialize>(app: &App, status: StatusCode, visit: Option<Visit<T>>) -> Result<Response, Refusal> {
    let Visit { body, cookie, tag } = visit.ok_or_else(Refusal::no_session)?;
    let mut response = (status, Json(body)).into_response();
    if let Some(cookie) = cookie {
        cookies::set(response.headers_mut(), &app.rules, &cookie)?;
    }
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(response)
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
        Ok(Self {
            website,
            cookie: cookies::sent(&parts.headers),
            address,
            browser: text_of(&parts.headers, USER_AGENT),
            tag: text_of(&parts.headers, IF_NONE_MATCH),
        })
    }
}

/// A header's text, where it was sent.
fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
