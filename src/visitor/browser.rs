//! The visitor's browser: the carrier as bytes while that is all it holds, a full jar as soon as it holds more.

use super::jar::{Carrier, Jar, SetCookie, Site, Stored};
use crate::history::Identity;
use url::Url;

/// What a browser holds.
#[derive(Debug, Clone)]
pub enum Browser {
    /// Nothing, or the carrier alone.
    Short(Option<Carrier>),
    /// Everything that a browser can hold.
    Full(Box<Jar>),
}

impl Default for Browser {
    fn default() -> Self {
        Self::Short(None)
    }
}

/// The carrier as the target's answers and requests have it.
#[derive(Debug, Clone)]
pub struct CarrierRules {
    /// The carrier's name.
    pub name: String,
    /// The target's address.
    pub url: Url,
    /// What the short form needs to know of the target.
    pub site: Option<Site>,
}

impl CarrierRules {
    /// The rules of a cookie of this name at this address.
    pub fn new(name: &str, url: &Url) -> Self {
        Self { name: name.to_owned(), url: url.clone(), site: Site::new(name, std::slice::from_ref(url)) }
    }
}

/// A Set-Cookie header that a browser took in.
#[derive(Debug, Clone)]
pub struct Received {
    /// The header, parsed.
    pub cookie: SetCookie,
    /// Whether it is the carrier.
    pub is_carrier: bool,
    /// Whether the browser keeps it beside the carrier that it held already, since its path or domain is another.
    pub beside: bool,
    /// Whether a browser keeps such a cookie at all.
    pub kept: bool,
}

impl Received {
    /// What it declares of the visitor's identity; `date_s` is the answer's Date, where an end can be measured against
    /// it.
    pub fn identity(&self, date_s: Option<i64>) -> Identity {
        let cookie = &self.cookie;
        Identity {
            value: cookie.value.as_str().into(),
            max_age_s: cookie.max_age_s,
            expires_s: cookie.expires_s,
            date_s: date_s.filter(|_| cookie.max_age_s.is_none() && cookie.expires_s.is_some()),
            beside: self.beside,
            attributes: Some(cookie.attributes().into()),
        }
    }
}

impl Browser {
    /// The Cookie header of a request at `now_ms`, and whether it presents the carrier.
    pub fn header(&mut self, rules: &CarrierRules, url: &Url, now_ms: i64) -> (Option<String>, bool) {
        match self {
            Self::Short(held) => {
                let header = rules.site.as_ref().and_then(|site| site.header(held.as_ref(), now_ms));
                let carried = header.is_some();
                (header, carried)
            }
            Self::Full(jar) => {
                let carried = jar.get(url, &rules.name, now_ms).is_some();
                (jar.header(url, now_ms), carried)
            }
        }
    }

    /// The carrier's value, where the browser would present it to `url` at `now_ms`.
    pub fn value(&self, rules: &CarrierRules, url: &Url, now_ms: i64) -> Option<String> {
        match self {
            Self::Short(held) => held.as_ref().and_then(|carrier| carrier.value_at(now_ms)).map(str::to_owned),
            Self::Full(jar) => jar.get(url, &rules.name, now_ms).map(|cookie| cookie.value),
        }
    }

    /// Takes in one Set-Cookie header of an answer to a request to `url`, and gives it back parsed.
    pub fn receive(&mut self, rules: &CarrierRules, url: &Url, header: &[u8], now_ms: i64) -> Option<Received> {
        let cookie = SetCookie::parse(header).ok()?;
        let is_carrier = cookie.name == rules.name;
        let held = self.value(rules, url, now_ms).is_some();
        let stored = self.store(rules, url, &cookie, is_carrier, now_ms);
        let beside = is_carrier && held && stored == Stored::Kept;
        Some(Received { cookie, is_carrier, beside, kept: !matches!(stored, Stored::Rejected(_)) })
    }

    fn store(&mut self, rules: &CarrierRules, url: &Url, cookie: &SetCookie, is_carrier: bool, now_ms: i64) -> Stored {
        if let Self::Short(held) = self {
            let simple = rules.site.as_ref().filter(|_| is_carrier);
            if let Some(stored) = simple.and_then(|site| site.receive_parsed(held, url, cookie, now_ms)) {
                return stored;
            }
            let jar = match (held.take(), &rules.site) {
                (Some(carrier), Some(site)) => carrier.thaw(site, now_ms),
                _ => Jar::new(),
            };
            *self = Self::Full(Box::new(jar));
        }
        match self {
            Self::Full(jar) => jar.store_parsed(url, cookie, now_ms),
            Self::Short(_) => Stored::Removed,
        }
    }

    /// The person clears all cookies.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The person closes the browser: cookies without a term end.
    pub fn close(&mut self) {
        match self {
            Self::Short(held) => {
                if held.as_ref().is_some_and(|carrier| !carrier.is_persistent()) {
                    *held = None;
                }
            }
            Self::Full(jar) => jar.end_browser_session(),
        }
    }
}
