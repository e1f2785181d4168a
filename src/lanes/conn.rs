//! A lane's connections for its visitors: persistent HTTP/1.1 over hyper's client connection, plain or TLS.

use crate::target::{Answer, Fields};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// The most of a body that is read.
pub const MOST_BODY: usize = 4 << 20;

/// A visitor's request, ready to send.
pub type Ready = http::Request<Full<Bytes>>;

/// How a request ended that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// Nothing was sent.
    Unsent(String),
    /// It was sent, or may have been; there is no answer, or only a part.
    Unanswered(String),
    /// What came back is no HTTP answer that can be read.
    Garbled(String),
}

/// Where connections lead.
#[derive(Clone)]
pub struct Dial {
    host: String,
    port: u16,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    /// The Host header.
    pub authority: String,
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
        let port = url.port_or_known_default().unwrap_or(80);
        let authority = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        Ok(Self { host, port, tls, authority })
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        match &self.tls {
            None => handshake(stream).await,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(|error| error.to_string())?;
                handshake(stream).await
            }
        }
    }
}

async fn handshake(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Result<SendRequest<Full<Bytes>>, String> {
    let builder = http1::Builder::new().max_buf_size(64 << 10).max_headers(128).to_owned();
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::task::spawn_local(async move {
        // How a connection ends is told to the request that was on it.
        let _ = connection.await;
    });
    Ok(sender)
}

/// One connection that is opened when it is needed, and again when it was closed.
#[derive(Debug)]
pub struct Connection {
    dial: Arc<Dial>,
    open: Option<SendRequest<Full<Bytes>>>,
    timeout: Duration,
}

impl Connection {
    /// A connection that is not open yet.
    pub fn new(dial: Arc<Dial>, timeout: Duration) -> Self {
        Self { dial, open: None, timeout }
    }

    /// Another connection to the same place, not open yet.
    pub fn another(&self) -> Self {
        Self::new(Arc::clone(&self.dial), self.timeout)
    }

    /// Closes it: the target's keep-alive timers jump with its clock.
    pub fn close(&mut self) {
        self.open = None;
    }

    /// Sends a request and reads its whole answer. What never left on a reused connection, and what is idempotent and
    /// died there without an answer, is sent once more on a new one.
    ///
    /// # Errors
    /// How it ended without an answer.
    pub async fn ask(&mut self, request: Ready, idempotent: bool) -> Result<Answer, Failed> {
        let reused = self.open.as_ref().is_some_and(|open| !open.is_closed());
        let again = (reused && idempotent).then(|| request.clone());
        match (self.once(request).await, again) {
            (Err((_, Some(unsent))), _) if reused => self.once(*unsent).await.map_err(|(failed, _)| failed),
            (Err((Failed::Unanswered(_), None)), Some(again)) => self.once(again).await.map_err(|(failed, _)| failed),
            (ended, _) => ended.map_err(|(failed, _)| failed),
        }
    }

    async fn once(&mut self, request: Ready) -> Result<Answer, (Failed, Option<Box<Ready>>)> {
        let timeout = self.timeout;
        let ended = tokio::time::timeout(timeout, self.exchange(request)).await;
        let ended = ended.unwrap_or_else(|_| {
            Err((Failed::Unanswered(format!("no answer within {} s", timeout.as_secs_f32())), None))
        });
        if ended.is_err() {
            self.close();
        }
        ended
    }

    async fn exchange(&mut self, request: Ready) -> Result<Answer, (Failed, Option<Box<Ready>>)> {
        if self.open.as_ref().is_none_or(SendRequest::is_closed) {
            self.open = Some(
                self.dial.open().await.map_err(|error| (Failed::Unsent(format!("cannot connect: {error}")), None))?,
            );
        }
        let Some(sender) = &mut self.open else { return Err((Failed::Unsent("no connection".into()), None)) };
        if sender.ready().await.is_err() {
            return Err((Failed::Unsent("the connection was closed".into()), Some(Box::new(request))));
        }
        let answer = sender.try_send_request(request).await.map_err(|mut error| match error.take_message() {
            Some(unsent) => (Failed::Unsent("the connection was closed".into()), Some(Box::new(unsent))),
            None => (failed(&error.into_error()), None),
        })?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MOST_BODY)
            .collect()
            .await
            .map_err(|error| (body_failed(error.as_ref()), None))?
            .to_bytes();
        let mut headers = Fields::default();
        head.headers.iter().for_each(|(name, value)| headers.push(name.as_str().as_bytes(), value.as_bytes()));
        Ok(Answer { status: head.status.as_u16(), headers, body: body.into() })
    }
}

fn failed(error: &hyper::Error) -> Failed {
    if error.is_parse() || error.is_parse_too_large() {
        Failed::Garbled(format!("no HTTP answer: {error}"))
    } else {
        Failed::Unanswered(error.to_string())
    }
}

fn body_failed(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Failed {
    if error.is::<http_body_util::LengthLimitError>() {
        Failed::Garbled(format!("its body is longer than {MOST_BODY} bytes"))
    } else {
        Failed::Unanswered(format!("its body broke off: {error}"))
    }
}
