//! Running the program.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// The program with these words.
pub fn loiter(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_loiter")).args(words).output().expect("the program starts")
}

/// What the program said on its error stream.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A demo with these further words, its record in `folder`: its exit code and its result.
pub fn demo(folder: &Path, words: &[&str]) -> (i32, Value) {
    let folder = folder.to_str().expect("a plain path");
    let mut all = vec!["demo", "--format", "json", "--report", folder];
    all.extend(words);
    let output = loiter(&all);
    let result = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    (output.status.code().expect("an exit code"), result)
}

/// The ids of the clauses with this verdict.
pub fn with_status(result: &Value, status: &str) -> Vec<String> {
    let clauses = result["clauses"].as_array().expect("clauses");
    let ids = clauses
        .iter()
        .filter(|clause| clause["status"] == status)
        .map(|clause| clause["id"].as_str().unwrap_or_default().to_owned());
    ids.collect()
}
