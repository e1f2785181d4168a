//! Plans of random scenarios, against an account of each visitor's journey that is kept by hand.

use super::*;
use crate::policy::{Anchor, When};
use crate::scenario::{Op, Which, With};
use crate::{policy, scenario};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::HashMap;
use std::path::Path;

fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let rng_seed = asked.map_or(RngSeed::Fixed(20_181_209), |_: u32| RngSeed::Random);
    ProptestConfig { cases: asked.unwrap_or(150), rng_seed, failure_persistence: None, ..ProptestConfig::default() }
}

/// A step's text: what it does, and when; a time without `..` is a probe, one with it is a person's own.
fn step() -> impl Strategy<Value = String> {
    let ops = prop_oneof![
        Just("'load'"),
        Just("'browse'"),
        Just("'send'"),
        Just("'read'"),
        Just("'store-inspect'"),
        Just("'load', 'send'")
    ];
    let anchor = prop_oneof![Just("previous"), Just("access"), Just("load"), Just("start")];
    let length = prop_oneof![
        Just("0 s"),
        Just("5 s"),
        Just("0.5 idle"),
        Just("idle - margin"),
        Just("idle + grace + margin"),
        Just("idle + 0.5 grace"),
        Just("2 day"),
        Just("0.9 cookie"),
        Just("cookie - margin"),
        Just("cookie-longest + 2 margin"),
        Just("declared - margin"),
    ];
    let range = (0..40_u32, 1..40_u32).prop_map(|(from, wide)| {
        format!("{}.{} idle .. {}.{} idle", from / 10, from % 10, (from + wide) / 10, (from + wide) % 10)
    });
    let far = Just("0.2 day .. 0.95 cookie".to_owned());
    let at = prop_oneof![3 => length.prop_map(str::to_owned), 3 => range, 1 => far];
    (ops, anchor, at, 1..4_u16).prop_map(|(ops, anchor, at, repeat)| {
        format!("[[journey.step]]\ndo = [{ops}]\nat = \"{anchor} + {at}\"\nrepeat = {repeat}\n")
    })
}

fn scenario() -> impl Strategy<Value = String> {
    let journey = proptest::collection::vec(step(), 1..6);
    proptest::collection::vec(journey, 1..4).prop_map(|journeys| {
        let mut text = "name = 'random'\nvisitors = 40\narrivals = '13 month'\n".to_owned();
        for number in 0..journeys.len() {
            text += &format!("[[cohort]]\njourney = 'j{number}'\nshare = {}\n", number + 1);
        }
        for (number, steps) in journeys.iter().enumerate() {
            text += &format!("[[journey]]\nid = 'j{number}'\nabout = ''\n[[journey.step]]\ndo = ['load']\n");
            text += &steps.concat();
        }
        text
    })
}

fn profile() -> impl Strategy<Value = Profile> {
    (any::<bool>(), 1..30_i64, 60..2_000_usize).prop_map(|(frozen, margin, stops)| Profile {
        clock: "random".into(),
        stops,
        restarts: false,
        jumps: true,
        frozen,
        margin: Length::seconds(margin),
        horizon: Length::days(366 * 13),
        declared: None,
    })
}

fn plan(text: &str, profile: Profile, seed: u64, visitors: u32) -> Option<Plan> {
    let policy = policy::parse(Path::new("p.toml"), policy::BUILT_IN).unwrap();
    let scenario = scenario::parse(Path::new("s.toml"), text).unwrap();
    Plan::new(Arc::new(scenario), &policy, profile, Instant(1_800_000_000_000), seed, visitors).ok()
}

/// What is known of a visitor by hand: when it last did what.
#[derive(Clone, Copy)]
struct Account {
    start: Instant,
    previous: Instant,
    access: Instant,
    load: Instant,
}

/// When a probe is due: its anchor and its length, and never before the step that came before it.
fn due(account: &Account, when: &When, terms: &Terms) -> Instant {
    let anchor = match when.anchor {
        Anchor::Previous => account.previous,
        Anchor::Access => account.access,
        Anchor::Load => account.load,
        Anchor::Start => account.start,
    };
    let seconds = (when.eval(terms).0.0 + 500).div_euclid(1000).max(0);
    (anchor + Length::seconds(seconds)).max(account.previous)
}

