//! What is said to a person whose file or flag is wrong: which file, which line, what is the matter, what to do.
//!
//! It never judges a target: an error here is always the user's input or the harness's own surroundings.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One mistake in one file, with the line that holds it and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file as the user named it, or `built-in …` for an embedded one.
    pub file: PathBuf,
    /// The line, counted from 1, where the mistake could be located.
    pub line: Option<usize>,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

impl Diagnostic {
    /// A mistake that concerns a file as a whole.
    pub fn new(file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, message: message.into(), remedy: None }
    }

    /// The same mistake, with what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same mistake, at a byte range of `text`.
    #[must_use]
    pub fn at(mut self, text: &str, span: Option<Range<usize>>) -> Self {
        self.line = span.map(|range| line_of(text, range.start));
        self
    }

    /// A TOML or serde error of `text`, with its line.
    pub fn from_toml(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let message = error.message().trim().replace('\n', "; ");
        Self::new(file, message).at(text, error.span())
    }
}

/// The line, counted from 1, that holds byte `offset` of `text`.
pub fn line_of(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    text.as_bytes()[..end].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// The word among these that is nearest to a misspelt one, where one is near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|candidate| (distance(word, candidate), candidate));
    let (edits, found) = scored.min()?;
    (edits <= 2 + word.chars().count() / 2).then_some(found)
}

/// How many letters must be changed, added or left out to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[to.len()]
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}

/// Reads a text file of the user's, at most 4 MiB of it.
///
/// # Errors
/// When the file is missing, too large, or not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Diagnostic> {
    const MOST: u64 = 4 << 20;
    let told = |message: String| Diagnostic::new(path, message);
    let found =
        std::fs::metadata(path).map_err(|error| told(format!("cannot be read: {error}")).remedy("check the path"))?;
    if found.is_dir() {
        return Err(told("is a folder".into()).remedy("name a TOML file in it"));
    }
    let length = found.len();
    if length > MOST {
        return Err(told(format!("is {length} bytes long, more than the {MOST} allowed"))
            .remedy("name a TOML file of a few kilobytes"));
    }
    let bytes = std::fs::read(path).map_err(|error| told(format!("cannot be read: {error}")))?;
    String::from_utf8(bytes).map_err(|_| told("is not UTF-8 text".into()).remedy("save it as UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_its_neighbour_and_a_foreign_one_none() {
        assert_eq!((distance("", "abc"), distance("kitten", "sitting"), distance("ip", "ip")), (3, 3, 0));
        let known = ["ip.stored", "ip.removed-with-session", "session.isolated"];
        assert_eq!(nearest("ip.store", known), Some("ip.stored"));
        assert_eq!(nearest("session.isolate", known), Some("session.isolated"));
        assert_eq!(nearest("zzzz-zzzz-zzzz-zzzz-zzzz-zzzz", known), None);
    }
}
