//! A model that was frozen and thawed is the same, whatever it is.

use super::super::model::Held;
use super::*;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// Fingerprints of texts that the caller keeps.
const KNOWN: [u64; 3] = [11, u64::MAX, 33];

const T0: i64 = 1_800_000_000_000;

fn frame() -> Frame {
    Frame { t0: Instant(T0), known: KNOWN }
}

/// The model after it was frozen, in so many bytes, and thawed.
pub(super) fn thawed(frame: &Frame, model: &Model) -> (Model, usize) {
    let mut bytes = vec![7];
    model.freeze(frame, &mut bytes);
    bytes.push(9);
    let mut rest = &bytes[1..];
    let thawed = Model::thaw(frame, &mut rest).expect("what was frozen can be thawed");
    assert_eq!(rest, [9], "as much is read as was written");
    (thawed, bytes.len() - 2)
}

fn instant() -> impl Strategy<Value = Instant> {
    prop_oneof![
        Just(Instant::NEVER),
        (0..400 * DAY).prop_map(|second| Instant(T0 + second * 1000)),
        (0..5_i64).prop_map(|second| Instant(T0 + second * 1000)),
        (0..13 * 366 * DAY * 1000).prop_map(|milli| Instant(T0 + milli)),
        any::<i64>().prop_map(Instant),
    ]
}

fn interval() -> impl Strategy<Value = Interval> {
    (instant(), prop_oneof![Just(0), 0..3000_i64, any::<i64>()])
        .prop_map(|(lo, width)| Interval { lo, hi: Instant(lo.0.wrapping_add(width)) })
}

fn fingerprint() -> impl Strategy<Value = u64> {
    prop_oneof![proptest::sample::select(KNOWN.to_vec()), any::<u64>()]
}

fn count() -> impl Strategy<Value = Option<u32>> {
    of(prop_oneof![0..3_u32, any::<u32>()])
}

fn held() -> impl Strategy<Value = Held> {
    (fingerprint(), [interval(), interval(), interval()], of(interval()), any::<[bool; 4]>(), any::<u16>()).prop_map(
        |(value, [set, full, first], end, flags, renewals)| Held {
            value,
            set,
            full: if flags[0] { set } else { full },
            end: if flags[1] {
                let term = |instant: Instant| Instant(instant.0.wrapping_add(182 * DAY * 1000));
                Some(Interval { lo: term(set.lo), hi: term(set.hi) })
            } else {
                end
            },
            first: if flags[2] { set } else { first },
            renewals: if flags[2] { 0 } else { renewals },
            maybe_renewed: flags[3],
        },
    )
}

fn messages() -> impl Strategy<Value = Vec<model::Message>> {
    let by = proptest::sample::select(vec![Author::Visitor, Author::Agent, Author::Greeting]);
    let number = prop_oneof![0..5_u16, any::<u16>()];
    let times = prop_oneof![Just(1), any::<u8>()];
    let message = (number, by, any::<[bool; 3]>(), times).prop_map(|(number, by, flags, times)| model::Message {
        number,
        by,
        certain: flags[0],
        placed: flags[1],
        again: flags[2],
        times,
    });
    let row = (0..40_u16, prop_oneof![Just(1), 0..5_u16, Just(u16::MAX - 3)]).prop_map(|(length, first)| {
        let usual = |number| model::Message { certain: true, placed: true, ..model::Message::unsure(number) };
        (first..=u16::MAX).take(length.into()).map(usual).collect()
    });
    prop_oneof![row, vec(message, 0..6)]
}

fn deletion() -> impl Strategy<Value = Deletion> {
    prop_oneof![Just(Deletion::No), Just(Deletion::Maybe), interval().prop_map(Deletion::Certain)]
}