/// Whether an instant lies between a deadline's margins, by more than the rounding to whole seconds.
fn between(at: Instant, anchor: Instant, from: Length, to: Length) -> bool {
    let since = at - anchor;
    since > from + Length::seconds(1) && since < to - Length::seconds(1)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn probes_are_taken_at_their_time_and_no_natural_step_between_a_deadline_s_margins(
        text in scenario(), profile in profile(), seed in any::<u64>(),
    ) {
        let Some(plan) = plan(&text, profile, seed, 40) else { return Ok(()) };
        let terms = plan.terms;
        let mut accounts: HashMap<u32, Account> = HashMap::new();
        for stop in plan.stops() {
            for due_step in &stop.due {
                let step = plan.step(due_step);
                let at = stop.at;
                let account = accounts.entry(due_step.visitor);
                let account = account.or_insert(Account { start: at, previous: at, access: at, load: at });
                if let Some(when) = step.at.as_ref().filter(|when| !when.is_range()) {
                    prop_assert!(due_step.exact);
                    prop_assert_eq!(at, due(account, when, &terms), "the probe {:?} of visitor {}", when, due_step.visitor);
                } else if step.at.is_some() {
                    let (idle, over) = (terms.idle - terms.margin, terms.idle + terms.grace + terms.margin);
                    prop_assert!(!between(at, account.access, idle, over), "{} after its access", at - account.access);
                    let (cookie, ended) = (terms.cookie - terms.margin, terms.cookie_longest + terms.margin);
                    prop_assert!(!between(at, account.load, cookie, ended), "{} after its load", at - account.load);
                }
                prop_assert!(at >= account.previous, "a visitor's steps stay in order");
                account.previous = at;
                if step.with == With::Own && step.of != Which::OtherWebsite {
                    let does = |op| step.ops.contains(&op);
                    account.load = if does(Op::Load) { at } else { account.load };
                    let accesses = does(Op::Load) || does(Op::Browse) || does(Op::Send);
                    account.access = if accesses { at } else { account.access };
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_and_any_share_of_it_the_same_visitors(
        text in scenario(), profile in profile(), seed in any::<u64>(), lanes in 1..9_u32,
    ) {
        let Some(one) = plan(&text, profile.clone(), seed, 40) else { return Ok(()) };
        let again = plan(&text, profile.clone(), seed, 40).unwrap();
        prop_assert_eq!(&one.digest, &again.digest);
        prop_assert!(one.stops().eq(again.stops()));
        let steps = |plan: &Plan| {
            let mut steps: HashMap<u32, Vec<u16>> = HashMap::new();
            plan.stops().flat_map(|stop| stop.due).for_each(|due| steps.entry(due.visitor).or_default().push(due.step));
            steps
        };
        let whole = steps(&one);
        // The lanes' shares, walked along the stops of the whole, are these stops.
        let mut shares: Vec<_> = (0..lanes).map(|lane| one.share((lane, lanes))).collect();
        let mut dealt: HashMap<u32, Vec<u16>> = HashMap::new();
        let mut due = Vec::new();
        for (head, stop) in one.heads.iter().zip(one.stops()) {
            let mut all = Vec::new();
            for share in &mut shares {
                share.open(head);
                while share.next_into(&one, &mut due) {
                    prop_assert!(due.iter().all(|step| step.visitor == due[0].visitor), "one visitor at a time");
                    all.append(&mut due);
                }
            }
            prop_assert_eq!((one.at(head), head.due as usize, head.restart), (stop.at, stop.due.len(), stop.restart));
            all.iter().for_each(|due| dealt.entry(due.visitor).or_default().push(due.step));
            all.sort_by_key(|due| (due.visitor, due.step));
            let mut expected = stop.due;
            expected.sort_by_key(|due| (due.visitor, due.step));
            prop_assert_eq!(all, expected);
        }
        prop_assert_eq!(one.stops().count(), one.heads.len());
        let ended = one.stops().flat_map(|stop| stop.due).filter(|due| due.last).count();
        prop_assert_eq!(ended, whole.len(), "each journey ends once");
        prop_assert_eq!(&dealt, &whole);
        // Nor do other visitors change what one does, while nothing lies beyond the horizon.
        if let Some(fewer) = plan(&text, profile, seed, 20) {
            for (visitor, taken) in steps(&fewer) {
                prop_assert_eq!(&taken, &whole[&visitor], "visitor {}", visitor);
            }
        }
    }
}
