//! Owns what RFC 6265bis section 5.7 asks of a cookie before it is kept, as far as that depends on the
//! cookie and the answering address alone, and how long it lives.
//!
//! Never holds a cookie: the jar and the short form both ask here, so that they cannot differ.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use cookie_store::CookieDomain;
use url::{Host, Url};

use super::rejection::Rejection;
use super::set_cookie::{SameSite, SetCookie};

/// The longest that any cookie lives, in milliseconds: 400 days.
pub const MAX_LIFETIME_MS: i64 = 400 * 86_400 * 1000;

/// Where a cookie holds; with its name, what tells it from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope<'a> {
    pub domain: &'a str,
    pub host_only: bool,
    pub path: &'a str,
}

/// Whether requests to this address carry cookies at all.
pub(super) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https" | "ws" | "wss")
}

/// The address as `cookie_store` understands it: a WebSocket's opening is an HTTP request. `None` for
/// what is not of the web.
pub(super) fn web_url(url: &Url) -> Option<Cow<'_, Url>> {
    let scheme = match url.scheme() {
        "http" | "https" => return Some(Cow::Borrowed(url)),
        "ws" => "http",
        "wss" => "https",
        _ => return None,
    };
    let mut url = url.clone();
    url.set_scheme(scheme).ok()?;
    Some(Cow::Owned(url))
}

/// Whether `Secure` cookies travel to this address: `https`, `wss`, and this machine by whatever scheme
/// (`localhost` itself and loopback addresses, as the common browsers and `cookie_store` have it).
pub(super) fn is_secure(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "wss")
        || match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

/// Where this cookie from that address would hold, or why it may not be kept.
pub(super) fn scope<'a>(cookie: &'a SetCookie, url: &'a Url) -> Result<Scope<'a>, Rejection> {
    if cookie.name.is_empty() && cookie.value.is_empty() {
        return Err(Rejection::Empty);
    }
    let host = url.host_str().ok_or(Rejection::NotWeb)?;
    let domain = domain_attribute(cookie, url, host)?;
    let path = cookie.path.as_deref().filter(|path| !path.is_empty());
    let scope = Scope {
        domain: domain.unwrap_or(host),
        host_only: domain.is_none(),
        path: path.unwrap_or_else(|| default_path(url)),
    };
    check_flags(cookie, url)?;
    check_prefix(cookie, scope)?;
    Ok(scope)
}

/// The domain that the cookie asks for, when it is not host-only.
///
/// No list of public suffixes is carried. A single label counts as one, which covers `org` and
/// `localhost` but not `co.uk`.
fn domain_attribute<'a>(cookie: &'a SetCookie, url: &Url, host: &str) -> Result<Option<&'a str>, Rejection> {
    let Some(domain) = cookie.domain.as_deref().filter(|domain| !domain.is_empty()) else {
        return Ok(None);
    };
    if !domain.is_ascii() {
        return Err(Rejection::DomainNotAscii);
    }
    if !domain.trim_end_matches('.').contains('.') && matches!(url.host(), Some(Host::Domain(_))) {
        return if domain == host { Ok(None) } else { Err(Rejection::PublicSuffix) };
    }
    if CookieDomain::Suffix(domain.to_owned()).matches(url) { Ok(Some(domain)) } else { Err(Rejection::DomainMismatch) }
}

fn check_flags(cookie: &SetCookie, url: &Url) -> Result<(), Rejection> {
    if cookie.secure && !is_secure(url) {
        Err(Rejection::SecureOverPlain)
    } else if cookie.same_site == Some(SameSite::None) && !cookie.secure {
        Err(Rejection::SameSiteNoneNotSecure)
    } else {
        Ok(())
    }
}

fn check_prefix(cookie: &SetCookie, scope: Scope<'_>) -> Result<(), Rejection> {
    let host_form = cookie.secure && scope.host_only && cookie.path.is_some() && scope.path == "/";
    if begins_with(&cookie.name, "__Secure-") && !cookie.secure {
        Err(Rejection::SecurePrefix)
    } else if begins_with(&cookie.name, "__Host-") && !host_form {
        Err(Rejection::HostPrefix)
    } else if cookie.name.is_empty()
        && (begins_with(&cookie.value, "__Secure-") || begins_with(&cookie.value, "__Host-"))
    {
        Err(Rejection::NamelessPrefix)
    } else {
        Ok(())
    }
}

/// Whatever the case of the letters.
fn begins_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// The request's path up to its last slash (RFC 6265bis section 5.1.4).
fn default_path(url: &Url) -> &str {
    match url.path().rfind('/') {
        Some(at) if at > 0 => &url.path()[..at],
        _ => "/",
    }
}

/// RFC 6265bis section 5.1.3, for names that are canonical already.
pub(super) fn domain_match(host: &str, domain: &str) -> bool {
    host == domain
        || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')) && host.parse::<Ipv4Addr>().is_err()
}

/// RFC 6265bis section 5.1.4. Percent signs are taken as they are written.
pub(super) fn path_match(request: &str, cookie: &str) -> bool {
    request.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// When the cookie ends, in Unix milliseconds; `None` for one that ends with the browser's session.
///
/// `Max-Age` counts before `Expires`, and neither reaches beyond [`MAX_LIFETIME_MS`]. A `Max-Age` of zero
/// or less gives the earliest of times.
pub(super) fn expires_ms(cookie: &SetCookie, now_ms: i64) -> Option<i64> {
    let limit_ms = now_ms.saturating_add(MAX_LIFETIME_MS);
    match (cookie.max_age_s, cookie.expires_s) {
        (Some(age_s), _) if age_s <= 0 => Some(i64::MIN),
        (Some(age_s), _) => Some(now_ms.saturating_add(age_s.saturating_mul(1000)).min(limit_ms)),
        (None, Some(at_s)) => Some(at_s.saturating_mul(1000).min(limit_ms)),
        (None, None) => None,
    }
}

/// A cookie is gone from the very millisecond at which it expires.
pub(super) fn is_over(expires_ms: Option<i64>, now_ms: i64) -> bool {
    expires_ms.is_some_and(|at_ms| at_ms <= now_ms)
}

/// One cookie more, as the `Cookie` header writes it.
pub(super) fn push_pair(header: &mut String, name: &str, value: &str) {
    if !header.is_empty() {
        header.push_str("; ");
    }
    push_cookie(header, name, value);
}

/// One cookie, without what parts it from the one before.
pub(super) fn push_cookie(header: &mut String, name: &str, value: &str) {
    if !name.is_empty() {
        header.push_str(name);
        header.push('=');
    }
    header.push_str(value);
}
