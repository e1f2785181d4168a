//! The visitor's browser: the carrier as bytes while that is all it holds, a full jar as soon as it holds more.

use super::jar::{Carrier, Jar, LastSetCookie, SetCookie, Site, Stored};
use crate::history::Identity;
use std::borrow::Cow;
use std::cell::RefCell;
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
    /// The last Set-Cookie header that was read: the next one often differs in its value alone.
    last: RefCell<LastSetCookie>,
}

impl CarrierRules {
    /// The rules of a cookie of this name at this address.
    pub fn new(name: &str, url: &Url) -> Self {
        let site = Site::new(name, std::slice::from_ref(url));
        Self { name: name.to_owned(), url: url.clone(), site, last: RefCell::default() }
    }
}

/// A Set-Cookie header that a browser took in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// The carrier, and what the header declares of the visitor's identity; its Date is added by [`dated`].
    Carrier(Identity),
    /// Another cookie.
    Other {
        /// Its name.
        name: Box<str>,
        /// Whether a browser holds it from then on.
        kept: bool,
    },
}

/// An identity with the Date of its answer, which is asked for where its end can be measured against nothing better.
pub fn dated(identity: Identity, date_s: impl FnOnce() -> Option<i64>) -> Identity {
    let wants_date = identity.max_age_s.is_none() && identity.expires_s.is_some();
    Identity { date_s: wants_date.then(date_s).flatten(), ..identity }
}

impl Browser {
    /// The Cookie header of a request at `now_ms`, and whether it presents the carrier.
    pub fn header(&mut self, rules: &CarrierRules, url: &Url, now_ms: i64) -> (Option<String>, bool) {
        let mut header = String::new();
        let carried = self.header_into(rules, url, now_ms, &mut header);
        // A cookie has a name or a value.
        (Some(header).filter(|header| !header.is_empty()), carried)
    }

    /// Writes the value of the Cookie header of a request at `now_ms` to the end of `out`, and nothing where there is no
    /// cookie to send; whether it presents the carrier.
    pub fn header_into(&mut self, rules: &CarrierRules, url: &Url, now_ms: i64, out: &mut String) -> bool {
        match self {
            Self::Short(held) => rules.site.as_ref().is_some_and(|site| site.header_into(held.as_ref(), now_ms, out)),
            Self::Full(jar) => {
                let carried = jar.get(url, &rules.name, now_ms).is_some();
                out.push_str(&jar.header(url, now_ms).unwrap_or_default());
                carried
            }
        }
    }

    /// The carrier's value, where the browser would present it to `url` at `now_ms`.
    pub fn held(&self, rules: &CarrierRules, url: &Url, now_ms: i64) -> Option<Cow<'_, str>> {
        match self {
            Self::Short(held) => held.as_ref().and_then(|carrier| carrier.value_at(now_ms)).map(Cow::Borrowed),
            Self::Full(jar) => jar.get(url, &rules.name, now_ms).map(|cookie| cookie.value.into()),
        }
    }

    /// The same, not borrowed.
    pub fn value(&self, rules: &CarrierRules, url: &Url, now_ms: i64) -> Option<String> {
        self.held(rules, url, now_ms).map(Cow::into_owned)
    }

    /// Takes in one Set-Cookie header of an answer to a request to `url`.
    pub fn receive(&mut self, rules: &CarrierRules, url: &Url, header: &[u8], now_ms: i64) -> Option<Received> {
        let mut last = rules.last.borrow_mut();
        let (cookie, attributes) = last.read(header).ok()?;
        let is_carrier = cookie.name == rules.name;
        let held = is_carrier && self.holds(rules, url, now_ms);
        let stored = self.store(rules, url, cookie, is_carrier, now_ms);
        if !is_carrier {
            let removed = cookie.max_age_s.is_some_and(|age| age <= 0);
            let kept = !removed && !matches!(stored, Stored::Rejected(_));
            return Some(Received::Other { name: cookie.name.as_str().into(), kept });
        }
        Some(Received::Carrier(Identity {
            value: cookie.value.as_str().into(),
            max_age_s: cookie.max_age_s,
            expires_s: cookie.expires_s,
            date_s: None,
            beside: held && stored == Stored::Kept,
            attributes: Some(attributes.into()),
        }))
    }

    fn holds(&self, rules: &CarrierRules, url: &Url, now_ms: i64) -> bool {
        match self {
            Self::Short(held) => held.as_ref().is_some_and(|carrier| carrier.is_live(now_ms)),
            Self::Full(jar) => jar.get(url, &rules.name, now_ms).is_some(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_header_is_written_behind_whatever_stands_in_the_buffer() {
        let url = Url::parse("http://127.0.0.1:8080/").unwrap();
        let (rules, mut browser) = (CarrierRules::new("sid", &url), Browser::default());
        let mut out = "cookie: ".to_owned();
        assert!(!browser.header_into(&rules, &url, 0, &mut out));
        let received = browser.receive(&rules, &url, b"sid=a; Max-Age=60; path=/; httponly", 0);
        let Some(Received::Carrier(identity)) = received else { panic!("{received:?}") };
        assert_eq!((&*identity.value, identity.attributes.as_deref()), ("a", Some("Path=/; HttpOnly")));
        assert!(browser.header_into(&rules, &url, 0, &mut out));
        assert_eq!(out, "cookie: sid=a");
        let other = browser.receive(&rules, &url, b"other=b; Path=/", 0);
        assert_eq!(other, Some(Received::Other { name: "other".into(), kept: true }));
        out.truncate("cookie: ".len());
        assert!(matches!(browser, Browser::Full(_)) && browser.header_into(&rules, &url, 0, &mut out));
        assert_eq!(out, "cookie: sid=a; other=b");
        assert_eq!((browser.held(&rules, &url, 0).as_deref(), browser.held(&rules, &url, 60_000)), (Some("a"), None));
    }
}
