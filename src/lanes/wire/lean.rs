//! The lean path: HTTP/1.1 over a plain socket, one request at a time, no task of its own and nothing made anew for a
//! request.

use super::receive::receive;
use super::{Again, Dial, Failed, Lost, Outgoing};
use crate::target::Answer;
use futures_util::future::{Either, select};
use std::io::ErrorKind;
use std::pin::pin;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// A connection that is open.
#[derive(Debug)]
pub(super) struct Lean {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Lean {
    pub(super) async fn open(dial: &Dial) -> Result<Self, Failed> {
        Ok(Self { stream: dial.connect().await?, buffer: Vec::new() })
    }

    /// Whether the other side has ended it meanwhile, or said what nobody asked. It costs a system call only where the
    /// runtime knows of something to read.
    pub(super) fn is_over(&self) -> bool {
        let nothing = |error: std::io::Error| error.kind() == ErrorKind::WouldBlock;
        !self.stream.try_read(&mut [0]).is_err_and(nothing)
    }

    /// Keeps no room for the next answer.
    pub(super) fn rest(&mut self) {
        self.buffer = Vec::new();
    }

    /// Sends a request and reads its whole answer; says whether the connection can be used again.
    pub(super) async fn exchange(&mut self, request: &Outgoing, answer: &mut Answer) -> Result<bool, Lost> {
        let bytes = request.bytes();
        let sent = self.begin(bytes)?;
        let asked_for_head = request.method() == b"HEAD";
        if sent == bytes.len() {
            return receive(&mut self.stream, &mut self.buffer, asked_for_head, answer).await;
        }
        // The other side may answer before it has read all; then it does not want the rest.
        let (mut reader, mut writer) = self.stream.split();
        let rest = pin!(writer.write_all(&bytes[sent..]));
        let answered = pin!(receive(&mut reader, &mut self.buffer, asked_for_head, answer));
        match select(answered, rest).await {
            Either::Left((ended, _)) => ended.map(|_| false),
            Either::Right((Ok(()), answered)) => answered.await,
            Either::Right((Err(_), answered)) => answered.await.map(|_| false).map_err(Lost::for_good),
        }
    }

    /// Sends as much as the socket takes at once: nearly always everything.
    fn begin(&self, bytes: &[u8]) -> Result<usize, Lost> {
        match self.stream.try_write(bytes) {
            Ok(sent) => Ok(sent),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
            Err(_) => Err(Lost { failed: Failed::Unsent("the connection was closed".into()), again: Again::Anyway }),
        }
    }
}
