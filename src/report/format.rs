//! The formats of a result: one line each. A run's folder and the command line learn them from here.

use super::{RunResult, Story, json, junit, markdown, text};

/// A format of results.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// The file of a run's folder that is in it; `None` where it is for the terminal or written by other means.
    pub file: Option<&'static str>,
    /// The result in it.
    pub write: fn(&RunResult, &[Story]) -> Vec<u8>,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "text", file: None, write: text },
    Format { name: "json", file: None, write: json },
    Format { name: "junit", file: Some("junit.xml"), write: junit },
    Format { name: "markdown", file: Some("summary.md"), write: markdown },
];

impl Format {
    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        FORMATS.iter().find(|format| format.name == name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::run_result;

    #[test]
    fn every_format_has_a_name_of_its_own_and_says_something() {
        let result = run_result();
        for format in FORMATS {
            assert!(!(format.write)(&result, &[]).is_empty(), "{}", format.name);
            assert_eq!(FORMATS.iter().filter(|other| other.name == format.name).count(), 1);
            assert_eq!(Format::named(format.name).map(|found| found.file), Some(format.file));
        }
    }
}