fn session() -> impl Strategy<Value = Session> {
    let ids = (fingerprint(), of(fingerprint()));
    let times = (interval(), of(interval()), of(interval()), of(instant()), of(instant()));
    let rest = (messages(), deletion(), proptest::sample::select(vec![None, Some(Gone::Idle), Some(Gone::Deleted)]));
    let numbers = ([count(), count(), count()], any::<u16>(), of(any::<(u32, u16)>()));
    (ids, times, rest, numbers, any::<[bool; 16]>()).prop_map(|(ids, times, rest, numbers, flags)| {
        let (created, access, accessed_before, maybe_access, pause) = times;
        Session {
            id: ids.0,
            identity: ids.1,
            created,
            access: access.unwrap_or(created),
            accessed_before,
            maybe_access,
            returned_after: pause.map(|pause| Length(pause.0)),
            messages: rest.0,
            deletion: rest.1,
            seen_gone: rest.2,
            lost: flags[0],
            unclear: flags[1],
            agent_saw: flags[2],
            store_saw: flags[3],
            agent_saw_address: flags[4],
            store_saw_address: flags[5],
            address_rows: numbers.0[0],
            session_rows: numbers.0[1],
            log_lines: numbers.0[2],
            settled: flags[6],
            missed: [flags[7], flags[8], flags[9]],
            restarts: if flags[10] { 0 } else { numbers.1 },
            last_second: flags[11],
            moved: flags[12],
            forged: flags[13],
            race: numbers.2,
        }
    })
}

fn model() -> impl Strategy<Value = Model> {
    let sessions = (of(session()), of(session()), prop_oneof![3 => Just(Vec::new()), 1 => vec(session(), 0..3)]);
    let rest = (of(interval()), of(instant()), of(any::<u16>()), of(any::<(u32, u16)>()), any::<[bool; 2]>());
    (of(held()), sessions, rest).prop_map(|(held, (current, previous, orphans), rest)| Model {
        held,
        current,
        previous: previous.map(Box::new),
        access: rest.0,
        maybe_access: rest.1,
        orphans,
        late: rest.2,
        cleared: rest.3,
        strays: rest.4[0],
        astray: rest.4[1],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_model_is_the_same_after_it_was_frozen(model in model()) {
        prop_assert_eq!(&thawed(&frame(), &model).0, &model);
    }

    #[test]
    fn a_model_is_thawed_into_another_as_if_that_had_been_empty(model in model(), mut other in model()) {
        let mut bytes = Vec::new();
        model.freeze(&frame(), &mut bytes);
        prop_assert_eq!(other.thaw_into(&frame(), &mut &bytes[..]), Some(()));
        prop_assert_eq!(&other, &model);
    }

    #[test]
    fn what_is_no_model_is_refused_or_read_as_one_and_never_believed_beyond_its_end(bytes in vec(any::<u8>(), 0..80)) {
        let mut rest = &bytes[..];
        let read = Model::thaw(&frame(), &mut rest);
        prop_assert!(read.is_none() || bytes.ends_with(rest));
    }

    #[test]
    fn a_model_that_was_cut_short_is_refused(model in model(), cut in 1..8_usize) {
        let mut bytes = Vec::new();
        model.freeze(&frame(), &mut bytes);
        let left = bytes.len().saturating_sub(cut);
        prop_assert_eq!(Model::thaw(&frame(), &mut &bytes[..left]), None);
    }
}

/// A visitor who came once, and one who came back after its session had ended, with messages.
#[test]
fn usual_visitors_take_few_bytes() {
    let once = tale().at(10).arrives();
    let chatter = once.clone().at(60).sends(1).at(80).sends(2).at(200).reads("s1", &[1, 2]);
    let seen = chatter.clone().at(300).seen_by(Op::AgentInspect).seen_by(Op::StoreInspect);
    let back = seen.clone().at(40 * DAY).load("s1").sets("c1", TERM).with(&[1, 2]).sends(3);
    let twice = once.clone().at(30 * DAY).load("s2").sets("c2", TERM).at(30 * DAY + 60).sends(1).sends(2).sends(3);
    for (tale, most) in [(once, 20), (chatter, 27), (seen, 29), (back, 34), (twice, 45)] {
        let oracle = Oracle::new(tale.rules.clone(), &[]);
        let (mut tally, mut model) = (oracle.tally(), Model::default());
        tale.told.iter().for_each(|line| oracle.fold(&mut model, line, &mut tally));
        let current = model.current.as_ref().map_or(0, |session| session.id);
        let previous = model.previous.as_ref().map_or(0, |session| session.id);
        let known = [model.held.map_or(0, |held| held.value), current, previous];
        let (again, length) = thawed(&Frame { t0: Instant(0), known }, &model);
        assert_eq!(again, model);
        println!("{length} bytes of {most}");
        assert!(length <= most, "{length} bytes of {most}");
    }
}
