//! Running the program.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
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

/// A check of a target file against the server at `url`, its record in `folder`: its exit code and its result.
pub fn check(target: &str, url: &str, folder: &Path, words: &[&str]) -> (Option<i32>, Value) {
    let folder = folder.to_str().expect("a plain path");
    let mut all = vec!["check", target, "--url", url, "--format", "json", "--report", folder];
    all.extend(words);
    let output = loiter(&all);
    let result = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    (output.status.code(), result)
}

/// Does the same with each, so many at a time: a run waits for much of its time.
pub fn each<T: Sync>(all: &[T], at_once: usize, act: impl Fn(&T) + Sync) {
    for some in all.chunks(at_once) {
        std::thread::scope(|scope| {
            for one in some {
                scope.spawn(|| act(one));
            }
        });
    }
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
        Self::spawn(&mut Command::new(env!("CARGO_BIN_EXE_loiter")), folder, words)
    }

    /// The same under libfaketime, by the time that stands in a file.
    pub fn start_under(library: &Path, time: &Path, folder: &Path, words: &[&str]) -> Self {
        Self::spawn(under_faketime(&mut Command::new(env!("CARGO_BIN_EXE_loiter")), library, time), folder, words)
    }

    fn spawn(command: &mut Command, folder: &Path, words: &[&str]) -> Self {
        let mut child = command
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

/// libfaketime, wherever this machine keeps its libraries.
pub fn libfaketime() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|library| library.exists())
}

/// A command that goes by the time in a file, which is there already.
pub fn under_faketime<'a>(command: &'a mut Command, library: &Path, time: &Path) -> &'a mut Command {
    command
        .env_remove("FAKETIME")
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", time)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1")
}

/// Says that a test is skipped for want of something; a machine that runs everything must have it.
pub fn skip_for_want_of(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI must have {what}");
    println!("skipped: this machine lacks {what}");
}

/// Sends a signal to a process.
pub fn signal(process: u32, name: &str) -> std::io::Result<std::process::ExitStatus> {
    Command::new("kill").args(["-s", name, &process.to_string()]).status()
}
