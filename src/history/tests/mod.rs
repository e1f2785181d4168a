//! The codec's round trip, and what it costs.

mod file;

use super::*;
use crate::instant::{Instant, Interval};
use crate::scenario::{Op, Which};
use proptest::prelude::*;

const T0: Instant = Instant(1_790_000_000_000);

fn text() -> impl Strategy<Value = Box<str>> {
    prop_oneof![Just("a".into()), Just("b".into()), Just(String::new()), any::<String>()].prop_map(String::into)
}

fn said() -> impl Strategy<Value = Said> {
    prop_oneof![
        4 => (1_u16..6).prop_map(Said::Own),
        1 => (any::<u32>(), any::<u16>(), text())
            .prop_map(|(visitor, number, text)| Said::Foreign { visitor, number, text }),
        1 => (any::<u16>(), text()).prop_map(|(number, text)| Said::Altered { number, text }),
        1 => text().prop_map(Said::Plain),
    ]
}

fn read_list() -> impl Strategy<Value = Vec<Said>> {
    let counted = (1_u16..5).prop_map(|last| (1..=last).map(Said::Own).collect());
    prop_oneof![counted, proptest::collection::vec(said(), 0..5)]
}

fn stored() -> impl Strategy<Value = Stored> {
    prop_oneof![Just(Stored::Own), text().prop_map(Stored::Other)]
}

fn identity() -> impl Strategy<Value = Identity> {
    let parts = (text(), any::<Option<i64>>(), any::<Option<i64>>(), any::<Option<i64>>());
    parts.prop_map(|(value, max_age_s, expires_s, date_s)| Identity { value, max_age_s, expires_s, date_s })
}

fn at() -> impl Strategy<Value = Interval> {
    let any_two = (any::<i64>(), any::<i64>()).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let near = (0_i64..100_000, 0_i64..3).prop_map(|(since, length)| (T0.0 + since, T0.0 + since + length));
    prop_oneof![any_two, near].prop_map(|(lo, hi)| Interval::new(Instant(lo), Instant(hi)))
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let which = prop_oneof![3 => Just(Which::Current), 1 => Just(Which::Previous), 1 => Just(Which::OtherWebsite)];
    let status = prop_oneof![Just(0), Just(200), Just(404), Just(403), Just(429), any::<u16>()];
    let who = (0_u32..3, any::<u32>(), any::<u16>(), proptest::sample::select(&Op::ALL[..]), which, at());
    let how = (proptest::sample::select(&Outcome::ALL[..]), status, any::<bool>(), any::<Option<bool>>());
    let what = (
        proptest::option::of(text()),
        proptest::option::of(read_list()),
        proptest::option::of(1_u16..5),
        proptest::option::of(identity()),
        proptest::option::of(proptest::collection::vec(stored(), 0..3)),
        any::<Option<u32>>(),
        proptest::option::of(text()),
    );
    (who, how, what).prop_map(|(who, how, what)| {
        let ((visitor, stop, step, op, of, at), (outcome, status, carried, fresh)) = (who, how);
        let (session, said, message, cookie, addresses, address_rows, note) = what;
        Exchange {
            visitor, stop, step, op, of, at, outcome, status, carried, session, fresh, said, message, cookie,
            addresses, address_rows, note,
        }
    })
}

fn event() -> impl Strategy<Value = Event> {
    let source = (any::<String>(), at()).prop_map(|(name, now)| Source { name, now });
    let clock = (any::<u32>(), any::<i64>(), proptest::collection::vec(source, 0..3), any::<bool>());
    let clock = clock.prop_map(|(stop, asked, sources, moved)| Attestation { stop, asked: Instant(asked), sources, moved });
    prop_oneof![9 => exchange().prop_map(Event::Exchange), 1 => clock.prop_map(Event::Attestation)]
}

proptest! {
    #[test]
    fn what_is_decoded_is_what_was_encoded(events in proptest::collection::vec(event(), 1..30)) {
        let (mut there, mut back) = (Codec::new(T0), Codec::new(T0));
        for event in &events {
            let mut line = Vec::new();
            there.encode(event, &mut line);
            let line = String::from_utf8(line).unwrap();
            prop_assert_eq!(line.find('\n'), Some(line.len() - 1), "one event is one line");
            prop_assert_eq!(&back.decode(&line).unwrap(), event);
        }
    }

    #[test]
    fn no_line_makes_the_codec_panic(
        lines in proptest::collection::vec(any::<String>(), 0..5),
        event in event(), cut in any::<proptest::sample::Index>(),
    ) {
        let mut codec = Codec::new(T0);
        for line in lines {
            let _ = codec.decode(&line);
        }
        let mut line = Vec::new();
        Codec::new(T0).encode(&event, &mut line);
        line.remove(cut.index(line.len()));
        let _ = codec.decode(&String::from_utf8_lossy(&line));
    }
}

#[test]
fn an_index_that_nothing_stands_for_is_refused() {
    let head = r#"{"v":1,"p":2,"i":3,"o":"r","t":[4]"#;
    for rest in [r#","s":0}"#, r#","s":2}"#, r#","m":1}"#, r#","k":{"v":0}}"#, r#","a":2}"#, r#","c":2}"#, r#","y":1}"#] {
        assert!(Codec::new(T0).decode(&format!("{head}{rest}")).is_err(), "{rest}");
    }
    assert!(Codec::new(T0).decode(&format!("{head}}}")).is_ok());
}

/// Events as a run has them: a page, a message and a reading, by many visitors in turn, with ids that cannot be
/// guessed.
pub(super) fn plausible(visitors: u32, rounds: u16) -> Vec<Event> {
    let mut events = Vec::new();
    for round in 0..rounds {
        for visitor in 0..visitors {
            let stop = u32::from(round) * 7 + visitor % 5;
            let id = hex(&super::block::digest_of(&[0; 32], &visitor.to_le_bytes())[..16]);
            let begun = i64::from(stop) * 86_400_000 + i64::from(visitor) * 3;
            for (index, op) in [Op::Load, Op::Send, Op::Read].into_iter().enumerate() {
                let lo = Instant(T0.0 + begun + index as i64);
                let exchange = Exchange {
                    visitor, stop, step: round * 3 + index as u16, op, of: Which::Current,
                    at: Interval::new(lo, Instant(lo.0 + 1 + i64::from(visitor % 3))),
                    outcome: Outcome::Ok, status: 200, carried: round > 0 || index > 0,
                    session: Some(id[..26].into()),
                    fresh: (op == Op::Load).then_some(round == 0),
                    said: (op == Op::Read).then(|| (1..=round + 1).map(Said::Own).collect()),
                    message: (op == Op::Send).then_some(round + 1),
                    cookie: (op == Op::Load).then(|| Identity {
                        value: id[6..].into(), max_age_s: Some(15_724_800), expires_s: None, date_s: None,
                    }),
                    addresses: None, address_rows: None, note: None,
                };
                events.push(Event::Exchange(exchange));
            }
        }
    }
    events
}

#[test]
fn a_plausible_exchange_takes_few_bytes() {
    let (events, mut codec, mut lines) = (plausible(5000, 4), Codec::new(T0), Vec::new());
    for event in &events {
        codec.encode(event, &mut lines);
    }
    let packed = zstd::bulk::compress(&lines, 3).unwrap();
    let each = |bytes: usize| bytes as f64 / events.len() as f64;
    println!("{:.1} bytes an exchange, {:.1} packed", each(lines.len()), each(packed.len()));
    assert!(each(packed.len()) < 20.0, "{}", each(packed.len()));
}
