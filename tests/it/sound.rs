//! The sound reference server passes, whatever the seed and the number of lanes; a stored run judges the same.

use crate::program::{Reference, check, demo, each, loiter, with_status};
use loiter::history::Event;
use loiter::oracle::{CLAUSES, Case, Frame, Model, fate, fingerprint};
use loiter::record::Stored;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the built-in policy leaves open.
const OPEN: [&str; 4] =
    ["cookie.replayed-after-expiry", "session.single-after-end", "ip.agent-only-conversation", "ip.after-agent-delete"];

/// What two runs of one seed must share: verdicts and counts, not instants or ids.
fn projection(result: &Value) -> Vec<Value> {
    let keep = |clause: &Value| {
        serde_json::json!([
            clause["id"],
            clause["status"],
            clause["passed"],
            clause["failed"],
            clause["inconclusive"],
            clause["longest_span_s"]
        ])
    };
    result["clauses"].as_array().expect("clauses").iter().map(keep).collect()
}

#[test]
fn the_sound_server_passes_every_clause_for_a_hundred_seeds() {
    let seeds: Vec<usize> = (1..=100).collect();
    each(&seeds, 2, |&seed| {
        let (lanes, sweep) = (["1", "2", "3"][seed % 3], ["1", "10", "60"][seed / 3 % 3]);
        let folder = tempfile::tempdir().unwrap();
        let server = Reference::start(folder.path(), &["--test-clock", "--sweep", sweep]);
        let words = ["--visitors", "700", "--lanes", lanes, "--seed", &seed.to_string()];
        let target = "scenarios/targets/reference.toml";
        let (exit, result) = check(target, &server.url, &folder.path().join("run"), &words);
        let (passed, open) = (with_status(&result, "pass").len(), with_status(&result, "not-applicable").len());
        let all = result["clauses"].as_array().unwrap().len();
        let told = format!("seed {seed}, {lanes} lanes, sweep {sweep}: {} {}", result["sentence"], result["remarks"]);
        assert_eq!((exit, passed, open), (Some(0), all - OPEN.len(), OPEN.len()), "{told}");
        assert_eq!(with_status(&result, "not-applicable"), OPEN, "{told}");
    });
}

#[test]
fn one_lane_finds_what_two_find_and_judge_finds_what_the_live_run_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut found = Vec::new();
    for lanes in ["1", "2"] {
        let run = folder.path().join(lanes);
        let (exit, live) = demo(&run, &["--visitors", "1500", "--lanes", lanes, "--defect", "idle-25-minutes"]);
        assert_eq!(exit, 1);
        let judged = loiter(&["judge", "--format", "json", run.to_str().unwrap()]);
        let again: Value = serde_json::from_slice(&judged.stdout).unwrap();
        assert_eq!(judged.status.code(), Some(1));
        assert_eq!(again["clauses"], live["clauses"]);
        assert_eq!(again["coverage"], live["coverage"]);
        assert_eq!(live["coverage"][0]["ref"], "§1.3");
        found.push(projection(&live));
    }
    assert_eq!(found[0], found[1]);
}

#[test]
fn what_is_known_of_a_visitor_takes_few_bytes_and_clauses_find_nothing_where_they_are_not_concerned() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let (exit, _) = demo(&run, &["--visitors", "1500"]);
    assert_eq!(exit, 0);
    let stored = Stored::open(&run).unwrap();
    let (oracle, mut tally) = (stored.oracle(), stored.oracle().tally());
    let mut visitors: BTreeMap<u32, (Model, [u64; 3])> = BTreeMap::new();
    let mut found = 0;
    let ending = stored.read(
        |_| true,
        |event| {
            let Event::Exchange(exchange) = event else { return };
            let (model, [carrier, current, previous]) = visitors.entry(exchange.visitor).or_default();
            model.prepare(exchange);
            let case = Case::new(&oracle.rules, model, exchange);
            for clause in CLAUSES.iter().filter(|clause| clause.judge(&case).is_some()) {
                found += 1;
                assert!(clause.concerns().includes(exchange.op, fate(case.life())), "{}: {exchange:?}", clause.id());
            }
            oracle.fold(model, exchange, &mut tally);
            if let Some(cookie) = exchange.cookie.as_ref().filter(|_| exchange.op.is_visitors()) {
                *carrier = fingerprint(&cookie.value);
            }
            let shown = exchange.session.as_deref().filter(|_| exchange.op.is_visitors()).map(fingerprint);
            if let Some(id) = shown.filter(|id| id != current) {
                (*current, *previous) = (id, *current);
            }
        },
    );
    assert!(ending.unwrap().complete && found > 1500, "{found} findings");
    let t0 = stored.facts.t0;
    let (mut sum, mut most) = (0, 0);
    for (model, known) in visitors.values() {
        let (mut bytes, frame) = (Vec::new(), Frame { t0, known: *known });
        model.freeze(&frame, &mut bytes);
        assert_eq!(Model::thaw(&frame, &mut &bytes[..]).as_ref(), Some(model));
        (sum, most) = (sum + bytes.len(), most.max(bytes.len()));
    }
    let mean = sum as f64 / visitors.len() as f64;
    println!("a frozen model takes {mean:.1} bytes on average, and {most} at the most");
    assert!(visitors.len() == 1500 && mean <= 60.0, "{mean} bytes on average");
}
