//! An address's hashes, as far as an id is compared with them.

use super::letters::{Letters, base64_value, hex_value};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// So many letters of a hash are no accident, in hexadecimal or in base64.
const HASH_LETTERS: usize = 16;

const NAMES: [&str; 4] = ["as its MD5 hash", "as its SHA-1 hash", "as its SHA-256 hash", "as its SHA-512 hash"];

/// The hashes of an address's text and of its bytes, by each function.
pub(super) struct Digests {
    /// The first 8 bytes, which are 16 hexadecimal digits.
    in_hex: [u64; 8],
    /// The first 12 bytes, which are 16 letters of base64.
    in_base64: [u128; 8],
}

impl Digests {
    /// Whether an id is long enough to hold one.
    pub(super) fn fit_into(id: &Letters) -> bool {
        id.most_hex >= HASH_LETTERS || id.most_base64 >= HASH_LETTERS
    }

    pub(super) fn of(text: &[u8], octets: &[u8]) -> Self {
        let mut heads = [0; 8];
        for (place, form) in [text, octets].into_iter().enumerate() {
            heads[place * 4] = head(&Md5::digest(form));
            heads[place * 4 + 1] = head(&Sha1::digest(form));
            heads[place * 4 + 2] = head(&Sha256::digest(form));
            heads[place * 4 + 3] = head(&Sha512::digest(form));
        }
        Self { in_hex: heads.map(|head| (head >> 32) as u64), in_base64: heads }
    }

    /// The name of the first of them that stands in an id.
    pub(super) fn found_in(&self, id: &Letters) -> Option<&'static str> {
        let in_hex = (id.most_hex >= HASH_LETTERS).then(|| self.first_in_hex(id.bytes)).flatten();
        let in_base64 = (id.most_base64 >= HASH_LETTERS).then(|| self.first_in_base64(id.bytes)).flatten();
        in_hex.into_iter().chain(in_base64).min().map(|place| NAMES[place % NAMES.len()])
    }

    fn first_in_hex(&self, id: &[u8]) -> Option<usize> {
        let (mut run, mut window) = (0, 0_u64);
        let places = id.iter().filter_map(|&letter| {
            run = if let Some(value) = hex_value(letter) {
                window = window << 4 | u64::from(value);
                run + 1
            } else {
                0
            };
            if run < HASH_LETTERS { None } else { self.in_hex.iter().position(|own| *own == window) }
        });
        places.min()
    }

    fn first_in_base64(&self, id: &[u8]) -> Option<usize> {
        let (mut run, mut window) = (0, 0_u128);
        let places = id.iter().filter_map(|&letter| {
            run = if let Some(value) = base64_value(letter) {
                window = (window << 6 | u128::from(value)) & (u128::MAX >> 32);
                run + 1
            } else {
                0
            };
            if run < HASH_LETTERS { None } else { self.in_base64.iter().position(|own| *own == window) }
        });
        places.min()
    }
}

/// The first 12 bytes.
fn head(digest: &[u8]) -> u128 {
    digest.iter().take(12).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}
