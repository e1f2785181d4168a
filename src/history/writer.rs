//! The history's file while a run lasts: one thread owns it and appends blocks, each chained to the one before. It
//! never rewrites what it has written, and never replaces a file that is there.

use super::block::{Digest, END, FIRST, LINE_MOST, UNPACKED_MOST, digest_of, lane_line, trailer_line};
use super::{Codec, Event, hex};
use crate::diagnostic::Diagnostic;
use crate::instant::Instant;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Past how many bytes a recorder hands its block over.
const BLOCK: usize = 1 << 20;
/// How many blocks may wait for the thread.
const WAITING: usize = 16;
/// How hard zstd tries.
const LEVEL: i32 = 3;
/// What is left of a block's bound for the line that ends it.
const TRAILER_MOST: usize = 4096;

/// What the thread is told.
enum Message {
    Block(Vec<u8>),
    End,
}

/// What became of a finished history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many blocks were written, the closing one among them.
    pub blocks: u64,
    /// How many bytes the file has.
    pub bytes: u64,
    /// The last block's digest, in hexadecimal digits: it vouches for the whole file.
    pub last_digest: String,
}

/// The history's file, open for a run.
#[derive(Debug)]
pub struct HistoryWriter {
    sender: HistorySender,
    thread: JoinHandle<io::Result<Summary>>,
}

impl HistoryWriter {
    /// Creates the file and starts the thread that writes it.
    ///
    /// # Errors
    /// When the file is there already or cannot be created, or no thread can be started.
    pub fn create(path: &Path) -> Result<Self, Diagnostic> {
        let told = |error: io::Error, remedy: &str| {
            Diagnostic::new(path, format!("cannot be created: {error}")).remedy(remedy.to_owned())
        };
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => told(error, "name another folder; a history is never overwritten"),
            _ => told(error, "name a folder that can be written to"),
        })?;
        let (sender, receiver) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || Blocks::new(file)?.run(&receiver))
            .map_err(|error| told(error, "leave the system room for one more thread"))?;
        Ok(Self { sender: HistorySender { sender }, thread })
    }

    /// A way to hand blocks over, for another lane.
    pub fn sender(&self) -> HistorySender {
        self.sender.clone()
    }

    /// Writes what waits and the block that marks the history as complete. Every recorder must have been flushed.
    ///
    /// # Errors
    /// When any block could not be written.
    pub fn finish(self) -> io::Result<Summary> {
        // A thread that has failed hears nothing any more; its own error is the one to tell.
        let _ = self.sender.sender.send(Message::End);
        drop(self.sender);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the history's thread broke down")))
    }
}

/// Hands blocks to the history's thread.
#[derive(Debug, Clone)]
pub struct HistorySender {
    sender: SyncSender<Message>,
}

impl HistorySender {
    /// Hands over one block of whole lines, its lane's line first; waits while too many blocks wait.
    ///
    /// # Errors
    /// When the block is too large or does not end a line, or the thread has ended; `finish` then tells why.
    pub fn send(&self, block: Vec<u8>) -> io::Result<()> {
        if block.len() > UNPACKED_MOST - TRAILER_MOST || block.last() != Some(&b'\n') {
            return Err(io::Error::new(ErrorKind::InvalidInput, "a block is at most 16 MiB of whole lines"));
        }
        let ended = |_| io::Error::new(ErrorKind::BrokenPipe, "the history is not written any more");
        self.sender.send(Message::Block(block)).map_err(ended)
    }
}

/// The thread's side of the file.
struct Blocks {
    file: File,
    zstd: zstd::bulk::Compressor<'static>,
    blocks: u64,
    bytes: u64,
    last: Digest,
}

impl Blocks {
    fn new(file: File) -> io::Result<Self> {
        let mut zstd = zstd::bulk::Compressor::new(LEVEL)?;
        zstd.include_checksum(true)?;
        Ok(Self { file, zstd, blocks: 0, bytes: 0, last: FIRST })
    }

    fn run(mut self, receiver: &Receiver<Message>) -> io::Result<Summary> {
        let mut complete = false;
        while let Ok(message) = if complete { receiver.try_recv().map_err(drop) } else { receiver.recv().map_err(drop) }
        {
            match message {
                Message::Block(block) => self.append(block)?,
                Message::End => complete = true,
            }
        }
        if complete {
            self.append(format!("{END}\n").into_bytes())?;
            self.file.sync_all()?;
        }
        Ok(Summary { blocks: self.blocks, bytes: self.bytes, last_digest: hex(&self.last) })
    }

    fn append(&mut self, mut block: Vec<u8>) -> io::Result<()> {
        let digest = digest_of(&self.last, &block);
        block.extend_from_slice(trailer_line(self.blocks, &self.last, &digest).as_bytes());
        let frame = self.zstd.compress(&block)?;
        self.file.write_all(&frame)?;
        self.file.flush()?;
        self.last = digest;
        self.blocks += 1;
        self.bytes += frame.len() as u64;
        Ok(())
    }
}

/// Records the events of one lane, in blocks.
#[derive(Debug)]
pub struct Recorder {
    lane: u32,
    codec: Codec,
    buffer: Vec<u8>,
    sender: HistorySender,
}

impl Recorder {
    /// The recorder of a lane. A lane has one recorder for the whole run.
    pub fn new(lane: u32, t0: Instant, sender: HistorySender) -> Self {
        Self { lane, codec: Codec::new(t0), buffer: Vec::new(), sender }
    }

    /// Records an event; hands the block over when it has grown past 1 MiB.
    ///
    /// # Errors
    /// When the event takes more than 4 MiB, or the block cannot be handed over. The recorder is of no use afterwards.
    pub fn record(&mut self, event: &Event) -> io::Result<()> {
        if self.buffer.is_empty() {
            self.buffer.extend_from_slice(lane_line(self.lane).as_bytes());
        }
        let before = self.buffer.len();
        self.codec.encode(event, &mut self.buffer);
        if self.buffer.len() - before > LINE_MOST {
            self.buffer.truncate(before);
            return Err(io::Error::new(ErrorKind::InvalidData, "an event takes more than 4 MiB of the history"));
        }
        if self.buffer.len() > BLOCK { self.flush() } else { Ok(()) }
    }

    /// Hands over what was recorded since the last block, if anything.
    ///
    /// # Errors
    /// When the history is not written any more.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.sender.send(std::mem::take(&mut self.buffer))
    }
}
