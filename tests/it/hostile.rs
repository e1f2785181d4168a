//! A target may answer whatever it likes: the run ends by itself, in bounded memory, says what was wrong in one remark,
//! and blames on the target only what the target did.

use crate::hostile_server::{Case, serve};
use crate::program::{each, with_status};
use serde_json::Value;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The most memory that a run may take, in KiB.
const MOST_MEMORY: u64 = 300 << 10;

const TARGET: &str = r#"
name = "hostile"
url = "URL"
websites = ["a"]
timeout = "300 ms"
connections = 4
carrier = { kind = "cookie", name = "c" }
[clock.endpoint]
now = { method = "GET", path = "/now", capture = { now = { json = "/now" } } }
advance = { method = "POST", path = "/advance", body = "{{ to_ms }}" }
stops = 400
[visitor.load]
method = "POST"
path = "/load"
capture = { session = { json = "/session" }, messages = { json = "/messages/*" } }
[visitor.read]
method = "GET"
path = "/read"
capture = { session = { json = "/session" }, messages = { json = "/messages/*" } }
"#;

/// What is judged: what a small server that never ends a session keeps and breaks is known.
const JUDGED: [&str; 5] = [
    "cookie.set-on-load",
    "cookie.renewed-only-on-load",
    "cookie.nothing-else",
    "session.isolated",
    "session.destroyed-after-idle",
];

/// What a run came to.
struct Came {
    exit: Option<i32>,
    said: String,
    result: Value,
    memory: u64,
}

fn run(url: &str) -> Came {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("target.toml");
    std::fs::write(&file, TARGET.replace("URL", url)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_loiter"))
        .arg("check")
        .arg(&file)
        .args(["--visitors", "200", "--lanes", "2", "--format", "json"])
        .args(JUDGED.iter().flat_map(|clause| ["--clause", clause]))
        .arg("--report")
        .arg(folder.path().join("run"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (out, err) = (drain(child.stdout.take().unwrap()), drain(child.stderr.take().unwrap()));
    let memory = peak_memory(&mut child);
    let (out, said) = (out.join().unwrap(), err.join().unwrap());
    let exit = child.wait().unwrap().code();
    Came { exit, said, result: serde_json::from_str(&out).unwrap_or_default(), memory }
}

fn drain(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for a process to end, and tells the most memory that it held, in KiB. One that does not end is stopped.
fn peak_memory(child: &mut Child) -> u64 {
    let mut peak = 0;
    for _ in 0..12_000 {
        if child.try_wait().unwrap().is_some() {
            return peak;
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let held =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(held.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("the run does not end by itself");
}

/// Holds a run against each, and looks at what it came to.
fn hold(cases: &[Case]) {
    each(cases, 3, |case| {
        let name = case.name;
        let Came { exit, said, result, memory } = run(&serve(case));
        let remarks = format!("{} {said}", result["remarks"]);
        assert!(!said.contains("panicked"), "{name}: {said}");
        assert!(memory < MOST_MEMORY, "{name}: {memory} KiB");
        let failed = if result.is_null() { Vec::new() } else { with_status(&result, "fail") };
        assert_eq!(failed, case.breaks, "{name}: {remarks}");
        assert_eq!(exit, Some(if case.breaks.is_empty() { 2 } else { 1 }), "{name}: {remarks}");
        assert!(remarks.contains(case.says), "{name}: {remarks}");
    });
}

#[test]
fn hostile_heads_are_no_answers() {
    hold(crate::hostile_server::HEADS);
}

#[test]
fn hostile_bodies_are_bounded() {
    hold(crate::hostile_server::BODIES);
}

#[test]
fn hostile_contents_are_bounded_too() {
    hold(crate::hostile_server::CONTENTS);
}

#[test]
fn hostile_clocks_are_not_believed() {
    hold(crate::hostile_server::CLOCKS);
}
