//! A proxy between loiter and a target that breaks a share of the exchanges, drawn by a seed.
//!
//! It never invents an answer of the target's: whatever it does could happen on a bad network.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a connection waits for a request before it looks whether the target has closed its end.
const LOOK: Duration = Duration::from_millis(20);

/// What becomes of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It takes longer, and is answered in time.
    Slow,
    /// It is applied, and its answer comes too late.
    AnsweredLate,
    /// The connection is reset before the target has seen it.
    ResetBefore,
    /// It is applied, and the connection ends without an answer.
    ResetAfter,
    /// It is applied, and its answer breaks off.
    Truncated,
    /// The proxy answers 503, and the target has not seen it.
    RefusedBefore,
    /// It is applied, and the proxy answers 503.
    RefusedAfter,
    /// Its answer comes in pieces, and then once more.
    Pieces,
    /// It is held until the client has given up, and applied then.
    AppliedLate,
    /// It is held until the clock has been moved on, and applied then.
    AppliedAfterJump,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Slow,
        Self::AnsweredLate,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Truncated,
        Self::RefusedBefore,
        Self::RefusedAfter,
        Self::Pieces,
        Self::AppliedLate,
        Self::AppliedAfterJump,
    ];

    /// Whether the client is left without an answer until it gives up.
    fn outlasts(self) -> bool {
        matches!(self, Self::AnsweredLate | Self::AppliedLate | Self::AppliedAfterJump)
    }
}

/// How much is broken.
#[derive(Debug, Clone, Copy)]
pub struct Faults {
    /// The seed of every draw.
    pub seed: u64,
    /// How many of a thousand of the visitors' requests.
    pub visitors: u64,
    /// How many of a thousand of the agents' and the clock's.
    pub others: u64,
    /// Which faults are drawn from.
    pub kinds: &'static [Fault],
    /// When the client gives up.
    pub timeout: Duration,
}

/// The proxy. Its threads end with the program.
pub struct Proxy {
    /// Where it answers.
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    target: SocketAddr,
    faults: Faults,
    requests: AtomicU64,
    jumps: AtomicU64,
    held: Mutex<Vec<(u64, Vec<u8>)>>,
    done: Mutex<BTreeMap<Fault, u64>>,
    closed: AtomicBool,
}

impl Proxy {
    /// Starts it before the target at `url`.
    pub fn start(url: &str, faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Arc::new(Shared {
            target: url.trim_start_matches("http://").parse().unwrap(),
            faults,
            requests: AtomicU64::new(0),
            jumps: AtomicU64::new(0),
            held: Mutex::default(),
            done: Mutex::default(),
            closed: AtomicBool::new(false),
        });
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if serving.closed.load(SeqCst) {
                    return;
                }
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || drop(shared.serve(client)));
            }
        });
        Self { url, shared }
    }

    /// How often each fault was done.
    pub fn done(&self) -> BTreeMap<Fault, u64> {
        self.shared.done.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, SeqCst);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

