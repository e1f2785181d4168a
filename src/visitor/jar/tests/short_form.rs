//! The short form against the full jar.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use url::Url;

use super::super::{Carrier, Jar, SetCookie, Site, Stored};
use super::{DAY_MS, Y2011_MS, Y2036_MS, url};

fn site(urls: &[&str]) -> (Site, Vec<Url>) {
    let urls: Vec<_> = urls.iter().map(|text| url(text)).collect();
    (Site::new("sid", &urls).expect("a site"), urls)
}

fn carrier(header: &str, site: &Site, from: &str) -> Option<Carrier> {
    let cookie = SetCookie::parse(header.as_bytes()).expect("it parses");
    Carrier::from_set_cookie(&cookie, site, &url(from), Y2011_MS)
}

#[test]
fn a_carrier_is_32_bytes_and_its_value() {
    assert_eq!(size_of::<Option<Carrier>>(), 32);
}

#[test]
fn only_a_cookie_that_goes_with_every_request_has_a_short_form() {
    let (site, _) = site(&["http://www.shop.test/", "http://www.shop.test/chat/send"]);
    let from = "http://www.shop.test/chat/send";
    for simple in ["sid=1; Path=/", "sid=1; Path=/; Domain=www.shop.test; HttpOnly", "sid=1; Path=/; Domain=shop.test"]
    {
        assert!(carrier(simple, &site, from).is_some(), "{simple}");
    }
    for other in ["sid=1", "sid=1; Path=/chat", "x=1; Path=/", "sid=1; Path=/; Secure", "sid=1; Path=/; Max-Age=0"] {
        assert!(carrier(other, &site, from).is_none(), "{other}");
    }
    assert!(carrier("sid=1", &site, "http://www.shop.test/").is_some());
    assert!(carrier("sid=1; Path=/", &site, "http://shop.test/").is_none());
}

#[test]
fn a_target_of_two_hosts_or_of_mixed_security_has_no_short_form() {
    for urls in [["http://a.test/", "http://b.test/"], ["http://a.test/", "https://a.test/"]] {
        assert!(Site::new("sid", &urls.map(url)).is_none());
    }
    assert!(Site::new("sid", &["http://a.test:1/", "ws://a.test:2/chat"].map(url)).is_some());
    assert!(Site::new("sid", &["https://a.test/", "wss://a.test/chat"].map(url)).is_some());
    assert!(Site::new("sid", &[]).is_none());
}

#[test]
fn a_carrier_is_sent_until_the_millisecond_of_its_expiry() {
    let (site, urls) = site(&["http://www.shop.test/"]);
    let mut held = None;
    let stored = site.receive(&mut held, &urls[0], b"sid=abc; Max-Age=60", Y2011_MS);
    assert_eq!(stored, Some(Stored::Kept));
    assert_eq!(site.header(held.as_ref(), Y2011_MS + 59_999).as_deref(), Some("sid=abc"));
    assert_eq!(site.header(held.as_ref(), Y2011_MS + 60_000), None);
}

/// A browser that stays in the short form for as long as it can.
enum Browser {
    Short(Option<Carrier>),
    Full(Jar),
}

impl Browser {
    fn receive(&mut self, site: &Site, url: &Url, header: &[u8], now_ms: i64) -> Stored {
        if let Self::Short(held) = self {
            if let Some(stored) = site.receive(held, url, header, now_ms) {
                return stored;
            }
            *self = Self::Full(held.as_ref().map_or_else(Jar::new, |carrier| carrier.thaw(site, now_ms)));
        }
        match self {
            Self::Full(jar) => jar.store(url, header, now_ms),
            Self::Short(_) => unreachable!("it was thawed"),
        }
    }

    fn header(&mut self, site: &Site, url: &Url, now_ms: i64) -> Option<String> {
        match self {
            Self::Short(held) => site.header(held.as_ref(), now_ms),
            Self::Full(jar) => jar.header(url, now_ms),
        }
    }

    fn expiry(&self, url: &Url, now_ms: i64) -> Option<Option<i64>> {
        match self {
            Self::Short(held) => held.as_ref().filter(|held| held.is_live(now_ms)).map(Carrier::expires_ms),
            Self::Full(jar) => jar.get(url, "sid", now_ms).map(|cookie| cookie.expires_ms),
        }
    }

