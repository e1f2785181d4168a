//! The chatbox's cookie on the wire, in both directions.
//!
//! It owns the cookie's name and attributes. Value and term come from the engine.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::Refusal;
use crate::reference::engine::SetCookie;
use crate::reference::policy::{DAY_S, Rules};

/// The cookie's name.
const NAME: &str = "chatbox";

/// The term of the second cookie that one defect sets, in seconds.
const UID_TERM_S: i64 = 730 * DAY_S;

/// The value of the chatbox's cookie, where one was sent.
pub(super) fn sent(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == NAME)?;
    Some(value.trim().to_owned())
}

/// Sets the chatbox's cookie on an answer.
pub(super) fn set(headers: &mut HeaderMap, rules: &Rules, cookie: &SetCookie) -> Result<(), Refusal> {
    let SetCookie { value, max_age_s, path } = cookie;
    let term = max_age_s.map(|seconds| format!(" Max-Age={seconds};")).unwrap_or_default();
    let http_only = if rules.cookie.http_only { " HttpOnly;" } else { "" };
    let same_site = if rules.cookie.same_site { " SameSite=Lax;" } else { "" };
    let text = format!("{NAME}={value}; Path={path};{term}{http_only}{same_site}");
    append(headers, text.trim_end_matches(';'))
}

/// Sets the second cookie, which only a defect does.
pub(super) fn set_uid(headers: &mut HeaderMap) -> Result<(), Refusal> {
    append(headers, &format!("uid={:032x}; Path=/; Max-Age={UID_TERM_S}", rand::random::<u128>()))
}

fn append(headers: &mut HeaderMap, text: &str) -> Result<(), Refusal> {
    let value = HeaderValue::try_from(text)
        .map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    headers.append(SET_COOKIE, value);
    Ok(())
}