impl Shared {
    /// Serves one connection until either end closes it.
    fn serve(self: &Arc<Self>, mut client: TcpStream) -> std::io::Result<()> {
        let mut target = TcpStream::connect(self.target)?;
        client.set_nodelay(true)?;
        target.set_nodelay(true)?;
        while let Some(head) = next_head(&client, &target)? {
            let fault = self.draw(&head);
            if let Some(fault) = fault {
                *self.done.lock().unwrap().entry(fault).or_default() += 1;
            }
            if fault == Some(Fault::ResetBefore) {
                // What lies unread when a socket is closed makes it a reset.
                return Ok(());
            }
            let mut request = vec![0; head.len() + length_of(&head)];
            client.read_exact(&mut request)?;
            match fault {
                None => {
                    client.write_all(&exchange(&mut target, &request)?)?;
                    if head.starts_with("POST /test/clock/advance") {
                        self.jumped();
                    }
                }
                Some(fault) if fault.outlasts() => return self.outlast(fault, &mut client, &mut target, request),
                Some(fault) => {
                    if !self.disturb(fault, &mut client, &mut target, &request)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// What becomes of a request; `None` where it passes untouched.
    fn draw(&self, head: &str) -> Option<Fault> {
        let (draw, kind) = (self.random(), self.random());
        let path = head.split(' ').nth(1).unwrap_or_default();
        let clocks = path.starts_with("/test/clock");
        let share = if path.starts_with("/v1/") {
            self.faults.visitors
        } else if clocks || path.starts_with("/agent/") {
            self.faults.others
        } else {
            return None;
        };
        let kinds = self.faults.kinds;
        let fault = kinds[usize::try_from(kind % kinds.len() as u64).unwrap()];
        // The clock is waited for a minute, and moves only when it is told.
        (draw % 1000 < share && !(clocks && fault.outlasts())).then_some(fault)
    }

    /// The next number of the seed's sequence (splitmix64).
    fn random(&self) -> u64 {
        let place = self.requests.fetch_add(1, SeqCst);
        let mut mixed = (self.faults.seed << 32).wrapping_add(place + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Answers amiss, but at once; says whether the connection goes on.
    fn disturb(
        &self,
        fault: Fault,
        client: &mut TcpStream,
        target: &mut TcpStream,
        request: &[u8],
    ) -> std::io::Result<bool> {
        if fault == Fault::RefusedBefore {
            client.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy")?;
            return Ok(true);
        }
        if fault == Fault::Slow {
            std::thread::sleep(self.faults.timeout / 5);
        }
        let answer = exchange(target, request)?;
        match fault {
            Fault::RefusedAfter => client.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy")?,
            Fault::Truncated => {
                let cut = 1 + usize::try_from(self.random()).unwrap_or(0) % (answer.len() - 1);
                client.write_all(&answer[..cut])?;
                return Ok(false);
            }
            Fault::ResetAfter => return Ok(false),
            Fault::Pieces => {
                let third = answer.len() / 3;
                for piece in [&answer[..third], &answer[third..2 * third]] {
                    client.write_all(piece)?;
                    std::thread::sleep(self.faults.timeout / 10);
                }
                client.write_all(&[&answer[2 * third..], &answer].concat())?;
                return Ok(false);
            }
            _ => client.write_all(&answer)?,
        }
        Ok(true)
    }

    /// Keeps the client waiting until it has given up.
    fn outlast(
        self: &Arc<Self>,
        fault: Fault,
        client: &mut TcpStream,
        target: &mut TcpStream,
        request: Vec<u8>,
    ) -> std::io::Result<()> {
        let late = self.faults.timeout + self.faults.timeout * u32::try_from(self.random() % 4 + 1).unwrap() / 4;
        match fault {
            Fault::AnsweredLate => {
                let answer = exchange(target, &request)?;
                std::thread::sleep(late);
                // Whoever has given up does not read it.
                let _ = client.write_all(&answer);
            }
            Fault::AppliedLate => {
                std::thread::sleep(late);
                exchange(target, &request)?;
            }
            _ => {
                let due = self.jumps.load(SeqCst) + 1 + self.random() % 8;
                self.held.lock().unwrap().push((due, request));
                std::thread::sleep(late);
            }
        }
        Ok(())
    }

    /// The clock was moved: applies what was held until then, while the visitors act.
    fn jumped(self: &Arc<Self>) {
        let jumps = self.jumps.fetch_add(1, SeqCst) + 1;
        let mut held = self.held.lock().unwrap();
        let (due, rest): (Vec<_>, Vec<_>) = held.drain(..).partition(|(due, _)| *due <= jumps);
        *held = rest;
        for (_, request) in due {
            let target = self.target;
            std::thread::spawn(move || exchange(&mut TcpStream::connect(target)?, &request));
        }
    }
}

/// Waits for a request, and looks at its head without taking it; `None` when either end has closed.
fn next_head(client: &TcpStream, target: &TcpStream) -> std::io::Result<Option<String>> {
    let mut bytes = [0; 8192];
    client.set_read_timeout(Some(LOOK))?;
    loop {
        match client.peek(&mut bytes) {
            Ok(0) => return Ok(None),
            Ok(count) => {
                let text = String::from_utf8_lossy(&bytes[..count]);
                if let Some((head, _)) = text.split_once("\r\n\r\n") {
                    client.set_read_timeout(None)?;
                    return Ok(Some(format!("{head}\r\n\r\n")));
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                target.set_nonblocking(true)?;
                let ended = matches!(target.peek(&mut bytes), Ok(0));
                target.set_nonblocking(false)?;
                if ended {
                    return Ok(None);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// The length that a head gives its body.
fn length_of(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let length =
        lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).find_map(|(_, n)| n.parse().ok());
    length.unwrap_or(0)
}

/// Sends a request to the target and reads the whole answer.
fn exchange(target: &mut TcpStream, request: &[u8]) -> std::io::Result<Vec<u8>> {
    target.write_all(request)?;
    let mut answer = Vec::new();
    let mut bytes = [0; 16 << 10];
    loop {
        let count = target.read(&mut bytes)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(&bytes[..count]);
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, _)) = text.split_once("\r\n\r\n")
            && answer.len() >= head.len() + 4 + length_of(head)
        {
            return Ok(answer);
        }
    }
}
