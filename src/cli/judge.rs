//! `loiter judge`

use super::check::{exit_with, formats};
use super::{fail, print};
use crate::record::Stored;
use crate::report::{Exit, Format};
use std::path::PathBuf;

/// Judges a stored run again, from its history alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: loiter judge reports/20260101T020000Z-1")]
pub struct Args {
    /// The run's folder.
    #[arg(value_name = "REPORT_DIR")]
    folder: PathBuf,
    /// How the result is printed.
    #[arg(long, value_name = "FORMAT", value_parser = formats(), default_value = "text")]
    format: Format,
}

pub(super) fn run(args: &Args) -> Exit {
    let judged = Stored::open(&args.folder).and_then(|stored| {
        let result = stored.judge()?;
        let stories = stored.stories(&result)?;
        Ok((result, stories, stored.live))
    });
    let (result, stories, live) = match judged {
        Ok(judged) => judged,
        Err(error) => return fail(&error, Exit::BadInput),
    };
    print(&(args.format.write)(&result, &stories));
    match live {
        Some(live) if live.clauses != result.clauses => {
            eprintln!("the verdicts differ from those of the live run in verdicts.json");
        }
        Some(_) => eprintln!("the verdicts equal those of the live run"),
        None => eprintln!("the live run left no verdicts: it did not come to its end"),
    }
    exit_with(&result)
}
