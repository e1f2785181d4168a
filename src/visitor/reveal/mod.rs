//! Whether an id reveals an address: written in it, encoded, or hashed without a secret.
//!
//! Each new session's id is asked this, so it is asked without an allocation, and what the id cannot hold by its length
//! or its letters is not looked for.

mod digests;
mod letters;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use digests::Digests;
use letters::{Letters, hex_value};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::{self, Write};
use std::net::IpAddr;

/// So many letters of a base64 text are no accident.
const LETTERS: usize = 7;

/// The longest spelling of an address.
const MOST_TEXT: usize = 45;

/// How `id` reveals one of these addresses, in words; `None` where it does not.
pub fn reveals(id: &str, addresses: &[IpAddr; 2]) -> Option<Box<str>> {
    first_revealed([Some(id), None], addresses)
}

/// How the first of these ids that reveals one of these addresses does so, in words; `None` where none does.
pub fn first_revealed(ids: [Option<&str>; 2], addresses: &[IpAddr; 2]) -> Option<Box<str>> {
    let needles = addresses.map(Needles::new);
    let again = |place: usize| place > 0 && ids[place] == ids[place - 1];
    let ids = (0..ids.len()).filter(|place| !again(*place)).filter_map(|place| ids[place]);
    ids.into_iter().find_map(|id| {
        let decoded = without_percent_signs(id);
        let letters = Letters::new(decoded.as_bytes());
        let found = needles.iter().find_map(|needles| needles.found_in(&letters))?;
        Some(format!("the address {found}").into())
    })
}

/// An id without the percent signs in which a cookie's value may be dressed.
pub fn percent_decoded(id: &str) -> String {
    without_percent_signs(id).into_owned()
}

fn without_percent_signs(id: &str) -> Cow<'_, str> {
    if !id.contains('%') {
        return Cow::Borrowed(id);
    }
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// All that an address could be found by.
struct Needles {
    text: Spelling,
    octets: ([u8; 16], usize),
    digests: OnceCell<Digests>,
}

/// An address's text.
struct Spelling {
    bytes: [u8; MOST_TEXT],
    len: usize,
}

impl Spelling {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Write for Spelling {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

impl Needles {
    fn new(address: IpAddr) -> Self {
        let mut text = Spelling { bytes: [0; MOST_TEXT], len: 0 };
        // No address is longer than the room for it.
        let _ = write!(text, "{address}");
        let mut octets = ([0; 16], 4);
        match address {
            IpAddr::V4(v4) => octets.0[..4].copy_from_slice(&v4.octets()),
            IpAddr::V6(v6) => octets = (v6.octets(), 16),
        }
        Self { text, octets, digests: OnceCell::new() }
    }

    fn octets(&self) -> &[u8] {
        &self.octets.0[..self.octets.1]
    }

    fn is_v6(&self) -> bool {
        self.octets.1 > 4
    }

    fn found_in(&self, id: &Letters) -> Option<&'static str> {
        if self.is_spelled_in(id) {
            return Some("as it is");
        }
        if self.is_a_number_in(id) {
            return Some("as a number");
        }
        if self.is_in_hex_in(id) {
            return Some("in hexadecimal");
        }
        if self.is_in_base64_in(id) {
            return Some("in base64");
        }
        if !Digests::fit_into(id) {
            return None;
        }
        self.digests.get_or_init(|| Digests::of(self.text.bytes(), self.octets())).found_in(id)
    }

    /// With its own dots or colons, or with dashes or low lines in their place.
    fn is_spelled_in(&self, id: &Letters) -> bool {
        let text = self.text.bytes();
        let is_same = |window: &[u8], joint: Option<u8>| {
            window.iter().zip(text).all(|(letter, own)| match (own, joint) {
                (b'.' | b':', Some(joint)) => *letter == joint,
                _ => letter.eq_ignore_ascii_case(own),
            })
        };
        let own = if self.is_v6() { b':' } else { b'.' };
        [(own, None), (b'-', Some(b'-')), (b'_', Some(b'_'))]
            .into_iter()
            .filter(|(joint, _)| id.has(*joint))
            .any(|(_, joint)| id.bytes.windows(text.len()).any(|window| is_same(window, joint)))
    }

    /// An IPv4 address is few bits: as a number it must stand alone, or chance would find it.
    fn is_a_number_in(&self, id: &Letters) -> bool {
        let own = self.octets().iter().fold(0, |sum: u128, octet| sum << 8 | u128::from(*octet));
        let mut runs = id.bytes.split(|letter| !letter.is_ascii_digit()).filter(|run| !run.is_empty());
        runs.any(|run| number(run).is_some_and(|number| number > 0 && number == own))
    }

    fn is_in_hex_in(&self, id: &Letters) -> bool {
        let is_hex_of = |window: &[u8], data: &[u8]| {
            let mut pairs = window.chunks_exact(2).zip(data);
            pairs.all(|(pair, byte)| {
                hex_value(pair[0]).zip(hex_value(pair[1])).is_some_and(|(high, low)| high << 4 | low == *byte)
            })
        };
        let (octets, text) = (self.octets(), self.text.bytes());
        let contains = |data: &[u8]| {
            id.most_hex >= 2 * data.len() && id.bytes.windows(2 * data.len()).any(|window| is_hex_of(window, data))
        };
        let alone = |letter: &u8| !letter.is_ascii_hexdigit();
        let stands_alone = || id.bytes.split(alone).any(|run| run.len() == 2 * octets.len() && is_hex_of(run, octets));
        (if self.is_v6() { contains(octets) } else { stands_alone() }) || contains(text)
    }

    fn is_in_base64_in(&self, id: &Letters) -> bool {
        if id.most_base64 < LETTERS {
            return false;
        }
        // Of four letters the first shows a byte's upper six bits: of a digit M, N or O, of a dot L, of a colon O, and of
        // `a` to `f` Y or Z. Seven letters in a row hold one of these.
        let may_hold_text = b"LMNOYZ".iter().any(|letter| id.has(*letter));
        (0..3).any(|shift| {
            (may_hold_text && id.holds_base64_of(self.text.bytes(), shift))
                || (self.is_v6() && id.holds_base64_of(self.octets(), shift))
        })
    }
}

impl Letters<'_> {
    /// Whether there are the letters that some data has in base64 where it begins `shift` bytes into a group of three.
    fn holds_base64_of(&self, data: &[u8], shift: usize) -> bool {
        let (mut padded, mut coded) = ([0; MOST_TEXT + 2], [0; MOST_TEXT * 2]);
        let len = shift + data.len();
        padded[shift..len].copy_from_slice(data);
        let coded_len = STANDARD_NO_PAD.encode_slice(&padded[..len], &mut coded).unwrap_or(0);
        let core = &coded[..coded_len].get((shift * 8).div_ceil(6)..len * 8 / 6).unwrap_or_default();
        core.len() >= LETTERS && self.contains_base64(core)
    }
}

/// A run of digits as a number; `None` where no address is so large.
fn number(digits: &[u8]) -> Option<u128> {
    let value = |digit: &u8| u64::from(digit - b'0');
    if digits.len() < 20 {
        return Some(digits.iter().fold(0, |sum: u64, digit| sum * 10 + value(digit)).into());
    }
    digits.iter().try_fold(0_u128, |sum, digit| sum.checked_mul(10)?.checked_add(value(digit).into()))
}
