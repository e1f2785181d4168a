//! The sound reference server passes, whatever the seed and the number of lanes; a stored run judges the same.

use crate::program::{demo, loiter, with_status};
use serde_json::Value;

/// What two runs of one seed must share: verdicts and counts, not instants or ids.
fn projection(result: &Value) -> Vec<Value> {
    let keep = |clause: &Value| {
        serde_json::json!([
            clause["id"],
            clause["status"],
            clause["passed"],
            clause["failed"],
            clause["inconclusive"],
            clause["stops"],
            clause["longest_span_s"]
        ])
    };
    result["clauses"].as_array().expect("clauses").iter().map(keep).collect()
}

#[test]
fn the_sound_server_passes_every_clause_for_twenty_seeds() {
    for seed in 1..=20 {
        let folder = tempfile::tempdir().unwrap();
        let (exit, result) = demo(&folder.path().join("run"), &["--visitors", "1000", "--seed", &seed.to_string()]);
        assert_eq!((exit, with_status(&result, "pass").len()), (0, 31), "seed {seed}: {}", result["remarks"]);
    }
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
