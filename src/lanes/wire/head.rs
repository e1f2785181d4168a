//! An answer's head: its status and headers taken in, and how its body ends.

use super::Failed;
use crate::target::Answer;
use std::mem::MaybeUninit;

/// The most headers of an answer.
pub(super) const MOST_HEADERS: usize = 128;

/// What stands at the beginning of what has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A head that goes on.
    Part,
    /// An informational answer of so many bytes; the one that counts comes after it.
    Informational(usize),
    /// The head of an answer.
    Head(Head),
}

/// What is to be known of an answer beside its status and headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Its length in bytes.
    pub(super) len: usize,
    /// How its body ends.
    pub(super) framing: Framing,
    /// Whether the connection can be used again after it.
    pub(super) keeps: bool,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes.
    Length(u64),
    /// With its last chunk.
    Chunked,
    /// With the connection.
    Close,
}

/// Reads a head, and takes its status and headers into `answer`.
///
/// # Errors
/// When it is no head of HTTP/1, is too large, or contradicts itself about its body.
pub(super) fn find(bytes: &[u8], asked_for_head: bool, answer: &mut Answer) -> Result<Found, Failed> {
    let mut fields = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    let len = match parser.parse_response_with_uninit_headers(&mut response, bytes, &mut fields) {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => return Ok(Found::Part),
        Err(error) => return Err(no_answer(described(error))),
    };
    let status = response.code.unwrap_or_default();
    match status {
        ..100 => return Err(no_answer("invalid HTTP status-code parsed")),
        101 => return Err(switched()),
        100..200 => return Ok(Found::Informational(len)),
        _ => {}
    }
    answer.status = status;
    answer.headers.clear();
    let mut ends = Ends::default();
    for field in response.headers.iter() {
        answer.headers.push(field.name.as_bytes(), field.value);
        ends.see(field.name, field.value);
    }
    let is_old = response.version != Some(1);
    let framing =
        if asked_for_head || matches!(status, 204 | 304) { Framing::Length(0) } else { ends.framing(is_old)? };
    let ends_here = is_old || ends.closes || framing == Framing::Close || ends.say_two_things();
    Ok(Found::Head(Head { len, framing, keeps: !ends_here }))
}

/// What the headers say of the answer's end.
#[derive(Default)]
struct Ends {
    length: Option<u64>,
    /// There is a Transfer-Encoding.
    coded: bool,
    /// Its last coding is `chunked`.
    chunked: bool,
    closes: bool,
    /// A Content-Length is none, or is another than the one before.
    wrong: bool,
}

impl Ends {
    fn see(&mut self, name: &str, value: &[u8]) {
        match name.len() {
            10 if name.eq_ignore_ascii_case("connection") => self.closes |= words(value).any(|word| is(word, b"close")),
            14 if name.eq_ignore_ascii_case("content-length") => {
                for word in words(value) {
                    let length = decimal(word);
                    self.wrong |= length.is_none() || self.length.is_some_and(|known| Some(known) != length);
                    self.length = length;
                }
            }
            17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                self.coded = true;
                self.chunked = words(value).last().is_some_and(|word| is(word, b"chunked"));
            }
            _ => {}
        }
    }

    /// A length and chunks: it may be meant to be read in two ways.
    const fn say_two_things(&self) -> bool {
        self.coded && (self.wrong || self.length.is_some())
    }

    fn framing(&self, is_old: bool) -> Result<Framing, Failed> {
        match (self.coded, self.length) {
            (true, _) if is_old => Err(no_answer("unexpected transfer-encoding parsed")),
            (true, _) if self.chunked => Ok(Framing::Chunked),
            (true, _) => Ok(Framing::Close),
            _ if self.wrong => Err(no_answer("invalid content-length parsed")),
            (false, Some(length)) => Ok(Framing::Length(length)),
            (false, None) => Ok(Framing::Close),
        }
    }
}

fn words(value: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    value.split(|&letter| letter == b',').map(<[u8]>::trim_ascii)
}

fn is(word: &[u8], other: &[u8]) -> bool {
    word.eq_ignore_ascii_case(other)
}

fn decimal(word: &[u8]) -> Option<u64> {
    let digit = |number: u64, letter: &u8| match letter {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(letter - b'0')),
        _ => None,
    };
    if word.is_empty() { None } else { word.iter().try_fold(0, digit) }
}

/// What has come is no HTTP answer.
pub(super) fn no_answer(why: &str) -> Failed {
    Failed::Garbled(format!("no HTTP answer: {why}"))
}

/// An answer that goes over to a protocol that nobody asked for.
pub(super) fn switched() -> Failed {
    no_answer("it switches to a protocol that was not asked for")
}

/// An answer whose head does not end within its bounds.
pub(super) fn too_large() -> Failed {
    no_answer("message head is too large")
}

const fn described(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::Status => "invalid HTTP status-code parsed",
        httparse::Error::Version => "invalid HTTP version parsed",
        httparse::Error::TooManyHeaders => "message head is too large",
        _ => "invalid HTTP header parsed",
    }
}
