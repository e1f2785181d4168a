//! `loiter lint`

use super::print;
use crate::diagnostic::{Diagnostic, read_text};
use crate::report::Exit;
use crate::schema::Kind;
use crate::{policy, scenario, target};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// Looks for mistakes in scenario, policy and target files; says of each what it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples: loiter lint scenarios/default.toml scenarios/targets/*.toml; \
loiter lint --schema target > target.schema.json")]
pub struct Args {
    /// The files.
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    files: Vec<PathBuf>,
    /// Print the JSON Schema of a kind of file, for editors that check while you write.
    #[arg(long, value_name = "KIND", value_enum)]
    schema: Option<KindWord>,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindWord {
    /// What is checked.
    Target,
    /// Who visits.
    Scenario,
    /// What must be kept.
    Policy,
}

impl KindWord {
    fn kind(self) -> Kind {
        match self {
            Self::Target => Kind::Target,
            Self::Scenario => Kind::Scenario,
            Self::Policy => Kind::Policy,
        }
    }
}

pub(super) fn run(args: &Args) -> Exit {
    if let Some(word) = args.schema {
        print(word.kind().schema().as_bytes());
    }
    let mut exit = Exit::Conformant;
    for file in &args.files {
        match lint(file) {
            Ok(kind) => print(format!("{}: a sound {kind} file\n", file.display()).as_bytes()),
            Err(error) => exit = super::fail(&error, Exit::BadInput),
        }
    }
    exit
}

/// Tells the kind by the tables that only one kind has.
fn lint(path: &Path) -> Result<&'static str, Diagnostic> {
    let text = read_text(path)?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| Diagnostic::from_toml(path, &text, &error))?;
    let has = |key: &str| table.contains_key(key);
    if has("carrier") || has("url") || has("visitor") {
        target::build(path, &text, None).map(|_| "target")
    } else if has("cohort") || has("visitors") {
        scenario::parse(path, &text).map(|_| "scenario")
    } else if has("id") || has("extends") {
        policy::parse(path, &text).map(|_| "policy")
    } else {
        Err(Diagnostic::new(path, "is neither a scenario nor a policy nor a target file")
            .remedy("begin with one of those in scenarios/"))
    }
}