    fn close(&mut self) {
        match self {
            Self::Short(held) => *held = held.take().filter(Carrier::is_persistent),
            Self::Full(jar) => jar.end_browser_session(),
        }
    }
}

const SITES: &[&[&str]] = &[
    &["http://www.shop.test/", "http://www.shop.test/chat"],
    &["https://www.shop.test/app/visit", "https://www.shop.test/app/chat/send", "wss://www.shop.test/app/ws"],
    &["http://localhost:3000/visit", "http://localhost:3000/api/chat"],
    &["http://127.0.0.1/app/", "http://127.0.0.1/app/x"],
];

/// What a browser may meet: a value from one of the site's addresses, or the end of its session.
#[derive(Debug, Clone)]
struct Step {
    pause_ms: i64,
    from: usize,
    header: Option<String>,
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![30 => Just("sid"), 1 => Just("SID"), 1 => Just("other"), 1 => Just("")].prop_map(String::from)
}

fn lifetime() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(String::new()),
        4 => (-1_i64..100_000_000).prop_map(|seconds| format!("; Max-Age={seconds}")),
        2 => (0_i64..10).prop_map(|seconds| format!("; Max-Age={seconds}")),
        1 => Just("; Max-Age=99999999999999999999".to_owned()),
        3 => (1..29, 2010..2039).prop_map(|(day, year)| format!("; Expires={day} Mar {year} 10:00:00 GMT")),
        1 => Just("; Expires=never".to_owned()),
    ]
}

fn attributes() -> impl Strategy<Value = String> {
    let path = prop_oneof![
        6 => Just("; Path=/"), 3 => Just(""), 2 => Just("; Path=/app"), 1 => Just("; Path=/app/"), 1 => Just("; Path=/chat"),
        1 => Just("; Path="), 1 => Just("; Path=/ap"),
    ];
    let domain = prop_oneof![
        9 => Just(""), 2 => Just("; Domain=www.shop.test"), 2 => Just("; Domain=.shop.test"), 1 => Just("; Domain=test"),
        1 => Just("; Domain=localhost"), 1 => Just("; Domain=127.0.0.1"), 1 => Just("; Domain="),
    ];
    let flags = prop_oneof![
        4 => Just(""), 2 => Just("; Secure; HttpOnly"), 1 => Just("; Secure; SameSite=None"), 1 => Just("; SameSite=None"),
        1 => Just("; Partitioned"), 1 => Just("; x=\u{1}"),
    ];
    (path, domain, flags).prop_map(|(path, domain, flags)| format!("{path}{domain}{flags}"))
}

/// Attributes are drawn from a few fixed choices of the run, so that values often meet the cookie held.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(attributes(), 1..3).prop_flat_map(|choices| {
        let header = (name(), "[a-z0-9é =]{0,4}", prop::sample::select(choices), lifetime())
            .prop_map(|(name, value, attributes, lifetime)| format!("{name}={value}{attributes}{lifetime}"));
        let pause_ms = prop_oneof![Just(0), 0_i64..12_000, 0_i64..500 * DAY_MS];
        let step = (pause_ms, 0_usize..6, prop::option::weighted(0.95, header));
        prop::collection::vec(step.prop_map(|(pause_ms, from, header)| Step { pause_ms, from, header }), 1..24)
    })
}

/// How often each form decided.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    short_kept: usize,
    short_replaced: usize,
    short_removed: usize,
    thawed: usize,
}

impl Tally {
    fn note(&mut self, browser: &Browser, stored: Stored) {
        match (browser, stored) {
            (Browser::Full(_), _) => self.thawed += 1,
            (_, Stored::Kept) => self.short_kept += 1,
            (_, Stored::Replaced) => self.short_replaced += 1,
            (_, Stored::Removed) => self.short_removed += 1,
            (_, Stored::Rejected(_)) => {}
        }
    }
}

/// Plays the steps in both forms, which must agree before and after each.
fn play(texts: &[&str], steps: &[Step], start_ms: i64, tally: &Cell<Tally>) -> Result<(), TestCaseError> {
    let (site, urls) = site(texts);
    let (mut jar, mut browser, mut now_ms) = (Jar::new(), Browser::Short(None), start_ms);
    for step in steps {
        now_ms += step.pause_ms;
        agree(&site, &urls, &mut browser, &mut jar, now_ms)?;
        let from = &urls[step.from % urls.len()];
        if let Some(header) = &step.header {
            let wanted = jar.store(from, header.as_bytes(), now_ms);
            let got = browser.receive(&site, from, header.as_bytes(), now_ms);
            prop_assert_eq!(got, wanted, "{}", header);
            let mut counts = tally.get();
            counts.note(&browser, got);
            tally.set(counts);
        } else {
            jar.end_browser_session();
            browser.close();
        }
        agree(&site, &urls, &mut browser, &mut jar, now_ms)?;
    }
    Ok(())
}

