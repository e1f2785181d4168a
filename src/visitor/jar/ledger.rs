//! Owns what `cookie_store` does not keep under a virtual clock: expiry, order of creation, last use, and
//! which cookie has to go when there are too many.
//!
//! Never reads a clock, and never holds a value: those are in the store.

use std::collections::BTreeMap;

use cookie_store::{Cookie, CookieDomain};

use super::rules::{Scope, domain_match, is_over, path_match};
use super::set_cookie::SameSite;

/// The most cookies that share a domain.
pub const MAX_PER_DOMAIN: usize = 180;

/// The most cookies in one jar.
pub const MAX_TOTAL: usize = 3000;

/// What makes two cookies the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub domain: String,
    pub host_only: bool,
    pub path: String,
    pub name: String,
}

impl Key {
    pub fn new(scope: Scope<'_>, name: &str) -> Self {
        Self {
            domain: scope.domain.to_owned(),
            host_only: scope.host_only,
            path: scope.path.to_owned(),
            name: name.to_owned(),
        }
    }

    pub fn of(cookie: &Cookie<'static>) -> Self {
        Self {
            domain: String::from(&cookie.domain),
            host_only: matches!(cookie.domain, CookieDomain::HostOnly(_)),
            path: String::from(&cookie.path),
            name: cookie.name().to_owned(),
        }
    }
}

/// What is remembered beside the store. `created` and `used` are counts, not times, so that what happens
/// within one millisecond keeps its order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub expires_ms: Option<i64>,
    pub secure: bool,
    pub same_site: Option<SameSite>,
    pub partitioned: bool,
    pub created: u64,
    pub used: u64,
}

/// The facts of every cookie in the jar.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    entries: BTreeMap<Key, Facts>,
    ticks: u64,
}

impl Ledger {
    /// An empty ledger that has counted so far.
    pub fn at(ticks: u64) -> Self {
        Self { ticks, ..Self::default() }
    }

    pub fn ticks(&self) -> u64 {
        self.ticks
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Facts)> {
        self.entries.iter()
    }

    /// Enters a cookie with what was remembered of it.
    pub fn again(&mut self, key: Key, facts: Facts) {
        self.entries.insert(key, facts);
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn facts(&self, key: &Key) -> Option<&Facts> {
        self.entries.get(key)
    }

    /// Enters a cookie, true when it replaces one: then it keeps that one's place in the order.
    pub fn enter(&mut self, key: Key, facts: Facts) -> bool {
        self.ticks += 1;
        let old = self.entries.get(&key).map(|old| old.created);
        let created = old.unwrap_or(self.ticks);
        self.entries.insert(key, Facts { created, used: self.ticks, ..facts });
        old.is_some()
    }

    /// Notes that these cookies were sent.
    pub fn touch(&mut self, keys: &[Key]) {
        self.ticks += 1;
        for key in keys {
            if let Some(facts) = self.entries.get_mut(key) {
                facts.used = self.ticks;
            }
        }
    }

    pub fn remove(&mut self, key: &Key) {
        self.entries.remove(key);
    }

    /// The cookies that have expired.
    pub fn expired(&self, now_ms: i64) -> Vec<Key> {
        self.select(|facts| is_over(facts.expires_ms, now_ms))
    }

    /// The cookies that end with the browser's session.
    pub fn of_session(&self) -> Vec<Key> {
        self.select(|facts| facts.expires_ms.is_none())
    }

    fn select(&self, wanted: impl Fn(&Facts) -> bool) -> Vec<Key> {
        let chosen = self.entries.iter().filter(|(_, facts)| wanted(facts));
        chosen.map(|(key, _)| key.clone()).collect()
    }

    /// Whether a cookie of that name and place would hide, or be taken for, a `Secure` one.
    pub fn hides_secure(&self, name: &str, scope: Scope<'_>) -> bool {
        self.entries.iter().any(|(key, facts)| {
            facts.secure
                && key.name == name
                && (domain_match(scope.domain, &key.domain) || domain_match(&key.domain, scope.domain))
                && path_match(scope.path, &key.path)
        })
    }

    /// The cookie that must go after one was added under `domain`: of a domain with too many, first those
    /// not `Secure`; then of all; each time the one not used for longest.
    pub fn surplus(&self, domain: &str) -> Option<Key> {
        let of_domain = || self.entries.iter().filter(|(key, _)| key.domain == domain);
        let chosen = if of_domain().count() > MAX_PER_DOMAIN {
            of_domain().min_by_key(|(_, facts)| (facts.secure, facts.used))
        } else if self.len() > MAX_TOTAL {
            self.entries.iter().min_by_key(|(_, facts)| facts.used)
        } else {
            None
        };
        chosen.map(|(key, _)| key.clone())
    }
}
