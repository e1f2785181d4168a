//! `loiter check`

use super::progress::Meter;
use super::{fail, print};
use crate::diagnostic::Diagnostic;
use crate::policy::{self, Policy};
use crate::preview::{self, Preview};
use crate::record::Folder;
use crate::report::{self, Exit, RunResult, Story};
use crate::run::{self, Order};
use crate::scenario::{self, Scenario};
use crate::target::{self, Connect, Target};
use crate::{clock, explain, lanes};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// What every run takes.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// The scenario file; the built-in one where it is not said.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// The policy file, or the name of a built-in one.
    #[arg(long, value_name = "FILE", default_value = policy::BUILT_IN_NAME)]
    pub policy: PathBuf,
    /// How many visitors there are; the scenario says, unless you do.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=16_000_000))]
    pub visitors: Option<u32>,
    /// The seed of every draw; the scenario says, unless you do.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Judge these clauses only; may be given several times.
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub clause: Vec<String>,
    /// The folder of this run, new or empty; `reports/<time>-<seed>` where it is not said.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, value_name = "FORMAT", value_parser = formats(), default_value = "text")]
    pub format: report::Format,
    /// Let a failed *should* fail the run, as a *must* does.
    #[arg(long)]
    pub strict: bool,
    /// A PEM file of certificates to trust besides the machine's own.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// How many lanes work, each with its own visitors and connections; one per core where it is not said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub lanes: Option<u32>,
    /// Whose a connection is: `shared` by a lane's visitors, `per-visit`, or `per-visitor`; the target file says, unless
    /// you do.
    #[arg(long, value_name = "WHOSE", value_parser = connects())]
    pub connect: Option<Connect>,
    /// Say what the run would do, and send no request; printed as text or JSON.
    #[arg(long)]
    pub dry_run: bool,
}

