//! The visitor's browser: the carrier as bytes while that is all it holds, a full jar as soon as it holds more.

use super::jar::{Carrier, Jar, SetCookie, Site};
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

    /// The carrier's value, where the browser would present it at `now_ms`.
    pub fn value(&self, rules: &CarrierRules, now_ms: i64) -> Option<String> {
        match self {
            Self::Short(held) => held.as_ref().and_then(|carrier| carrier.value_at(now_ms)).map(str::to_owned),
            Self::Full(jar) => jar.get(&rules.url, &rules.name, now_ms).map(|cookie| cookie.value),
        }
    }

    /// Takes in one Set-Cookie header, and gives it back parsed where it sets the carrier.
    pub fn receive(&mut self, rules: &CarrierRules, url: &Url, header: &[u8], now_ms: i64) -> Option<SetCookie> {
        let cookie = SetCookie::parse(header).ok()?;
        let is_carrier = cookie.name == rules.name;
        if let Self::Short(held) = self {
            let simple = rules.site.as_ref().filter(|_| is_carrier);
            let stored = simple.and_then(|site| site.receive_parsed(held, url, &cookie, now_ms));
            if stored.is_some() {
                return is_carrier.then_some(cookie);
            }
            let jar = match (held.take(), &rules.site) {
                (Some(carrier), Some(site)) => carrier.thaw(site, now_ms),
                _ => Jar::new(),
            };
            *self = Self::Full(Box::new(jar));
        }
        if let Self::Full(jar) = self {
            jar.store_parsed(url, &cookie, now_ms);
        }
        is_carrier.then_some(cookie)
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
