//! Notes on session ids that wait on disk for the end of a run, since there are more of them than memory should hold.
//!
//! A file a lane, without a name, so that it is gone with the run however that ends. It is written in blocks, each of
//! notes of one part, and read part by part.

use crate::oracle::{IdNote, NOTE_PARTS, Tally};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The length of a block, in bytes.
const BLOCK: usize = 128 * IdNote::BYTES;

/// What one lane noted.
#[derive(Debug, Default)]
pub struct IdSpill {
    folder: PathBuf,
    file: Option<File>,
    /// The notes of each part that do not fill a block yet.
    open: Vec<Vec<u8>>,
    /// The part of each block in the file.
    blocks: Vec<u8>,
    failed: Option<io::Error>,
}

impl IdSpill {
    /// Nothing yet. A file is made in `folder`, or where that takes none, in the system's folder for such files, as
    /// soon as there is a block to write.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: vec![Vec::new(); NOTE_PARTS], ..Self::default() }
    }

    /// Takes in notes. What goes wrong is told by [`compare`].
    pub fn take(&mut self, notes: impl Iterator<Item = IdNote>) {
        for note in notes {
            let part = note.part();
            self.open[part].extend_from_slice(&note.to_bytes());
            if self.open[part].len() >= BLOCK {
                let written = if self.failed.is_none() { self.write(part) } else { Ok(()) };
                self.failed = self.failed.take().or(written.err());
                self.open[part].clear();
            }
        }
    }

    fn write(&mut self, part: usize) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder).or_else(|_| tempfile::tempfile())?),
        };
        file.write_all(&self.open[part])?;
        self.blocks.push(u8::try_from(part).unwrap_or(u8::MAX));
        Ok(())
    }

    /// Appends the notes of one part, in the order in which they came.
    fn read(&mut self, part: usize, notes: &mut Vec<IdNote>) -> io::Result<()> {
        let mut bytes = vec![0; BLOCK];
        for (place, _) in self.blocks.iter().enumerate().filter(|(_, own)| usize::from(**own) == part) {
            let file = self.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
            file.seek(SeekFrom::Start((place * BLOCK) as u64))?;
            file.read_exact(&mut bytes)?;
            notes.extend(bytes.as_chunks().0.iter().map(IdNote::from_bytes));
        }
        notes.extend(self.open[part].as_chunks().0.iter().map(IdNote::from_bytes));
        Ok(())
    }
}

/// Compares what all lanes noted, part by part, and counts in `tally` the ids that were given to more than one visitor.
///
/// # Errors
/// When a file could not be written whole, or cannot be read back: then nothing is known of the ids.
pub fn compare(mut spills: Vec<IdSpill>, tally: &mut Tally) -> io::Result<()> {
    if let Some(error) = spills.iter_mut().find_map(|spill| spill.failed.take()) {
        return Err(error);
    }
    let mut notes = Vec::new();
    for part in 0..NOTE_PARTS {
        notes.clear();
        spills.iter_mut().try_for_each(|spill| spill.read(part, &mut notes))?;
        tally.compare_ids(&mut notes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::Instant;

    /// Ids that lie evenly over all parts.
    fn note(number: u32, visitor: u32) -> IdNote {
        let id = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        IdNote { id, visitor, stop: number / 100, step: 0, at: Instant(i64::from(number)) }
    }

    #[test]
    fn ids_that_two_lanes_were_given_are_found_on_disk_and_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (IdSpill::new(folder.path()), IdSpill::new(folder.path()));
        one.take((0..50_000).map(|number| note(number, 2 * number)));
        other.take((49_000..60_000).map(|number| note(number, 2 * number + 1)));
        assert!(!one.blocks.is_empty() && !other.blocks.is_empty(), "both have written");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the files have no names");
        let mut tally = Tally::default();
        compare(vec![one, other], &mut tally).unwrap();
        let shared = tally.shared_ids();
        assert_eq!((shared.failed, shared.failures[0].visitor), (1000, 98_001));
        assert_eq!(shared.failures[0].seen, "the session id that visitor 98000 was given");
    }

    #[test]
    fn notes_that_could_not_be_written_are_an_error_and_not_forgotten() {
        let mut spill = IdSpill::new(Path::new("."));
        spill.take((0..100).map(|number| note(number, number)));
        spill.failed = Some(io::ErrorKind::StorageFull.into());
        spill.take((0..50_000).map(|number| note(number, number)));
        let error = compare(vec![IdSpill::new(Path::new(".")), spill], &mut Tally::default()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
