//! `cookie.attributes`

use super::{Clause, Concern, Judgement};
use crate::history::Identity;
use crate::oracle::Case;

/// The most that a browser is sure to take of a name and a value, in bytes (RFC 6265bis).
const LARGEST: usize = 4000;

/// §1.7, a house rule by OWASP ASVS and RFC 6265bis: the cookie says SameSite and HttpOnly, Secure on https, is of a size that
/// browsers keep, and goes to no host but its own.
pub struct Attributes;

impl Clause for Attributes {
    fn id(&self) -> &'static str {
        "cookie.attributes"
    }

    fn checks(&self) -> &'static str {
        "Each cookie that is set says HttpOnly and SameSite, says Secure on https, names no Domain, and is of a size that browsers keep."
    }

    fn evidence(&self) -> &'static str {
        "Every Set-Cookie of the carrier that an answer gives."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn concerns(&self) -> Concern {
        Concern::VISITORS
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let cookie = case.exchange.cookie.as_ref().filter(|cookie| !cookie.is_removal(&case.exchange.at))?;
        let faults = faults(cookie, cookie.attributes.as_deref()?, case.rules.can.secure);
        Some(if faults.is_empty() {
            Judgement::pass()
        } else {
            Judgement::fail("a cookie that is no more exposed than it must be", format!("one {}", faults.join(", ")))
        })
    }
}

fn faults(cookie: &Identity, attributes: &str, secure: bool) -> Vec<&'static str> {
    let (mut http_only, mut secure_only, mut same_site, mut domain) = (false, false, None, None);
    for part in attributes.as_bytes().split(|byte| *byte == b';') {
        let part = part.strip_prefix(b" ").unwrap_or(part);
        let mut halves = part.splitn(2, |byte| *byte == b'=');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        match name {
            b"HttpOnly" => http_only = true,
            b"Secure" => secure_only = true,
            b"SameSite" => same_site = same_site.or(Some(value)),
            b"Domain" => domain = domain.or(Some(value)),
            _ => {}
        }
    }
    let none_insecure = same_site == Some(b"None") && !secure_only;
    let found = [
        (!http_only, "without HttpOnly"),
        (same_site.is_none(), "without SameSite"),
        (none_insecure, "of SameSite=None without Secure, which browsers refuse"),
        (secure && !secure_only, "without Secure on https"),
        (domain.is_some_and(|domain| !domain.is_empty()), "with a Domain, so that it goes to hosts below it"),
        (cookie.value.len() > LARGEST, "larger than browsers are sure to keep"),
    ];
    found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words).collect()
}
