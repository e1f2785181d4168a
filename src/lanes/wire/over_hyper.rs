//! The full path: HTTP/1.1 over hyper's client connection, for TLS.

use super::head::switched;
use super::{Again, Dial, Failed, Lost, MOST_BODY, MOST_HEAD, Outgoing, body_too_long, head};
use crate::target::Answer;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

type Request = http::Request<Full<Bytes>>;

/// A connection that is open.
#[derive(Debug)]
pub(super) struct OverHyper {
    sender: SendRequest<Full<Bytes>>,
}

impl OverHyper {
    pub(super) async fn open(dial: &Dial) -> Result<Self, Failed> {
        let unconnected = |error: String| Failed::Unsent(format!("cannot connect: {error}"));
        let stream = dial.connect().await?;
        let sender = match &dial.tls {
            None => handshake(stream).await.map_err(unconnected)?,
            Some((connector, name)) => {
                let stream =
                    connector.connect(name.clone(), stream).await.map_err(|error| unconnected(error.to_string()))?;
                handshake(stream).await.map_err(unconnected)?
            }
        };
        Ok(Self { sender })
    }

    /// Whether the other side has ended it meanwhile.
    pub(super) fn is_over(&self) -> bool {
        self.sender.is_closed()
    }

    /// Sends a request and reads its whole answer.
    pub(super) async fn exchange(&mut self, request: &Outgoing, answer: &mut Answer) -> Result<bool, Lost> {
        let request = built(request).map_err(|error| Lost { failed: Failed::Unsent(error), again: Again::Never })?;
        let unsent = || Lost { failed: Failed::Unsent("the connection was closed".into()), again: Again::Anyway };
        self.sender.ready().await.map_err(|_| unsent())?;
        let came = self.sender.try_send_request(request).await.map_err(|mut error| match error.take_message() {
            Some(_) => unsent(),
            None => Lost::of_head(&error.into_error()),
        })?;
        let lost = |failed| Lost { failed, again: Again::Never };
        let (head, body) = came.into_parts();
        if head.status == http::StatusCode::SWITCHING_PROTOCOLS {
            return Err(lost(switched()));
        }
        answer.status = head.status.as_u16();
        answer.headers.clear();
        head.headers.iter().for_each(|(name, value)| answer.headers.push(name.as_str().as_bytes(), value.as_bytes()));
        answer.body.clear();
        let mut body = Limited::new(body, MOST_BODY);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| lost(body_failed(error.as_ref())))?;
            answer.body.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        }
        Ok(true)
    }
}

async fn handshake(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Result<SendRequest<Full<Bytes>>, String> {
    let builder = http1::Builder::new().max_buf_size(MOST_HEAD).max_headers(head::MOST_HEADERS).to_owned();
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::task::spawn_local(async move {
        // How a connection ends is told to the request that was on it.
        let _ = connection.await;
    });
    Ok(sender)
}

fn built(request: &Outgoing) -> Result<Request, String> {
    let mut built = http::Request::builder().method(request.method()).uri(request.path());
    for (name, value) in request.headers() {
        built = built.header(name, value);
    }
    built.body(Full::new(Bytes::copy_from_slice(request.body()))).map_err(|error| error.to_string())
}

impl Lost {
    fn of_head(error: &hyper::Error) -> Self {
        if error.is_parse() || error.is_parse_too_large() {
            let failed = Failed::Garbled(format!("no HTTP answer: {error}"));
            return Self { failed, again: Again::Never };
        }
        // Whether a part of the head had come is not told.
        Self { failed: Failed::Unanswered(error.to_string()), again: Again::Idempotent }
    }
}

fn body_failed(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Failed {
    if error.is::<http_body_util::LengthLimitError>() {
        body_too_long()
    } else {
        Failed::Unanswered(format!("its body broke off: {error}"))
    }
}
