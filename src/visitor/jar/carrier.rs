//! Owns the short form of a jar: one declared cookie, as a few bytes, for a visitor who holds nothing else.
//!
//! Never approximates. What it cannot say exactly as [`Jar`] would, it declines, and the visitor goes over
//! to the full jar by [`Carrier::thaw`].

use url::Url;

use super::packed::Manner;
use super::rejection::Rejection;
use super::rules::{Scope, expires_ms, is_over, is_secure, is_web, path_match, push_cookie, scope, web_url};
use super::set_cookie::{SameSite, SetCookie};
use super::{Jar, Stored};
use crate::packed::{put_number, take_number};

/// The `expires_ms` of a cookie that ends with the browser's session.
const SESSION: i64 = i64::MAX;

/// What all visitors of one target share: the declared cookie's name, and the addresses it travels to.
#[derive(Debug, Clone)]
pub struct Site {
    name: String,
    url: Url,
    secure: bool,
    paths: Vec<String>,
}

impl Site {
    /// Describes a target whose requests all go to `urls`, and whose declared cookie is `name`.
    ///
    /// For a path with a part that varies, give the part before it with its closing slash. `None` when there
    /// is no short form: no address, one that is not of the web, two hosts, or a mix of secure and plain.
    #[must_use]
    pub fn new(name: &str, urls: &[Url]) -> Option<Self> {
        let url = web_url(urls.first()?)?.into_owned();
        let mut site = Self { name: name.to_owned(), secure: is_secure(&url), url, paths: Vec::new() };
        if !urls.iter().all(|url| site.is_at(url)) {
            return None;
        }
        site.paths = urls.iter().map(|url| url.path().to_owned()).collect();
        Some(site)
    }

    /// The declared cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes one `Set-Cookie` value that `url`, an address of this site, answered with at `now_ms`.
    ///
    /// `Some` is what [`Jar::store`] would have returned, and `held` is up to date. `None` means that only a
    /// jar can hold what comes of it; `held` is as it was, so that it can be thawed and the value given to
    /// the jar.
    pub fn receive(&self, held: &mut Option<Carrier>, url: &Url, header: &[u8], now_ms: i64) -> Option<Stored> {
        match SetCookie::parse(header) {
            Ok(cookie) => self.receive_parsed(held, url, &cookie, now_ms),
            Err(rejection) => Some(Stored::Rejected(rejection)),
        }
    }

    /// As [`Site::receive`], of a value that is parsed already.
    pub fn receive_parsed(
        &self,
        held: &mut Option<Carrier>,
        url: &Url,
        cookie: &SetCookie,
        now_ms: i64,
    ) -> Option<Stored> {
        let scope = match self.scope(cookie, url)? {
            Ok(scope) => scope,
            Err(rejection) => return Some(Stored::Rejected(rejection)),
        };
        let live = held.as_ref().filter(|carrier| carrier.is_live(now_ms));
        let same = live.map(|carrier| cookie.name == self.name && carrier.scope(self) == Some(scope));
        let expires_ms = expires_ms(cookie, now_ms);
        if is_over(expires_ms, now_ms) {
            if same == Some(true) {
                *held = None;
            }
            return Some(Stored::Removed);
        }
        if same == Some(false) {
            return None;
        }
        let shape = Shape::new(cookie, self, scope)?;
        let expires_ms = expires_ms.unwrap_or(SESSION);
        match held {
            Some(carrier) if *carrier.value == *cookie.value => {
                (carrier.expires_ms, carrier.shape) = (expires_ms, shape)
            }
            _ => *held = Some(Carrier { value: cookie.value.as_str().into(), expires_ms, shape }),
        }
        Some(if same.is_some() { Stored::Replaced } else { Stored::Kept })
    }

    /// The value of the `Cookie` header for a request to any address of this site at `now_ms`.
    #[must_use]
    pub fn header(&self, held: Option<&Carrier>, now_ms: i64) -> Option<String> {
        let mut text = String::new();
        self.header_into(held, now_ms, &mut text).then_some(text)
    }

    /// As [`Site::header`], at the end of `out`; whether there is a cookie to be sent.
    pub fn header_into(&self, held: Option<&Carrier>, now_ms: i64, out: &mut String) -> bool {
        let Some(value) = held.and_then(|carrier| carrier.value_at(now_ms)) else { return false };
        push_cookie(out, &self.name, value);
        true
    }

    /// Where the cookie would hold, or why it may not be kept; `None` when `url` is of another site.
    fn scope<'a>(&'a self, cookie: &'a SetCookie, url: &'a Url) -> Option<Result<Scope<'a>, Rejection>> {
        if self.is_at(url) { Some(scope(cookie, url)) } else { None }
    }

    fn is_at(&self, url: &Url) -> bool {
        is_web(url) && url.host_str() == self.url.host_str() && is_secure(url) == self.secure
    }

    /// Whether a cookie of that path goes with every request.
    fn covers(&self, path: &str) -> bool {
        self.paths.iter().all(|request| path_match(request, path))
    }
}

/// One cookie that every request to its [`Site`] carries, until it expires.
///
/// Its name and site are kept elsewhere, once for all visitors. Its path opens every path of the site, and
/// its domain closes the host, so that lengths tell them: a carrier is 32 bytes and the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    value: Box<str>,
    expires_ms: i64,
    shape: Shape,
}

