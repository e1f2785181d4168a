//! A target that hangs, closes, or answers garbage or 500s is inconclusive, and never a policy failure.

use crate::program::{loiter, said, with_status};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

const WALL: &str = r#"
name = "broken"
url = "URL"
websites = ["a"]
timeout = "300 ms"
carrier = { kind = "cookie", name = "c" }
[clock.endpoint]
now = { method = "GET", path = "/now", capture = { now = { json = "/now" } } }
advance = { method = "POST", path = "/advance", body = "{{ to_ms }}" }
[visitor.load]
method = "POST"
path = "/load"
capture = { session = { json = "/session" } }
[visitor.read]
method = "GET"
path = "/read"
"#;

/// What a broken server does with a visitor's request.
type Chat = fn(&mut TcpStream);

/// A server whose clock is sound and whose chat does what `chat` does.
fn server(chat: Chat) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let now = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(4_000_000_000_000));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let now = std::sync::Arc::clone(&now);
            std::thread::spawn(move || serve(stream, &now, chat));
        }
    });
    url
}

fn serve(mut stream: TcpStream, now: &std::sync::atomic::AtomicI64, chat: Chat) {
    use std::sync::atomic::Ordering::SeqCst;
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        request.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        if head.starts_with("POST /advance") {
            if body.len() < 13 {
                continue;
            }
            now.store(body.trim().parse().unwrap(), SeqCst);
        } else if !head.starts_with("GET /now") {
            return chat(&mut stream);
        }
        let body = format!("{{\"now\": {}}}", now.load(SeqCst));
        let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        request.clear();
    }
}

#[test]
fn a_broken_target_is_inconclusive_and_no_clause_fails() {
    let kinds: [(&str, Chat); 5] = [
        ("hangs", |_| std::thread::sleep(std::time::Duration::from_secs(60))),
        ("closes", |_| {}),
        ("garbage", |stream| drop(stream.write_all(b"\x00\xff this is not HTTP\r\n\r\n"))),
        ("500", |stream| drop(stream.write_all(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"))),
        ("no session", |stream| {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"))
        }),
    ];
    for (name, chat) in kinds {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("target.toml");
        std::fs::write(&file, WALL.replace("URL", &server(chat))).unwrap();
        let report = folder.path().join("run");
        let output = loiter(&[
            "check",
            file.to_str().unwrap(),
            "--visitors",
            "200",
            "--format",
            "json",
            "--report",
            report.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
        let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(with_status(&result, "fail"), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_target_that_is_not_there_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run");
    let output = loiter(&[
        "check",
        "scenarios/targets/reference.toml",
        "--url",
        "http://127.0.0.1:9",
        "--report",
        report.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("target-unavailable"), "{}", said(&output));
    // A CI server that looks for the files finds the reason.
    let junit = std::fs::read_to_string(report.join("junit.xml")).unwrap();
    assert!(junit.contains(r#"errors="1""#) && junit.contains("target-unavailable"), "{junit}");
    assert!(std::fs::read_to_string(report.join("summary.md")).unwrap().contains("target-unavailable"));
}
