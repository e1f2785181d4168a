//! The http-state working group's cases, read from a folder beside the project's when it is there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use url::Url;

use super::super::{Jar, cookie_date, http_date};
use super::{Y2011_MS, url};

/// The cases in which RFC 6265bis asks for something else than the suite, with the header it asks for.
const BY_RFC6265BIS: &[(&str, Option<&str>)] = &[
    // Section 5.7 step 2: a cookie without a name is kept when it has a value. It is sent as its value
    // alone; the next one without a name replaces it; one with neither is ignored.
    ("0004", Some("foo")),
    ("0021", Some("a=b; x; c=d")),
    ("0023", Some("foo")),
    ("0024", Some("foo")),
    ("0025", Some("foo")),
    ("0026", Some("foo")),
    ("0027", Some("bar")),
    ("0028", Some("foo")),
    ("CHROMIUM0009", Some("BLAHHH")),
    ("CHROMIUM0010", Some(r#""BLA\"HHH""#)),
    ("CHROMIUM0012", Some("ABC")),
    ("MOZILLA0012", Some(r#"test="fubar! = foo; five"#)),
    ("MOZILLA0014", Some("six")),
    ("MOZILLA0015", Some("seven")),
    ("MOZILLA0016", Some("eight")),
    ("MOZILLA0017", Some("eight; test=six")),
    ("NAME0017", Some("a=bar")),
    ("NAME0023", Some("foo")),
    ("NAME0025", Some("==a=bar")),
    ("NAME0028", Some("a")),
    ("NAME0031", Some(r#""foo"#)),
    ("NAME0032", Some(r#""foo\"bar"#)),
    ("NAME0033", Some("aaa")),
    // Section 5.6 step 1: a control character ends the matter; nothing is cut off at it.
    ("DISABLED_CHROMIUM0022", None),
    ("DISABLED_CHROMIUM0023", None),
    // Section 5.1.4: paths are compared as written, without decoding percent signs.
    ("DISABLED_PATH0029", None),
    // Sections 5.6.3 and 5.7 step 7: the last Domain counts even if it is empty, and makes it host-only.
    ("OPTIONAL_DOMAIN0042", Some("foo=bar")),
];

fn read(file: &str) -> Option<Value> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/cookies");
    let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
        println!("skipped: no {file} in ../shared/cookies beside the project");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}")))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// The header that the suite asks for.
fn by_suite(case: &Value) -> Option<String> {
    let pair = |sent: &Value| format!("{}={}", text(&sent["name"]), text(&sent["value"]));
    let pairs: Vec<_> = list(&case["sent"]).iter().map(pair).collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

fn by_jar(case: &Value) -> Option<String> {
    let name = text(&case["test"]);
    let from = url(&format!("http://home.example.org:8888/cookie-parser?{}", name.to_lowercase()));
    let to = match case.get("sent-to") {
        Some(to) => from.join(text(to)),
        None => from.join(&format!("/cookie-parser-result?{name}")),
    };
    let to: Url = to.expect("an address");
    let mut jar = Jar::new();
    for header in list(&case["received"]) {
        jar.store(&from, text(header).as_bytes(), Y2011_MS);
    }
    jar.header(&to, Y2011_MS)
}

#[test]
fn all_222_cases_of_the_working_group_hold_with_27_judged_by_rfc6265bis() {
    let Some(cases) = read("parser.json") else {
        return;
    };
    let mut wrong = Vec::new();
    let mut by_rfc = 0;
    for case in list(&cases) {
        let name = text(&case["test"]);
        let wanted = match BY_RFC6265BIS.iter().find(|(id, _)| *id == name) {
            Some((_, header)) => {
                by_rfc += 1;
                header.map(str::to_owned)
            }
            None => by_suite(case),
        };
        let got = by_jar(case);
        if got != wanted {
            wrong.push(format!("{name}: wanted {wanted:?}, got {got:?}"));
        }
    }
    assert_eq!((list(&cases).len(), by_rfc), (222, BY_RFC6265BIS.len()));
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_cases_judged_by_rfc6265bis_are_those_on_the_list_and_each_of_them_differs() {
    let (Some(listed), Some(cases)) = (read("divergences-rfc6265bis.json"), read("parser.json")) else {
        return;
    };
    let groups = listed["divergences"].as_object().expect("groups");
    let ids: BTreeSet<_> = groups.values().flat_map(list).map(text).collect();
    assert_eq!(ids, BY_RFC6265BIS.iter().map(|(id, _)| *id).collect());
    for case in list(&cases).iter().filter(|case| ids.contains(text(&case["test"]))) {
        assert_ne!(by_jar(case), by_suite(case), "{}", case["test"]);
    }
}

#[test]
fn all_70_dates_are_read_as_the_working_group_reads_them() {
    let (Some(some), Some(more)) = (read("dates.json"), read("dates-more.json")) else {
        return;
    };
    let cases: Vec<_> = list(&some).iter().chain(list(&more)).collect();
    assert_eq!(cases.len(), 70);
    for case in cases {
        let wanted = case["expected"].as_str().map(imf_fixdate);
        assert_eq!(cookie_date(text(&case["test"]).as_bytes()), wanted, "{case}");
    }
}

/// Reads the one form in which the expected dates are written, without the code under test: it counts the
/// days one by one.
fn imf_fixdate(date: &str) -> i64 {
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let number = |at: std::ops::Range<usize>| -> i64 { date[at].parse().expect("a number") };
    let month = MONTHS.find(&date[8..11]).expect("a month") / 3;
    let year = number(12..16);
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let mut days: i64 = (1970..year).map(|year| 365 + leap(year)).sum();
    days += DAYS[..month].iter().sum::<i64>() + number(5..7) - 1;
    days += if month > 1 { leap(year) } else { 0 };
    ((days * 24 + number(17..19)) * 60 + number(20..22)) * 60 + number(23..25)
}

#[test]
fn the_three_forms_of_an_http_date_give_the_same_second() {
    for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
        assert_eq!(http_date(date.as_bytes()), Some(784_111_777), "{date}");
    }
}

#[test]
fn dates_that_no_calendar_has_are_not_dates() {
    for date in ["30 Feb 2012 00:00:00", "29 Feb 2011 00:00:00", "31 Apr 2011 00:00:00", "1 Jan 1600 00:00:00"] {
        assert_eq!(cookie_date(date.as_bytes()), None, "{date}");
    }
    assert_eq!(cookie_date(b"29 Feb 2012 00:00:00"), Some(1_330_473_600));
    assert_eq!(cookie_date(b"1 Jan 1601 00:00:00"), Some(-11_644_473_600));
    assert_eq!(cookie_date(b"31 Dec 9999 23:59:59"), Some(253_402_300_799));
}
