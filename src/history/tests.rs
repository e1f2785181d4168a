use super::*;
use crate::instant::{Instant, Interval, Length};
use crate::scenario::{Op, Origin, Which, With};
use proptest::prelude::*;
use std::path::PathBuf;

const T0: Instant = Instant(1_800_000_000_000);

fn exchange() -> impl Strategy<Value = Exchange> {
    let text = || "[a-z]{1,6}".prop_map(|text| text.into_boxed_str());
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

proptest! {
    #[test]
    fn what_was_encoded_is_decoded_to_the_letter(exchanges in proptest::collection::vec(exchange(), 0..40)) {
        let (mut encoder, mut decoder) = (Codec::new(T0), Codec::new(T0));
        for exchange in exchanges {
            let event = Event::Exchange(exchange);
            let mut line = Vec::new();
            encoder.encode(&event, &mut line);
            let line = String::from_utf8(line).unwrap();
            prop_assert_eq!(decoder.decode(line.trim_end()), Ok(event));
        }
    }
}

fn plain(visitor: u32, stop: u32) -> Event {
    let at = Interval::new(T0, T0);
    let told = Exchange {
        visitor,
        stop,
        at,
        outcome: Outcome::Absent,
        status: 404,
        carried: true,
        ..Exchange::blank(Op::Read)
    };
    Event::Exchange(told)
}

fn written(folder: &tempfile::TempDir) -> (PathBuf, u64, Summary) {
    let path = folder.path().join("history.jsonl.zst");
    let writer = HistoryWriter::create(&path).unwrap();
    let mut lanes = [Recorder::new(1, T0, writer.sender()), Recorder::new(2, T0, writer.sender())];
    for index in 0..20_000 {
        lanes[index as usize % 2].record(&plain(index, index / 100));
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
