//! A server that writes what it is told, in the pieces that it is told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done with one request on a connection.
#[derive(Debug, Clone)]
pub(super) struct Act {
    /// What is written, each with a pause after it.
    pub(super) pieces: Vec<Vec<u8>>,
    pub(super) then: Then,
}

/// What comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next request is waited for.
    Stay,
    Close,
}

impl Act {
    pub(super) fn write(pieces: &[&[u8]], then: Then) -> Self {
        Self { pieces: pieces.iter().map(|piece| piece.to_vec()).collect(), then }
    }

    /// A plain answer that keeps the connection.
    pub(super) fn plain() -> Self {
        Self::write(&[b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"], Then::Stay)
    }
}

/// A server and what it was sent.
pub(super) struct Server {
    pub(super) at: SocketAddr,
    requests: Arc<Mutex<Vec<(usize, String)>>>,
}

impl Server {
    /// Starts a server: each connection does its own acts, and answers plainly after them.
    pub(super) fn start(connections: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&requests);
        std::thread::spawn(move || {
            let mut connections = connections.into_iter();
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let (acts, taken) = (connections.next().unwrap_or_default(), Arc::clone(&taken));
                std::thread::spawn(move || {
                    serve(stream, acts, |request| taken.lock().unwrap().push((number, request)))
                });
            }
        });
        Self { at, requests }
    }

    /// The connection and the method of each request so far.
    pub(super) fn requests(&self) -> Vec<(usize, String)> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, acts: Vec<Act>, mut note: impl FnMut(String)) {
    stream.set_nodelay(true).unwrap();
    let mut acts = acts.into_iter();
    while let Some(method) = read_request(&mut stream) {
        note(method);
        let act = acts.next().unwrap_or_else(Act::plain);
        for (place, piece) in act.pieces.iter().enumerate() {
            if place > 0 {
                std::thread::sleep(Duration::from_millis(2));
            }
            // The other side may have had enough already.
            let _ = stream.write_all(piece);
        }
        if act.then == Then::Close {
            return;
        }
    }
}

/// Reads a request's head and its body, where that is short; says its method.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut one = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut one).ok()? == 0 {
            return None;
        }
        bytes.push(one[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    if length < 1_000 {
        stream.read_exact(&mut vec![0; length]).ok()?;
    }
    head.split(' ').next().map(str::to_owned)
}
