//! `loiter lint`

use super::print;
use crate::diagnostic::{Diagnostic, read_text};
use crate::report::Exit;
use crate::{policy, scenario, target};
use std::path::{Path, PathBuf};

/// Looks for mistakes in scenario, policy and target files; says of each what it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: loiter lint scenarios/default.toml scenarios/targets/*.toml")]
pub struct Args {
    /// The files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Exit {
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
