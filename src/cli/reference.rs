//! `loiter reference`

use super::fail;
use crate::reference::{Config, Defect, serve};
use crate::report::Exit;
use std::path::PathBuf;
use tokio::io::AsyncReadExt;

/// Runs the bundled reference server: a small chatbox server that keeps the policy, or breaks it in one named way.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: loiter reference --port 8080 --store chat.sqlite --test-clock\n\n\
Agents send `Authorization: Bearer TOKEN`; the token is taken from LOITER_REFERENCE_TOKEN, or is `reference`.\n\
The visitor's address is the last entry of X-Forwarded-For; the server listens on 127.0.0.1 only.")]
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
    /// The header whose last entry is the visitor's address; `none` for the peer's own.
    #[arg(long, value_name = "NAME", default_value = "x-forwarded-for")]
    trust_header: String,
    /// Stop when standard input ends, as well as on SIGINT and SIGTERM.
    #[arg(long, hide = true)]
    until_stdin_closes: bool,
}

pub(super) fn run(args: Args) -> Exit {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error, Exit::HarnessFailed),
    };
    let until_stdin = args.until_stdin_closes;
    let config = Config {
        port: args.port,
        store: args.store,
        test_clock: args.test_clock,
        trust_header: (args.trust_header != "none").then_some(args.trust_header),
        agent_token: std::env::var("LOITER_REFERENCE_TOKEN").unwrap_or_else(|_| "reference".into()),
        defect: args.defect,
        idle: args.idle.map(|seconds| std::time::Duration::from_secs(seconds.into())),
    };
    let ready = |address: std::net::SocketAddr| super::print(format!("listening on http://{address}\n").as_bytes());
    let stop = async move {
        tokio::select! {
            () = until_signal() => {}
            () = until_stdin_closes(), if until_stdin => {}
        }
    };
    let served = runtime.block_on(serve(config, ready, stop));
    // A read of standard input that nobody ends must not keep the program.
    runtime.shutdown_background();
    match served {
        Ok(()) => Exit::Conformant,
        Err(error) => fail(&error, Exit::BadInput),
    }
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

async fn until_stdin_closes() {
    let mut input = tokio::io::stdin();
    let mut bytes = [0; 64];
    while input.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
}
