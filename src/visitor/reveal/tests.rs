//! The quick look against the slow one, and both against ids that reveal something.

use super::*;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use md5::Md5;
use proptest::prelude::*;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

const HASH_DIGITS: usize = 16;

fn slowly_reveals(id: &str, addresses: &[IpAddr]) -> Option<Box<str>> {
    let decoded = percent_decoded(id);
    addresses.iter().find_map(|address| {
        let text = address.to_string();
        let found = spelled(&decoded, *address, &text)
            .or_else(|| encoded(&decoded, *address, &text))
            .or_else(|| hashed(&decoded, *address, &text))?;
        Some(format!("the address {found}").into())
    })
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

#[test]
fn an_address_is_found_in_its_usual_spellings_encodings_and_hashes() {
    let v4: IpAddr = "11.22.33.44".parse().unwrap();
    let v6: IpAddr = "2001:db8::2a".parse().unwrap();
    let other: IpAddr = "11.255.0.1".parse().unwrap();
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
        let found = reveals(&id, &[address, other]).unwrap_or_else(|| panic!("{id} reveals {address}"));
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

fn addresses() -> impl Strategy<Value = IpAddr> {
    let few = prop::sample::select(vec!["0.0.0.0", "0.0.0.1", "255.255.255.255", "::", "::1", "::ffff:1.2.3.4", "a::"]);
    prop_oneof![
        4 => any::<u32>().prop_map(|bits| IpAddr::V4(bits.into())),
        3 => any::<u128>().prop_map(|bits| IpAddr::V6(bits.into())),
        2 => any::<u32>().prop_map(|bits| IpAddr::V6((0x2001_0db8_u128 << 96 | u128::from(bits)).into())),
        1 => few.prop_map(|text| text.parse().unwrap()),
    ]
}

/// All forms in which an address is looked for, whole: `form` chooses.
fn dressed(address: IpAddr, form: usize, before: &str) -> String {
    let (text, octets) = (address.to_string(), octets(address));
    let data = if form.is_multiple_of(2) { text.as_bytes() } else { &octets };
    let shifted = [before.as_bytes(), data, b"tail"].concat();
    match form / 2 {
        0 => text.clone(),
        1 => text.replace(['.', ':'], "-"),
        2 => text.replace(['.', ':'], "_"),
        3 => octets.iter().fold(0, |sum: u128, octet| sum << 8 | u128::from(*octet)).to_string(),
        4 => crate::history::hex(data),
        5 => STANDARD_NO_PAD.encode(&shifted),
        6 => URL_SAFE_NO_PAD.encode(&shifted),
        7 => crate::history::hex(&Md5::digest(data)),
        8 => crate::history::hex(&Sha1::digest(data)),
        9 => crate::history::hex(&Sha256::digest(data)),
        10 => crate::history::hex(&Sha512::digest(data)),
        11 => URL_SAFE_NO_PAD.encode(Md5::digest(data)),
        12 => URL_SAFE_NO_PAD.encode(Sha256::digest(data)),
        13 => STANDARD_NO_PAD.encode(Sha512::digest(data)),
        _ => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16384, source_file: Some(file!()), ..ProptestConfig::default() })]

    #[test]
    fn the_quick_look_never_differs_from_the_slow_one(
        addresses in (addresses(), addresses()),
        (form, which, upper, percent) in (0_usize..30, any::<bool>(), any::<bool>(), any::<bool>()),
        (before, after) in ("[a-zA-Z0-9._:%-]{0,4}|[0-9a-f]{0,9}|é?", "[a-zA-Z0-9._:=%-]{0,12}|[0-9a-f]{0,9}"),
        (from, less) in (prop_oneof![3 => Just(0_usize), 1 => 0..8_usize], prop_oneof![3 => Just(0_usize), 1 => 0..40_usize]),
    ) {
        let own = [addresses.0, addresses.1];
        let whole = dressed(own[usize::from(which)], form, &before);
        let part = whole.get(from.min(whole.len())..whole.len().saturating_sub(less).max(from.min(whole.len())));
        let mut id = format!("{before}{}{after}", part.unwrap_or_default());
        if upper {
            id = id.to_ascii_uppercase();
        }
        if percent {
            id = id.replace(':', "%3A").replace('.', "%2e");
        }
        prop_assert_eq!(reveals(&id, &own), slowly_reveals(&id, &own), "{} of {:?}", id, own);
        let twice = first_revealed([Some("none"), Some(&id)], &own);
        prop_assert_eq!(twice, slowly_reveals(&id, &own));
    }

    #[test]
    fn nor_do_they_differ_for_whatever_an_id_may_be(id in ".{0,60}|[0-9a-f-]{36}|[A-Za-z0-9_-]{43}", own in (addresses(), addresses())) {
        let own = [own.0, own.1];
        prop_assert_eq!(reveals(&id, &own), slowly_reveals(&id, &own));
    }
}
