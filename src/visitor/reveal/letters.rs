//! An id's letters, and what they cannot hold.

/// An id, and what is known of its letters.
pub(super) struct Letters<'a> {
    pub(super) bytes: &'a [u8],
    /// The longest run of hexadecimal digits.
    pub(super) most_hex: usize,
    /// The longest run of letters of either base64.
    pub(super) most_base64: usize,
    /// Which letters of ASCII there are, by bit.
    there: u128,
}

impl<'a> Letters<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut letters = Self { bytes, most_hex: 0, most_base64: 0, there: 0 };
        let (mut hex, mut base64) = (0, 0);
        for &byte in bytes {
            hex = if byte.is_ascii_hexdigit() { hex + 1 } else { 0 };
            base64 = if base64_value(byte).is_some() { base64 + 1 } else { 0 };
            letters.most_hex = letters.most_hex.max(hex);
            letters.most_base64 = letters.most_base64.max(base64);
            letters.there |= bit(byte);
        }
        letters
    }

    pub(super) fn has(&self, letter: u8) -> bool {
        self.there & bit(letter) != 0
    }

    /// Whether these letters of base64 stand somewhere, in either alphabet.
    pub(super) fn contains_base64(&self, wanted: &[u8]) -> bool {
        let there = |letter: &u8| match letter {
            b'+' => self.has(b'+') || self.has(b'-'),
            b'/' => self.has(b'/') || self.has(b'_'),
            letter => self.has(*letter),
        };
        let is_same = |window: &[u8]| window.iter().zip(wanted).all(|(letter, own)| standard(*letter) == *own);
        wanted.iter().all(there) && self.bytes.windows(wanted.len()).any(is_same)
    }
}

fn bit(byte: u8) -> u128 {
    if byte < 128 { 1 << byte } else { 0 }
}

/// A letter of the base64 for addresses as the other one has it.
fn standard(letter: u8) -> u8 {
    match letter {
        b'-' => b'+',
        b'_' => b'/',
        letter => letter,
    }
}

/// The six bits of a letter of either base64.
pub(super) fn base64_value(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The four bits of a hexadecimal digit.
pub(super) fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
