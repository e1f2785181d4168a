//! A server whose clock nobody may move, under a policy with scaled terms, in wall time.

use crate::program::{Reference, loiter, said, with_status};
use std::path::Path;

const POLICY: &str = r#"
id = "staging"
extends = "crisp-2018-12-09"
[session]
idle = "6 s"
grace = "3 s"
delete_grace = "2 s"
"#;

/// The reference server's target file, with a wall clock.
fn target(folder: &Path) -> String {
    let text = std::fs::read_to_string("scenarios/targets/reference.toml").unwrap();
    let mut table: toml::Table = toml::from_str(&text).unwrap();
    // Without a test clock the server tells nobody where its log is, and how to restart it.
    table.remove("restart");
    table.remove("logs");
    let wall = "now = { method = 'GET', path = '/healthz', capture = { now = { json = '/now' } } }
longest_run = '50 s'
margin = '600 ms'";
    let mut clock = toml::Table::new();
    clock.insert("wall".into(), toml::Value::Table(toml::from_str(wall).unwrap()));
    table.insert("clock".into(), toml::Value::Table(clock));
    // Without a test clock the server tells neither its process nor its files.
    table.remove("restart");
    table.remove("logs");
    table["store"]["sqlite"]["path"] = folder.join("chat.sqlite").to_str().unwrap().into();
    let file = folder.join("target.toml");
    std::fs::write(&file, toml::to_string(&table).unwrap()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn check(words: &[&str]) -> (Option<i32>, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, POLICY).unwrap();
    let mut all = vec!["--idle", "6"];
    all.extend(words);
    let server = Reference::start(folder.path(), &all);
    let target = target(folder.path());
    let report = folder.path().join("run");
    let output = loiter(&[
        "check",
        &target,
        "--url",
        &server.url,
        "--policy",
        policy.to_str().unwrap(),
        "--visitors",
        "1500",
        "--format",
        "json",
        "--report",
        report.to_str().unwrap(),
    ]);
    let result = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    (output.status.code(), result)
}

#[test]
fn in_wall_time_a_sound_server_passes_what_its_horizon_lets_it_show() {
    let (exit, result) = check(&[]);
    assert_eq!(with_status(&result, "fail"), Vec::<String>::new());
    assert_eq!(exit, Some(0), "{} {}", result["sentence"], result["remarks"]);
    let passed = with_status(&result, "pass");
    for clause in ["session.destroyed-after-idle", "session.not-destroyed-early", "ip.removed-with-session"] {
        assert!(passed.iter().any(|id| id == clause), "{clause} is among {passed:?}");
    }
    // Ten years do not fit into a minute, and the result says so.
    assert!(with_status(&result, "not-applicable").iter().any(|id| id == "ip.kept-for-chatters"));
}

#[test]
fn in_wall_time_a_server_that_ends_sessions_early_or_late_is_caught() {
    for (defect, clause) in
        [("idle-25-minutes", "session.not-destroyed-early"), ("hidden-not-destroyed", "session.destroyed-after-idle")]
    {
        let (exit, result) = check(&["--defect", defect]);
        assert_eq!(exit, Some(1), "{defect}: {} {}", result["sentence"], result["remarks"]);
        assert!(with_status(&result, "fail").iter().any(|id| id == clause), "{defect}");
    }
}
