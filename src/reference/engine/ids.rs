//! The ids of new sessions and the values of their cookies.
//!
//! It owns of what they are made: random bits in a sound server, and nothing else.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::{Caller, Engine};
use crate::reference::policy::Ids;

/// The alphabet of base64 that is safe in URLs.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Engine {
    /// A new session's id and its cookie's value.
    pub(super) fn new_ids(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<(String, String)> {
        let (id, cookie) = match self.rules.identity.ids {
            Ids::Random => (random(), random()),
            Ids::Counters => (format!("{:012}", self.next_number()?), format!("{:012}", self.next_number()?)),
            Ids::HashedAddress => (format!("{}-{}", digest_of(caller.address), self.next_number()?), random()),
            Ids::AddressInCookie => (random(), base64(format!("{}.{}", caller.address, random()).as_bytes())),
            Ids::TimePrefixed => (after_time(now_ms), after_time(now_ms)),
        };
        let cookie = self.adopted_cookie(caller)?.unwrap_or(cookie);
        if self.rules.identity.adopts_unknown {
            self.memory.issued.insert(cookie.clone());
        }
        Ok((id, cookie))
    }

    /// The cookie that was sent, where it is taken over although the server never issued it.
    fn adopted_cookie(&self, caller: &Caller) -> rusqlite::Result<Option<String>> {
        let sent = caller.cookie.as_ref().filter(|cookie| self.rules.identity.adopts_unknown && !cookie.is_empty());
        let Some(cookie) = sent.filter(|cookie| !self.memory.issued.contains(*cookie)) else {
            return Ok(None);
        };
        let stored = self.session_where(session_where!("cookie = ?1 LIMIT 1"), [cookie])?;
        Ok(stored.is_none().then(|| cookie.clone()))
    }

    /// The next of the numbers that the store counts.
    fn next_number(&self) -> rusqlite::Result<i64> {
        let mut count = self.connection.prepare_cached(
            "INSERT INTO meta (key, value) VALUES ('last_number', '1') \
             ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1 \
             RETURNING CAST(value AS INTEGER)",
        )?;
        count.query_row((), |row| row.get(0))
    }
}

/// 128 random bits, in hexadecimal.
pub(super) fn random() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// A digest in hexadecimal that anybody can compute from the text.
pub(super) fn digest_of(text: impl ToString) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(text.to_string().as_bytes()) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// 12 hexadecimal digits of milliseconds, and 80 random bits.
fn after_time(now_ms: i64) -> String {
    format!("{now_ms:012x}{:020x}", rand::random::<u128>() >> 48)
}

/// Base64 without padding, with the alphabet that is safe in URLs.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, n| bits << 8 | usize::from(chunk.get(n).copied().unwrap_or(0)));
        let sextets = [18, 12, 6, 0].map(|shift| char::from(BASE64[bits >> shift & 63]));
        text.extend(sextets.iter().take(chunk.len() + 1));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{after_time, base64, digest_of};

    #[test]
    fn base64_is_that_of_rfc_4648_without_padding() {
        for (plain, coded) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("???>", "Pz8_Pg")]
        {
            assert_eq!(base64(plain.as_bytes()), coded, "{plain}");
        }
    }

    #[test]
    fn ids_have_the_lengths_that_their_names_say() {
        assert_eq!(digest_of("").len(), 64);
        assert!(digest_of("").starts_with("e3b0c44298fc1c14"));
        assert_eq!(after_time(1_700_000_000_000).len(), 32);
        assert!(after_time(1_700_000_000_000).starts_with("018bcfe56800"));
    }
}
