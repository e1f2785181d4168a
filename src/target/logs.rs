//! The declared log files: read on as they grow, and every address in them counted.
//!
//! A line is cut into words at whatever cannot be part of an address, so that one pass serves all visitors.

use super::build::Target;
use crate::diagnostic::Diagnostic;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The longest line that is read whole; what lies beyond is skipped.
const MOST_LINE: u64 = 64 << 10;

/// The declared log files, as far as they were read.
#[derive(Debug, Default)]
pub struct Logs {
    files: Vec<LogFile>,
}

#[derive(Debug)]
struct LogFile {
    path: PathBuf,
    read: u64,
    lines: HashMap<IpAddr, u32>,
}

impl Logs {
    /// The log files of a target; `about` is what it said about itself. A file need not be there yet.
    ///
    /// # Errors
    /// When a path cannot be filled in.
    pub fn open(target: &Target, about: &BTreeMap<String, String>) -> Result<Self, Diagnostic> {
        let files = target.logs.iter().map(|path| {
            let path = PathBuf::from(target.filled(path, about)?);
            Ok(LogFile { path, read: 0, lines: HashMap::new() })
        });
        Ok(Self { files: files.collect::<Result<_, Diagnostic>>()? })
    }

    /// In how many lines these addresses stand now; `None` where no log file is declared.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn lines_with(&mut self, addresses: &[IpAddr]) -> std::io::Result<Option<u32>> {
        if self.files.is_empty() {
            return Ok(None);
        }
        let mut count = 0;
        for file in &mut self.files {
            file.read_on()?;
            count += addresses.iter().filter_map(|address| file.lines.get(address)).sum::<u32>();
        }
        Ok(Some(count))
    }
}

impl LogFile {
    /// Reads what has come since the last time; a file that has shrunk is read anew.
    fn read_on(&mut self) -> std::io::Result<()> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (self.read, self.lines) = (0, HashMap::new());
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length < self.read {
            (self.read, self.lines) = (0, HashMap::new());
        }
        if length == self.read {
            return Ok(());
        }
        let mut reader = BufReader::new(file);
        reader.seek(SeekFrom::Start(self.read))?;
        let mut line = Vec::new();
        loop {
            line.clear();
            let count = std::io::Read::take(&mut reader, MOST_LINE).read_until(b'\n', &mut line)?;
            // A line that is still being written is left for the next time.
            let whole = line.ends_with(b"\n") || count as u64 == MOST_LINE;
            if count == 0 || !whole {
                return Ok(());
            }
            self.read += count as u64;
            self.note(&String::from_utf8_lossy(&line));
        }
    }

    fn note(&mut self, line: &str) {
        let is_part = |letter: char| letter.is_ascii_hexdigit() || matches!(letter, '.' | ':');
        let mut found: Vec<IpAddr> = line.split(|letter| !is_part(letter)).filter_map(address).collect();
        found.sort_unstable();
        found.dedup();
        for address in found {
            *self.lines.entry(address).or_default() += 1;
        }
    }
}

/// A word as an address, with or without a port, or a full stop at the end of a sentence.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim_end_matches(['.', ':']);
    let parsed = word.parse::<IpAddr>().or_else(|_| word.parse::<SocketAddr>().map(|socket| socket.ip()));
    parsed.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn logs(path: PathBuf) -> Logs {
        Logs { files: vec![LogFile { path, read: 0, lines: HashMap::new() }] }
    }

    #[test]
    fn addresses_are_counted_as_a_log_grows_and_forgotten_when_it_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        let mut logs = logs(path.clone());
        let own: Vec<IpAddr> = ["11.0.0.7", "2001:db8::7"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(logs.lines_with(&own).unwrap(), Some(0), "no file is no line");
        std::fs::write(&path, "2026-11-25T10:00:00Z 11.0.0.7 load, [2001:db8::7]:443 too\n11.0.0.77 x\nfor 11.0.0.7")
            .unwrap();
        assert_eq!(logs.lines_with(&own[..1]).unwrap(), Some(1), "a line that has no end yet does not count");
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        writeln!(file, ", ::ffff:11.0.0.7.").unwrap();
        assert_eq!(logs.lines_with(&own).unwrap(), Some(3));
        std::fs::write(&path, "").unwrap();
        assert_eq!(logs.lines_with(&own).unwrap(), Some(0));
        assert_eq!(Logs::default().lines_with(&own).unwrap(), None, "no declared log says nothing");
    }
}
