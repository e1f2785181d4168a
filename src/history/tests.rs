use super::line::Line;
use super::scan::scan;
use super::write::write;
use super::*;
use crate::instant::{Instant, Interval, Length};
use crate::scenario::{Op, Origin, Which, With};
use proptest::prelude::*;
use std::path::PathBuf;

const T0: Instant = Instant(1_800_000_000_000);

fn exchange() -> impl Strategy<Value = Exchange> {
    let text = || prop_oneof![4 => "[a-z]{1,6}", 1 => any::<String>()].prop_map(|text| text.into_boxed_str());
    let said = prop_oneof![
        (1..4_u16).prop_map(Said::Own),
        (0..9_u32, 1..4_u16, text()).prop_map(|(visitor, number, text)| Said::Foreign { visitor, number, text }),
        (1..4_u16, text()).prop_map(|(number, text)| Said::Altered { number, text }),
        text().prop_map(Said::Plain),
    ];
    let cookie = (text(), any::<Option<i64>>(), any::<Option<i64>>(), any::<Option<i64>>()).prop_map(
        |(value, max_age_s, expires_s, date_s)| Identity {
            attributes: max_age_s.map(|age| format!("Path=/{}", age % 3).into()),
            beside: date_s.is_some(),
            value,
            max_age_s,
            expires_s,
            date_s,
        },
    );
    let stored =
        prop_oneof![Just(Stored::Own), Just(Stored::Away), Just(Stored::Forged), text().prop_map(Stored::Other)];
    let who = (0..3_u32, 0..9_u32, 0..5_u16, 0..11_usize, 0..4_usize);
    let when = (
        0..1_000_000_i64,
        prop_oneof![Just(0), 1..5000_i64],
        0..6_usize,
        prop_oneof![Just(200), Just(404), Just(0), 100..600_u16],
    );
    let what = (
        any::<bool>(),
        proptest::option::of("[ab]"),
        any::<Option<bool>>(),
        proptest::option::of(proptest::collection::vec(said, 0..4)),
    );
    let rest = (
        proptest::option::of(1..4_u16),
        proptest::option::of(cookie),
        proptest::option::of(proptest::collection::vec(stored, 0..3)),
        any::<Option<u32>>(),
        proptest::option::of(text()),
    );
    let how = (0..5_usize, 0..4_usize, any::<bool>(), any::<bool>()).prop_map(|(with, from, raced, cleared)| How {
        with: [With::Own, With::Forged, With::Altered, With::Expired, With::Previous][with],
        from: [Origin::Home, Origin::Away, Origin::Mapped, Origin::Forger][from],
        raced,
        cleared,
    });
    let more = (
        how,
        0..3_u16,
        proptest::option::of(text()),
        proptest::collection::vec(text(), 0..2),
        any::<Option<u32>>(),
        any::<Option<u32>>(),
    );
    (who, when, what, rest, more).prop_map(
        |(
            (visitor, stop, step, op, of),
            (after, width, outcome, status),
            (carried, session, fresh, said),
            (message, cookie, addresses, address_rows, note),
            (how, restarts, sent, strange, session_rows, log_lines),
        )| Exchange {
            visitor,
            stop,
            step,
            op: Op::ALL[op],
            of: [Which::Current, Which::Previous, Which::OtherWebsite, Which::Orphans][of],
            how,
            restarts,
            reveals: sent.clone(),
            sent,
            strange,
            session_rows,
            log_lines,
            at: Interval::new(T0 + Length(after), T0 + Length(after + width)),
            outcome: Outcome::ALL[outcome],
            status,
            carried,
            session: session.map(String::into_boxed_str),
            fresh,
            said,
            message,
            cookie,
            addresses,
            address_rows,
            note,
        },
    )
}

