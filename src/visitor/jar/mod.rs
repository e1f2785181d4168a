//! Owns one simulated browser's cookies, by RFC 6265bis, under the run's virtual time.
//!
//! Never reads a clock: every call is given the time, in Unix milliseconds, and time does not run
//! backwards within one jar (what has expired is gone for good). Never sees a body, a script or another
//! visitor, and never judges what a server set.
//!
//! [`Jar`] is the full jar over [`cookie_store`], which stores, and matches domains, paths and flags. Its
//! dates are judged by the wall clock, so it is handed session cookies only; expiry, order and limits are
//! kept beside it. It also takes a host-only cookie and a `Domain` cookie of one name for the same, so
//! there are two stores. [`Carrier`] is the short form for a visitor who holds nothing but the one
//! declared cookie.
//!
//! Choices that the RFC leaves open: every request counts as same-site, and as made by HTTP; loopback
//! hosts count as secure; a single-label `Domain` is the only public suffix known.

mod carrier;
mod date;
mod ledger;
mod packed;
mod rejection;
mod rules;
mod set_cookie;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use cookie_store::{Cookie, CookieDomain, CookieError, CookieStore, RawCookie};
use url::Url;

pub use carrier::{Carrier, Site};
pub use date::{cookie_date, http_date};
use ledger::{Facts, Key, Ledger};
pub use ledger::{MAX_PER_DOMAIN, MAX_TOTAL};
pub use rejection::Rejection;
pub use rules::MAX_LIFETIME_MS;
use rules::{expires_ms, is_over, is_secure, push_pair, scope, web_url};
pub use set_cookie::{LastSetCookie, MAX_ATTRIBUTE_BYTES, MAX_PAIR_BYTES, SameSite, SetCookie};

/// What became of a `Set-Cookie` value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// A new cookie is in the jar.
    Kept,
    /// It replaced the same cookie, and keeps its place in the order.
    Replaced,
    /// It was expired when set, which deletes: that cookie is not in the jar, whether it was before or not.
    Removed,
    /// It had no effect.
    Rejected(Rejection),
}

/// A cookie of the jar, as [`Jar::get`] shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCookie {
    /// The value.
    pub value: String,
    /// When it expires, in Unix milliseconds of virtual time; `None` for a session cookie.
    pub expires_ms: Option<i64>,
    /// The host, or the `Domain` attribute.
    pub domain: String,
    /// Sent to exactly `domain`, not to hosts under it.
    pub host_only: bool,
    /// The path that a request must match.
    pub path: String,
    /// Sent over secure connections only.
    pub secure: bool,
    /// Hidden from scripts.
    pub http_only: bool,
    /// The `SameSite` attribute.
    pub same_site: Option<SameSite>,
    /// The `Partitioned` attribute.
    pub partitioned: bool,
}

/// One browser's cookies.
#[derive(Debug, Clone, Default)]
pub struct Jar {
    host_only: CookieStore,
    domain_wide: CookieStore,
    ledger: Ledger,
}

/// A cookie that is to be sent, and its facts.
struct Due<'a> {
    key: Key,
    cookie: &'a Cookie<'static>,
    facts: &'a Facts,
}

impl Jar {
    /// A jar with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one `Set-Cookie` value that `url` answered with at `now_ms`.
    pub fn store(&mut self, url: &Url, header: &[u8], now_ms: i64) -> Stored {
        match SetCookie::parse(header) {
            Ok(cookie) => self.store_parsed(url, &cookie, now_ms),
            Err(rejection) => Stored::Rejected(rejection),
        }
    }

    /// As [`Jar::store`], of a value that is parsed already.
    pub fn store_parsed(&mut self, url: &Url, cookie: &SetCookie, now_ms: i64) -> Stored {
        let expires_ms = expires_ms(cookie, now_ms);
        self.admit(url, cookie, expires_ms, now_ms).unwrap_or_else(Stored::Rejected)
    }

    /// The value of the `Cookie` header for a request to `url` at `now_ms`: longer paths first, then in
    /// order of creation. `None` when no cookie is to be sent.
    pub fn header(&mut self, url: &Url, now_ms: i64) -> Option<String> {
        self.purge(now_ms);
        let url = web_url(url)?;
        let mut text = String::new();
        let mut sent = Vec::new();
        for due in self.due(&url, now_ms) {
            push_pair(&mut text, due.cookie.name(), due.cookie.value());
            sent.push(due.key);
        }
        self.ledger.touch(&sent);
        (!sent.is_empty()).then_some(text)
    }

