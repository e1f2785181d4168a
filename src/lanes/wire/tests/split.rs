//! However an answer is split on its way, the same comes of it; and whatever comes, it is borne in bounded memory.

use super::*;
use crate::lanes::wire::receive::receive;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// A stream that brings one piece after another, and ends.
struct Pieces(VecDeque<Vec<u8>>);

impl Pieces {
    fn of(bytes: &[u8], at: &[Index]) -> Self {
        let mut places: Vec<_> = at.iter().map(|index| index.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        Self(places.windows(2).map(|pair| bytes[pair[0]..pair[1]].to_vec()).filter(|piece| !piece.is_empty()).collect())
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if let Some(mut piece) = self.0.pop_front() {
            let rest = piece.split_off(piece.len().min(into.remaining()));
            into.put_slice(&piece);
            if !rest.is_empty() {
                self.0.push_front(rest);
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// What came of an answer: its status, headers and body, or how it failed.
type Came = Result<(u16, Vec<(Vec<u8>, Vec<u8>)>, Vec<u8>), &'static str>;

fn read(bytes: &[u8], at: &[Index]) -> Came {
    let (mut buffer, mut answer) = (Vec::new(), Answer::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let came = runtime.block_on(receive(&mut Pieces::of(bytes, at), &mut buffer, false, &mut answer));
    assert!(
        answer.body.capacity() <= 2 * bytes.len() + (128 << 10) && buffer.capacity() <= 2 * bytes.len() + (8 << 10)
    );
    match came {
        Ok(_) => {
            assert!(buffer.is_empty() && buffer.capacity() <= 4 << 10, "{}", buffer.capacity());
            let headers = answer.headers.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
            Ok((answer.status, headers, answer.body))
        }
        Err(lost) => Err(match lost.failed {
            Failed::Unsent(_) | Failed::Exhausted(_) => "unsent",
            Failed::Unanswered(_) => "unanswered",
            Failed::Garbled(_) => "garbled",
        }),
    }
}

/// A body in chunks of these sizes.
fn chunked(body: &[u8], sizes: &[usize], extension: &str, trailers: &str) -> Vec<u8> {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let mut rest = body;
    for size in sizes.iter().copied().chain([body.len()]) {
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        if !chunk.is_empty() {
            bytes.extend_from_slice(format!("{:X}{extension}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        rest = after;
    }
    bytes.extend_from_slice(format!("0\r\n{trailers}\r\n").as_bytes());
    bytes
}

const ANSWERS: [&str; 6] = [
    "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\ndate: now\r\ncontent-length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n3\r\nyou\r\n0\r\nx-a: b\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: a\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
    "HTTP/1.0 404 Not Found\r\nconnection: close\r\n\r\nwhatever comes till the end",
    "\r\nHTTP/1.1 200\ncontent-length: 2, 2\ncontent-length: 2\n\nhi",
    "HTTP/1.1 304 Not Modified\r\netag: \"x\"\r\ncontent-length: 7\r\n\r\n",
];

proptest! {
    #[test]
    fn chunks_are_put_together_however_they_are_cut_and_split(
        body in vec(any::<u8>(), 0..20_000),
        sizes in vec(1..5_000_usize, 0..12),
        extension in select(vec!["", ";a", " ; a=\"b c\"", "\t"]),
        trailers in select(vec!["", "x-a: b\r\n", "x-a: b\r\nx-c:\r\n"]),
        at in vec(any::<Index>(), 0..40),
    ) {
        let (status, _, came) = read(&chunked(&body, &sizes, extension, trailers), &at).unwrap();
        prop_assert_eq!(status, 200);
        prop_assert!(came == body);
    }

    #[test]
    fn an_answer_is_the_same_however_it_is_split(answer in select(&ANSWERS[..]), at in vec(any::<Index>(), 0..60)) {
        let whole = read(answer.as_bytes(), &[]);
        prop_assert!(whole.is_ok());
        prop_assert_eq!(read(answer.as_bytes(), &at), whole);
    }

    #[test]
    fn whatever_comes_is_borne_and_is_the_same_however_it_is_split(
        answer in select(&ANSWERS[..]),
        changes in vec((any::<Index>(), prop_oneof![any::<u8>(), select(b"0159af:;,\r\n \0-".to_vec())], 0..3_u8), 1..6),
        at in vec(any::<Index>(), 0..30),
    ) {
        let mut bytes = answer.as_bytes().to_vec();
        for (place, letter, how) in changes {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = letter,
                1 => bytes.insert(place, letter),
                _ if bytes.len() > 1 => { bytes.remove(place); }
                _ => {}
            }
        }
        prop_assert_eq!(read(&bytes, &at), read(&bytes, &[]), "{:?}", String::from_utf8_lossy(&bytes));
    }
}
