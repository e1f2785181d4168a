//! Small servers, each hostile or broken in a way of its own.

use std::io::{Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

/// What a server breaks that answers as it should, but never ends a session.
const ENDED: &[&str] = &["session.destroyed-after-idle"];

/// One server.
#[derive(Clone, Copy)]
pub struct Case {
    /// What is wrong with it.
    pub name: &'static str,
    chat: Chat,
    clock: fn(i64, u64) -> String,
    /// The clauses that it really breaks.
    pub breaks: &'static [&'static str],
    /// What a remark says of it.
    pub says: &'static str,
}

/// Answers a visitor's request.
type Chat = fn(&mut TcpStream, &Asked) -> Result<()>;

/// A visitor's request.
struct Asked {
    /// How many came before it.
    number: u64,
    /// The identity that it presents.
    cookie: Option<String>,
}

impl Asked {
    /// An answer of a server that keeps sessions, and never ends one; `more` is put among its headers, and `body` after
    /// the session.
    fn answer(&self, more: &[u8], body: &str) -> Vec<u8> {
        let id = self.cookie.clone().unwrap_or_else(|| format!("{:032x}", u128::from(self.number + 1) << 64));
        let set = format!("set-cookie: c={id}; Max-Age=15768000; Path=/\r\n");
        let set = if self.cookie.is_none() { set } else { String::new() };
        let none = if body.contains("\"messages\"") { "" } else { ", \"messages\": []" };
        let body = format!("{{\"session\": \"s-{id}\"{none}{body}}}");
        let head = format!("HTTP/1.1 200 OK\r\n{set}content-length: {}\r\n", body.len());
        [head.as_bytes(), more, b"\r\n", body.as_bytes()].concat()
    }
}

/// Starts it, and says where.
pub fn serve(case: &Case) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (now, asked) = (Arc::new(AtomicI64::new(4_000_000_000_000)), Arc::new(AtomicU64::new(0)));
    let case = *case;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (now, asked) = (Arc::clone(&now), Arc::clone(&asked));
            std::thread::spawn(move || talk(stream, &now, &asked, &case));
        }
    });
    url
}

fn talk(mut stream: TcpStream, now: &AtomicI64, asked: &AtomicU64, case: &Case) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    loop {
        let count = stream.read(&mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        request.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let number = asked.fetch_add(1, SeqCst);
        if head.starts_with("POST /advance") {
            if body.len() < 13 {
                continue;
            }
            now.store(body.trim().parse().unwrap_or(0), SeqCst);
        } else if !head.starts_with("GET /now") {
            let cookie = identity(head);
            (case.chat)(&mut stream, &Asked { number, cookie })?;
            request.clear();
            continue;
        }
        let body = format!("{{\"now\": {}}}", (case.clock)(now.load(SeqCst), number));
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
        request.clear();
    }
}

/// The identity that a head presents, among other cookies or alone.
fn identity(head: &str) -> Option<String> {
    let cookies = head.lines().find_map(|line| line.strip_prefix("cookie: "))?;
    cookies.split("; ").find_map(|cookie| cookie.strip_prefix("c=")).map(str::to_owned)
}

/// Ends the connection with what was sent.
fn end(stream: &mut TcpStream, bytes: &[u8]) -> Result<()> {
    stream.write_all(bytes)?;
    stream.shutdown(std::net::Shutdown::Both)
}

/// Sends the same again and again, until nobody listens any more.
fn flood(stream: &mut TcpStream, first: &[u8], then: &[u8], most: usize) -> Result<()> {
    stream.write_all(first)?;
    for _ in 0..most / then.len() {
        stream.write_all(then)?;
    }
    Ok(())
}

/// What a sound clock says.
fn sound(told: i64, _: u64) -> String {
    told.to_string()
}

const fn chat(name: &'static str, says: &'static str, chat: Chat) -> Case {
    Case { name, chat, clock: sound, breaks: &[], says }
}