/// Holds a target to its policy.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: loiter check scenarios/targets/reference.toml --url http://127.0.0.1:8080 --visitors 10000"
)]
pub struct Args {
    /// The target file.
    #[arg(value_name = "TARGET.toml")]
    target: PathBuf,
    /// Where the target answers; overrides the file's `url`.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

/// Every format of results, by its name.
pub(super) fn formats() -> impl TypedValueParser<Value = report::Format> {
    let names = report::FORMATS.iter().map(|format| format.name);
    PossibleValuesParser::new(names).try_map(|name| report::Format::named(&name).ok_or("there is no such format"))
}

fn connects() -> impl TypedValueParser<Value = Connect> {
    let named =
        |name: String| Connect::ALL.into_iter().find(|whose| whose.name() == name).ok_or("there is no such way");
    PossibleValuesParser::new(Connect::ALL.map(Connect::name)).try_map(named)
}

pub(super) fn run(args: &Args) -> Exit {
    let target = target::load(&args.target, args.url.as_deref());
    match target {
        Ok(target) => hold(target, &args.run, &said()),
        Err(error) => fail(&error, Exit::BadInput),
    }
}

/// The command line as it was given, but for the folder, which a second run could not use.
pub(super) fn said() -> String {
    without_folder(std::env::args().skip(1))
}

fn without_folder(mut words: impl Iterator<Item = String>) -> String {
    let mut said = vec!["loiter".to_owned()];
    while let Some(word) = words.next() {
        if word == "--report" {
            words.next();
        } else if !word.starts_with("--report=") {
            said.push(if word.contains(' ') { format!("'{word}'") } else { word });
        }
    }
    said.join(" ")
}

/// Says what a run would do.
fn rehearse(target: &Target, args: &RunArgs) -> Exit {
    let previewed = asked_for(args).and_then(|(scenario, policy)| {
        let (visitors, seed) = (args.visitors.unwrap_or(scenario.visitors), args.seed.unwrap_or(scenario.seed));
        let order = preview::Order { scenario, policy, visitors, seed, clauses: &args.clause };
        Preview::new(target, order, clock::machine_now())
    });
    match (previewed, args.format.name) {
        (Ok(preview), "text") => print(preview.text().as_bytes()),
        (Ok(preview), "json") => print(format!("{:#}\n", serde_json::json!(preview)).as_bytes()),
        (Ok(_), _) => return fail(&"--dry-run: is printed with `--format text` or `json` only", Exit::BadInput),
        (Err(error), _) => return fail(&error, Exit::BadInput),
    }
    Exit::Conformant
}

/// Holds a target to its policy, prints the result, and says how the program ends.
pub(super) fn hold(target: Target, args: &RunArgs, command: &str) -> Exit {
    if args.dry_run {
        return rehearse(&target, args);
    }
    let order = match order(target, args, command) {
        Ok(order) => order,
        Err(error) => return fail(&error, Exit::BadInput),
    };
    let (folder, format) = (order.folder.clone(), args.format);
    match conduct(order) {
        Ok((result, stories)) => show(&folder, &result, &stories, format),
        Err(error) => {
            let exit = match error {
                run::Error::Input(_) | run::Error::Plan(_) => Exit::BadInput,
                run::Error::Unavailable(_) => Exit::Inconclusive,
                run::Error::Harness(_) => Exit::HarnessFailed,
            };
            if exit != Exit::BadInput
                && let Err(unwritten) = folder.leave_word(&error.to_string())
            {
                eprintln!("{}: no word of it could be left: {unwritten}", folder.path().display());
            }
            fail(&error, exit)
        }
    }
}

fn order(mut target: Target, args: &RunArgs, command: &str) -> Result<Order, Diagnostic> {
    target.connect = args.connect.unwrap_or(target.connect);
    let (scenario, policy) = asked_for(args)?;
    let seed = args.seed.unwrap_or(scenario.seed);
    let folder = args.report.clone().unwrap_or_else(|| default_folder(seed));
    let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    Ok(Order {
        tls: lanes::client_config(args.ca.as_deref(), target.url.scheme() == "https")?,
        visitors: args.visitors.unwrap_or(scenario.visitors),
        seed,
        clauses: args.clause.clone(),
        lanes: args.lanes.unwrap_or(cores).min(256),
        strict: args.strict,
        folder: Folder::create(&folder)?,
        command: command.to_owned(),
        target,
        scenario,
        policy,
    })
}

/// Looks for mistakes in what a run takes, before there is a target.
pub(super) fn look_through(args: &RunArgs) -> Result<(), Diagnostic> {
    asked_for(args)?;
    lanes::client_config(args.ca.as_deref(), false)?;
    args.report.as_deref().map_or(Ok(()), |folder| Folder::create(folder).map(drop))
}

/// The scenario and the policy of a run, whose clauses exist.
fn asked_for(args: &RunArgs) -> Result<(Scenario, Policy), Diagnostic> {
    let scenario = read_scenario(args.scenario.as_deref())?;
    let policy = policy::load(&args.policy)?;
    known_clauses(&args.clause, &policy)?;
    Ok((scenario, policy))
}

fn read_scenario(file: Option<&Path>) -> Result<Scenario, Diagnostic> {
    match file {
        Some(path) => scenario::load(path),
        None => scenario::parse(Path::new("built-in default.toml"), scenario::BUILT_IN),
    }
}

fn known_clauses(ids: &[String], policy: &Policy) -> Result<(), Diagnostic> {
    ids.iter().try_for_each(|id| explain::known(id, policy).map(|_| ()))
}

fn default_folder(seed: u64) -> PathBuf {
    let stamp = clock::machine_now().to_string();
    let stamp: String = stamp.chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    let stamp = stamp.split('.').next().unwrap_or(&stamp).trim_end_matches('Z').to_owned();
    let mut folder = PathBuf::from("reports").join(format!("{stamp}Z-{seed}"));
    for again in 2..100 {
        if !folder.exists() {
            break;
        }
        folder.set_file_name(format!("{stamp}Z-{seed}-{again}"));
    }
    folder
}

fn conduct(order: Order) -> Result<(RunResult, Vec<Story>), run::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| run::Error::Harness(error.to_string()))?;
    let (stop, ended) = tokio::sync::watch::channel(false);
    let mut meter = Meter::new();
    meter.begin(order.visitors);
    runtime.block_on(async {
        let watch = tokio::spawn(async move {
            super::reference::until_signal().await;
            stop.send_replace(true);
        });
        let result = run::run(order, &mut |progress| meter.tell(progress), &ended).await;
        watch.abort();
        result
    })
}

fn show(folder: &Folder, result: &RunResult, stories: &[Story], format: report::Format) -> Exit {
    print(&(format.write)(result, stories));
    if format.name == "text" {
        print(format!("the record is in {}\n", folder.path().display()).as_bytes());
    }
    exit_with(result)
}

/// The exit that a result carries.
pub(super) fn exit_with(result: &RunResult) -> Exit {
    crate::report::exit_of(&result.clauses, result.fate, result.facts.strict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_to_run_again_names_no_folder_that_is_full_by_then() {
        let said = |line: &str| without_folder(line.split(' ').map(str::to_owned));
        assert_eq!(said("check t.toml --report reports/a --seed 7"), "loiter check t.toml --seed 7");
        assert_eq!(said("demo --report=reports/a --clause ip.stored"), "loiter demo --clause ip.stored");
    }
}
