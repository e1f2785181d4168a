//! The running server: its configuration, its start, its ticker, and its end.
//!
//! It owns the order in which those happen. It never looks into a request or a session.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use tokio::net::TcpListener;

use super::clock::{Clock, Mode};
use super::defects::Defect;
use super::engine::Engine;
use super::error::Error;
use super::http::{App, Files, UnderWay};
use super::policy::Rules;
use super::schema;
use super::store::Store;

/// How often the ticker looks at the clock. Less than the sweep's period, since a test clock that
/// is resumed may stand anywhere in it.
const TICK: Duration = Duration::from_millis(500);

/// What the server is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
    /// The store's SQLite file; made where it is missing.
    pub store: PathBuf,
    /// Whether the clock can be moved over HTTP. Without it the server keeps the system's time,
    /// whatever the store remembers.
    pub test_clock: bool,
    /// The header whose rightmost entry is the visitor's address, such as `x-forwarded-for`;
    /// `None` for the peer's address.
    pub trust_header: Option<String>,
    /// The token that agents send.
    pub agent_token: String,
    /// What the server does wrong; `None` for a sound one.
    pub defect: Option<Defect>,
    /// Another idle term than the policy's 30 minutes.
    pub idle: Option<Duration>,
    /// How often the sweeper looks, by the server's clock; `None` for every 10 seconds, or more often where the idle
    /// term is short. A sound server looks at least once in the policy's grace of 60 seconds.
    pub sweep: Option<Duration>,
}

/// Serves until `shutdown` resolves. `ready` is called once, with the address that is listened on.
///
/// # Errors
///
/// When the configuration cannot be used, the store or port cannot be opened, or the socket fails.
pub async fn serve(
    config: Config,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let trust_header = check(&config)?;
    let rules = rules_of(&config);
    let files = files_of(&config);
    let (engine, clock) = open_engine(&config, rules, files.log.clone())?;
    let (listener, address) = listen(config.port).await?;
    let store = Store::new(engine);
    let app = App {
        store: store.clone(),
        clock: Arc::clone(&clock),
        rules,
        trust_header,
        agent_token: config.agent_token,
        shown_files: config.test_clock.then_some(files),
        run: format!("{:016x}", rand::random::<u64>()),
        under_way: UnderWay::default(),
    };
    ready(address);
    let ticker = tokio::spawn(tick(store.clone(), clock, rules.session.sweep_period_ms));
    let committer = tokio::spawn(store.clone().commit_groups());
    super::http::serve(listener, app, shutdown).await;
    ticker.abort();
    committer.abort();
    store.close().map_err(Error::Serve)
}

fn check(config: &Config) -> Result<Option<HeaderName>, Error> {
    if config.agent_token.is_empty() {
        return Err(Error::Config { field: "agent token", remedy: "give one that is not empty" });
    }
    let name = config.trust_header.as_deref().map(str::parse).transpose();
    name.map_err(|_| Error::Config { field: "trusted header", remedy: "give a header's name, such as x-forwarded-for" })
}

fn rules_of(config: &Config) -> Rules {
    let ms = |length: Duration| i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
    let rules = Rules::broken_by(config.defect);
    let rules = config.idle.map_or(rules, |idle| rules.scaled_to(ms(idle)));
    config.sweep.map_or(rules, |period| rules.swept_every(ms(period).max(1)))
}

fn files_of(config: &Config) -> Files {
    let store = std::path::absolute(&config.store).unwrap_or_else(|_| config.store.clone());
    Files { log: store.with_extension("log"), store }
}

/// Opens the store, sets the clock, and runs the sweep that fell due while the server was down.
fn open_engine(config: &Config, rules: Rules, log: PathBuf) -> Result<(Engine, Arc<Clock>), Error> {
    let failed = |source| Error::Store { path: config.store.clone(), source };
    let connection = schema::open(&config.store)?;
    let mode = if config.test_clock {
        schema::load_clock(&connection).map_err(failed)?
    } else {
        Mode::Running { offset_ms: 0 }
    };
    let clock = Arc::new(Clock::new(mode));
    let mut engine = Engine::new(connection, Arc::clone(&clock), rules, log);
    engine.take_up().map_err(failed)?;
    engine.sweep_if_due().map_err(failed)?;
    Ok((engine, clock))
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Makes the sweeper run as the clock goes. A failed sweep is tried again at the next look.
async fn tick(store: Store, clock: Arc<Clock>, period_ms: i64) {
    let pause = TICK.min(Duration::from_millis(period_ms.unsigned_abs() / 2));
    let mut swept = None;
    loop {
        tokio::time::sleep(pause).await;
        let now = Some(clock.now_ms().div_euclid(period_ms));
        if swept != now && store.run_alone(Engine::sweep_if_due).is_ok() {
            swept = now;
        }
    }
}
