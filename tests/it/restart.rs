//! The reference server restarts itself, as a real process.

use crate::program::{Reference, signal};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

const MINUTE: i64 = 60_000;

/// A reference server with a test clock, and what its visitors ask of it.
struct Server {
    process: Reference,
    address: String,
}

impl Server {
    fn start(folder: &Path, words: &[&str]) -> Self {
        let mut all = vec!["--test-clock"];
        all.extend(words);
        let process = Reference::start(folder, &all);
        let address = process.url.trim_start_matches("http://").to_owned();
        Self { process, address }
    }

    /// Sends a request: the answer's head and its JSON.
    fn ask(&self, request: &str, header: &str, body: &Value) -> (String, Value) {
        self.try_to_ask(request, header, body).unwrap()
    }

    fn try_to_ask(&self, request: &str, header: &str, body: &Value) -> std::io::Result<(String, Value)> {
        let mut stream = TcpStream::connect(&self.address)?;
        let body = body.to_string();
        let length = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{header}\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
        Ok((head.to_owned(), serde_json::from_str(body).unwrap_or_default()))
    }

    fn healthz(&self) -> Value {
        self.ask("GET /healthz", "", &Value::Null).1
    }

    fn now(&self) -> i64 {
        self.healthz()["now"].as_i64().unwrap()
    }

    fn advance_to(&self, to: i64) {
        let (_, clock) = self.ask("POST /test/clock/advance", "", &json!({ "to": to }));
        assert_eq!(clock["now"], to);
    }

    /// Loads the chatbox: the session, and the header with the cookie.
    fn load(&self) -> (String, String) {
        let (head, loaded) = self.ask("POST /v1/site-a/load", "", &json!({ "page": "/" }));
        let cookie = head.split("set-cookie: ").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
        (loaded["session"].as_str().unwrap().to_owned(), format!("cookie: {cookie}\r\n"))
    }

    fn read(&self, cookie: &str) -> Value {
        self.ask("GET /v1/site-a/messages", cookie, &Value::Null).1
    }

    fn agent(&self, request: &str) -> (String, Value) {
        self.ask(request, "authorization: Bearer reference\r\n", &Value::Null)
    }

    /// Sends the signal, and waits until a new server answers.
    fn restart(&self) {
        let before = self.healthz();
        assert_eq!(before["pid"], self.process.id());
        signal(self.process.id(), "HUP").unwrap();
        let about = loop {
            // Whoever asks before the old server is gone may be let down.
            match self.try_to_ask("GET /healthz", "", &Value::Null) {
                Ok((_, about)) if about["run"] != before["run"] => break about,
                Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        assert_eq!((&about["pid"], &about["store"]), (&before["pid"], &before["store"]));
    }
}

#[test]
fn a_restart_keeps_port_process_clock_messages_and_deadlines() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let start = (server.now() / MINUTE + 2) * MINUTE;
    server.advance_to(start);
    let (wrote, wrote_cookie) = server.load();
    server.ask("POST /v1/site-a/messages", &wrote_cookie, &json!({ "text": "hello" }));
    let (idle, idle_cookie) = server.load();
    server.advance_to(start + 20 * MINUTE);
    // The second restart is asked of a server that was itself restarted.
    for _ in 0..2 {
        server.restart();
        assert_eq!(server.now(), start + 20 * MINUTE);
        assert_eq!(server.read(&wrote_cookie)["messages"][0]["text"], "hello");
        assert_eq!(server.read(&idle_cookie)["session"], idle.as_str());
    }
    server.advance_to(start + 30 * MINUTE - 1);
    assert_eq!(server.read(&idle_cookie)["session"], idle.as_str());
    server.advance_to(start + 30 * MINUTE);
    assert_eq!(server.read(&idle_cookie)["error"], "no session");
    assert_eq!(server.read(&wrote_cookie)["session"], wrote.as_str());
}

#[test]
fn a_restart_loses_what_was_in_memory_and_keeps_the_defect() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--defect", "stale-cache-after-deletion"]);
    server.advance_to(server.now() + MINUTE);
    for restarted in [false, true] {
        let (session, cookie) = server.load();
        server.read(&cookie);
        server.agent(&format!("DELETE /agent/sessions/{session}"));
        assert_eq!(server.read(&cookie)["session"], session.as_str(), "{restarted}");
        server.restart();
        assert_eq!(server.read(&cookie)["error"], "no session", "{restarted}");
    }
}

#[test]
fn without_a_test_clock_a_closed_terminal_ends_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let process = Reference::start(folder.path(), &[]);
    let address = process.url.trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    signal(process.id(), "HUP").unwrap();
    let gone = || TcpStream::connect(&address).is_err();
    let still_gone = (0..250).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        gone()
    });
    std::thread::sleep(Duration::from_millis(500));
    assert!(still_gone && gone(), "it neither goes on nor comes back");
}