/// Lines by the definition: serde's.
fn lines_of(exchanges: &[Exchange]) -> Vec<String> {
    let (mut codec, mut visitors) = (Codec::new(T0), Visitors::<Known>::default());
    let line = |exchange: &Exchange| {
        let known = visitors.of(exchange.visitor);
        let line = serde_json::to_string(&codec.line(known, exchange)).unwrap();
        known.learn(exchange);
        line
    };
    exchanges.iter().map(line).collect()
}

fn encoded(exchanges: &[Exchange]) -> Vec<String> {
    let (mut codec, mut visitors) = (Codec::new(T0), Visitors::default());
    let line = |exchange: &Exchange| {
        let mut line = Vec::new();
        codec.encode(visitors.of(exchange.visitor), exchange, &mut line);
        String::from_utf8(line).unwrap().trim_end_matches('\n').to_owned()
    };
    exchanges.iter().map(line).collect()
}

fn decoded(lines: &[String], wanted: impl Fn(u32) -> bool + Copy) -> Result<Vec<Exchange>, String> {
    let (mut codec, mut visitors) = (Codec::new(T0), Visitors::default());
    let mut place = Exchange::blank(Op::Load);
    let mut exchanges = Vec::new();
    for line in lines {
        if codec.decode(line, wanted, &mut visitors, &mut place)? == Decoded::Exchange {
            exchanges.push(place.clone());
        }
    }
    Ok(exchanges)
}

/// A line in which something stands at a wrong place, is missing, or is there twice.
fn disturbed(line: &str, from: usize, to: usize, what: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let (from, to) = (from % (characters.len() + 1), to % (characters.len() + 1));
    let (before, behind) = (&characters[..from], &characters[to..]);
    before.iter().copied().chain(what.chars()).chain(behind.iter().copied()).collect()
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded_to_the_letter(exchanges in proptest::collection::vec(exchange(), 0..40)) {
        prop_assert_eq!(decoded(&encoded(&exchanges), |_| true), Ok(exchanges));
    }

    #[test]
    fn what_is_written_by_hand_is_what_serde_writes(exchanges in proptest::collection::vec(exchange(), 0..40)) {
        prop_assert_eq!(encoded(&exchanges), lines_of(&exchanges));
    }

    #[test]
    fn those_who_are_not_wanted_are_stepped_over(exchanges in proptest::collection::vec(exchange(), 0..40)) {
        let wanted = |visitor| visitor == 1;
        let own: Vec<_> = exchanges.iter().filter(|exchange| wanted(exchange.visitor)).cloned().collect();
        prop_assert_eq!(decoded(&encoded(&exchanges), wanted), Ok(own));
    }

    #[test]
    fn what_is_read_by_hand_is_what_serde_reads(
        exchange in exchange(),
        (from, to) in (0..400_usize, 0..400_usize),
        near in any::<bool>(),
        what in prop_oneof![
            Just(String::new()), "[0-9]{1,22}", "[-+.eE0\", :{}\\[\\]\\\\]{1,3}", Just("null".into()), any::<String>(),
            Just(",\"n\":1".into()), Just(",\"m\":[]".into()), Just("\"current\"".into()), Just("\\u0041".into()),
        ],
    ) {
        for line in lines_of(&[exchange]) {
            let to = if near { from + to % 3 } else { to };
            for line in [disturbed(&line, from, to, &what), line] {
                if let Some(scanned) = scan(&line) {
                    prop_assert_eq!(Some(scanned), serde_json::from_str::<Line>(&line).ok());
                }
                // Whatever comes of it, it is no panic.
                let _ = decoded(&[line], |_| true);
            }
        }
    }
}

