//! A dry run says what a run would do, and does nothing.

use crate::program::{demo, loiter, said};
use std::path::Path;

#[test]
fn a_dry_run_needs_no_server_and_makes_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run");
    // Nothing listens there.
    let target = ["check", "scenarios/targets/reference.toml", "--url", "http://127.0.0.1:1"];
    for words in [&target[..], &["demo"]] {
        let output = loiter(&[words, &["--dry-run", "--report", report.to_str().unwrap()]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        assert!(String::from_utf8_lossy(&output.stdout).contains("no request is sent"));
        assert!(!report.exists());
    }
    let text = std::fs::read_to_string("scenarios/targets/reference.toml").unwrap();
    let small = folder.path().join("small.toml");
    std::fs::write(&small, text.replace("[clock.endpoint]", "[clock.endpoint]\nstops = 5")).unwrap();
    let output = loiter(&["check", small.to_str().unwrap(), "--dry-run"]);
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(said(&output).contains("budget of 5"), "{}", said(&output));
}

#[test]
fn a_run_does_no_more_than_its_dry_run_said() {
    let output = loiter(&["demo", "--visitors", "1000", "--dry-run", "--format", "json"]);
    let ahead: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (_, result) = demo(&Path::new(folder.path()).join("run"), &["--visitors", "1000"]);
    for row in result["figures"]["operations"].as_array().unwrap() {
        let (count, planned) =
            (row["count"].as_u64().unwrap(), ahead["operations"][row["id"].as_str().unwrap()].as_u64());
        // The declared term moves those who come back shortly before the cookie's end, and nobody else.
        assert!(Some(count) <= planned && planned <= Some(count + count / 10 + 10), "{row}: {planned:?} planned");
    }
}
