//! `loiter explain`

use super::{Notation, fail, print};
use crate::explain::explain;
use crate::policy;
use crate::report::Exit;
use std::path::PathBuf;

/// Explains a clause: what it checks, what it rests on, which settings decide it, and which defects prove it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: loiter explain session.destroyed-after-idle")]
pub struct Args {
    /// The clause's id; `loiter list clauses` lists them.
    #[arg(value_name = "CLAUSE")]
    clause: String,
    /// The policy file, or the name of a built-in one.
    #[arg(long, value_name = "FILE", default_value = policy::BUILT_IN_NAME)]
    policy: PathBuf,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "text")]
    format: Notation,
}

pub(super) fn run(args: &Args) -> Exit {
    let told = policy::load(&args.policy).and_then(|policy| explain(&args.clause, &policy));
    match told {
        Ok(told) if args.format == Notation::Json => print(format!("{:#}\n", serde_json::json!(told)).as_bytes()),
        Ok(told) => print(told.text().as_bytes()),
        Err(error) => return fail(&error, Exit::BadInput),
    }
    Exit::Conformant
}