/// Lines of a real run.
const LINES: [&str; 13] = [
    r#"{"v":15,"p":0,"o":0,"t":0,"s":"04419f13e55d9d46","f":true,"m":0,"k":{"v":"5384a7d931551f97","a":15768000},"g":"Path=/"}"#,
    r#"{"v":33,"p":0,"o":7,"t":0,"m":0,"a":1,"y":1,"u":1,"d":0}"#,
    r#"{"v":15,"p":1,"n":1,"o":2,"t":-5000,"c":1,"x":1}"#,
    r#"{"v":15,"p":1,"n":1,"o":2,"t":5000,"l":20,"c":1,"x":3}"#,
    r#"{"v":15,"p":553,"n":1,"o":3,"t":8220275000,"c":1,"s":0,"m":2,"k":{"v":"0","e":-1,"d":0,"b":true},"q":{"r":true},"g":0}"#,
    r#"{"v":15,"p":554,"n":2,"o":4,"t":8220275000,"c":1,"s":"abc","m":[{"n":1}],"a":["away","forged"]}"#,
    r#"{"v":15,"p":555,"n":2,"o":5,"w":"previous","t":8220275000,"s":1,"x":4,"a":[]}"#,
    r#"{"v":15,"p":556,"n":2,"o":6,"w":"orphans","t":8220275000,"r":"absent","q":{"f":"away"},"b":1}"#,
    r#"{"v":15,"p":557,"n":2,"o":7,"t":8220275000,"r":"absent","h":0,"m":3,"a":["own","own"],"y":0,"u":0,"d":0}"#,
    r#"{"v":15,"p":558,"n":3,"o":3,"t":8220275000,"r":"unknown","c":1,"e":"no answer within 5 s","q":{"w":"forged"},"i":"x"}"#,
    r#"{"v":15,"p":559,"n":3,"o":8,"w":"other-website","t":8220275000,"r":"throttled","f":false,"q":{"c":true}}"#,
    r#"{"v":15,"p":560,"n":3,"o":9,"t":8220275000,"r":"forbidden","j":"in hexadecimal"}"#,
    r#"{"v":15,"p":561,"n":4,"o":10,"t":8220275000,"r":"error"}"#,
];

#[test]
fn the_lines_of_real_runs_need_no_serde_and_come_back_byte_for_byte() {
    for line in LINES {
        let scanned = scan(line).unwrap_or_else(|| panic!("not scanned: {line}"));
        assert_eq!(scanned, serde_json::from_str::<Line>(line).unwrap());
        let mut out = Vec::new();
        write(&scanned, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), line);
    }
    let lines = LINES.map(String::from);
    let exchanges = decoded(&lines, |_| true).unwrap();
    assert_eq!(exchanges.len(), lines.len());
    assert_eq!(encoded(&exchanges), lines);
    let read = &exchanges[4];
    assert_eq!(read.session.as_deref(), Some("04419f13e55d9d46"));
    assert_eq!(read.said, Some(vec![Said::Own(1), Said::Own(3)]));
    assert_eq!(read.cookie.as_ref().unwrap().attributes.as_deref(), Some("Path=/"));
    assert_eq!((exchanges[6].session.as_deref(), exchanges[12].restarts), (Some("04419f13e55d9d46"), 1));
}

#[test]
fn a_line_that_cannot_be_true_is_refused() {
    for line in [
        r#"{"v":1,"p":0,"o":0,"t":0,"s":0}"#,
        r#"{"v":1,"p":0,"o":0,"t":0,"m":1}"#,
        r#"{"v":1,"p":0,"o":0,"t":0,"l":-1}"#,
        r#"{"v":1,"p":0,"o":0,"t":0,"k":{"v":"x"},"g":0}"#,
        r#"{"v":1,"p":0,"o":11,"t":0}"#,
        r#"{"v":4294967296,"p":0,"o":0,"t":0}"#,
        r#"{"v":1,"v":1,"p":0,"o":0,"t":0}"#,
    ] {
        assert!(decoded(&[line.to_owned()], |_| true).is_err(), "{line}");
    }
    let far = r#"{"v":4294967295,"p":0,"o":0,"t":0}"#;
    assert_eq!(decoded(&[far.to_owned()], |_| true).unwrap()[0].visitor, u32::MAX);
}

