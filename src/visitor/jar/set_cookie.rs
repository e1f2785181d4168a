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

impl SameSite {
    fn name(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
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
        let mut text = String::new();
        let mut add = |name: &str, value: Option<&str>| {
            text.push_str(if text.is_empty() { "" } else { "; " });
            text.push_str(name);
            if let Some(value) = value {
                text.push('=');
                text.push_str(value);
            }
        };
        self.domain.iter().for_each(|domain| add("Domain", Some(domain)));
        self.path.iter().for_each(|path| add("Path", Some(path)));
        if self.secure {
            add("Secure", None);
        }
        if self.http_only {
            add("HttpOnly", None);
        }
        self.same_site.iter().for_each(|same_site| add("SameSite", Some(same_site.name())));
        if self.partitioned {
            add("Partitioned", None);
        }
        text
    }

    /// Takes one `Set-Cookie` value apart.
    ///
    /// # Errors
    ///
    /// [`Rejection::ControlCharacter`] when it contains a control character other than the tab, and
    /// [`Rejection::TooLarge`] when name and value exceed [`MAX_PAIR_BYTES`].
    pub fn parse(header: &[u8]) -> Result<Self, Rejection> {
        check_letters(header)?;
        let (pair, attributes) = split_attributes(header);
        let (name, value) = name_and_value(pair)?;
        let mut cookie = Self { name: lossy(name), value: lossy(value), ..Self::default() };
        for attribute in attributes.split(|&byte| byte == b';').skip(1) {
            let (name, value) = split_pair(attribute).unwrap_or((trim(attribute), b""));
            if value.len() <= MAX_ATTRIBUTE_BYTES {
                cookie.set_attribute(name, value);
            }
        }
        Ok(cookie)
    }

    fn set_attribute(&mut self, name: &[u8], value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("expires") {
            self.expires_s = cookie_date(value).or(self.expires_s);
        } else if is("max-age") {
            self.max_age_s = max_age(value).or(self.max_age_s);
        } else if is("domain") {
            self.domain = Some(domain(value));
        } else if is("path") {
            self.path = Some(path(value));
        } else if is("secure") {
            self.secure = true;
        } else if is("httponly") {
            self.http_only = true;
        } else if is("samesite") {
            self.same_site = same_site(value);
        } else if is("partitioned") {
            self.partitioned = true;
        }
    }
}

/// The last `Set-Cookie` value that was read. The next one often differs from it in the cookie's value alone: its
/// attributes are then known.
#[derive(Debug, Clone, Default)]
pub struct LastSetCookie {
    cookie: SetCookie,
    /// The attributes as they were received, with the semicolon before them.
    received: Vec<u8>,
    /// [`SetCookie::attributes`].
    attributes: String,
}

impl LastSetCookie {
    /// Takes one `Set-Cookie` value apart, as [`SetCookie::parse`] does; with its attributes but for its term.
    ///
    /// # Errors
    ///
    /// As [`SetCookie::parse`].
    pub fn read(&mut self, header: &[u8]) -> Result<(&SetCookie, &str), Rejection> {
        let (pair, received) = split_attributes(header);
        if received != self.received {
            let cookie = SetCookie::parse(header)?;
            self.attributes = cookie.attributes();
            self.received.clear();
            self.received.extend_from_slice(received);
            self.cookie = cookie;
            return Ok((&self.cookie, &self.attributes));
        }
        check_letters(pair)?;
        let (name, value) = name_and_value(pair)?;
        for (known, new) in [(&mut self.cookie.name, name), (&mut self.cookie.value, value)] {
            known.clear();
            known.push_str(&String::from_utf8_lossy(new));
        }
        Ok((&self.cookie, &self.attributes))
    }
}

/// Name and value, and the attributes from the first semicolon on.
fn split_attributes(header: &[u8]) -> (&[u8], &[u8]) {
    header.split_at(header.iter().position(|&byte| byte == b';').unwrap_or(header.len()))
}

fn name_and_value(pair: &[u8]) -> Result<(&[u8], &[u8]), Rejection> {
    let (name, value) = split_pair(pair).unwrap_or((b"", trim(pair)));
    if name.len() + value.len() > MAX_PAIR_BYTES { Err(Rejection::TooLarge) } else { Ok((name, value)) }
}

fn check_letters(text: &[u8]) -> Result<(), Rejection> {
    let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
    if text.iter().any(is_control) { Err(Rejection::ControlCharacter) } else { Ok(()) }
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
