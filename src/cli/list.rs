//! `loiter list`

use super::{fail, print};
use crate::oracle::CLAUSES;
use crate::policy::{self, BUILT_IN_NAME, Policy};
use crate::reference::Defect;
use crate::report::{Coverage, Exit, coverage, coverage_page, markdown_table};
use crate::scenario::Scenario;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// What is judged.
    Clauses,
    /// What the policy says, and which clauses judge it.
    Statements,
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
    /// An array of objects, each with an `id`.
    Json,
    /// A table.
    Markdown,
}

/// Lists clauses, the policy's statements, journeys or defects.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples: loiter list clauses --format json; loiter list statements")]
pub struct Args {
    /// What to list.
    #[arg(value_enum)]
    what: What,
    /// The policy file whose clauses and statements are listed, or the name of a built-in one.
    #[arg(long, value_name = "FILE", default_value = BUILT_IN_NAME)]
    policy: PathBuf,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Exit {
    let listed = policy::load(&args.policy).map(|policy| listed(args, &policy));
    match listed {
        Ok(text) => print(text.as_bytes()),
        Err(error) => return fail(&error, Exit::BadInput),
    }
    Exit::Conformant
}

fn listed(args: &Args, policy: &Policy) -> String {
    let rows = match args.what {
        What::Clauses => clauses(policy),
        What::Statements => coverage(policy).iter().map(statement).collect(),
        What::Journeys => Scenario::built_in_journeys()
            .iter()
            .map(|journey| json!({ "id": journey.id, "about": journey.about }))
            .collect(),
        What::Defects => {
            Defect::ALL.iter().map(|defect| json!({ "id": defect.id(), "about": defect.summary() })).collect()
        }
    };
    match args.format {
        Format::Json => format!("{:#}\n", Value::Array(rows)),
        Format::Text => rows.iter().map(line).collect(),
        Format::Markdown if args.what == What::Statements => coverage_page(policy),
        Format::Markdown => {
            let cells = |row: &Value| ["id", "about"].map(|key| row[key].as_str().unwrap_or_default().to_owned());
            markdown_table(["id", "about"], &rows.iter().map(cells).collect::<Vec<_>>())
        }
    }
}

fn clauses(policy: &Policy) -> Vec<Value> {
    let stated = CLAUSES.iter().filter_map(|clause| policy.clauses.get_key_value(clause.id()));
    stated
        .map(|(id, text)| json!({ "id": id, "ref": text.reference, "level": text.level, "about": text.text, "basis": text.basis(), "min_observations": text.min_observations }))
        .collect()
}

fn statement(statement: &Coverage) -> Value {
    let mut row = json!(statement);
    row["id"] = statement.reference.clone().into();
    let open = if statement.covered { "" } else { "not covered: " };
    row["about"] = format!("{open}{}", statement.told()).into();
    row
}

fn line(row: &Value) -> String {
    let word = |key: &str| row[key].as_str().unwrap_or_default();
    let level =
        if word("level").is_empty() { String::new() } else { format!("{:<7} {:<12} ", word("level"), word("ref")) };
    let width = if row["covered"].is_boolean() { 17 } else { 33 };
    format!("{:<width$} {level}{}\n", word("id"), word("about"))
}
