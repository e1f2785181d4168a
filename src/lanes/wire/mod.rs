//! A lane's connections for its visitors: persistent HTTP/1.1. Plain targets go over the lean path, which makes nothing
//! anew for a request; TLS goes over hyper's client connection. Both keep to the same bounds and tell failures apart by
//! the same rules.

mod chunked;
mod head;
mod lean;
mod outgoing;
mod over_hyper;
mod patience;
mod receive;
#[cfg(test)]
mod tests;
mod worker;

pub use outgoing::Outgoing;
pub use worker::Worker;

use crate::target::Answer;
use lean::Lean;
use over_hyper::OverHyper;
use patience::Patience;
use rustix::io::Errno;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// The most of a body that is read, in bytes.
pub const MOST_BODY: usize = 4 << 20;

/// The most of an answer's head that is read, in bytes.
const MOST_HEAD: usize = 128 << 10;

/// How a request ended that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// Nothing was sent.
    Unsent(String),
    /// Nothing was sent, since this machine has no file or port left for another connection.
    Exhausted(String),
    /// It was sent, or may have been; there is no answer, or only a part.
    Unanswered(String),
    /// What came back is no HTTP answer that can be read.
    Garbled(String),
}

/// How one try ended, and whether there may be another.
#[derive(Debug)]
struct Lost {
    failed: Failed,
    again: Again,
}

/// Whether a request that was lost on a reused connection may be sent once more on a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// It never left.
    Anyway,
    /// It died without an answer: only if it does no harm twice.
    Idempotent,
    Never,
}

impl Lost {
    fn for_good(self) -> Self {
        Self { again: Again::Never, ..self }
    }
}

/// Why there is no connection: the target's fault, or this machine's.
fn unconnected(error: &std::io::Error) -> Failed {
    let own = [Errno::MFILE, Errno::NFILE, Errno::ADDRNOTAVAIL];
    let told = format!("cannot connect: {error}");
    if Errno::from_io_error(error).is_some_and(|errno| own.contains(&errno)) {
        Failed::Exhausted(told)
    } else {
        Failed::Unsent(told)
    }
}

fn body_too_long() -> Failed {
    Failed::Garbled(format!("its body is longer than {MOST_BODY} bytes"))
}

/// Writes the bytes of the answer to a request.
pub type Canned = Arc<dyn Fn(&Outgoing, &mut Vec<u8>) + Send + Sync>;

/// Where connections lead.
#[derive(Clone)]
pub struct Dial {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    path: Path,
    /// The Host header.
    pub authority: String,
}

/// What a connection is made of.
#[derive(Clone)]
enum Path {
    Lean,
    Hyper,
    /// No socket: answers from memory.
    Null(Canned),
}

impl std::fmt::Debug for Dial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dial").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl Dial {
    /// Connections to a target's address.
    ///
    /// # Errors
    /// When its host cannot be a TLS server's name.
    pub fn new(url: &Url, tls: Arc<rustls::ClientConfig>) -> Result<Self, String> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let tls = if url.scheme() == "https" {
            let name = ServerName::try_from(host.clone()).map_err(|_| format!("`{host}` is no server's name"))?;
            Some((TlsConnector::from(tls), name))
        } else {
            None
        };
        let path = if tls.is_some() { Path::Hyper } else { Path::Lean };
        let port = url.port_or_known_default().unwrap_or(80);
        let authority = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        Ok(Self { host, port, tls, path, authority })
    }

    /// Connections that lead nowhere: `canned` writes each answer, status line and all, so that lanes can be measured
    /// alone.
    pub fn null(canned: Canned) -> Self {
        Self { host: String::new(), port: 0, tls: None, path: Path::Null(canned), authority: "null".into() }
    }

    async fn connect(&self) -> Result<TcpStream, Failed> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| unconnected(&error))?;
        stream.set_nodelay(true).map_err(|error| unconnected(&error))?;
        Ok(stream)
    }

    async fn open(&self) -> Result<Open, Failed> {
        match &self.path {
            Path::Lean => Lean::open(self).await.map(Open::Lean),
            Path::Hyper => OverHyper::open(self).await.map(Open::Hyper),
            Path::Null(canned) => Ok(Open::Null(Arc::clone(canned), Vec::new())),
        }
    }
}

