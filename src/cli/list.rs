//! `loiter list`

use super::{fail, print};
use crate::oracle::CLAUSES;
use crate::policy::{self, BUILT_IN_NAME};
use crate::reference::Defect;
use crate::report::Exit;
use crate::scenario::Scenario;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::path::Path;

/// What can be listed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// The statements that are judged.
    Clauses,
    /// What visitors do.
    Journeys,
    /// How the reference server can be broken.
    Defects,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each.
    Text,
    /// An array of objects.
    Json,
}

/// Lists clauses, journeys or defects.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: loiter list clauses --format json")]
pub struct Args {
    /// What to list.
    #[arg(value_enum)]
    what: What,
    /// As lines, or as a JSON array of objects, each with an `id`.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Exit {
    let rows = match args.what {
        What::Clauses => match clauses() {
            Ok(rows) => rows,
            Err(error) => return fail(&error, Exit::HarnessFailed),
        },
        What::Journeys => Scenario::built_in_journeys()
            .iter()
            .map(|journey| json!({ "id": journey.id, "about": journey.about }))
            .collect(),
        What::Defects => {
            Defect::ALL.iter().map(|defect| json!({ "id": defect.id(), "about": defect.summary() })).collect()
        }
    };
    match args.format {
        Format::Json => print(format!("{:#}\n", Value::Array(rows)).as_bytes()),
        Format::Text => print(rows.iter().map(line).collect::<String>().as_bytes()),
    }
    Exit::Conformant
}

fn clauses() -> Result<Vec<Value>, crate::diagnostic::Diagnostic> {
    let policy = policy::load(Path::new(BUILT_IN_NAME))?;
    let stated = CLAUSES.iter().filter_map(|clause| policy.clauses.get_key_value(clause.id()));
    Ok(stated
        .map(|(id, text)| json!({ "id": id, "ref": text.reference, "level": text.level, "about": text.text, "basis": text.basis, "min_observations": text.min_observations }))
        .collect())
}

fn line(row: &Value) -> String {
    let word = |key: &str| row[key].as_str().unwrap_or_default();
    let reference =
        if word("ref").is_empty() { String::new() } else { format!("{:<7} {:<12} ", word("level"), word("ref")) };
    format!("{:<33} {reference}{}\n", word("id"), word("about"))
}
