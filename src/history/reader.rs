//! A history's events, read back block by block once each block's digest is known to be right. It holds one block at a
//! time, never gives an event of a block that is not whole, and never judges what it reads.

use super::block::{Digest, END, FIRST, LINE_MOST, UNPACKED_MOST, lane_of, verified};
use super::{Codec, Event, hex};
use crate::instant::Instant;
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

/// The largest window that a frame may ask for, as a power of two: as large as a block.
const WINDOW_LOG: u32 = 24;

/// How a history ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How many whole blocks it has, the closing one among them.
    pub blocks: u64,
    /// How many events were given.
    pub events: u64,
    /// The last whole block's digest, in hexadecimal digits.
    pub last_digest: String,
    /// Whether the run closed it.
    pub complete: bool,
    /// Why it is not complete.
    pub torn: Option<String>,
}

/// Why a history cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// The file cannot be read.
    File(io::Error),
    /// A block is not what the harness wrote.
    Block {
        /// Which, counted from 0.
        block: u64,
        /// What is wrong with it.
        what: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "the history cannot be read: {error}"),
            Self::Block { block, what } => write!(f, "block {block} of the history: {what}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(error) => Some(error),
            Self::Block { .. } => None,
        }
    }
}

/// Gives every event of the history at `path` to `each`, in the file's order; `t0` is the one it was written with.
///
/// A history that breaks off is no error: what is whole is given, and the ending says where it broke off.
///
/// # Errors
/// When the file cannot be read, or a block was changed. The events of the blocks before have been given by then.
pub fn read(path: &Path, t0: Instant, each: impl FnMut(Event)) -> Result<Ending, ReadError> {
    let file = File::open(path).map_err(ReadError::File)?;
    Reading { t0, lanes: HashMap::new(), blocks: 0, events: 0, last: FIRST, ended: false, each }
        .run(BufReader::with_capacity(1 << 17, file))
}

/// What a frame turned out to be.
enum Frame {
    Whole(Vec<u8>),
    Torn,
}

/// The state between two blocks.
struct Reading<F> {
    t0: Instant,
    lanes: HashMap<u32, Codec>,
    blocks: u64,
    events: u64,
    last: Digest,
    ended: bool,
    each: F,
}

impl<F: FnMut(Event)> Reading<F> {
    fn run(mut self, mut file: impl BufRead) -> Result<Ending, ReadError> {
        loop {
            if file.fill_buf().map_err(ReadError::File)?.is_empty() {
                let torn = (!self.ended).then(|| format!("it ends after {} blocks without a closing one", self.blocks));
                return Ok(self.ending(torn));
            }
            if self.ended {
                return Err(self.wrong("it comes after the one that closes the history".into()));
            }
            match frame(&mut file) {
                Ok(Frame::Whole(bytes)) => self.block(&bytes).map_err(|what| self.wrong(what))?,
                Ok(Frame::Torn) => {
                    let torn = Some(format!("block {} breaks off", self.blocks));
                    return Ok(self.ending(torn));
                }
                Err(what) => return Err(self.wrong(what)),
            }
            self.blocks += 1;
        }
    }

    fn wrong(&self, what: String) -> ReadError {
        ReadError::Block { block: self.blocks, what }
    }

    fn ending(&self, torn: Option<String>) -> Ending {
        Ending {
            blocks: self.blocks,
            events: self.events,
            last_digest: hex(&self.last),
            complete: self.ended,
            torn,
        }
    }

    fn block(&mut self, bytes: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text")?;
        let (lines, digest) = verified(text, self.blocks, &self.last)?;
        self.last = digest;
        if lines.trim_end() == END {
            self.ended = true;
            return Ok(());
        }
        let mut lines = lines.lines();
        let lane = lane_of(lines.next().unwrap_or_default())?;
        let t0 = self.t0;
        let codec = self.lanes.entry(lane).or_insert_with(|| Codec::new(t0));
        for (index, line) in lines.enumerate() {
            let told = |what: String| format!("line {}: {what}", index + 2);
            if line.len() > LINE_MOST {
                return Err(told("it has more than 4 MiB".into()));
            }
            let event = codec.decode(line).map_err(told)?;
            self.events += 1;
            (self.each)(event);
        }
        Ok(())
    }
}

/// Unpacks the next frame, and no more of it than a block may have.
fn frame(file: &mut impl BufRead) -> Result<Frame, String> {
    let told = |error: io::Error| format!("it cannot be unpacked: {error}");
    let mut zstd = zstd::Decoder::with_buffer(file).map_err(told)?.single_frame();
    zstd.window_log_max(WINDOW_LOG).map_err(told)?;
    let mut bytes = Vec::new();
    match zstd.take(UNPACKED_MOST as u64 + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() > UNPACKED_MOST => Err("it unpacks to more than 16 MiB".into()),
        Ok(_) => Ok(Frame::Whole(bytes)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Frame::Torn),
        Err(error) => Err(told(error)),
    }
}