/// A connection that is open.
enum Open {
    Lean(Lean),
    Hyper(OverHyper),
    Null(Canned, Vec<u8>),
}

impl Open {
    fn is_over(&self) -> bool {
        match self {
            Self::Lean(lean) => lean.is_over(),
            Self::Hyper(hyper) => hyper.is_over(),
            Self::Null(..) => false,
        }
    }

    async fn exchange(&mut self, request: &Outgoing, answer: &mut Answer) -> Result<bool, Lost> {
        match self {
            Self::Lean(lean) => lean.exchange(request, answer).await,
            // Larger than all the rest of a request; who has no TLS need not make room for it.
            Self::Hyper(hyper) => Box::pin(hyper.exchange(request, answer)).await,
            Self::Null(canned, buffer) => {
                canned(request, buffer);
                receive::receive(&mut tokio::io::empty(), buffer, request.method() == b"HEAD", answer).await
            }
        }
    }
}

/// One connection that is opened when it is needed, and again when it was closed.
pub struct Connection {
    dial: Arc<Dial>,
    open: Option<Open>,
    patience: Patience,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("dial", &self.dial).field("open", &self.open.is_some()).finish()
    }
}

impl Connection {
    /// A connection that is not open yet. Each request may take as long as `timeout`, and as long again where it is sent
    /// once more.
    pub fn new(dial: Arc<Dial>, timeout: Duration) -> Self {
        Self { dial, open: None, patience: Patience::new(timeout) }
    }

    /// Another connection to the same place, not open yet.
    pub fn another(&self) -> Self {
        Self::new(Arc::clone(&self.dial), self.patience.length())
    }

    /// Gives its buffer back where nothing is under way: it is not used again soon.
    pub fn rest(&mut self) {
        if let Some(Open::Lean(lean)) = &mut self.open {
            lean.rest();
        }
    }

    /// Closes it: the target's keep-alive timers jump with its clock.
    pub fn close(&mut self) {
        self.open = None;
    }

    /// Sends a request and reads its whole answer into `answer`. What never left on a reused connection, and what is
    /// idempotent and died there before an answer began, is sent once more on a new one.
    ///
    /// # Errors
    /// How it ended without an answer; then `answer` holds nothing of use.
    pub async fn ask(&mut self, request: &Outgoing, idempotent: bool, answer: &mut Answer) -> Result<(), Failed> {
        let reused = self.is_reusable();
        match self.once(request, answer).await {
            Err(Lost { again: Again::Anyway, .. }) if reused => {}
            Err(Lost { again: Again::Idempotent, .. }) if reused && idempotent => {}
            ended => return ended.map_err(|lost| lost.failed),
        }
        Box::pin(self.once(request, answer)).await.map_err(|lost| lost.failed)
    }

    /// Whether a connection is open that the other side has not ended meanwhile; if it has, it is dropped.
    fn is_reusable(&mut self) -> bool {
        if self.open.as_ref().is_some_and(Open::is_over) {
            self.close();
        }
        self.open.is_some()
    }

    async fn once(&mut self, request: &Outgoing, answer: &mut Answer) -> Result<(), Lost> {
        let Self { dial, open, patience } = self;
        let ended = patience.wait_for(exchange(dial, open, request, answer)).await;
        let ended = ended.unwrap_or_else(|| {
            let failed = Failed::Unanswered(format!("no answer within {} s", patience.length().as_secs_f32()));
            Err(Lost { failed, again: Again::Never })
        });
        if !matches!(ended, Ok(true)) {
            self.close();
        }
        ended.map(|_| ())
    }
}

/// One try; says whether the connection can be used again.
async fn exchange(dial: &Dial, open: &mut Option<Open>, request: &Outgoing, answer: &mut Answer) -> Result<bool, Lost> {
    let open = match open {
        Some(open) => open,
        none => none.insert(Box::pin(dial.open()).await.map_err(|failed| Lost { failed, again: Again::Never })?),
    };
    open.exchange(request, answer).await
}
