//! `loiter demo`

use super::check::{RunArgs, hold, look_through, said};
use super::fail;
use super::reference::cost_in;
use crate::reference::Defect;
use crate::report::Exit;
use crate::target::{self, REFERENCE};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Starts the bundled reference server on a free port, holds it to its policy, and stops it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: loiter demo; loiter demo --visitors 100000 --seed 7; loiter demo --defect idle-25-minutes"
)]
pub struct Args {
    /// Break the server in one named way; `loiter list defects` lists them.
    #[arg(long, value_name = "NAME")]
    defect: Option<Defect>,
    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn run(args: &Args) -> Exit {
    if args.run.dry_run {
        return hold_at(None, args);
    }
    // A server is started only for a run that can begin.
    if let Err(error) = look_through(&args.run) {
        return fail(&error, Exit::BadInput);
    }
    let folder = match tempfile::Builder::new().prefix("loiter-demo-").tempdir() {
        Ok(folder) => folder,
        Err(error) => return fail(&format!("no temporary folder can be made: {error}"), Exit::HarnessFailed),
    };
    let mut server = match Server::start(&folder.path().join("chat.sqlite"), args.defect) {
        Ok(server) => server,
        Err(error) => return fail(&error, Exit::HarnessFailed),
    };
    eprintln!("the reference server answers at {}", server.url);
    let exit = hold_at(Some(&server.url), args);
    let cost = server.stop();
    if let Some(us) = cost.filter(|_| args.run.format.name == "text") {
        eprintln!("the reference server used {us} us of CPU a request");
    }
    exit
}

fn hold_at(url: Option<&str>, args: &Args) -> Exit {
    match target::build(Path::new("built-in reference.toml"), REFERENCE, url) {
        Ok(target) => hold(target, &args.run, &said()),
        Err(error) => fail(&error, Exit::BadInput),
    }
}

/// The reference server as a process of its own. It ends when its standard input does, however this one ends.
struct Server {
    child: Child,
    /// What it says.
    out: BufReader<ChildStdout>,
    url: String,
}

impl Server {
    fn start(store: &Path, defect: Option<Defect>) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg("reference").args(["--port", "0", "--test-clock", "--until-stdin-closes", "--store"]).arg(store);
        if let Some(defect) = defect {
            command.args(["--defect", defect.id()]);
        }
        // An interrupt from the terminal is for the run, which then ends the server.
        command.process_group(0);
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("the reference server cannot be started: {error}"))?;
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().ok_or("the reference server has no output")?);
        out.read_line(&mut line).map_err(|error| error.to_string())?;
        match line.trim().rsplit_once(' ') {
            Some((_, url)) if url.starts_with("http://") => Ok(Self { child, out, url: url.to_owned() }),
            _ => Err("the reference server did not start; see its message above".into()),
        }
    }

    /// Lets it end by itself, and returns the microseconds of the processor's time that a request took it, where it
    /// tells.
    fn stop(&mut self) -> Option<u64> {
        drop(self.child.stdin.take());
        let mut last = String::new();
        let told = self.out.read_to_string(&mut last);
        let _ = self.child.wait();
        told.ok().and_then(|_| cost_in(last.trim()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
