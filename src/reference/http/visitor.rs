//! The visitor's routes: load, page view, message, reading.
//!
//! It owns how a visitor's request is read and answered.

use http::header::{ETAG, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::body::{self, Said};
use super::{Answer, App, Asked, Refusal, cookies, json_answer};
use crate::reference::address;
use crate::reference::engine::{Caller, Visit};

/// The websites that carry the chatbox.
const WEBSITES: [&str; 2] = ["site-a", "site-b"];

/// The body of a load or page view. A sound server does not keep the page: the cookie is not for tracking.
#[derive(Debug, Deserialize)]
struct Visited {
    page: String,
}

pub(super) async fn load(asked: Asked<'_>, website: &str) -> Result<Answer, Refusal> {
    let mut caller = caller_of(&asked, website)?;
    let Asked { app, body, .. } = asked;
    let Visited { page } = body::read(body).await?;
    let _entered = if app.rules.identity.lost_in_race { app.under_way.enter(&mut caller).await } else { None };
    let visit = app.store.run(|engine| engine.load(&caller, &page)).await?;
    let with_uid = app.rules.cookie.with_uid && visit.body.fresh;
    let mut answer = visited(app, StatusCode::OK, Some(visit))?;
    if with_uid {
        cookies::set_uid(answer.headers_mut())?;
    }
    Ok(answer)
}

pub(super) async fn view_page(asked: Asked<'_>, website: &str) -> Result<Answer, Refusal> {
    let caller = caller_of(&asked, website)?;
    let Visited { page } = body::read(asked.body).await?;
    let visit = asked.app.store.run(|engine| engine.view_page(&caller, &page)).await?;
    visited(asked.app, StatusCode::OK, visit)
}

pub(super) async fn send_message(asked: Asked<'_>, website: &str) -> Result<Answer, Refusal> {
    let caller = caller_of(&asked, website)?;
    let (text, id) = body::read::<Said>(asked.body).await?.text_and_id()?;
    let visit = asked.app.store.run(|engine| engine.send_message(&caller, &text, id.as_deref())).await?;
    visited(asked.app, StatusCode::CREATED, visit)
}

pub(super) async fn read_messages(asked: Asked<'_>, website: &str) -> Result<Answer, Refusal> {
    let caller = caller_of(&asked, website)?;
    let visit = asked.app.store.run(|engine| engine.read_messages(&caller)).await?;
    visited(asked.app, StatusCode::OK, visit)
}

fn visited<T: Serialize>(app: &App, status: StatusCode, visit: Option<Visit<T>>) -> Result<Answer, Refusal> {
    let Visit { body, cookie, tag } = visit.ok_or_else(Refusal::no_session)?;
    let mut answer = json_answer(status, &body)?;
    if let Some(cookie) = cookie {
        cookies::set(answer.headers_mut(), &app.rules, &cookie)?;
    }
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        answer.headers_mut().insert(ETAG, tag);
    }
    Ok(answer)
}

/// Who asks, on a website that carries the chatbox.
fn caller_of(asked: &Asked<'_>, name: &str) -> Result<Caller, Refusal> {
    let website = WEBSITES.into_iter().find(|known| *known == name);
    let Asked { app, peer, head, .. } = asked;
    let headers = &head.headers;
    Ok(Caller {
        website: website.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "no such website"))?,
        cookie: cookies::sent(headers),
        address: address::of_visitor(&app.rules, *peer, headers, app.trust_header.as_ref()),
        browser: text_of(headers, USER_AGENT).filter(|_| app.rules.identity.found_by_address),
        tag: text_of(headers, IF_NONE_MATCH).filter(|_| app.rules.identity.found_by_etag),
    })
}

/// A header's text, where it was sent.
fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
