//! The blocks of a history's file, unpacked one after another into the same buffers.

use super::reader::ReadError;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use zstd::bulk::Decompressor;
use zstd::zstd_safe::find_frame_compressed_size;

/// The most that one block may unpack to, in bytes.
const MOST_BLOCK: usize = 32 << 20;

/// So many bytes are read from the file at once.
const CHUNK: usize = 256 << 10;

/// The blocks of a history's file.
pub(super) struct Blocks {
    file: File,
    /// What was read from the file; what stands before `start` was taken.
    packed: Vec<u8>,
    start: usize,
    text: Vec<u8>,
    unpack: Decompressor<'static>,
}

impl Blocks {
    /// Opens a file at its first block.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let (file, unpack) = (File::open(path)?, Decompressor::new()?);
        Ok(Self { file, packed: Vec::new(), start: 0, text: Vec::new(), unpack })
    }

    /// The next block, which is number `block`, or `None` at the end of the file or where it is torn.
    pub(super) fn next(&mut self, block: u64) -> Result<Option<&[u8]>, ReadError> {
        let Some(length) = self.read_frame().map_err(ReadError::Io)? else { return self.rest(block) };
        let frame = &self.packed[self.start..self.start + length];
        // What does not say how long it is may be the longest.
        let most = Decompressor::upper_bound(frame).unwrap_or(MOST_BLOCK);
        if most > MOST_BLOCK {
            return Err(ReadError::Block { block, what: format!("unpacks to more than {MOST_BLOCK} bytes") });
        }
        self.text.clear();
        self.text.reserve(most);
        let unpacked = self.unpack.decompress_to_buffer(frame, &mut self.text);
        unpacked.map_err(|error| ReadError::Block { block, what: format!("cannot be unpacked ({error})") })?;
        self.start += length;
        Ok(Some(&self.text))
    }

    /// Reads on until a whole frame is there, and says how long it is; `None` where the file ends before, or where no
    /// frame of a block is as long.
    fn read_frame(&mut self) -> io::Result<Option<usize>> {
        self.packed.drain(..self.start);
        self.start = 0;
        loop {
            if let Some(length) = find_frame_compressed_size(&self.packed).ok().filter(|length| *length > 0) {
                return Ok(Some(length));
            }
            let more = (&self.file).take(CHUNK as u64).read_to_end(&mut self.packed)?;
            if more == 0 || self.packed.len() > MOST_BLOCK + CHUNK {
                return Ok(None);
            }
        }
    }

    /// What is no whole frame: nothing, a torn one, or none at all.
    fn rest(&self, block: u64) -> Result<Option<&[u8]>, ReadError> {
        if self.packed.is_empty() {
            return Ok(None);
        }
        let decoder = zstd::stream::read::Decoder::with_buffer(self.packed.as_slice()).map_err(ReadError::Io)?;
        match io::copy(&mut decoder.single_frame().take(MOST_BLOCK as u64), &mut io::sink()) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(ReadError::Block { block, what: format!("cannot be unpacked ({error})") }),
            Ok(_) => Err(ReadError::Block { block, what: "cannot be unpacked".into() }),
        }
    }
}
