//! Random histories of servers that are sound, and of servers that are broken in one named way.
//!
//! Two judges see each: the oracle, which knows what a run records, and an omniscient one, which knows every true
//! instant and what the server really did. A sound server is never condemned. Of a broken one the oracle condemns
//! nothing that did not happen, and overlooks nothing that can be told from the record. What need not be told, and why:
//!
//! - *something before left it open*: a request without an answer or with an error, somebody else's identity, cleared
//!   cookies, another website, or requests at once; what they did is not known, and the oracle keeps the worlds open;
//! - *ids are used again*: the carrier is the session's id, so that a new session looks like the old one;
//! - *the answer does not show it*: it names no session, or its clause judges by another view, or within a visit and at
//!   a return only;
//! - *its interval, or a reading or greeting, leaves it open*: some instants within it are sound; or the policy does not
//!   say whether reading is an access and a greeting makes a session permanent; or a positive control is wanted first.
//!
//! `PROPTEST_CASES` asks for more histories, and for others than the usual ones. A failure prints its shrunk script and the history that it gives.

mod histories;
mod omniscient;
mod script;
mod server;

use super::*;
use histories::{History, play};
use omniscient::{Kind, Violation, judge};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use script::script;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How many histories are tried, unless `PROPTEST_CASES` says otherwise.
fn cases(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    // The usual ones are the same every time; who asks for more wants others.
    let rng_seed = asked.map_or(RngSeed::Fixed(20_181_209), |_: u32| RngSeed::Random);
    ProptestConfig { cases: asked.unwrap_or(usual), rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// The clauses that failed within the first lines, with what was seen first.
fn condemned(history: &History, lines: usize) -> Vec<(&'static str, String)> {
    let oracle = Oracle::new(history.rules.clone(), &[]);
    let (mut tally, mut model) = (oracle.tally(), Model::default());
    history.lines[..lines].iter().for_each(|line| oracle.fold(&mut model, line, &mut tally));
    let found = oracle.clauses().iter().zip(tally.clauses).filter(|(_, counted)| counted.failed > 0);
    found.map(|(clause, counted)| (clause.id(), counted.failures[0].seen.clone())).collect()
}

/// Each violation that must be told from the record, and that the oracle did not tell until then.
fn overlooked(history: &History, found: &[Violation]) -> Vec<Violation> {
    let told = |violation: &Violation| {
        let condemned = condemned(history, violation.line + 1);
        condemned.iter().any(|(clause, _)| violation.kind.clauses().contains(clause))
    };
    found.iter().filter(|violation| violation.unseen.is_none() && !told(violation)).cloned().collect()
}

/// Each clause that the oracle condemned, though the server did nothing of the kind.
///
/// Once a session was lost, or its messages were unseen, the oracle cannot know which one its visitor has; nor can it
/// where the server broke the policy and ids are used again. Whatever it takes the next session for then is the
/// server's fault.
fn unfounded(history: &History, found: &[Violation], condemned: &[(&'static str, String)]) -> Vec<&'static str> {
    let confused = |violation: &Violation| match violation.kind {
        Kind::Lost => true,
        Kind::NotWhole => violation.unseen.is_some(),
        _ => history.rules.can.carrier_is_session,
    };
    let explains =
        |violation: &Violation, clause: &&'static str| violation.kind.clauses().contains(clause) || confused(violation);
    let founded = |clause: &&'static str| found.iter().any(|violation| explains(violation, clause));
    condemned.iter().map(|(clause, _)| *clause).filter(|clause| !founded(clause)).collect()
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn a_server_that_keeps_the_policy_is_never_condemned(script in script(false)) {
        let history = play(&script);
        let condemned = condemned(&history, history.lines.len());
        prop_assert!(condemned.is_empty(), "{condemned:#?}\n{}", told(&history));
    }

    #[test]
    fn the_omniscient_judge_finds_nothing_in_a_server_that_keeps_the_policy(script in script(false)) {
        let history = play(&script);
        let sure: Vec<_> = judge(&history).into_iter().filter(|violation| violation.unseen.is_none()).collect();
        prop_assert!(sure.is_empty(), "{sure:?}\n{}", told(&history));
    }
}

/// What a caller knows of the visitor's texts after so many lines.
fn frame(lines: &[Exchange]) -> Frame {
    let own = || lines.iter().rev().filter(|line| line.op.is_visitors());
    let cookie = own().find_map(|line| line.cookie.as_ref().map(|cookie| fingerprint(&cookie.value)));
    let mut shown: Vec<u64> = own().filter_map(|line| line.session.as_deref().map(fingerprint)).collect();
    shown.dedup();
    let known = [cookie, shown.first().copied(), shown.get(1).copied()].map(Option::unwrap_or_default);
    Frame { t0: lines[0].at.lo, known }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn a_visitor_who_is_frozen_between_its_exchanges_is_judged_like_one_who_is_not(script in script(true)) {
        let history = play(&script);
        let oracle = Oracle::new(history.rules.clone(), &[]);
        let (mut tally, mut frozen_tally) = (oracle.tally(), oracle.tally());
        let (mut model, mut thawed) = (Model::default(), Model::default());
        for (place, line) in history.lines.iter().enumerate() {
            oracle.fold(&mut model, line, &mut tally);
            oracle.fold(&mut thawed, line, &mut frozen_tally);
            thawed = super::freeze::thawed(&frame(&history.lines[..=place]), &thawed).0;
            prop_assert_eq!(&thawed, &model);
        }
        prop_assert_eq!(tally.clauses, frozen_tally.clauses);
    }
}

/// Asks every clause about a line, and gives those that find something though they say that it does not concern them,
/// and how many found anything.
fn unconcerned(rules: &Rules, model: &Model, line: &Exchange) -> (Vec<&'static str>, usize) {
    let case = Case::new(rules, model, line);
    let found: Vec<_> = CLAUSES.iter().filter(|clause| clause.judge(&case).is_some()).collect();
    let says_no = found.iter().filter(|clause| !clause.concerns().includes(line.op, fate(case.life())));
    (says_no.map(|clause| clause.id()).collect(), found.len())
}

#[test]
fn a_clause_finds_nothing_where_it_says_that_it_is_not_concerned() {
    let found = RefCell::new(0);
    let run = TestRunner::new(cases(2000)).run(&script(true), |script| {
        let history = play(&script);
        let oracle = Oracle::new(history.rules.clone(), &[]);
        let (mut tally, mut model) = (oracle.tally(), Model::default());
        for line in &history.lines {
            let mut before = model.clone();
            before.prepare(line);
            // A target file may have any answer show addresses, a visitor's too.
            let addresses = Some(vec![Stored::Other("192.0.2.1".into())]);
            for line in [line, &Exchange { addresses, ..line.clone() }] {
                let (says_no, count) = unconcerned(&history.rules, &before, line);
                prop_assert!(says_no.is_empty(), "{says_no:?} at {line:?}\n{}", told(&history));
                *found.borrow_mut() += count;
            }
            oracle.fold(&mut model, line, &mut tally);
        }
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(found.into_inner() > 10_000, "clauses were asked about what concerns them too");
}

/// How many histories of broken servers showed what.
#[derive(Debug, Default)]
struct Counted {
    histories: u32,
    broken: u32,
    must_be_told: u32,
    condemned: u32,
    unseen: BTreeMap<&'static str, u32>,
}

#[test]
fn what_is_told_of_a_broken_server_is_so_and_what_can_be_told_is() {
    let counted = RefCell::new(Counted::default());
    let run = TestRunner::new(cases(4000)).run(&script(true), |script| {
        let history = play(&script);
        let (found, condemned) = (judge(&history), condemned(&history, history.lines.len()));
        let counted = &mut *counted.borrow_mut();
        counted.histories += 1;
        counted.broken += u32::from(!found.is_empty());
        counted.must_be_told += u32::from(found.iter().any(|violation| violation.unseen.is_none()));
        counted.condemned += u32::from(!condemned.is_empty());
        for reason in found.iter().filter_map(|violation| violation.unseen) {
            *counted.unseen.entry(reason).or_default() += 1;
        }
        let (overlooked, unfounded) = (overlooked(&history, &found), unfounded(&history, &found, &condemned));
        prop_assert!(overlooked.is_empty(), "{overlooked:?} was overlooked\n{condemned:#?}\n{}", told(&history));
        prop_assert!(unfounded.is_empty(), "{unfounded:?} did not happen\n{condemned:#?}\n{}", told(&history));
        Ok(())
    });
    run.unwrap_or_else(|failure| panic!("{failure}"));
    let counted = counted.into_inner();
    println!("{counted:#?}");
    assert!(counted.broken * 6 > counted.histories, "a sixth of the histories show their server's fault: {counted:?}");
    assert!(counted.must_be_told * 6 > counted.broken, "a sixth of these must be told: {counted:?}");
    assert!(counted.condemned * 2 > counted.broken, "half of these are condemned: {counted:?}");
    assert_eq!(counted.unseen.len(), 4, "each reason not to tell one applies: {counted:?}");
}

/// A history, one line an exchange, for people.
fn told(history: &History) -> String {
    let start = history.lines.first().map_or(0, |line| line.at.lo.0);
    let second = |instant: Instant| (instant.0 - start) as f64 / 1000.0;
    let mut text = String::new();
    for line in &history.lines {
        let cookie = line.cookie.as_ref().map(|cookie| (&*cookie.value, cookie.term_s(&line.at)));
        text += &format!("{:.3}..{:.3} s {} {:?}", second(line.at.lo), second(line.at.hi), line.op, line.outcome);
        text += &format!(" of {:?} {:?} carried {} message {:?}", line.of, line.how, line.carried, line.message);
        text += &format!(" session {:?} fresh {:?} said {:?}", line.session, line.fresh, line.said);
        text += &format!(" cookie {cookie:?} addresses {:?} rows {:?}\n", line.addresses, line.address_rows);
    }
    text
}