fn agree(site: &Site, urls: &[Url], browser: &mut Browser, jar: &mut Jar, now_ms: i64) -> Result<(), TestCaseError> {
    for to in urls {
        prop_assert_eq!(browser.header(site, to, now_ms), jar.header(to, now_ms), "{} at {}", to, now_ms);
        let wanted = jar.get(to, "sid", now_ms);
        if let Browser::Full(thawed) = browser {
            prop_assert_eq!(thawed.get(to, "sid", now_ms), wanted.clone());
        }
        let wanted = wanted.map(|cookie| cookie.expires_ms);
        prop_assert_eq!(browser.expiry(to, now_ms), wanted, "{} at {}", to, now_ms);
    }
    Ok(())
}

#[test]
fn the_short_form_and_the_full_jar_never_differ() {
    let tally = Cell::new(Tally::default());
    let config = ProptestConfig { cases: 1024, source_file: Some(file!()), ..ProptestConfig::default() };
    let starts = prop::sample::select(vec![Y2011_MS, Y2036_MS]);
    let strategy = (prop::sample::select(SITES), steps(), starts);
    TestRunner::new(config)
        .run(&strategy, |(texts, steps, start_ms)| play(texts, &steps, start_ms, &tally))
        .unwrap_or_else(|failure| panic!("{failure}"));
    let Tally { short_kept, short_replaced, short_removed, thawed } = tally.get();
    println!("{:?}", tally.get());
    assert!([short_kept, short_replaced, short_removed, thawed].iter().all(|&count| count > 100), "{:?}", tally.get());
}

fn step(pause_ms: i64, from: usize, header: &str) -> Step {
    Step { pause_ms, from, header: (!header.is_empty()).then(|| header.to_owned()) }
}

#[test]
fn an_ordinary_life_of_a_session_cookie_stays_in_the_short_form() {
    let life = [
        step(0, 0, "sid=a; Path=/; Max-Age=1800; HttpOnly"),
        step(60_000, 0, "sid=a; Path=/; Max-Age=1800; HttpOnly"),
        step(1_800_000, 0, "sid=b; Path=/; Max-Age=1800; HttpOnly"),
        step(60_000, 0, "sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        step(400 * DAY_MS, 0, "sid=c; Path=/"),
        step(DAY_MS, 0, ""),
        step(DAY_MS, 0, "sid=d; Path=/; Expires=Fri, 31 Dec 9999 23:59:59 GMT"),
        step(400 * DAY_MS, 0, "other=; Max-Age=0"),
    ];
    for texts in SITES {
        let tally = Cell::new(Tally::default());
        play(texts, &life, Y2011_MS, &tally).expect("they agree");
        let Tally { short_kept, short_replaced, short_removed, thawed } = tally.get();
        assert_eq!((short_kept, short_replaced, short_removed, thawed), (4, 1, 2, 0));
    }
}

#[test]
fn the_opening_of_a_secure_websocket_may_set_a_secure_cookie_in_both_forms() {
    let steps = [step(0, 2, "sid=1; Path=/; Secure; HttpOnly")];
    let tally = Cell::new(Tally::default());
    play(SITES[1], &steps, Y2011_MS, &tally).expect("they agree");
    assert_eq!(tally.get().short_kept, 1);
}

#[test]
fn a_second_cookie_of_the_name_thaws_the_first_with_its_place_and_expiry() {
    let steps = [
        step(0, 0, "sid=1; Path=/app; Domain=shop.test; Max-Age=60; Secure"),
        step(1, 0, "sid=2; Path=/app; Max-Age=60"),
        step(59_998, 0, "sid=3; Path=/; Domain=shop.test"),
        step(1, 0, ""),
        step(1, 0, "sid=4; Path=/"),
    ];
    let tally = Cell::new(Tally::default());
    play(SITES[1], &steps, Y2011_MS, &tally).expect("they agree");
    assert_eq!((tally.get().short_kept, tally.get().thawed), (1, 3));
}