fn plain(visitor: u32, stop: u32) -> Exchange {
    let at = Interval::new(T0, T0);
    Exchange { visitor, stop, at, outcome: Outcome::Absent, status: 404, carried: true, ..Exchange::blank(Op::Read) }
}

fn written(folder: &tempfile::TempDir) -> (PathBuf, u64, Summary) {
    let path = folder.path().join("history.jsonl.zst");
    let writer = HistoryWriter::create(&path).unwrap();
    let mut lanes = [Recorder::new(1, T0, writer.sender()), Recorder::new(2, T0, writer.sender())];
    for index in 0..20_000 {
        lanes[index as usize % 2].record(&mut Known::default(), &plain(index, index / 100));
        lanes[index as usize % 2].flush();
    }
    drop(lanes);
    (path, 20_000, writer.finish().unwrap())
}

#[test]
fn a_history_reads_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (path, events, summary) = written(&folder);
    let mut seen = 0;
    let ending = read(&path, T0, |_| seen += 1).unwrap();
    assert!(ending.complete && ending.blocks > 10, "{ending:?}");
    assert_eq!((ending.events, seen, ending.digest), (events, events, summary.digest));
    assert!(zstd::stream::decode_all(std::fs::File::open(&path).unwrap()).is_ok(), "plain zstd reads it too");
}

#[test]
fn that_the_clock_was_lost_is_on_disk_before_anybody_acts() {
    let (sender, blocks) = std::sync::mpsc::sync_channel(1);
    let mut conductor = Recorder::new(0, T0, sender);
    let obeyed = Attestation { stop: 0, asked: T0, sources: Default::default(), moved: true };
    conductor.attest(&obeyed);
    conductor.flush();
    assert!(blocks.try_recv().is_err(), "little is kept for later");
    conductor.attest(&Attestation { moved: false, ..obeyed });
    let (lane, lines) = blocks.try_recv().unwrap();
    assert_eq!((lane, String::from_utf8(lines).unwrap().lines().count()), (0, 2));
}

#[test]
fn a_torn_history_gives_what_is_whole_and_says_that_it_is_not_complete() {
    let folder = tempfile::tempdir().unwrap();
    let (path, events, summary) = written(&folder);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(bytes.len() as u64, summary.bytes);
    for cut in [0, 1, 3, 17, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let ending = read(&path, T0, |_| {}).unwrap();
        assert!(!ending.complete && ending.events <= events, "cut at {cut}: {ending:?}");
    }
}

#[test]
fn a_changed_line_breaks_the_chain_even_where_its_own_seal_was_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (path, ..) = written(&folder);
    let text = String::from_utf8(zstd::stream::decode_all(std::fs::File::open(&path).unwrap()).unwrap()).unwrap();
    let changed = text.replacen("\"v\":5,", "\"v\":6,", 1).replacen("\"v\":4,", "\"v\":6,", 1);
    assert_ne!(text, changed);
    let mut file = Vec::new();
    let mut block = String::new();
    for line in changed.lines() {
        block.push_str(line);
        block.push('\n');
        if line.starts_with("{\"block\"") {
            file.extend(zstd::bulk::compress(block.as_bytes(), 3).unwrap());
            block.clear();
        }
    }
    std::fs::write(&path, file).unwrap();
    assert!(matches!(read(&path, T0, |_| {}), Err(ReadError::Block { .. })));
}

#[test]
fn what_is_no_history_is_refused_without_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for bytes in [
        b"garbage, no zstd".to_vec(),
        zstd::bulk::compress(b"{}\n", 3).unwrap(),
        zstd::bulk::compress(&[0xff; 100], 3).unwrap(),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert!(read(&path, T0, |_| {}).is_err());
    }
    assert!(matches!(read(&folder.path().join("nothing"), T0, |_| {}), Err(ReadError::Io(_))));
}
