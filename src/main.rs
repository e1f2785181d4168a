//! loiter: visitors in virtual time, and whether a chatbox server keeps its policy with them.

use std::process::ExitCode;

fn main() -> ExitCode {
    loiter::cli::main()
}
