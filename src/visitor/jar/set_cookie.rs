//! Owns the grammar of one `Set-Cookie` value: RFC 6265bis section 5.6.
//!
//! Never knows the address that answered, the time, or what a jar holds: whether the cookie may be
//! kept is judged when it is stored.
//!
//! A value is a sequence of bytes. What is not UTF-8 is read leniently: each ill-formed sequence becomes
//! U+FFFD, in the stored cookie and in what is sent back. Sizes are those of the bytes received.

use super::date::cookie_date;
use super::rejection::Rejection;

/// The most that name and value may have together, in bytes.
pub const MAX_PAIR_BYTES: usize = 4096;

/// The longest attribute value that is not ignored, in bytes.
pub const MAX_ATTRIBUTE_BYTES: usize = 1024;

/// The values of the `SameSite` attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SameSite {
    /// Only with requests from the same site.
    Strict,
    /// Also when a person follows a link from elsewhere.
    Lax,
    /// With every request; demands `Secure`.
    None,
}

/// One `Set-Cookie` value, taken apart. Of an attribute given twice, the last counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetCookie {
    /// The name; empty for a cookie without one.
    pub name: String,
    /// The value, quotes included.
    pub value: String,
    /// `Max-Age` in seconds, as given: not capped, zero or less for a deletion.
    pub max_age_s: Option<i64>,
    /// `Expires` in Unix seconds, as given: not capped.
    pub expires_s: Option<i64>,
    /// `Domain` in lower case without one leading dot; `Some("")` when it is there but empty.
    pub domain: Option<String>,
    /// `Path`; `Some("")` when it is there but empty or not absolute, so that the default path counts.
    pub path: Option<String>,
    /// `Secure` is there.
    pub secure: bool,
    /// `HttpOnly` is there.
    pub http_only: bool,
    /// `SameSite`; `None` when it is absent or unknown (the browser's default).
    pub same_site: Option<SameSite>,
    /// `Partitioned` is there. Kept as a fact, with no effect on what is sent.
    pub partitioned: bool,
}

impl SetCookie {
    /// Its attributes but for its term, each in its usual spelling: what reports and checks of them read.
    #[must_use]
    pub fn attributes(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.domain.as_ref().map(|domain| format!("Domain={domain}")));
        parts.extend(self.path.as_ref().map(|path| format!("Path={path}")));
        parts.extend(self.secure.then(|| "Secure".to_owned()));
        parts.extend(self.http_only.then(|| "HttpOnly".to_owned()));
        parts.extend(self.same_site.map(|same_site| format!("SameSite={same_site:?}")));
        parts.extend(self.partitioned.then(|| "Partitioned".to_owned()));
        parts.join("; ")
    }

    /// Takes one `Set-Cookie` value apart.
    ///
    /// # Errors
    ///
    /// [`Rejection::ControlCharacter`] when it contains a control character other than the tab, and
    /// [`Rejection::TooLarge`] when name and value exceed [`MAX_PAIR_BYTES`].
    pub fn parse(header: &[u8]) -> Result<Self, Rejection> {
        if header.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(Rejection::ControlCharacter);
        }
        let mut parts = header.split(|&byte| byte == b';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = split_pair(pair).unwrap_or((b"", trim(pair)));
        if name.len() + value.len() > MAX_PAIR_BYTES {
            return Err(Rejection::TooLarge);
        }
        let mut cookie = Self { name: lossy(name), value: lossy(value), ..Self::default() };
        for attribute in parts {
            let (name, value) = split_pair(attribute).unwrap_or((trim(attribute), b""));
            if value.len() <= MAX_ATTRIBUTE_BYTES {
                cookie.set_attribute(name, value);
            }
        }
        Ok(cookie)
    }

    fn set_attribute(&mut self, name: &[u8], value: &[u8]) {
        match name.to_ascii_lowercase().as_slice() {
            b"expires" => self.expires_s = cookie_date(value).or(self.expires_s),
            b"max-age" => self.max_age_s = max_age(value).or(self.max_age_s),
            b"domain" => self.domain = Some(domain(value)),
            b"path" => self.path = Some(path(value)),
            b"secure" => self.secure = true,
            b"httponly" => self.http_only = true,
            b"samesite" => self.same_site = same_site(value),
            b"partitioned" => self.partitioned = true,
            _ => {}
        }
    }
}

/// The two trimmed sides of the first `=`.
fn split_pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == b'=')?;
    Some((trim(&text[..at]), trim(&text[at + 1..])))
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Seconds; a number that overflows saturates.
fn max_age(value: &[u8]) -> Option<i64> {
    let (negative, digits) = match value {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds =
        digits.iter().fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if negative { -seconds } else { seconds })
}

fn domain(value: &[u8]) -> String {
    lossy(value.strip_prefix(b".").unwrap_or(value)).to_ascii_lowercase()
}

fn path(value: &[u8]) -> String {
    if value.starts_with(b"/") { lossy(value) } else { String::new() }
}

fn same_site(value: &[u8]) -> Option<SameSite> {
    match value.to_ascii_lowercase().as_slice() {
        b"strict" => Some(SameSite::Strict),
        b"lax" => Some(SameSite::Lax),
        b"none" => Some(SameSite::None),
        _ => None,
    }
}
