//! Running the program.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

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

/// The reference server as a process, stopped when it is dropped.
pub struct Reference {
    child: Child,
    /// Where it answers.
    pub url: String,
}

impl Reference {
    /// Starts it on a free port, with its store in `folder` and these further words.
    pub fn start(folder: &Path, words: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_loiter"))
            .args(["reference", "--port", "0", "--store"])
            .arg(folder.join("chat.sqlite"))
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the reference server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("it says where it listens");
        let url = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        Self { child, url }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = signal(self.child.id(), "TERM");
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub fn signal(process: u32, name: &str) -> std::io::Result<std::process::ExitStatus> {
    Command::new("kill").args(["-s", name, &process.to_string()]).status()
}
