//! Values as few bytes: numbers of varying length, and texts by their alphabet. What is written here is read here, in
//! the same program; nothing of it is a format of files.

/// Letters of 64 kinds fit into six bits each.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How the letters of a text are packed.
#[derive(Clone, Copy)]
enum Alphabet {
    /// Bytes as they are.
    Any = 0,
    /// Two lower-case hexadecimal digits to a byte.
    Hex = 1,
    /// Four letters to three bytes.
    Letters = 2,
}

/// The bit of a number's byte that says that another follows (LEB128).
pub const MORE: u8 = 0x80;

/// A number that may be negative as one that is not, so that small ones stay small.
pub const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// The number that [`zigzag`] made this of.
pub const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

/// Appends a number: seven bits to a byte.
pub fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= u64::from(MORE) {
        out.push(number.to_le_bytes()[0] | MORE);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Appends a number that may be negative; small ones are short.
pub fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, zigzag(number));
}

/// Appends a text.
pub fn put_text(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let alphabet = alphabet(bytes);
    put_number(out, (bytes.len() as u64) << 2 | alphabet as u64);
    let (chunk, bits) = match alphabet {
        Alphabet::Any => return out.extend_from_slice(bytes),
        Alphabet::Hex => (2, 4),
        Alphabet::Letters => (4, 6),
    };
    for group in bytes.chunks(chunk) {
        let packed =
            group.iter().rev().fold(0_u32, |packed, &letter| packed << bits | u32::from(code(alphabet, letter)));
        let length = (group.len() * bits).div_ceil(8);
        out.extend_from_slice(&packed.to_le_bytes()[..length]);
    }
}

fn alphabet(bytes: &[u8]) -> Alphabet {
    if bytes.iter().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f')) {
        Alphabet::Hex
    } else if bytes.iter().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_')) {
        Alphabet::Letters
    } else {
        Alphabet::Any
    }
}

fn code(alphabet: Alphabet, letter: u8) -> u8 {
    match (alphabet, letter) {
        (Alphabet::Any, letter) => letter,
        (Alphabet::Hex, b'0'..=b'9') => letter - b'0',
        (Alphabet::Hex, _) => letter.wrapping_sub(b'a' - 10),
        (Alphabet::Letters, b'A'..=b'Z') => letter - b'A',
        (Alphabet::Letters, b'a'..=b'z') => letter - b'a' + 26,
        (Alphabet::Letters, b'0'..=b'9') => letter - b'0' + 52,
        (Alphabet::Letters, b'-') => 62,
        (Alphabet::Letters, _) => 63,
    }
}

/// Takes a number from the front.
pub fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & !MORE) << shift;
        if byte & MORE == 0 {
            return Some(number);
        }
    }
    None
}

/// Takes a number that may be negative.
pub fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    take_number(bytes).map(unzigzag)
}

/// Takes a text.
pub fn take_text(bytes: &mut &[u8]) -> Option<Box<str>> {
    let head = take_number(bytes)?;
    let length = usize::try_from(head >> 2).ok()?;
    let (letters, bits): (&[u8], usize) = match head & 3 {
        0 => {
            let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
            *bytes = bytes.get(length..)?;
            return Some(text.into());
        }
        1 => (b"0123456789abcdef", 4),
        _ => (LETTERS, 6),
    };
    let packed_length = length.checked_mul(bits)?.div_ceil(8);
    let packed = bytes.get(..packed_length)?;
    let mut text = String::with_capacity(length);
    let (mut held, mut count) = (0_u32, 0);
    for &byte in packed {
        held |= u32::from(byte) << count;
        count += 8;
        while count >= bits && text.len() < length {
            text.push(letters[(held & ((1 << bits) - 1)) as usize].into());
            held >>= bits;
            count -= bits;
        }
    }
    *bytes = bytes.get(packed_length..)?;
    Some(text.into_boxed_str())
}

/// So many words are told by number.
const MOST_WORDS: usize = 200;

/// Words that come again and again, told by number; those beyond the first few hundred stand there as they are.
#[derive(Debug, Default)]
pub struct Lexicon {
    words: Vec<Box<str>>,
}

impl Lexicon {
    /// Appends a word.
    pub fn put(&mut self, out: &mut Vec<u8>, word: &str) {
        let known = self.words.iter().position(|known| **known == *word);
        let place = known.or_else(|| {
            let room = self.words.len() < MOST_WORDS;
            room.then(|| {
                self.words.push(word.into());
                self.words.len() - 1
            })
        });
        put_number(out, place.map_or(0, |place| place as u64 + 1));
        if place.is_none() {
            put_text(out, word);
        }
    }

    /// Takes a word.
    pub fn take(&self, bytes: &mut &[u8]) -> Option<Box<str>> {
        match usize::try_from(take_number(bytes)?).ok()?.checked_sub(1) {
            None => take_text(bytes),
            Some(place) => self.words.get(place).cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_again(text: &str) -> (Option<Box<str>>, usize) {
        let mut out = Vec::new();
        put_text(&mut out, text);
        let packed = out.len();
        out.push(0xab);
        let mut rest = &out[..];
        let again = take_text(&mut rest);
        assert_eq!(rest, [0xab], "{text} takes its own bytes and no more");
        (again, packed)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn texts_and_numbers_come_back_as_they_were(
            text in ".{0,80}", hex in "[0-9a-f]{0,80}", letters in "[A-Za-z0-9_-]{0,80}", number in any::<u64>(), signed in any::<i64>()
        ) {
            for text in [&text, &hex, &letters] {
                let again = text_again(text).0;
                prop_assert_eq!(again.as_deref(), Some(text.as_str()));
            }
            let mut out = Vec::new();
            put_number(&mut out, number);
            put_signed(&mut out, signed);
            let mut rest = &out[..];
            prop_assert_eq!((take_number(&mut rest), take_signed(&mut rest), rest.len()), (Some(number), Some(signed), 0));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut rest = &bytes[..];
            while take_text(&mut rest).is_some() && !rest.is_empty() {}
        }
    }

    #[test]
    fn words_are_told_by_number_and_beyond_the_first_ones_as_they_are() {
        let (mut lexicon, mut out) = (Lexicon::default(), Vec::new());
        let words: Vec<String> = (0..300).chain(0..300).map(|number| format!("word {number}")).collect();
        words.iter().for_each(|word| lexicon.put(&mut out, word));
        let mut rest = &out[..];
        let again: Vec<Box<str>> = words.iter().map_while(|_| lexicon.take(&mut rest)).collect();
        assert!(again.iter().map(|word| &**word).eq(words.iter()) && rest.is_empty());
        assert_eq!(lexicon.words.len(), MOST_WORDS);
    }

    #[test]
    fn usual_ids_take_the_bytes_of_their_bits() {
        assert_eq!(text_again("0123456789abcdef0123456789abcdef").1, 2 + 16);
        assert_eq!(text_again("Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy").1, 2 + 48);
        assert_eq!(text_again("s%3Aabc.def").1, 1 + 11);
    }
}
