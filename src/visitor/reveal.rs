//! Whether an id reveals an address: written in it, encoded, or hashed without a secret.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use std::net::IpAddr;

/// So many hexadecimal digits of a hash are no accident.
const HASH_DIGITS: usize = 16;

/// So many letters of a base64 text are no accident.
const LETTERS: usize = 7;

/// How `id` reveals one of these addresses, in words; `None` where it does not.
pub fn reveals(id: &str, addresses: &[IpAddr]) -> Option<Box<str>> {
    let decoded = percent_decoded(id);
    addresses.iter().find_map(|address| {
        let text = address.to_string();
        let found = spelled(&decoded, *address, &text)
            .or_else(|| encoded(&decoded, *address, &text))
            .or_else(|| hashed(&decoded, *address, &text))?;
        Some(format!("the address {found}").into())
    })
}

/// An id without the percent signs in which a cookie's value may be dressed.
pub fn percent_decoded(id: &str) -> String {
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
    String::from_utf8_lossy(&bytes).into_owned()
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn spelled(id: &str, address: IpAddr, text: &str) -> Option<&'static str> {
    let lower = id.to_ascii_lowercase();
    let dashed = text.replace(['.', ':'], "-");
    let joined = text.replace(['.', ':'], "_");
    if [text, &dashed, &joined].iter().any(|spelling| lower.contains(*spelling)) {
        return Some("as it is");
    }
    let number = match address {
        IpAddr::V4(v4) => v4.to_bits().to_string(),
        IpAddr::V6(v6) => v6.to_bits().to_string(),
    };
    let digits = |letter: char| !letter.is_ascii_digit();
    // An IPv4 address is few bits: as a number it must stand alone, or chance would find it.
    lower.split(digits).any(|run| run.trim_start_matches('0') == number).then_some("as a number")
}

fn encoded(id: &str, address: IpAddr, text: &str) -> Option<&'static str> {
    let bytes = octets(address);
    let hex = crate::history::hex(&bytes);
    let lower = id.to_ascii_lowercase();
    let alone = |letter: char| !letter.is_ascii_hexdigit();
    let in_hex = if bytes.len() > 4 { lower.contains(&hex) } else { lower.split(alone).any(|run| run == hex) };
    if in_hex || lower.contains(&crate::history::hex(text.as_bytes())) {
        return Some("in hexadecimal");
    }
    let core = |data: &[u8]| (0..3).map(|shift| base64_core(data, shift)).collect::<Vec<_>>();
    let mut needles = core(text.as_bytes());
    if bytes.len() > 4 {
        needles.extend(core(&bytes));
    }
    needles
        .iter()
        .any(|needle| needle.len() >= LETTERS && id.replace('-', "+").replace('_', "/").contains(needle))
        .then_some("in base64")
}

/// The letters that a text has in base64 wherever it begins, `shift` bytes into a group of three.
fn base64_core(data: &[u8], shift: usize) -> String {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(data);
    let text = STANDARD_NO_PAD.encode(&padded);
    let first = (shift * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    text.get(first..last).unwrap_or_default().to_owned()
}

fn hashed(id: &str, address: IpAddr, text: &str) -> Option<&'static str> {
    let lower = id.to_ascii_lowercase();
    let forms = [text.as_bytes().to_vec(), octets(address)];
    for form in &forms {
        let digests: [(&'static str, Vec<u8>); 4] = [
            ("as its MD5 hash", Md5::digest(form).to_vec()),
            ("as its SHA-1 hash", Sha1::digest(form).to_vec()),
            ("as its SHA-256 hash", Sha256::digest(form).to_vec()),
            ("as its SHA-512 hash", Sha512::digest(form).to_vec()),
        ];
        for (words, digest) in digests {
            let hex = crate::history::hex(&digest);
            let base64 = URL_SAFE_NO_PAD.encode(&digest).replace('_', "/").replace('-', "+");
            let plain = id.replace('-', "+").replace('_', "/");
            if lower.contains(&hex[..HASH_DIGITS]) || plain.contains(&base64[..HASH_DIGITS]) {
                return Some(words);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_its_usual_spellings_encodings_and_hashes() {
        let v4: IpAddr = "11.22.33.44".parse().unwrap();
        let v6: IpAddr = "2001:db8::2a".parse().unwrap();
        let encode = |data: &[u8]| URL_SAFE_NO_PAD.encode(data);
        let cases = [
            ("s.11.22.33.44.x".to_owned(), v4, "as it is"),
            ("11-22-33-44-77".into(), v4, "as it is"),
            (format!("u{}", v4_number(v4)), v4, "as a number"),
            ("0b16212c:9".into(), v4, "in hexadecimal"),
            (encode(b"11.22.33.44.91f00d"), v4, "in base64"),
            (encode(b"x11.22.33.44"), v4, "in base64"),
            (encode(b"{\"ip\":\"2001:db8::2a\"}"), v6, "in base64"),
            ("2001%3Adb8%3A%3A2a".into(), v6, "as it is"),
            (crate::history::hex(&Sha256::digest(b"11.22.33.44")) + "-3", v4, "as its SHA-256 hash"),
            (crate::history::hex(&Md5::digest(b"2001:db8::2a")), v6, "as its MD5 hash"),
            (encode(&Sha1::digest(b"11.22.33.44")), v4, "as its SHA-1 hash"),
        ];
        for (id, address, words) in cases {
            let found = reveals(&id, &[address]).unwrap_or_else(|| panic!("{id} reveals {address}"));
            assert!(found.ends_with(words), "{id}: {found}");
        }
    }

    #[test]
    fn random_ids_reveal_nothing() {
        let own: [IpAddr; 2] = ["11.0.0.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        for seed in 0..2000_u32 {
            let digest = Sha256::digest(seed.to_be_bytes());
            for id in [
                crate::history::hex(&digest),
                URL_SAFE_NO_PAD.encode(digest),
                format!("s%3A{}", STANDARD_NO_PAD.encode(digest)),
            ] {
                assert_eq!(reveals(&id, &own), None, "{id}");
            }
        }
    }

    fn v4_number(address: IpAddr) -> u32 {
        match address {
            IpAddr::V4(v4) => v4.to_bits(),
            IpAddr::V6(_) => 0,
        }
    }
}
