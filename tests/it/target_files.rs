//! What a target file leaves out, or says wrongly, is never blamed on a sound server.

use crate::program::{Reference, loiter, said, with_status};
use serde_json::Value;
use std::path::Path;

/// The reference server's file, changed.
fn file(folder: &Path, change: impl FnOnce(&mut toml::Table)) -> String {
    let text = std::fs::read_to_string("scenarios/targets/reference.toml").unwrap();
    let mut table: toml::Table = toml::from_str(&text).unwrap();
    change(&mut table);
    let path = folder.join("target.toml");
    std::fs::write(&path, toml::to_string(&table).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Holds a sound server to its policy by a changed target file: the exit code, the result, and what was said.
fn check(words: &[&str], change: impl FnOnce(&mut toml::Table)) -> (Option<i32>, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let server = Reference::start(folder.path(), &[&["--test-clock"], words].concat());
    let target = file(folder.path(), change);
    let report = folder.path().join("run");
    let words = ["check", &target, "--url", &server.url, "--visitors", "1000", "--format", "json", "--report"];
    let output = loiter(&[&words, &[report.to_str().unwrap()][..]].concat());
    let result = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), result, said(&output))
}

fn sub<'a>(table: &'a mut toml::Table, path: &[&str]) -> &'a mut toml::Table {
    path.iter().fold(table, |table, name| table[*name].as_table_mut().unwrap())
}

fn clause<'a>(result: &'a Value, id: &str) -> &'a Value {
    result["clauses"].as_array().unwrap().iter().find(|clause| clause["id"] == id).unwrap()
}

#[test]
fn a_server_that_is_told_no_address_is_not_judged_by_the_harness_s_own() {
    let (exit, result, said) = check(&["--trust-header", "none"], |table| drop(table.remove("source")));
    assert_eq!(with_status(&result, "fail"), Vec::<String>::new(), "{said}");
    assert_eq!(exit, Some(0), "{} {}", result["sentence"], result["remarks"]);
    assert_eq!(clause(&result, "ip.stored")["detail"], "no-header-tells-addresses");
    assert_eq!(clause(&result, "ip.removed-with-session")["status"], "not-applicable");
}

#[test]
fn a_pointer_that_leads_nowhere_is_an_error_that_names_the_capture() {
    let (exit, result, said) = check(&[], |table| {
        for (operation, name, pointer) in
            [("visitor.read", "messages", "/mesages/*/text"), ("agent.inspect", "address", "/adress")]
        {
            let path: Vec<&str> = operation.split('.').chain(["capture", name]).collect();
            sub(table, &path).insert("json".into(), pointer.into());
        }
    });
    assert_eq!(with_status(&result, "fail"), Vec::<String>::new(), "{said}");
    assert_ne!(exit, Some(1));
    let remarks = result["remarks"].to_string();
    for words in ["read: ", "holds no messages where", "agent-inspect: ", "holds no address where"] {
        assert!(remarks.contains(words), "{words} is among {remarks}");
    }
}

#[test]
fn where_the_store_shows_no_address_the_agent_s_view_must_do() {
    let (exit, result, said) = check(&[], |table| {
        let sqlite = sub(table, &["store", "sqlite"]);
        sqlite.insert("session".into(), "SELECT 1 FROM sessions WHERE id = :session".into());
        sqlite.remove("address_rows");
    });
    assert_eq!(exit, Some(0), "{} {} {said}", result["sentence"], result["remarks"]);
    let removed = clause(&result, "ip.removed-with-session");
    assert_eq!((&removed["status"], removed["passed_by_view"].get("store")), (&"pass".into(), None));
}

#[test]
fn a_chatbox_without_messages_is_judged_by_what_is_left() {
    let (exit, result, said) = check(&[], |table| {
        sub(table, &["visitor"]).remove("send");
        sub(table, &["agent"]).remove("send");
    });
    assert_eq!(exit, Some(0), "{} {} {said}", result["sentence"], result["remarks"]);
    let renewed = clause(&result, "cookie.renewed-on-load");
    assert_eq!(renewed["status"], "pass");
    assert!(renewed["detail"].as_str().unwrap().contains("no span was asked for"));
}

/// A change of the file.
type Change = fn(&mut toml::Table);

#[test]
fn what_a_run_finds_at_its_start_ends_it_with_a_message_that_names_it() {
    let cases: [(&str, i32, Change); 5] = [
        ("gives a row even for a session that cannot be there", 4, |table| {
            let counting = "SELECT count(*) FROM sessions WHERE id = :session";
            sub(table, &["store", "sqlite"]).insert("session".into(), counting.into());
        }),
        ("two addresses each need one of 21 bits", 4, |table| {
            sub(table, &["source"]).insert("ipv4".into(), "10.0.0.0/24".into());
        }),
        ("`[about]` is answered with status 404 to GET /nowhere", 4, |table| {
            sub(table, &["about"]).insert("path".into(), "/nowhere".into());
        }),
        ("cannot be moved: `advance`: status 404 to POST /nowhere", 2, |table| {
            sub(table, &["clock", "endpoint", "advance"]).insert("path".into(), "/nowhere".into());
        }),
        ("cannot be made to run: `maintenance`: status 404 to GET /nowhere", 2, |table| {
            let request: toml::Table = toml::from_str("method = 'GET'\npath = '/nowhere'").unwrap();
            sub(table, &["clock", "endpoint"]).insert("maintenance".into(), request.into());
        }),
    ];
    for (words, expected, change) in cases {
        let (exit, _, said) = check(&[], change);
        assert_eq!(exit, Some(expected), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
}
