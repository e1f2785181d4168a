//! The file: its chain, its end, and what is made of one that was changed or cut.

use super::{T0, plausible};
use crate::history::block::{FIRST, UNPACKED_MOST, digest_of, lane_line, trailer_line};
use crate::history::{Ending, Event, HistoryWriter, ReadError, Recorder, Summary, read};
use proptest::prelude::*;
use std::path::Path;

fn written(path: &Path, events: &[Event], blocks: usize) -> Summary {
    let writer = HistoryWriter::create(path).expect("the folder is empty");
    let mut lanes = [0, 1].map(|lane| Recorder::new(lane, T0, writer.sender()));
    for part in events.chunks(events.len().div_ceil(blocks).max(1)) {
        for event in part {
            let Event::Exchange(exchange) = event else { continue };
            lanes[exchange.visitor as usize % 2].record(event).unwrap();
        }
        lanes.iter_mut().for_each(|lane| lane.flush().unwrap());
    }
    writer.finish().unwrap()
}

fn read_bytes(bytes: &[u8]) -> (Result<Ending, ReadError>, Vec<Event>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let mut events = Vec::new();
    let ending = read(file.path(), T0, |event| events.push(event));
    (ending, events)
}

fn sample(blocks: usize) -> (Vec<u8>, Summary) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.jsonl.zst");
    let summary = written(&path, &plausible(6, 3), blocks);
    (std::fs::read(path).unwrap(), summary)
}

/// The lengths of the frames of a file.
fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut frames) = (bytes, Vec::new());
    while !rest.is_empty() {
        let length = zstd::zstd_safe::find_frame_compressed_size(rest).unwrap();
        frames.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    frames
}

#[test]
fn a_finished_history_gives_every_event_back() {
    let (bytes, summary) = sample(2);
    let (ending, events) = read_bytes(&bytes);
    let ending = ending.unwrap();
    assert!(ending.complete && ending.torn.is_none());
    assert_eq!((ending.blocks, &ending.last_digest), (summary.blocks, &summary.last_digest));
    assert_eq!((summary.blocks, summary.bytes), (5, bytes.len() as u64));
    let mut sorted = plausible(6, 3);
    assert_eq!(ending.events as usize, sorted.len());
    for event in events {
        let place = sorted.iter().position(|other| *other == event).expect("each event comes back once");
        sorted.remove(place);
    }
}

#[test]
fn a_recorder_hands_its_block_over_past_a_mebibyte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    let summary = written(&path, &plausible(7000, 3), 1);
    assert!(summary.blocks > 3, "{}", summary.blocks);
    assert!(read(&path, T0, |_| ()).unwrap().complete);
}

#[test]
fn plain_zstd_reads_the_whole_file_as_lines_of_json() {
    let text = String::from_utf8(zstd::stream::decode_all(&sample(3).0[..]).unwrap()).unwrap();
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(text.contains("{\"end\":true}\n"));
}

#[test]
fn a_history_is_never_overwritten() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(HistoryWriter::create(file.path()).unwrap_err().to_string().contains("never overwritten"));
}

#[test]
fn an_edited_byte_in_a_block_packed_anew_breaks_the_chain() {
    let mut frames = frames(&sample(3).0);
    let text = String::from_utf8(zstd::stream::decode_all(&frames[2][..]).unwrap()).unwrap();
    frames[2] = zstd::bulk::compress(text.replacen("\"o\":\"r\"", "\"o\":\"l\"", 1).as_bytes(), 3).unwrap();
    let error = read_bytes(&frames.concat()).0.unwrap_err();
    assert!(matches!(error, ReadError::Block { block: 2, .. }), "{error}");
    assert!(error.to_string().contains("it was changed"), "{error}");
}

#[test]
fn a_block_removed_repeated_or_added_breaks_the_chain() {
    let whole = frames(&sample(3).0);
    let (mut without, mut swapped, mut more) = (whole.clone(), whole.clone(), whole.clone());
    without.remove(1);
    swapped.swap(1, 2);
    more.push(whole[0].clone());
    for (frames, at) in [(without, 1), (swapped, 1), (more, whole.len() as u64)] {
        let error = read_bytes(&frames.concat()).0.unwrap_err();
        assert!(matches!(error, ReadError::Block { block, .. } if block == at), "{error}");
    }
}

#[test]
fn a_history_cut_anywhere_gives_what_is_whole() {
    let (bytes, _) = sample(2);
    let ends: Vec<usize> = frames(&bytes)
        .iter()
        .scan(0, |end, frame| {
            *end += frame.len();
            Some(*end)
        })
        .collect();
    for cut in 0..bytes.len() {
        let (ending, events) = read_bytes(&bytes[..cut]);
        let ending = ending.unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert!(!ending.complete && ending.torn.is_some(), "cut at {cut}");
        assert_eq!(ending.blocks as usize, ends.iter().filter(|&&end| end <= cut).count(), "cut at {cut}");
        assert_eq!(ending.events as usize, events.len());
    }
}

#[test]
fn garbage_is_refused_and_an_empty_file_is_a_history_that_broke_off() {
    for garbage in [&b"this is not a history at all"[..], &[0; 100], &[0xff; 5], b"\x50\x2a\x4d\x18\x00\x00\x00\x00"] {
        assert!(matches!(read_bytes(garbage).0, Err(ReadError::Block { block: 0, .. })), "{garbage:?}");
    }
    let ending = read_bytes(b"").0.unwrap();
    assert_eq!((ending.blocks, ending.complete, ending.torn.is_some()), (0, false, true));
    assert!(matches!(read(Path::new("no/such/history"), T0, |_| ()), Err(ReadError::File(_))));
}

#[test]
fn blocks_and_lines_beyond_their_bounds_are_refused() {
    let bomb = zstd::bulk::compress(&vec![b' '; UNPACKED_MOST + 1], 3).unwrap();
    assert!(read_bytes(&bomb).0.unwrap_err().to_string().contains("16 MiB"));
    let mut lines = format!("{}{}", lane_line(0), " ".repeat(5 << 20)) + "\n";
    lines += &trailer_line(0, &FIRST, &digest_of(&FIRST, lines.as_bytes()));
    let long = zstd::bulk::compress(lines.as_bytes(), 3).unwrap();
    assert!(read_bytes(&long).0.unwrap_err().to_string().contains("4 MiB"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_changed_byte_makes_the_reader_panic_or_goes_unseen(place in any::<proptest::sample::Index>(), change in 1_u8..) {
        let (mut bytes, summary) = sample(2);
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        if let (Ok(ending), events) = read_bytes(&bytes) {
            let whole = plausible(6, 3);
            prop_assert!(events.iter().all(|event| whole.contains(event)));
            prop_assert!(!ending.complete || ending.last_digest == summary.last_digest);
        }
    }
}
