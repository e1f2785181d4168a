//! One answer after another, each over both paths; after each that came, a plain request shows whether the connection
//! was kept, and that nothing of the answer before is left in it.

use super::server::{Act, Server, Then};
use super::*;
use crate::lanes::wire::{MOST_BODY, MOST_HEAD};

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Want {
    /// An answer: its status, its body, and whether the connection is kept.
    Answer(u16, Vec<u8>, bool),
    /// Part of an answer or none, with these words.
    Unanswered(&'static str),
    /// No HTTP, with these words.
    Garbled(&'static str),
}

struct Case {
    name: &'static str,
    method: http::Method,
    act: Act,
    want: Want,
    /// What hyper makes of it, where that is something else, and why the lean path does not do likewise.
    differs: Option<(&'static str, Want)>,
}

impl Case {
    fn new(name: &'static str, pieces: &[&[u8]], then: Then, want: Want) -> Self {
        Self { name, method: http::Method::GET, act: Act::write(pieces, then), want, differs: None }
    }

    fn asking(self, method: http::Method) -> Self {
        Self { method, ..self }
    }

    fn but_hyper(self, why: &'static str, want: Want) -> Self {
        Self { differs: Some((why, want)), ..self }
    }

    fn hold(&self, way: Way) {
        let want = self.differs.as_ref().filter(|_| way == Way::Hyper).map_or(&self.want, |(_, want)| want);
        let server = Server::start(vec![vec![self.act.clone()]]);
        let (first, second) = run(async {
            let mut connection = way.connection(server.at, LONG);
            let first = ask(&mut connection, self.method.clone()).await;
            (first, ask(&mut connection, http::Method::POST).await)
        });
        let name = format!("{} over {way:?}", self.name);
        let connections = server.requests().iter().map(|(number, _)| number + 1).max().unwrap();
        match (want, first) {
            (Want::Answer(status, body, kept), Ok(answer)) => {
                assert_eq!((answer.status, answer.body.len()), (*status, body.len()), "{name}");
                assert!(answer.body == *body, "{name}: {:?}", String::from_utf8_lossy(&answer.body));
                assert_eq!(connections, if *kept { 1 } else { 2 }, "{name}: connections");
            }
            (Want::Unanswered(words), Err(Failed::Unanswered(said)))
            | (Want::Garbled(words), Err(Failed::Garbled(said))) => {
                assert!(said.contains(words), "{name}: {said}");
                assert_eq!(connections, 2, "{name}: a connection that failed is not used again");
            }
            (want, came) => panic!("{name}: expected {want:?}, came {came:?}"),
        }
        assert_eq!(second.unwrap().body, b"ok", "{name}");
    }
}

fn hold(cases: &[Case]) {
    for way in WAYS {
        cases.iter().for_each(|case| case.hold(way));
    }
}

fn kept(body: &str) -> Want {
    Want::Answer(200, body.as_bytes().to_vec(), true)
}

fn not_kept(body: &str) -> Want {
    Want::Answer(200, body.as_bytes().to_vec(), false)
}

/// A case whose answer comes at once, on a connection that the server keeps.
fn stay(name: &'static str, answer: &str, want: Want) -> Case {
    Case::new(name, &[answer.as_bytes()], Then::Stay, want)
}

/// Likewise on one that it ends after the answer.
fn close(name: &'static str, answer: &str, want: Want) -> Case {
    Case::new(name, &[answer.as_bytes()], Then::Close, want)
}

const BROKE: &str = "broke off";

#[test]
fn a_body_ends_where_its_head_says() {
    let pieces: [&[u8]; 4] = [b"HT", b"TP/1.1 200 OK\r\ncontent-length: 5\r", b"\n\r\nhe", b"llo"];
    hold(&[
        stay("a length", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", kept("hello")),
        Case::new("a length, in pieces", &pieces, Then::Stay, kept("hello")),
        stay("no reason phrase", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", kept("")),
        stay(
            "a length told twice",
            "HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\ncontent-length: 2\r\n\r\nhi",
            kept("hi"),
        ),
        close("till the end", "HTTP/1.1 200 OK\r\n\r\nhello", not_kept("hello")),
        close(
            "another coding, till the end",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nhello",
            not_kept("hello"),
        ),
        stay("204", "HTTP/1.1 204 No Content\r\n\r\n", Want::Answer(204, Vec::new(), true)),
        stay(
            "304 with a length",
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
            Want::Answer(304, Vec::new(), true),
        ),
        stay("HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", kept("")).asking(http::Method::HEAD),
        stay("HEAD of chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", kept(""))
            .asking(http::Method::HEAD),
        stay("bare line feeds", "HTTP/1.1 200 OK\ncontent-length: 2\n\nhi", kept("hi")),
        stay("empty lines first", "\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", kept("hi")),
    ]);
}

#[test]
fn chunks_are_put_together() {
    let chunked = |rest: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{rest}");
    let pieces: [&[u8]; 6] = [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n1",
        b"0;a",
        b"=b\r",
        b"\n0123456789abcdef\r",
        b"\n0\r\n",
        b"\r\n",
    ];
    hold(&[
        stay("chunks", &chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), kept("abc0123456789")),
        Case::new("chunks, in pieces", &pieces, Then::Stay, kept("0123456789abcdef")),
        stay("none", &chunked("0\r\n\r\n"), kept("")),
        stay("blanks and extensions", &chunked("3 ;x=\"y\"\r\nabc\r\n000 \t\r\n\r\n"), kept("abc")),
        stay("trailers", &chunked("3\r\nabc\r\n0\r\nx-a: b\r\nx-c: d\r\n\r\n"), kept("abc")),
        stay("a trailer that is none", &chunked("3\r\nabc\r\n0\r\nx a\r\n\r\n"), Want::Unanswered(BROKE)),
        close("broken off in a chunk", &chunked("5\r\nab"), Want::Unanswered(BROKE)),
        close("broken off before the last", &chunked("2\r\nab\r\n"), Want::Unanswered(BROKE)),
        close("broken off after the last", &chunked("2\r\nab\r\n0\r\n"), Want::Unanswered(BROKE)),
        stay("a size that is none", &chunked("zz\r\nab\r\n0\r\n\r\n"), Want::Unanswered(BROKE)),
        stay("a negative size", &chunked("-2\r\nab\r\n0\r\n\r\n"), Want::Unanswered(BROKE)),
        stay("no size", &chunked("\r\nab\r\n0\r\n\r\n"), Want::Unanswered(BROKE)),
        stay("a size of 2^64 and more", &chunked("10000000000000000\r\nab"), Want::Unanswered(BROKE)),
        stay("digits after a blank", &chunked("2 2\r\nab"), Want::Unanswered(BROKE)),
        stay("more than the size", &chunked("2\r\nabc\r\n0\r\n\r\n"), Want::Unanswered(BROKE)),
        stay("a bare line feed", &chunked("2\nab\r\n0\r\n\r\n"), Want::Unanswered(BROKE)),
        stay("a bare line feed in an extension", &chunked("2;x\nab\r\n0\r\n\r\n"), Want::Unanswered(BROKE)),
        stay("extensions without end", &chunked(&format!("2;{}", "x".repeat(40_000))), Want::Unanswered(BROKE)),
        stay("trailers without end", &chunked(&format!("0\r\nx: {}", "x".repeat(40_000))), Want::Unanswered(BROKE)),
        close(
            "chunks over HTTP/1.0",
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            Want::Garbled("transfer-encoding"),
        ),
        stay(
            "chunks and a length",
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            not_kept("a"),
        )
        .but_hyper("it keeps a connection whose head says two things; RFC 9112, 6.3, suspects it", kept("a")),
    ]);
}

#[test]
fn informational_answers_are_passed_over() {
    let last = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";
    let pieces: [&[u8]; 3] =
        [b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r", b"\nHTTP/1.1 102 P\r\n\r\n", last.as_bytes()];
    hold(&[
        stay("100", &format!("HTTP/1.1 100 Continue\r\n\r\n{last}"), kept("hi")),
        Case::new("103 and 102, in pieces", &pieces, Then::Stay, kept("hi")),
        close("100 and no more", "HTTP/1.1 100 Continue\r\n\r\n", Want::Unanswered("connection closed")),
        stay("101", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", Want::Garbled("protocol")),
        stay("more than anybody needs", &("HTTP/1.1 102 P\r\n\r\n".repeat(1_001) + last), Want::Garbled("without end"))
            .but_hyper("it waits for as long as they come", kept("hi")),
    ]);
}

#[test]
fn a_connection_is_used_again_only_where_that_is_sound() {
    let answer = |more: &str| format!("HTTP/1.1 200 OK\r\n{more}content-length: 2\r\n\r\nhi");
    hold(&[
        stay("keep-alive refused", &answer("connection: close\r\n"), not_kept("hi")),
        stay(
            "refused among other words",
            &answer("Connection: upgrade, Close\r\nconnection: keep-alive\r\n"),
            not_kept("hi"),
        ),
        stay("HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi", not_kept("hi")),
        stay("more than the length", &answer("").replace("hi", "hi, and more"), not_kept("hi")),
        stay("a second answer", &answer("").repeat(2), not_kept("hi")),
        stay("a body where there is none", "HTTP/1.1 204 No\r\n\r\nhello", Want::Answer(204, Vec::new(), false)),
        stay(
            "more after the last chunk",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 500 X\r\n\r\n",
            not_kept(""),
        ),
        close("a body where a HEAD has none", &answer(""), not_kept("")).asking(http::Method::HEAD),
    ]);
}

#[test]
fn what_is_no_answer_is_told_apart_from_one_that_broke_off() {
    let sized = |length: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\nhi");
    hold(&[
        stay("garbage", "hello, this is the page\r\n\r\n", Want::Garbled("no HTTP answer")),
        stay("HTTP/2", "\0\0\u{12}\u{4}\0\0\0\0\0\0\u{3}\0\0\0d\0\u{4}\0\u{10}\0\0", Want::Garbled("no HTTP answer")),
        stay("HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", Want::Garbled("version")),
        stay("a status of words", "HTTP/1.1 two OK\r\n\r\n", Want::Garbled("status")),
        stay("a status of 42", "HTTP/1.1 042 OK\r\n\r\n", Want::Garbled("status")),
        stay("a negative length", &sized("-5"), Want::Garbled("content-length")),
        stay("a length with a sign", &sized("+2"), Want::Garbled("content-length")),
        stay("no length", &sized(""), Want::Garbled("content-length")),
        stay("a length of 2^64", &sized("18446744073709551616"), Want::Garbled("content-length")),
        stay("two lengths", &sized("2\r\ncontent-length: 9"), Want::Garbled("content-length")),
        stay("two lengths in one", &sized("2, 9"), Want::Garbled("content-length")),
        stay(
            "a folded header",
            "HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\ncontent-length: 2\r\n\r\nhi",
            Want::Garbled("header"),
        ),
        stay("a blank before the colon", "HTTP/1.1 200 OK\r\nx-a : b\r\n\r\n", Want::Garbled("header")),
        stay("a NUL in a value", "HTTP/1.1 200 OK\r\nx-a: \0\r\n\r\n", Want::Garbled("header")),
        close("nothing", "", Want::Unanswered("connection closed")),
        close("a part of the status line", "HTTP/1.1 2", Want::Unanswered("connection closed")),
        close("a part of a header", "HTTP/1.1 200 OK\r\ncontent-le", Want::Unanswered("connection closed")),
        close("a part of the body", &sized("500"), Want::Unanswered(BROKE)),
        close("a part of a huge body", &sized("9223372036854775807"), Want::Unanswered(BROKE)),
    ]);
    let garbage: [&[u8]; 3] = [b"H", b"ello", b", this is the page"];
    let case = Case::new("garbage, in pieces", &garbage, Then::Close, Want::Garbled("no HTTP answer"));
    hold(&[case.but_hyper("it looks again only when the head's end has come", Want::Unanswered("connection closed"))]);
}

#[test]
fn heads_and_bodies_are_bounded() {
    let headers = |count: usize| {
        let lines: String = (0..count).map(|number| format!("x-{number}: y\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{lines}content-length: 2\r\n\r\nhi")
    };
    let long = |length: usize| format!("HTTP/1.1 200 OK\r\nx-a: {}\r\ncontent-length: 2\r\n\r\nhi", "y".repeat(length));
    let sized = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{}", "z".repeat(length));
    let chunks = |length: usize| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        head.to_owned() + &format!("{:x}\r\n{}\r\n", length / 4, "z".repeat(length / 4)).repeat(4) + "0\r\n\r\n"
    };
    let much = "z".repeat(MOST_BODY);
    hold(&[
        stay("127 headers and a length", &headers(127), kept("hi")),
        stay("128 headers and a length", &headers(128), Want::Garbled("too large")),
        stay("a head within the bound", &long(MOST_HEAD - 1_000), kept("hi")),
        stay("a head beyond it", &long(3 * MOST_HEAD), Want::Garbled("too large")),
        stay("a body of some kilobytes", &sized(30_000), kept(&much[..30_000])),
        stay("a body as long as it may be", &sized(MOST_BODY), kept(&much)),
        stay("a body beyond that", &sized(MOST_BODY + 1), Want::Garbled("longer than")),
        stay("chunks as long as they may be", &chunks(MOST_BODY), kept(&much)),
        stay("chunks beyond that", &chunks(MOST_BODY + 4), Want::Garbled("longer than")),
        close(
            "a body till the end, beyond it",
            &format!("HTTP/1.1 200 OK\r\n\r\n{much}z"),
            Want::Garbled("longer than"),
        ),
    ]);
}

#[test]
fn headers_come_as_they_were_sent() {
    let answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Odd:  \xff\t \r\nset-cookie: b=2; Path=/\r\nempty:\r\ncontent-length: 0\r\n\r\n";
    for way in WAYS {
        let server = Server::start(vec![vec![Act::write(&[answer], Then::Stay)]]);
        let answer = run(async { ask(&mut way.connection(server.at, LONG), http::Method::GET).await }).unwrap();
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").collect();
        assert_eq!(cookies, [b"a=1".as_slice(), b"b=2; Path=/"], "{way:?}");
        assert_eq!(
            (answer.headers.get("x-odd"), answer.headers.get("empty")),
            (Some(b"\xff".as_slice()), Some(b"".as_slice()))
        );
    }
}
