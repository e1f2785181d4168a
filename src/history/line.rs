//! An exchange as it stands in a line: this is the definition, and serde its slow and certain way in and out.

use super::event::{How, Identity, Outcome, Said, Stored};
use crate::scenario::Which;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A session's id (the current one, the previous one) or a spelling of attributes, known by index, or its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Id<'a> {
    Index(u8),
    Text(Cow<'a, str>),
}

/// Messages: all that were sent, in order, or each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Read<'a> {
    All(u16),
    Each(Cow<'a, [Said]>),
}

/// Addresses: the visitor's own and nothing else, or each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Found<'a> {
    Own(u8),
    Each(Cow<'a, [Stored]>),
}

/// What an answer said of the carrier, but for its attributes, which stand beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Carrier<'a> {
    #[serde(rename = "v")]
    pub(super) value: Cow<'a, str>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub(super) max_age_s: Option<i64>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_s: Option<i64>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(super) date_s: Option<i64>,
    #[serde(rename = "b", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) beside: bool,
}

/// An exchange as it stands in a line. `write` and `scan` do the same by hand, in the order of these fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line<'a> {
    #[serde(rename = "v")]
    pub(super) visitor: u32,
    #[serde(rename = "p")]
    pub(super) stop: u32,
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub(super) step: u16,
    #[serde(rename = "o")]
    pub(super) op: u8,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<Which>,
    #[serde(rename = "t")]
    pub(super) after_t0: i64,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(super) width: Option<i64>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) carried: Option<u8>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Id<'a>>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(super) fresh: Option<bool>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub(super) said: Option<Read<'a>>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<u16>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(super) cookie: Option<Carrier<'a>>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub(super) addresses: Option<Found<'a>>,
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub(super) address_rows: Option<u32>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<Cow<'a, str>>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub(super) how: Option<How>,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub(super) restarts: Option<u16>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub(super) sent: Option<Cow<'a, str>>,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub(super) attributes: Option<Id<'a>>,
    #[serde(rename = "z", default, skip_serializing_if = "<[_]>::is_empty")]
    pub(super) strange: Cow<'a, [Box<str>]>,
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    pub(super) reveals: Option<Cow<'a, str>>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(super) session_rows: Option<u32>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(super) log_lines: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(step: &u16) -> bool {
    *step == 0
}

impl<'a> Carrier<'a> {
    pub(super) fn of(cookie: &'a Identity) -> Self {
        let Identity { value, max_age_s, expires_s, date_s, beside, attributes: _ } = cookie;
        let (max_age_s, expires_s, date_s) = (*max_age_s, *expires_s, *date_s);
        Self { value: Cow::Borrowed(value), max_age_s, expires_s, date_s, beside: *beside }
    }
}
