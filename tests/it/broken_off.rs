//! A run that does not come to its end leaves a history that can be judged.

use crate::program::{loiter, said, signal};
use std::path::Path;
use std::process::{Command, Stdio};

/// Starts a demo that would take long, waits until its history has grown, sends it a signal, and waits for its end.
fn stop_a_demo(report: &Path, defect: &str, name: &str) -> Option<i32> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_loiter"))
        .args(["demo", "--visitors", "60000", "--defect", defect, "--report"])
        .arg(report)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let history = report.join("history.jsonl.zst");
    while std::fs::metadata(&history).map_or(0, |file| file.len()) < 200_000 {
        assert!(child.try_wait().unwrap().is_none(), "it goes on until it is stopped");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(signal(child.id(), name).unwrap().success());
    child.wait().unwrap().code()
}

#[test]
fn a_killed_run_is_judged_from_what_it_left() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run");
    assert_eq!(stop_a_demo(&report, "cookie-5-months", "KILL"), None);
    assert!(!report.join("verdicts.json").exists());
    // What a CI server finds says that the run did not come to its end: an error for the run, and one for each *must*.
    let junit = std::fs::read_to_string(report.join("junit.xml")).unwrap();
    assert!(junit.contains("run.to-its-end") && junit.contains(r#"failures="0" errors="27""#), "{junit}");
    assert!(std::fs::read_to_string(report.join("summary.md")).unwrap().starts_with("**inconclusive"));
    let judged = loiter(&["judge", report.to_str().unwrap(), "--format", "json"]);
    let result: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    // A must that failed on complete evidence outranks the end that never came.
    assert_eq!(judged.status.code(), Some(1), "{}", result["sentence"]);
    assert_eq!(result["fate"]["interrupted"], true);
    assert!(said(&judged).contains("did not come to its end"));
}

#[test]
fn an_interrupted_run_says_so_and_is_inconclusive() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run");
    // The defect needs five years to show, and the run never gets there.
    assert_eq!(stop_a_demo(&report, "ip-purged-after-5-years", "INT"), Some(2));
    let judged = loiter(&["judge", report.to_str().unwrap(), "--format", "json"]);
    let result: serde_json::Value = serde_json::from_slice(&judged.stdout).unwrap();
    assert_eq!(judged.status.code(), Some(2), "{}", result["sentence"]);
    // The files for a CI server are written at the end of such a run too.
    let again = loiter(&["judge", report.to_str().unwrap(), "--format", "markdown"]);
    assert_eq!(std::fs::read(report.join("summary.md")).unwrap(), again.stdout);
    assert!(std::fs::read_to_string(report.join("junit.xml")).unwrap().contains("run.to-its-end"));
    let kept =
        result["clauses"].as_array().unwrap().iter().find(|clause| clause["id"] == "ip.kept-for-chatters").unwrap();
    assert_eq!((kept["status"].as_str(), kept["reason"].as_str()), (Some("inconclusive"), Some("interrupted")));
    assert!(said(&judged).contains("equal those of the live run"), "{}", said(&judged));
}
