//! The command line: one file a subcommand. It holds no logic of its own.

mod check;
mod demo;
mod explain;
mod judge;
mod lint;
mod list;
mod progress;
mod reference;

use crate::report::Exit;
use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

/// Simulates the visitors of websites with a chatbox, in virtual time, and judges whether the server keeps its written
/// privacy policy.
#[derive(Debug, Parser)]
#[command(name = "loiter", version, propagate_version = true, help_expected = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 conformant; 1 a must failed (with --strict, a should too); 2 inconclusive, or \
not exercised enough; 3 reserved; 4 wrong usage, scenario, policy or target file; 5 the harness failed.";

/// How something that is no result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Notation {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the bundled reference server, hold it to its policy, and stop it.
    Demo(demo::Args),
    /// Hold a target to its policy.
    Check(check::Args),
    /// Run the bundled reference server.
    Reference(reference::Args),
    /// List clauses, the policy's statements, journeys or defects.
    List(list::Args),
    /// Explain a clause: what it checks, what it rests on, what proves it.
    Explain(explain::Args),
    /// Judge a stored run again, from its history alone.
    Judge(judge::Args),
    /// Look for mistakes in scenario, policy and target files.
    Lint(lint::Args),
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Exit::BadInput } else { Exit::Conformant };
            // A closed terminal is no reason to fail.
            let _ = error.print();
            return code.code().into();
        }
    };
    let exit = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Reference(args) => reference::run(args),
        Command::List(args) => list::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Judge(args) => judge::run(&args),
        Command::Lint(args) => lint::run(&args),
    };
    exit.code().into()
}

/// Says what went wrong, and how the program ends.
fn fail(error: &dyn std::fmt::Display, exit: Exit) -> Exit {
    eprintln!("error: {}", crate::report::plain(&error.to_string()));
    exit
}

/// Writes to the terminal; a closed pipe is no reason to fail.
fn print(bytes: &[u8]) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}