    /// The first cookie of that name that a request to `url` would carry at `now_ms`. Looking is not using:
    /// it does not count for the order of eviction.
    #[must_use]
    pub fn get(&self, url: &Url, name: &str, now_ms: i64) -> Option<StoredCookie> {
        let url = web_url(url)?;
        let due = self.due(&url, now_ms).into_iter().find(|due| due.key.name == name)?;
        Some(StoredCookie {
            value: due.cookie.value().to_owned(),
            expires_ms: due.facts.expires_ms,
            domain: due.key.domain,
            host_only: due.key.host_only,
            path: due.key.path,
            secure: due.facts.secure,
            http_only: due.cookie.http_only().unwrap_or(false),
            same_site: due.facts.same_site,
            partitioned: due.facts.partitioned,
        })
    }

    /// The person closes the browser: session cookies are dropped.
    pub fn end_browser_session(&mut self) {
        for key in self.ledger.of_session() {
            self.discard(&key);
        }
    }

    /// Whether there is nothing in the jar, not even a cookie that expired since the last call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many cookies there are, with those that expired since the last call.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ledger.len()
    }

    /// The storage model of RFC 6265bis section 5.7, for a cookie that ends at `expires_ms`.
    fn admit(
        &mut self,
        url: &Url,
        cookie: &SetCookie,
        expires_ms: Option<i64>,
        now_ms: i64,
    ) -> Result<Stored, Rejection> {
        self.purge(now_ms);
        let url = web_url(url).ok_or(Rejection::NotWeb)?;
        let scope = scope(cookie, &url)?;
        if !cookie.secure && !is_secure(&url) && self.ledger.hides_secure(&cookie.name, scope) {
            return Err(Rejection::OverwritesSecure);
        }
        let key = Key::new(scope, &cookie.name);
        if is_over(expires_ms, now_ms) {
            self.discard(&key);
            return Ok(Stored::Removed);
        }
        self.put(&key, cookie, &url)?;
        let replaced = self.ledger.enter(key.clone(), facts(cookie, expires_ms));
        if let Some(surplus) = self.ledger.surplus(&key.domain) {
            self.discard(&surplus);
            if surplus == key {
                return Err(Rejection::NoRoom);
            }
        }
        Ok(if replaced { Stored::Replaced } else { Stored::Kept })
    }

    /// Hands the cookie to its store, without its dates.
    fn put(&mut self, key: &Key, cookie: &SetCookie, url: &Url) -> Result<(), Rejection> {
        let raw = RawCookie::build((cookie.name.clone(), cookie.value.clone()))
            .path(key.path.clone())
            .secure(cookie.secure)
            .http_only(cookie.http_only)
            .build();
        let mut entry = Cookie::try_from_raw_cookie(&raw, url).map_err(|error| rejected(&error))?;
        entry.domain = if key.host_only {
            CookieDomain::HostOnly(key.domain.clone())
        } else {
            CookieDomain::Suffix(key.domain.clone())
        };
        self.shelf(key.host_only).insert(entry, url).map_err(|error| rejected(&error))?;
        Ok(())
    }

    /// What a request to `url` carries, in order.
    fn due(&self, url: &Url, now_ms: i64) -> Vec<Due<'_>> {
        let matches = self.host_only.matches(url).into_iter().chain(self.domain_wide.matches(url));
        let mut due: Vec<_> = matches
            .filter_map(|cookie| {
                let key = Key::of(cookie);
                let facts = self.ledger.facts(&key)?;
                Some(Due { key, cookie, facts })
            })
            .filter(|due| !is_over(due.facts.expires_ms, now_ms))
            .collect();
        due.sort_by_key(|due| (Reverse(due.key.path.len()), due.facts.created));
        due
    }

    fn purge(&mut self, now_ms: i64) {
        for key in self.ledger.expired(now_ms) {
            self.discard(&key);
        }
    }

    fn discard(&mut self, key: &Key) {
        self.ledger.remove(key);
        self.shelf(key.host_only).remove(&key.domain, &key.path, &key.name);
    }

    fn shelf(&mut self, host_only: bool) -> &mut CookieStore {
        if host_only { &mut self.host_only } else { &mut self.domain_wide }
    }
}

/// What the ledger remembers; it fills in the order itself.
fn facts(cookie: &SetCookie, expires_ms: Option<i64>) -> Facts {
    Facts {
        expires_ms,
        secure: cookie.secure,
        same_site: cookie.same_site,
        partitioned: cookie.partitioned,
        created: 0,
        used: 0,
    }
}

/// The store's own objections; the rules have been asked before, so that none is expected.
fn rejected(error: &CookieError) -> Rejection {
    match error {
        CookieError::DomainMismatch => Rejection::DomainMismatch,
        _ => Rejection::NotWeb,
    }
}