/// All of a cookie but its value and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    path_len: u16,
    /// Zero for a host-only cookie.
    domain_len: u8,
    secure: bool,
    http_only: bool,
    partitioned: bool,
    same_site: Option<SameSite>,
}

impl Shape {
    /// `None` where the short form cannot hold such a cookie.
    fn new(cookie: &SetCookie, site: &Site, scope: Scope<'_>) -> Option<Self> {
        if cookie.name != site.name || !site.covers(scope.path) {
            return None;
        }
        Some(Self {
            path_len: u16::try_from(scope.path.len()).ok()?,
            domain_len: if scope.host_only { 0 } else { u8::try_from(scope.domain.len()).ok()? },
            secure: cookie.secure,
            http_only: cookie.http_only,
            partitioned: cookie.partitioned,
            same_site: cookie.same_site,
        })
    }
}

impl Carrier {
    /// The short form of a cookie that `url` set at `now_ms`.
    ///
    /// `None` when it is not the site's declared cookie, when the jar would not keep it or would delete it,
    /// when `url` is of another site, or when its path leaves a path of the site out.
    #[must_use]
    pub fn from_set_cookie(cookie: &SetCookie, site: &Site, url: &Url, now_ms: i64) -> Option<Self> {
        let shape = Shape::new(cookie, site, site.scope(cookie, url)?.ok()?)?;
        let expires_ms = expires_ms(cookie, now_ms);
        let expires_ms = Some(expires_ms).filter(|at| !is_over(*at, now_ms))?.unwrap_or(SESSION);
        Some(Self { value: cookie.value.as_str().into(), expires_ms, shape })
    }

    /// The value, whether or not it has expired.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// When it expires, in Unix milliseconds of virtual time; `None` for a session cookie.
    #[must_use]
    pub fn expires_ms(&self) -> Option<i64> {
        (self.expires_ms != SESSION).then_some(self.expires_ms)
    }

    /// Whether it is still to be sent at `now_ms`.
    #[must_use]
    pub fn is_live(&self, now_ms: i64) -> bool {
        !is_over(self.expires_ms(), now_ms)
    }

    /// The value, if it is still to be sent at `now_ms`.
    #[must_use]
    pub fn value_at(&self, now_ms: i64) -> Option<&str> {
        self.is_live(now_ms).then_some(&*self.value)
    }

    /// Whether it outlives the browser's session: if not, it is to be dropped when the person closes the
    /// browser.
    #[must_use]
    pub fn is_persistent(&self) -> bool {
        self.expires_ms != SESSION
    }

    /// A full jar that holds this cookie and nothing else; empty when it has expired.
    #[must_use]
    pub fn thaw(&self, site: &Site, now_ms: i64) -> Jar {
        let mut jar = Jar::new();
        if let Some(cookie) = self.set_cookie(site).filter(|_| self.is_live(now_ms)) {
            let stored = jar.admit(&site.url, &cookie, self.expires_ms(), now_ms);
            debug_assert_eq!(stored, Ok(Stored::Kept), "what made this carrier was admissible");
        }
        jar
    }

    /// The cookie as it was set, its dates aside. `None` for another site's carrier.
    fn set_cookie(&self, site: &Site) -> Option<SetCookie> {
        let scope = self.scope(site)?;
        Some(SetCookie {
            name: site.name.clone(),
            value: self.value.to_string(),
            domain: (!scope.host_only).then(|| scope.domain.to_owned()),
            path: Some(scope.path.to_owned()),
            secure: self.shape.secure,
            http_only: self.shape.http_only,
            same_site: self.shape.same_site,
            partitioned: self.shape.partitioned,
            ..SetCookie::default()
        })
    }

    fn scope<'a>(&self, site: &'a Site) -> Option<Scope<'a>> {
        let host = site.url.host_str()?;
        let host_only = self.shape.domain_len == 0;
        let domain_at = if host_only { 0 } else { host.len().checked_sub(self.shape.domain_len.into())? };
        Some(Scope {
            domain: host.get(domain_at..)?,
            host_only,
            path: site.paths.first()?.get(..self.shape.path_len.into())?,
        })
    }
}

impl Carrier {
    /// Appends the short form of all but its value, which the caller keeps. Instants are counted from `t0_ms`.
    pub fn pack(&self, t0_ms: i64, out: &mut Vec<u8>) {
        let Shape { path_len, domain_len, secure, http_only, partitioned, same_site } = self.shape;
        let host_only = domain_len == 0;
        Manner { host_only, secure, http_only, partitioned, same_site, expires_ms: self.expires_ms() }.pack(t0_ms, out);
        put_number(out, path_len.into());
        put_number(out, domain_len.into());
    }

    /// Takes the carrier with this value off the front of its short form; `None` where that is none.
    pub fn unpack(value: Box<str>, t0_ms: i64, bytes: &mut &[u8]) -> Option<Self> {
        let manner = Manner::unpack(t0_ms, bytes)?;
        let shape = Shape {
            path_len: u16::try_from(take_number(bytes)?).ok()?,
            domain_len: u8::try_from(take_number(bytes)?).ok()?,
            secure: manner.secure,
            http_only: manner.http_only,
            partitioned: manner.partitioned,
            same_site: manner.same_site,
        };
        Some(Self { value, expires_ms: manner.expires_ms.unwrap_or(SESSION), shape })
    }
}
