//! `loiter reference`

use super::fail;
use crate::lanes::most_connections;
use crate::reference::{Config, Defect, Usage, serve};
use crate::report::Exit;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// How a server that restarts itself hands over how many requests it has answered.
const ANSWERED: &str = "LOITER_REFERENCE_ANSWERED";

/// Runs the bundled reference server: a small chatbox server that keeps the policy, or breaks it in one named way.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: loiter reference --port 8080 --store chat.sqlite --test-clock\n\n\
Agents send `Authorization: Bearer TOKEN`; the token is taken from LOITER_REFERENCE_TOKEN, or is `reference`.\n\
The visitor's address is the last entry of X-Forwarded-For; the server listens on 127.0.0.1 only.\n\
With --test-clock SIGHUP restarts it on the same port: what it has in memory is lost, what is in the store comes back.\n\
At its end it says how many requests it has answered, and how much of the processor's time each took.")]
pub struct Args {
    /// The port; 0 for any that is free.
    #[arg(long, value_name = "P", default_value_t = 8080)]
    port: u16,
    /// The SQLite file; made where it is missing.
    #[arg(long, value_name = "FILE", default_value = "loiter-reference.sqlite")]
    store: PathBuf,
    /// Let the clock be moved over HTTP.
    #[arg(long)]
    test_clock: bool,
    /// Break the policy in one named way; `loiter list defects` lists them.
    #[arg(long, value_name = "NAME")]
    defect: Option<Defect>,
    /// Shorten the idle term to so many seconds, for runs in wall time; a policy file with the same term goes with it.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=1800))]
    idle: Option<u32>,
    /// How often the sweeper looks for sessions that are over, in seconds of the server's time; 10, or less with a
    /// short idle term. The policy's grace is 60.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    sweep: Option<u32>,
    /// The header whose last entry is the visitor's address; `none` for the peer's own.
    #[arg(long, value_name = "NAME", default_value = "x-forwarded-for")]
    trust_header: String,
    /// Stop when standard input ends, as well as on SIGINT and SIGTERM.
    #[arg(long, hide = true)]
    until_stdin_closes: bool,
}

pub(super) fn run(args: Args) -> Exit {
    // Each visitor may keep a connection of its own; how many there can be is for whoever connects to ask.
    let _ = most_connections();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, Exit::HarnessFailed),
    };
    let until_stdin = args.until_stdin_closes;
    let config = config_of(args);
    // Whoever has read where the server listens may send the signal at once. Without a test clock it means what it
    // means to every program: its terminal is closed.
    let restart = {
        let _runtime = runtime.enter();
        let hangup = || tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
        match config.test_clock.then(hangup).transpose() {
            Ok(restart) => restart,
            Err(error) => return fail(&error, Exit::HarnessFailed),
        }
    };
    let (port, restarts) = (Arc::new(AtomicU16::new(config.port)), Arc::new(AtomicBool::new(false)));
    let (bound, hung_up) = (Arc::clone(&port), Arc::clone(&restarts));
    let answered_before = std::env::var(ANSWERED).ok().and_then(|requests| requests.parse().ok());
    Usage::count_from(answered_before.unwrap_or(0));
    let ready = move |address: SocketAddr| {
        bound.store(address.port(), Ordering::Relaxed);
        // After a restart it is where it was.
        if answered_before.is_none() {
            super::print(format!("listening on http://{address}\n").as_bytes());
        }
    };
    let stop = async move {
        tokio::select! {
            () = until_signal() => {}
            () = until_stdin_closes(), if until_stdin => {}
            () = hung_up_on(restart) => hung_up.store(true, Ordering::Relaxed),
        }
    };
    let served = runtime.block_on(serve(config, ready, stop));
    // A read of standard input that nobody ends must not keep the program.
    runtime.shutdown_background();
    match served {
        Ok(()) if restarts.load(Ordering::Relaxed) => begin_again(port.load(Ordering::Relaxed)),
        Ok(()) => {
            super::print(said_of(Usage::now()).as_bytes());
            Exit::Conformant
        }
        Err(error) => fail(&error, Exit::BadInput),
    }
}

/// What a server says at its end. `loiter demo` reads the number before `us`.
fn said_of(usage: Usage) -> String {
    let cost = usage.cpu_us_per_request().map(|us| format!(", {us} us of CPU a request"));
    format!("{} requests{}\n", usage.requests, cost.unwrap_or_default())
}

/// The microseconds of the processor's time a request that [`said_of`] told.
pub(super) fn cost_in(line: &str) -> Option<u64> {
    let (_, cost) = line.split_once(", ")?;
    cost.split_once(" us of CPU")?.0.parse().ok()
}

fn config_of(args: Args) -> Config {
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Config {
        port: args.port,
        store: args.store,
        test_clock: args.test_clock,
        trust_header: (args.trust_header != "none").then_some(args.trust_header),
        agent_token: std::env::var("LOITER_REFERENCE_TOKEN").unwrap_or_else(|_| "reference".into()),
        defect: args.defect,
        idle: args.idle.map(seconds),
        sweep: args.sweep.map(seconds),
    }
}

/// Runs this program anew in its own place, with the same words but the port that it has. It returns only where that
/// fails.
fn begin_again(port: u16) -> Exit {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return fail(&format!("the program cannot find itself: {error}"), Exit::HarnessFailed),
    };
    let words = with_port(std::env::args_os().skip(1), port);
    let error = Command::new(program).args(words).env(ANSWERED, Usage::now().requests.to_string()).exec();
    fail(&format!("the server cannot be restarted: {error}"), Exit::HarnessFailed)
}

/// The same words with another port.
fn with_port(words: impl Iterator<Item = OsString>, port: u16) -> Vec<OsString> {
    let mut kept = Vec::new();
    let mut is_value = false;
    for word in words {
        let is_port = word == "--port";
        if !is_value && !is_port && !word.as_encoded_bytes().starts_with(b"--port=") {
            kept.push(word);
        }
        is_value = is_port;
    }
    kept.extend(["--port".into(), port.to_string().into()]);
    kept
}

/// Waits for SIGINT or SIGTERM.
pub(super) async fn until_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

/// Waits for SIGHUP, where it is listened to.
async fn hung_up_on(hangup: Option<tokio::signal::unix::Signal>) {
    match hangup {
        Some(mut hangup) => drop(hangup.recv().await),
        None => std::future::pending().await,
    }
}

async fn until_stdin_closes() {
    let mut input = tokio::io::stdin();
    let mut bytes = [0; 64];
    while input.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
}

#[cfg(test)]
mod tests {
    use super::{cost_in, said_of, with_port};
    use crate::reference::Usage;

    #[test]
    fn what_a_server_says_at_its_end_is_read_again() {
        let said = |requests, cpu_us| said_of(Usage { requests, cpu_us });
        assert_eq!(said(1_000, Some(12_900)), "1000 requests, 12 us of CPU a request\n");
        assert_eq!(cost_in(&said(1_000, Some(12_900))), Some(12));
        assert_eq!(said(1_000, None), "1000 requests\n");
        assert_eq!(cost_in(&said(1_000, None)), None);
        assert_eq!(cost_in(""), None);
    }

    #[test]
    fn a_restart_keeps_every_word_but_the_port() {
        for words in [
            "reference --port 0 --store x --test-clock",
            "reference --store x --port=0 --test-clock",
            "reference --store x --test-clock",
        ] {
            let again = with_port(words.split(' ').map(Into::into), 4711);
            let expected = "reference --store x --test-clock --port 4711";
            assert_eq!(again.join(std::ffi::OsStr::new(" ")), expected, "{words}");
        }
    }
}
