//! Reading a history back, block by block, in bounded memory. A torn end is no error; a changed block is.

use super::blocks::Blocks;
use super::codec::{Codec, Decoded};
use super::event::{Event, Exchange};
use super::visitors::Visitors;
use super::writer::{Seal, digest};
use crate::instant::Instant;
use crate::scenario::Op;
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// A history that cannot be believed.
#[derive(Debug)]
pub enum ReadError {
    /// The file cannot be read.
    Io(io::Error),
    /// A block is not what its seal says, or holds what cannot be understood.
    Block {
        /// The block, from 0.
        block: u64,
        /// What is wrong.
        what: String,
    },
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::Block { block, what } => write!(f, "block {block} {what}; the history was changed, or is no history"),
        }
    }
}

impl std::error::Error for ReadError {}

/// How a history ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ending {
    /// Whole blocks.
    pub blocks: u64,
    /// Events in them.
    pub events: u64,
    /// The last block's digest.
    pub digest: String,
    /// Whether the run came to its end.
    pub complete: bool,
}

/// Reads a history, and gives its events in the order of the file: one lane's are in the order in which they happened.
///
/// # Errors
/// When the file cannot be read, or a block was changed.
pub fn read(path: &Path, t0: Instant, take: impl FnMut(Event<'_>)) -> Result<Ending, ReadError> {
    read_of(path, t0, |_| true, take)
}

/// The same, but of the exchanges only those whose visitor is wanted: the others' lines are stepped over.
///
/// # Errors
/// When the file cannot be read, or a block was changed.
pub fn read_of(
    path: &Path,
    t0: Instant,
    wanted: impl Fn(u32) -> bool,
    mut take: impl FnMut(Event<'_>),
) -> Result<Ending, ReadError> {
    let mut blocks = Blocks::open(path).map_err(ReadError::Io)?;
    let mut codecs: HashMap<u32, Codec> = HashMap::new();
    let mut visitors = Visitors::default();
    let mut exchange = Exchange::blank(Op::Load);
    let mut ending = Ending::default();
    while let Some(text) = blocks.next(ending.blocks)? {
        let wrong = |what: String| ReadError::Block { block: ending.blocks, what };
        if ending.complete {
            return Err(wrong("stands behind the end".into()));
        }
        let text = std::str::from_utf8(text).map_err(|_| wrong("is not UTF-8".into()))?;
        let (lines, seal) = split(text).ok_or_else(|| wrong("has no seal".into()))?;
        let expected = digest(&ending.digest, ending.blocks, seal.lane, seal.end, lines.as_bytes());
        if seal.block != ending.blocks || seal.digest != expected {
            return Err(wrong("does not have the digest that its seal states".into()));
        }
        let codec = codecs.entry(seal.lane).or_insert_with(|| Codec::new(t0));
        for line in lines.lines() {
            let decoded = codec.decode(line, &wanted, &mut visitors, &mut exchange);
            match decoded.map_err(|error| wrong(format!("holds a line that cannot be understood ({error})")))? {
                Decoded::Exchange => take(Event::Exchange(&exchange)),
                Decoded::Attestation(attestation) => take(Event::Attestation(&attestation)),
                Decoded::Unwanted => {}
            }
            ending.events += 1;
        }
        ending.digest = seal.digest;
        ending.complete = seal.end;
        ending.blocks += 1;
    }
    Ok(ending)
}

fn split(text: &str) -> Option<(&str, Seal)> {
    let body = text.strip_suffix('\n')?;
    let start = body.rfind('\n').map_or(0, |at| at + 1);
    let seal = serde_json::from_str(&body[start..]).ok()?;
    Some((&text[..start], seal))
}
