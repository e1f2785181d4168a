//! A server whose session library nobody here wrote, under libfaketime, judged as it was judged by hand.

use crate::program::{libfaketime, skip_for_want_of, under_faketime, with_status};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The chat app on @fastify/session, stopped when it is dropped.
struct App {
    child: Child,
    url: String,
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// What is missing to run the app, if anything.
fn missing(app: &Path) -> Option<&'static str> {
    if libfaketime().is_none() {
        Some("libfaketime (Debian's package `faketime`)")
    } else if !app.join("node_modules").exists() {
        Some("the app's modules (`npm ci` in tests/targets/fastify)")
    } else {
        None
    }
}

fn start(app: &Path, time: &Path) -> App {
    let library = libfaketime().expect("looked for before");
    let mut child = under_faketime(&mut Command::new("node"), &library, time)
        .arg("server.js")
        .current_dir(app)
        .env("AGENT_TOKEN", "a-secret-of-this-test")
        .env("PORT", "0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("it says where it listens");
    let url = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
    App { child, url }
}

#[test]
fn the_app_on_fastify_session_is_judged_as_it_was_by_hand() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/targets/fastify");
    if let Some(what) = missing(&app) {
        return skip_for_want_of(what);
    }
    let folder = tempfile::tempdir().unwrap();
    let (time, report) = (folder.path().join("time"), folder.path().join("run"));
    std::fs::write(&time, "+0\n").unwrap();
    let server = start(&app, &time);
    let output = Command::new(env!("CARGO_BIN_EXE_loiter"))
        .args([
            "check",
            "tests/targets/fastify/target.toml",
            "--visitors",
            "1000",
            "--format",
            "json",
            "--url",
            &server.url,
        ])
        .arg("--report")
        .arg(&report)
        .env("FAKETIME_TIMESTAMP_FILE", &time)
        .env("AGENT_TOKEN", "a-secret-of-this-test")
        .output()
        .unwrap();
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", result["sentence"]);
    let broken = [
        "cookie.renewed-only-on-load",
        "cookie.attributes",
        "session.destroyed-after-idle",
        "session.permanent-with-messages",
        "ip.removed-with-session",
    ];
    assert_eq!(with_status(&result, "fail"), broken);
    // A server that never ends a session cannot show that an access restarts its term.
    assert_eq!(with_status(&result, "inconclusive"), ["session.access-restarts-idle"]);
    assert_eq!(with_status(&result, "not-exercised"), Vec::<String>::new());
    assert_eq!(with_status(&result, "pass").len(), 23);
    assert!(result["figures"]["stops"][1].as_u64().unwrap() <= 60);
    for entry in std::fs::read_dir(&report).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap();
        let text = if entry.path().extension().is_some_and(|end| end == "zst") {
            zstd::stream::decode_all(&bytes[..]).unwrap()
        } else {
            bytes
        };
        assert!(
            !String::from_utf8_lossy(&text).contains("a-secret-of-this-test"),
            "{:?} holds no secret",
            entry.path()
        );
    }
}
