//! Writing the history: blocks of lines, each a zstd frame of its own, each sealed by a digest that chains to the last.

use super::codec::Codec;
use super::event::{Attestation, Exchange};
use super::hex;
use super::known::Known;
use crate::instant::Instant;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use zstd::bulk::Compressor;

/// A lane hands its lines on when it has so many bytes of them.
const BLOCK: usize = 1 << 20;

/// A lane that has fewer bytes than this at the end of a stop keeps them for the next.
const SMALL: usize = 64 << 10;

/// The next block is taken to be as long as the last, and so many bytes longer.
const ROOM: usize = 8 << 10;

/// How hard the blocks are packed: a request takes some 14 bytes then, and 0.2 us of the thread's time, digest included.
const LEVEL: i32 = 3;

/// How many blocks may wait for the disk.
const WAITING: usize = 8;

/// What a history came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Blocks on disk.
    pub blocks: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// The digest of the last block, which seals all of them.
    pub digest: String,
}

/// The line that ends a block.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Seal {
    pub(super) block: u64,
    pub(super) lane: u32,
    pub(super) digest: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) end: bool,
}

/// The digest of a block: over the digest before it, its number, its lane and its lines.
pub(super) fn digest(before: &str, block: u64, lane: u32, end: bool, lines: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("{before} {block} {lane} {end}\n"));
    hasher.update(lines);
    hex(&hasher.finalize())
}

/// Writes a history in a thread of its own.
#[derive(Debug)]
pub struct HistoryWriter {
    blocks: SyncSender<(u32, Vec<u8>)>,
    thread: JoinHandle<io::Result<Summary>>,
}

impl HistoryWriter {
    /// Opens the file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = File::create_new(path)?;
        let (blocks, inbox) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("history".into()).spawn(move || write_all(file, &inbox))?;
        Ok(Self { blocks, thread })
    }

    /// Where a recorder's blocks go.
    pub fn sender(&self) -> SyncSender<(u32, Vec<u8>)> {
        self.blocks.clone()
    }

    /// Ends the history. Every recorder must be gone by then.
    ///
    /// # Errors
    /// When it could not be written whole.
    pub fn finish(self) -> io::Result<Summary> {
        drop(self.blocks);
        self.thread.join().map_err(|_| io::Error::other("the history's thread panicked"))?
    }
}

fn write_all(file: File, inbox: &Receiver<(u32, Vec<u8>)>) -> io::Result<Summary> {
    let mut press = Press { file, summary: Summary::default(), pack: Compressor::new(LEVEL)?, frame: Vec::new() };
    while let Ok((lane, lines)) = inbox.recv() {
        press.write_block(lane, false, lines)?;
    }
    press.write_block(0, true, Vec::new())?;
    press.file.sync_all()?;
    Ok(press.summary)
}

/// What makes blocks of lines, in the same buffers one after another.
struct Press {
    file: File,
    summary: Summary,
    pack: Compressor<'static>,
    frame: Vec<u8>,
}

impl Press {
    fn write_block(&mut self, lane: u32, end: bool, mut lines: Vec<u8>) -> io::Result<()> {
        let Self { file, summary, pack, frame } = self;
        summary.digest = digest(&summary.digest, summary.blocks, lane, end, &lines);
        let seal = Seal { block: summary.blocks, lane, digest: summary.digest.clone(), end };
        serde_json::to_writer(&mut lines, &seal)?;
        lines.push(b'\n');
        frame.clear();
        frame.reserve(zstd::compress_bound(lines.len()));
        pack.compress_to_buffer(&lines, frame)?;
        file.write_all(frame)?;
        summary.blocks += 1;
        summary.bytes += frame.len() as u64;
        Ok(())
    }
}

/// Takes down one lane's events.
#[derive(Debug)]
pub struct Recorder {
    lane: u32,
    codec: Codec,
    lines: Vec<u8>,
    small: usize,
    blocks: SyncSender<(u32, Vec<u8>)>,
}

impl Recorder {
    /// A recorder for a lane.
    pub fn new(lane: u32, t0: Instant, blocks: SyncSender<(u32, Vec<u8>)>) -> Self {
        Self { lane, codec: Codec::new(t0), lines: Vec::new(), small: SMALL, blocks }
    }

    /// Hands on everything at the end of each stop: where stops are minutes apart, a killed run must not lose them.
    #[must_use]
    pub fn eager(mut self) -> Self {
        self.small = 1;
        self
    }

    /// Takes down an exchange; `known` is what the history knows of its visitor, and learns.
    pub fn record(&mut self, known: &mut Known, exchange: &Exchange) {
        self.codec.encode(known, exchange, &mut self.lines);
        if self.lines.len() >= BLOCK {
            self.hand_on();
        }
    }

    /// Takes down an attestation of the clock. One that the clock was lost is handed on at once: without it a killed
    /// run would be judged as if its clock had obeyed.
    pub fn attest(&mut self, attestation: &Attestation) {
        Codec::encode_attestation(attestation, &mut self.lines);
        if !attestation.moved {
            self.hand_on();
        }
    }

    /// Hands on what was taken down, unless it is little.
    pub fn flush(&mut self) {
        if self.lines.len() >= self.small {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        if !self.lines.is_empty() {
            // When the disk failed nobody listens any more; the writer's end says so.
            let next = Vec::with_capacity(self.lines.len() + ROOM);
            let _ = self.blocks.send((self.lane, std::mem::replace(&mut self.lines, next)));
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.hand_on();
    }
}
