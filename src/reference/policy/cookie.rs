//! The cookie: its term, what renews it, and with which attributes it is sent.
//!
//! It owns the numbers about the cookie. Which session a cookie finds is the identity's.

use super::{Act, DAY_S, MINUTE_MS};

/// §3.2: a cookie's term of six months, half of a year of 365 days.
const TERM_S: i64 = 365 * DAY_S / 2;

/// What a renewed cookie's new expiry is.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) enum Renewal {
    /// The full term from now.
    FullTerm,
    /// Another term from now, in seconds.
    Term(i64),
    /// The expiry it had before.
    SameExpiry,
    /// The full term from now, but never later than that many milliseconds after the session's creation.
    CappedAfterCreation(i64),
}

/// The rules about the cookie itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) struct CookieRules {
    /// Whether a new identity gets its cookie.
    pub(in crate::reference) is_set: bool,
    /// Whether the cookie is sent with its term.
    pub(in crate::reference) sends_max_age: bool,
    /// Whether scripts are kept from reading the cookie.
    pub(in crate::reference) http_only: bool,
    /// Whether the cookie is kept from requests of other websites.
    pub(in crate::reference) same_site: bool,
    /// Whether a new identity also gets a second cookie, `uid`.
    pub(in crate::reference) with_uid: bool,
    /// Its term, in seconds.
    pub(in crate::reference) term_s: i64,
    /// How many milliseconds before its expiry it stops being honoured.
    pub(in crate::reference) refused_before_end_ms: i64,
    /// A load after a pause of that many milliseconds, or more, is a return.
    pub(in crate::reference) return_pause_ms: i64,
    /// What renews the cookie.
    pub(in crate::reference) renewed_by: &'static [Act],
    /// What a renewal gives.
    pub(in crate::reference) renewal: Renewal,
    /// Whether a renewal sets the cookie on the path on which it was first set.
    pub(in crate::reference) renewed_on_same_path: bool,
    /// Every so many-th new load is answered with the cookie of the one before it.
    pub(in crate::reference) replayed_every: Option<u64>,
}

impl CookieRules {
    /// Those of a sound server.
    pub(super) const fn sound() -> Self {
        Self {
            is_set: true,
            sends_max_age: true,
            http_only: true,
            same_site: true,
            with_uid: false,
            term_s: TERM_S,
            refused_before_end_ms: 0,
            return_pause_ms: 30 * MINUTE_MS,
            renewed_by: &[Act::Return],
            renewal: Renewal::FullTerm,
            renewed_on_same_path: true,
            replayed_every: None,
        }
    }
}
