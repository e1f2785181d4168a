//! Bad input gets one clear message with file and line, and exit 4.

use crate::program::{loiter, said};

#[test]
fn broken_files_get_one_message_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let target = include_str!("../../scenarios/targets/reference.toml");
    let cases = [
        ("policy.toml", "id = 'x'\nextends = 'crisp-2018-12-09'\n[session]\nidle = 'soon'\n".to_owned(), ":4:"),
        (
            "scenario.toml",
            "name = 'x'\nvisitors = 5\narrivals = '1 day'\n[[cohort]]\njourney = 'nope'\nshare = 1\n".to_owned(),
            ":5:",
        ),
        ("template.toml", target.replace("{{ text | tojson }}", "{{ txet }}"), ":"),
        ("capture.toml", target.replacen("json = \"/session\"", "json = \"session\"", 1), ":"),
        (
            "secret.toml",
            target.replace(", default = \"reference\"", "").replace("LOITER_REFERENCE_TOKEN", "LOITER_NO_SUCH_TOKEN"),
            "LOITER_NO_SUCH_TOKEN",
        ),
        ("unknown.toml", format!("frobnicate = 1\n{target}"), ":1:"),
        ("url.toml", target.replace("http://127.0.0.1:8080", "ftp://x"), ":5:"),
    ];
    for (name, text, words) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let output = loiter(&["lint", path.to_str().unwrap()]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(4), "{name}: {said}");
        assert!(said.lines().count() == 1 && said.contains(name) && said.contains(words), "{name}: {said}");
    }
}

#[test]
fn wrong_flags_and_missing_files_exit_with_4() {
    for words in [
        &["check", "nowhere.toml"][..],
        &["check"],
        &["demo", "--clause", "no.such"],
        &["explain", "no.such"],
        &["demo", "--dry-run", "--format", "junit"],
        &["demo", "--policy", "nowhere.toml"],
        &["demo", "--visitors", "0"],
        &["demo", "--defect", "nothing"],
        &["judge", "nowhere"],
        &["reference", "--port", "99999"],
    ] {
        let output = loiter(words);
        assert_eq!(output.status.code(), Some(4), "{words:?}: {}", said(&output));
        assert!(!output.stderr.is_empty(), "{words:?}");
    }
}

#[test]
fn a_demo_that_cannot_begin_starts_no_server() {
    for words in
        [["demo", "--clause", "no.such"], ["demo", "--policy", "nowhere.toml"], ["demo", "--ca", "nowhere.pem"]]
    {
        let output = loiter(&words);
        assert_eq!(output.status.code(), Some(4), "{words:?}");
        assert!(!said(&output).contains("the reference server answers"), "{words:?}: {}", said(&output));
    }
}

#[test]
fn the_lists_are_arrays_of_objects_with_an_id() {
    for (what, least) in [("clauses", 15), ("statements", 18), ("journeys", 20), ("defects", 20)] {
        let output = loiter(&["list", what, "--format", "json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert!(rows.len() >= least && rows.iter().all(|row| row["id"].is_string()), "{what}");
    }
}