const fn breaks(name: &'static str, breaks: &'static [&'static str], chat: Chat) -> Case {
    Case { name, chat, clock: sound, breaks, says: "" }
}

const fn clock(name: &'static str, says: &'static str, clock: fn(i64, u64) -> String) -> Case {
    let chat: Chat = |stream, asked| stream.write_all(&asked.answer(b"", ""));
    Case { name, chat, clock, breaks: &[], says }
}

/// What is wrong before the body.
pub const HEADS: &[Case] = &[
    chat("an endless header section", "no HTTP answer", |stream, _| {
        flood(stream, b"HTTP/1.1 200 OK\r\n", b"x-more: and more\r\n", usize::MAX)
    }),
    chat("a header line of 10 MB", "no HTTP answer", |stream, _| {
        flood(stream, b"HTTP/1.1 200 OK\r\nx-long: ", &[b'x'; 65_536], 10 << 20)?;
        stream.write_all(b"\r\n\r\n")
    }),
    chat("a close in mid-header", "connection closed", |stream, _| end(stream, b"HTTP/1.1 200 OK\r\ncontent-le")),
    chat("a negative content-length", "no HTTP answer", |stream, _| {
        end(stream, b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}")
    }),
    chat("two content-lengths", "no HTTP answer", |stream, _| {
        end(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}")
    }),
    chat("1xx for ever", "no answer within", |stream, _| {
        loop {
            stream.write_all(b"HTTP/1.1 102 Processing\r\n\r\n")?;
            std::thread::sleep(Duration::from_millis(1));
        }
    }),
    chat("HTTP/0.9", "no HTTP answer", |stream, _| end(stream, b"hello, this is the page\r\n")),
    chat("an HTTP/2 preface", "no HTTP answer", |stream, _| {
        end(stream, b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x10\x00\x00")
    }),
    chat("a redirect to itself", "status 301", |stream, _| {
        stream.write_all(b"HTTP/1.1 301 Moved\r\nlocation: /load\r\ncontent-length: 0\r\n\r\n")
    }),
    breaks("a Set-Cookie of 100 kB", ENDED, |stream, asked| {
        let more = format!("set-cookie: long={}; Path=/\r\n", "x".repeat(100_000));
        stream.write_all(&asked.answer(more.as_bytes(), ""))
    }),
    breaks("100 Set-Cookies", &["cookie.nothing-else", "session.destroyed-after-idle"], |stream, asked| {
        let more: String = (0..100).map(|place| format!("set-cookie: extra{place}=1; Path=/\r\n")).collect();
        stream.write_all(&asked.answer(more.as_bytes(), ""))
    }),
    breaks("headers that are not UTF-8", &["cookie.nothing-else", "session.destroyed-after-idle"], |stream, asked| {
        stream.write_all(&asked.answer(b"x-odd: \xff\xfe\x80\r\nset-cookie: \xff=\xfe\r\ndate: \xff\r\n", ""))
    }),
];

/// What is wrong with the body's bytes.
pub const BODIES: &[Case] = &[
    chat("a body of 1 GB", "longer than", |stream, _| {
        flood(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n", &[b' '; 65_536], 1 << 30)
    }),
    chat("an endless body", "request after request failed", |stream, _| {
        flood(
            stream,
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            b"10\r\n                \r\n",
            usize::MAX,
        )
    }),
    chat("a byte a second", "no answer within", |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n")?;
        for _ in 0..5 {
            stream.write_all(b" ")?;
            std::thread::sleep(Duration::from_secs(1));
        }
        Ok(())
    }),
    chat("a body that is too short", "broke off", |stream, _| {
        end(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"session\": \"s\"}")
    }),
    breaks("a body that is too long", ENDED, |stream, asked| {
        stream.write_all(&[&asked.answer(b"", "")[..], b"and more than was said"].concat())
    }),
    chat("chunks of garbage sizes", "", |stream, _| {
        end(stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n-1\r\n\r\n")
    }),
    chat("a chunk of 2^64 bytes", "", |stream, _| {
        end(stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n")
    }),
    chat("204 with a body", "not the JSON", |stream, _| {
        stream.write_all(b"HTTP/1.1 204 No\r\ncontent-length: 14\r\n\r\n{\"session\": 1}")
    }),
    chat("an answer and a reset", "", |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{")?;
        end(stream, b"")
    }),
];

/// What is wrong with what the body says.
pub const CONTENTS: &[Case] = &[
    chat("a body that is not UTF-8", "not the JSON", |stream, _| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"session\": \"\xff\xfe\"}")
    }),
    chat("JSON nested 100,000 deep", "not the JSON", |stream, _| {
        let body = format!("{{\"session\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes())
    }),
    chat("session ids of 1 MB", "session's id", |stream, asked| {
        let body = format!("{{\"session\": \"{}{}\"}}", asked.number, "0".repeat(1_000_000));
        stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes())
    }),
    chat("100,000 messages", "messages", |stream, asked| {
        let list = vec!["\"another one\""; 100_000].join(",");
        stream.write_all(&asked.answer(b"", &format!(", \"messages\": [{list}]")))
    }),
    breaks("an identity that changes with every answer", CHANGES, |stream, asked| {
        let more = format!("set-cookie: c={:032x}; Max-Age=15768000; Path=/\r\n", asked.number + 1);
        let body = format!("{{\"session\": \"s{}\", \"messages\": []}}", asked.number);
        stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{more}\r\n{body}", body.len()).as_bytes())
    }),
];

/// A session that is another one with every answer is lost, and a reading that gives a new identity renews it.
const CHANGES: &[&str] = &["cookie.renewed-only-on-load"];

/// What is wrong with the clock.
pub const CLOCKS: &[Case] = &[
    clock("a clock that stands still whatever it is told", "the clock was to be at", |_, _| "4000000000000".into()),
    clock("a clock that goes backwards", "the clock was to be at", |_, number| {
        (4_000_000_000_000 - i64::try_from(number).unwrap_or(0) * 60_000).to_string()
    }),
    clock("a now that is a word", "is no time", |_, _| "\"noon\"".into()),
    clock("a now that is null", "holds no `now`", |_, _| "null".into()),
    clock("a now of 1e308", "is no time", |_, _| "1e308".into()),
    clock("the greatest now", "is no time", |_, _| i64::MAX.to_string()),
    clock("the least now", "is no time", |_, _| i64::MIN.to_string()),
    clock("a now before all", "is no time", |_, _| "\"-009999-01-02T00:00:00Z\"".into()),
];
