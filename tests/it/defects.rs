//! The matrix of defects and clauses: what must catch each, and what fails with it and why. Its rows are in
//! `scenarios/defects.toml`.

use crate::program::{demo, with_status};
use loiter::defects::{Row, matrix};
use std::path::Path;

#[test]
fn each_defect_is_caught_by_its_clause_and_by_none_that_it_does_not_imply() {
    for row in matrix() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), &row);
        let mut words = vec!["--visitors", "1500", "--defect", &row.id];
        words.extend(files.iter().map(String::as_str));
        let (exit, result) = demo(&folder.path().join("run"), &words);
        let failed = with_status(&result, "fail");
        let (defect, catcher) = (&row.id, &row.caught_by);
        // What breaks no *must* is a warning.
        let clauses = result["clauses"].as_array().unwrap();
        let broken = clauses.iter().any(|clause| clause["status"] == "fail" && clause["level"] == "must");
        assert_eq!(exit, i32::from(broken), "{defect}: {}", result["remarks"]);
        assert!(failed.iter().any(|id| id == catcher), "{defect} is caught by {catcher}, not only by {failed:?}");
        let excused = |id: &String| id == catcher || row.implies.iter().any(|implied| implied.clause == *id);
        let stray: Vec<_> = failed.iter().filter(|id| !excused(id)).collect();
        assert!(stray.is_empty(), "{defect} fails {stray:?}, which it does not imply");
        for implied in row.implies.iter().filter(|_| !row.by_chance) {
            assert!(failed.contains(&implied.clause), "{defect} fails {}: {}", implied.clause, implied.why);
        }
    }
}

/// The flags for the files that a row needs, written to a folder.
fn files(folder: &Path, row: &Row) -> Vec<String> {
    let mut words = Vec::new();
    for (kind, text) in [("policy", &row.policy), ("scenario", &row.scenario)] {
        if let Some(text) = text {
            let path = folder.join(format!("{kind}.toml"));
            std::fs::write(&path, text).unwrap();
            words.extend([format!("--{kind}"), path.to_str().unwrap().to_owned()]);
        }
    }
    words
}
