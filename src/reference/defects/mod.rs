//! The named defects, by their names.
//!
//! It owns how a defect is found and applied. It never acts by itself: the rules that a defect changes are asked
//! elsewhere.

mod table;

use std::fmt;
use std::str::FromStr;

use super::policy::Rules;

pub use table::Defect;

impl Defect {
    /// The name by which it is asked for.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// What it does, in one sentence.
    pub fn summary(self) -> &'static str {
        self.row().summary
    }

    /// Changes the rule that it breaks.
    pub(super) fn apply(self, rules: &mut Rules) {
        (self.row().breaks)(rules);
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let found = Self::ALL.iter().copied().find(|defect| defect.id() == name);
        found.ok_or_else(|| UnknownDefect { name: name.to_owned() })
    }
}

/// A name that is no defect's. Its text lists the names that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDefect {
    name: String,
}

impl fmt::Display for UnknownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no defect is called {:?}; choose one of ", self.name)?;
        for (n, defect) in Defect::ALL.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{defect}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownDefect {}
