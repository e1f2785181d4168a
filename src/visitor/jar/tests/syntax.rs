//! One `Set-Cookie` value.

use proptest::prelude::*;

use super::super::{Jar, LastSetCookie, MAX_ATTRIBUTE_BYTES, MAX_PAIR_BYTES, Rejection, SameSite, SetCookie, Stored};
use super::{Y2011_MS, stored, url};

fn parsed(header: &str) -> SetCookie {
    SetCookie::parse(header.as_bytes()).expect("it parses")
}

#[test]
fn every_attribute_is_read() {
    let cookie = parsed(
        "sid=a\"b ; Max-Age=60; expires=Sat, 01 Jan 2011 00:00:01 GMT; DOMAIN=.Example.ORG; Path=/x; secure; \
         HttpOnly; SameSite=lAX; Partitioned",
    );
    let wanted = SetCookie {
        name: "sid".into(),
        value: "a\"b".into(),
        max_age_s: Some(60),
        expires_s: Some(1_293_840_001),
        domain: Some("example.org".into()),
        path: Some("/x".into()),
        secure: true,
        http_only: true,
        same_site: Some(SameSite::Lax),
        partitioned: true,
    };
    assert_eq!(cookie, wanted);
}

#[test]
fn the_last_of_two_attributes_counts_unless_it_is_to_be_ignored() {
    assert_eq!(parsed("a=b; Max-Age=1; Max-Age=2").max_age_s, Some(2));
    assert_eq!(parsed("a=b; Max-Age=1; Max-Age=x").max_age_s, Some(1));
    assert_eq!(parsed("a=b; Path=/x; Path=y").path.as_deref(), Some(""));
    assert_eq!(parsed("a=b; SameSite=Strict; SameSite=odd").same_site, None);
    assert!(parsed("a=b; Expires=1 Jan 2011 00:00:00; Expires=soon").expires_s.is_some());
}

#[test]
fn a_max_age_is_digits_with_at_most_one_minus_and_saturates() {
    for odd in ["", "-", "+1", "1.5", "1s", "--1", " "] {
        assert_eq!(parsed(&format!("a=b; Max-Age={odd}")).max_age_s, None, "{odd:?}");
    }
    assert_eq!(parsed("a=b; Max-Age=-007").max_age_s, Some(-7));
    assert_eq!(parsed("a=b; Max-Age=99999999999999999999").max_age_s, Some(i64::MAX));
    assert_eq!(parsed("a=b; Max-Age=-99999999999999999999").max_age_s, Some(-i64::MAX));
}

#[test]
fn name_and_value_have_4096_bytes_between_them() {
    let fits = "v".repeat(MAX_PAIR_BYTES - 1);
    assert_eq!(stored("http://a.test/", &format!("n={fits}; Path=/")), Stored::Kept);
    let wide = format!("n={fits}w; Path=/");
    assert_eq!(stored("http://a.test/", &wide), Stored::Rejected(Rejection::TooLarge));
}

#[test]
fn an_attribute_value_over_1024_bytes_is_ignored_and_an_earlier_one_counts() {
    let long = "p".repeat(MAX_ATTRIBUTE_BYTES - 1);
    assert_eq!(parsed(&format!("a=b; Path=/x; Path=/{long}")).path, Some(format!("/{long}")));
    assert_eq!(parsed(&format!("a=b; Path=/x; Path=/{long}p")).path.as_deref(), Some("/x"));
    assert!(!parsed(&format!("a=b; Secure={long}pp")).secure);
}

#[test]
fn a_control_character_anywhere_ends_the_matter_but_a_tab_does_not() {
    for byte in (0_u8..=0x1F).chain([0x7F]) {
        for header in [[b"a=b".as_slice(), &[byte], b"c"].concat(), [b"a=b; x=".as_slice(), &[byte], b"c"].concat()] {
            let aborted = SetCookie::parse(&header) == Err(Rejection::ControlCharacter);
            assert_eq!(aborted, byte != b'\t', "{byte:#04x}");
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_sent_back_so() {
    let mut jar = Jar::new();
    assert_eq!(jar.store(&url("http://a.test/"), b"a=x\xFF\xFEy", Y2011_MS), Stored::Kept);
    assert_eq!(jar.header(&url("http://a.test/"), Y2011_MS).as_deref(), Some("a=x\u{FFFD}\u{FFFD}y"));
}

/// Bytes among which the ones that mean something are frequent.
fn header_bytes() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        &b";"[..],
        b"=",
        b" ",
        b"\t",
        b"Max-Age",
        b"Expires",
        b"Domain",
        b"Path",
        b"/",
        b".",
        b"-",
        b"a.test",
        b"9",
        b"1 Jan 2012 00:00:00",
        b"SameSite",
        b"None",
        b"Secure",
        b"__Host-",
        b"__secure-",
        b"\xFF",
        "é".as_bytes(),
    ]);
    let piece = prop_oneof![4 => word.prop_map(<[u8]>::to_vec), 1 => prop::collection::vec(any::<u8>(), 0..4)];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_make_the_jar_panic(headers in prop::collection::vec(header_bytes(), 1..4), now_ms in any::<i64>()) {
        let mut jar = Jar::new();
        for text in ["http://a.test/x/y", "https://b.a.test/", "http://[::1]:80/", "http://127.0.0.1/é", "data:x", "wss://a.test"] {
            for header in &headers {
                jar.store(&url(text), header, now_ms);
            }
            let found = jar.get(&url(text), "a", now_ms).is_some();
            let header = jar.header(&url(text), now_ms);
            prop_assert!(!found || header.is_some());
            prop_assert!(header.is_none_or(|header| !header.is_empty()));
        }
    }

    #[test]
    fn a_value_is_read_alike_whatever_was_read_before(
        pairs in prop::collection::vec(prop_oneof![4 => "[a-z]{0,2}=?[ a-zé\"]{0,4}".prop_map(String::into_bytes), 1 => header_bytes()], 2..8),
        ends in prop::collection::vec(header_bytes(), 2),
    ) {
        let mut last = LastSetCookie::default();
        for (place, pair) in pairs.iter().enumerate() {
            // The same attributes come twice, and then others; now and then there are none.
            let end = if place % 5 == 4 { &[][..] } else { &ends[place / 2 % 2] };
            let header = [pair, end].concat();
            let (alone, after) = (SetCookie::parse(&header), last.read(&header));
            let spelled = alone.as_ref().map(SetCookie::attributes);
            prop_assert_eq!(after.as_ref().ok().map(|(_, text)| *text), spelled.as_deref().ok());
            prop_assert_eq!(after.map(|(cookie, _)| cookie.clone()), alone);
        }
    }

    #[test]
    fn no_bytes_make_the_date_reader_panic(text in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = super::super::cookie_date(&text);
    }
}
