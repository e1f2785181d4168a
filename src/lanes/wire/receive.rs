//! Reads one answer off a stream: head and body, within their bounds, in buffers that are used again.

use super::chunked::Chunks;
use super::head::{self, Found, Framing, Head};
use super::{Again, Failed, Lost, MOST_BODY, MOST_HEAD, body_too_long};
use crate::target::Answer;
use bytes::BufMut;
use std::io::{Error, ErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What a connection's buffer holds at rest, in bytes.
const SMALL: usize = 4 << 10;

/// The most that is read at once, in bytes.
const LARGE: usize = 64 << 10;

/// What an answer's body may keep for the next one, in bytes.
const KEPT: usize = 64 << 10;

/// So many informational answers may come before the one that counts.
const MOST_INFORMATIONAL: u32 = 1_000;

/// Up to this length each piece of a head is looked at as it comes; beyond it, when its end may have come.
const CLOSELY: usize = 1 << 10;

/// Reads the next answer, and says whether the stream can be used again. `buffer` may hold its beginning; it is left
/// empty.
pub(super) async fn receive(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    asked_for_head: bool,
    answer: &mut Answer,
) -> Result<bool, Lost> {
    answer.body.clear();
    answer.body.shrink_to(KEPT);
    let head = read_head(stream, buffer, asked_for_head, answer).await?;
    let body = &mut answer.body;
    let exact = match head.framing {
        Framing::Length(length) => read_sized(stream, &buffer[head.len..], length, body).await,
        Framing::Chunked => read_chunks(stream, buffer, head.len, body).await,
        Framing::Close => read_all(stream, &buffer[head.len..], body).await,
    };
    buffer.clear();
    buffer.shrink_to(SMALL);
    // What comes after an answer was asked by nobody.
    exact.map(|exact| exact && head.keeps).map_err(|failed| Lost { failed, again: Again::Never })
}

async fn read_head(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    asked_for_head: bool,
    answer: &mut Answer,
) -> Result<Head, Lost> {
    let lost = |failed| Lost { failed, again: Again::Never };
    let (mut looked_at, mut informational, mut ended) = (0, 0, false);
    loop {
        if is_worth_a_look(buffer, looked_at) || ended {
            looked_at = buffer.len();
            match head::find(buffer, asked_for_head, answer).map_err(lost)? {
                Found::Head(head) => return Ok(head),
                Found::Informational(len) => {
                    buffer.drain(..len);
                    (looked_at, informational) = (0, informational + 1);
                    if informational > MOST_INFORMATIONAL {
                        return Err(lost(head::no_answer("informational answers without end")));
                    }
                    continue;
                }
                Found::Part => {}
            }
        }
        if buffer.len() >= MOST_HEAD {
            return Err(lost(head::too_large()));
        }
        if ended {
            return Err(lost(Failed::Unanswered(CLOSED.into())));
        }
        ended = match fill(stream, buffer).await {
            Ok(count) => count == 0,
            Err(_) if buffer.is_empty() && informational == 0 => return Err(never_began("connection error")),
            Err(_) => return Err(lost(Failed::Unanswered("connection error".into()))),
        };
        if ended && buffer.is_empty() && informational == 0 {
            return Err(never_began(CLOSED));
        }
    }
}

const CLOSED: &str = "connection closed before message completed";

/// The connection ended without a byte of an answer.
fn never_began(why: &str) -> Lost {
    Lost { failed: Failed::Unanswered(why.into()), again: Again::Idempotent }
}

/// A head that comes in many small pieces is not parsed anew for each.
fn is_worth_a_look(buffer: &[u8], looked_at: usize) -> bool {
    if buffer.len() <= looked_at {
        return false;
    }
    let new = &buffer[looked_at.saturating_sub(3)..];
    let ends = || new.windows(2).any(|pair| pair == b"\n\n") || new.windows(3).any(|three| three == b"\n\r\n");
    buffer.len() <= CLOSELY || buffer.len() >= 2 * looked_at || ends()
}

/// Reads what there is; a buffer that was filled grows.
async fn fill(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Result<usize, Error> {
    if buffer.capacity() == 0 {
        buffer.reserve_exact(SMALL);
    } else if buffer.len() == buffer.capacity() {
        buffer.reserve(buffer.len());
    }
    stream.read_buf(buffer).await
}

/// Reads a body of a known length; `false` where more has come. The length is the other side's word, and no room is
/// made on the strength of it.
async fn read_sized(
    stream: &mut (impl AsyncRead + Unpin),
    begun: &[u8],
    length: u64,
    body: &mut Vec<u8>,
) -> Result<bool, Failed> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if begun.len() >= length {
        body.extend_from_slice(&begun[..length]);
        return bounded(body).map(|()| begun.len() == length);
    }
    body.extend_from_slice(begun);
    while body.len() < length {
        // With room for a byte more than is due, a read that takes all that there is shows that there is no more.
        let room = (length - body.len()).saturating_add(1).min(LARGE);
        read_more(stream, body, room).await.and_then(more).map_err(|_| broke_off())?;
        bounded(body)?;
    }
    let exact = body.len() == length;
    body.truncate(length);
    Ok(exact)
}

/// Reads a body that ends with the connection, which cannot be used again.
async fn read_all(stream: &mut (impl AsyncRead + Unpin), begun: &[u8], body: &mut Vec<u8>) -> Result<bool, Failed> {
    body.extend_from_slice(begun);
    let mut room = SMALL;
    loop {
        bounded(body)?;
        let count = read_more(stream, body, room).await.map_err(|_| broke_off())?;
        if count == 0 {
            return Ok(false);
        }
        room = if count == room { (2 * room).min(LARGE) } else { room };
    }
}

/// Reads a body of chunks, of which `buffer` may hold the beginning after `from`; `false` where more has come.
async fn read_chunks(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut Vec<u8>,
    mut from: usize,
    body: &mut Vec<u8>,
) -> Result<bool, Failed> {
    let mut chunks = Chunks::default();
    loop {
        let taken = chunks.take(&buffer[from..], body).map_err(|_| broke_off())?;
        bounded(body)?;
        if chunks.is_over() {
            return Ok(from + taken == buffer.len());
        }
        let was_full = buffer.len() == buffer.capacity();
        buffer.clear();
        from = 0;
        if was_full && buffer.capacity() < LARGE {
            buffer.reserve(2 * buffer.capacity());
        }
        fill(stream, buffer).await.and_then(more).map_err(|_| broke_off())?;
    }
}

/// Reads up to `room` bytes more.
async fn read_more(stream: &mut (impl AsyncRead + Unpin), body: &mut Vec<u8>, room: usize) -> Result<usize, Error> {
    body.reserve(room);
    stream.read_buf(&mut body.limit(room)).await
}

/// An end where more is due is an error.
fn more(count: usize) -> Result<(), Error> {
    if count == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

fn broke_off() -> Failed {
    Failed::Unanswered("its body broke off: error reading a body from connection".into())
}

fn bounded(body: &[u8]) -> Result<(), Failed> {
    if body.len() > MOST_BODY { Err(body_too_long()) } else { Ok(()) }
}
