//! A bad network between loiter and a server is never held against the server, and does not hide what it does wrong.

use crate::program::{Reference, check, each, with_status};
use crate::proxy::{Fault, Faults, Proxy};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// How long loiter waits for an answer here.
const TIMEOUT: Duration = Duration::from_millis(150);

/// One run behind the proxy.
struct Run {
    seed: u64,
    lanes: &'static str,
    sweep: &'static str,
    faults: (u64, u64),
    kinds: &'static [Fault],
    visitors: &'static str,
    defect: Option<&'static str>,
}

/// What a run came to.
struct Came {
    exit: Option<i32>,
    result: Value,
    proxy: Proxy,
}

impl Run {
    fn hold(&self) -> Came {
        let folder = tempfile::tempdir().unwrap();
        let mut words = vec!["--test-clock", "--sweep", self.sweep];
        words.extend(self.defect.iter().flat_map(|defect| ["--defect", defect]));
        let server = Reference::start(folder.path(), &words);
        let (visitors, others) = self.faults;
        let proxy = Proxy::start(
            &server.url,
            Faults { seed: self.seed, visitors, others, kinds: self.kinds, timeout: TIMEOUT },
        );
        let target = target(folder.path());
        let seed = self.seed.to_string();
        let words = ["--seed", &seed, "--lanes", self.lanes, "--visitors", self.visitors];
        let (exit, result) = check(&target, &proxy.url, &folder.path().join("run"), &words);
        Came { exit, result, proxy }
    }
}

/// The reference server's target file, with a time-out that is soon over.
fn target(folder: &Path) -> String {
    let text = std::fs::read_to_string("scenarios/targets/reference.toml").unwrap();
    let file = folder.join("target.toml");
    std::fs::write(&file, format!("timeout = \"{} ms\"\n{text}", TIMEOUT.as_millis())).unwrap();
    file.to_str().unwrap().to_owned()
}

/// How many exchanges ended like this.
fn ended(result: &Value, outcome: &str) -> u64 {
    let operations = result["figures"]["operations"].as_array().unwrap();
    operations.iter().filter_map(|row| row["outcomes"][outcome].as_u64()).sum()
}

/// What is said of each clause that did not pass.
fn said(result: &Value) -> String {
    let clauses = result["clauses"].as_array().unwrap().iter().filter(|clause| clause["status"] != "pass");
    clauses
        .map(|clause| format!("{} {} {} {}\n", clause["id"], clause["status"], clause["reason"], clause["failures"]))
        .collect()
}

#[test]
fn faults_of_the_network_are_never_held_against_a_sound_server() {
    // More seeds than an ordinary run takes, for whoever looks for a false alarm.
    let seeds = std::env::var("LOITER_FAULT_SEEDS").map_or(8, |count| count.parse().unwrap());
    let all: Vec<u64> = (1..=seeds).collect();
    let (done, hurt) = (Mutex::new(BTreeMap::new()), Mutex::new(BTreeMap::new()));
    each(&all, 4, |&seed| {
        let run = Run {
            seed,
            lanes: if seed % 2 == 0 { "1" } else { "3" },
            sweep: ["1", "10", "60"][usize::try_from(seed % 3).unwrap()],
            faults: if seed % 4 < 2 { (30, 0) } else { (50, 10) },
            kinds: &Fault::ALL,
            visitors: "400",
            defect: None,
        };
        let Came { exit, result, proxy } = run.hold();
        let remarks = &result["remarks"];
        assert_eq!(with_status(&result, "fail"), Vec::<String>::new(), "seed {seed}: {remarks}\n{}", said(&result));
        assert!(matches!(exit, Some(0 | 2)), "seed {seed}: {exit:?} {remarks}");
        assert_eq!(result["fate"]["unavailable"], false, "seed {seed} comes to its end: {remarks}");
        for clause in result["clauses"].as_array().unwrap() {
            let told = clause["status"] == "pass" || clause["reason"].is_string();
            assert!(told, "seed {seed}: {clause} has a reason");
        }
        for outcome in ["unknown", "error"] {
            *hurt.lock().unwrap().entry(outcome).or_insert(0) += ended(&result, outcome);
        }
        for (fault, count) in proxy.done() {
            *done.lock().unwrap().entry(fault).or_insert(0) += count;
        }
    });
    // How many requests a single run loses is chance; all runs together lose more than ten each.
    let hurt = hurt.into_inner().unwrap();
    assert!(hurt.len() == 2 && hurt.values().all(|count| *count > 10 * seeds), "{hurt:?}");
    let done = done.into_inner().unwrap();
    assert!(Fault::ALL.iter().all(|fault| done.get(fault).is_some_and(|count| *count > 5)), "{done:?}");
}

#[test]
fn faults_of_the_network_do_not_hide_a_defect() {
    let defects = [
        (1, "idle-25-minutes", "session.not-destroyed-early"),
        (2, "never-destroyed", "session.destroyed-after-idle"),
        (3, "cookie-5-months", "cookie.lifetime"),
        (4, "message-lost", "restore.acknowledged"),
        (5, "mixed-websites", "session.isolated"),
        (6, "ip-in-side-table", "ip.removed-with-session"),
    ];
    each(&defects, 3, |&(seed, defect, clause)| {
        let run = Run {
            seed,
            lanes: "2",
            sweep: "10",
            faults: (20, 5),
            kinds: &Fault::ALL,
            visitors: "500",
            defect: Some(defect),
        };
        let Came { exit, result, .. } = run.hold();
        let failed = with_status(&result, "fail");
        assert!(failed.iter().any(|id| id == clause), "{defect} is caught by {clause}, not by {failed:?}");
        assert_eq!(exit, Some(1), "{defect}: {}", result["remarks"]);
    });
}

#[test]
fn a_server_that_can_hardly_be_reached_is_unavailable_and_not_condemned() {
    let kinds = &[Fault::AnsweredLate, Fault::ResetAfter, Fault::Truncated, Fault::RefusedBefore];
    let run = Run { seed: 1, lanes: "2", sweep: "10", faults: (990, 0), kinds, visitors: "400", defect: None };
    let Came { exit, result, .. } = run.hold();
    assert_eq!(with_status(&result, "fail"), Vec::<String>::new(), "{}", said(&result));
    assert_eq!((exit, &result["fate"]["unavailable"]), (Some(2), &Value::Bool(true)), "{}", result["remarks"]);
    assert!(result["remarks"].to_string().contains("request after request failed"), "{}", result["remarks"]);
    assert!(said(&result).contains("target-unavailable"), "{}", said(&result));
}
