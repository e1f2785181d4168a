//! A run's folder: all that it takes to judge the run again, opened before the run begins.

use crate::diagnostic::{Diagnostic, read_text};
use crate::history::{Event, Exchange, HistoryWriter, Recorder, Summary, Visitors};
use crate::instant::Instant;
use crate::oracle::{Fate, Model, Oracle, Rules, judge_all};
use crate::report::{FORMATS, Facts, RunResult, Story, coverage, json, junit_of_no_run, markdown_of_no_run};
use crate::scenario::Scenario;
use crate::spill::{self, IdSpill};
use crate::{history, policy, scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// A history that is being written.
#[derive(Debug)]
pub struct OpenRecord {
    writer: HistoryWriter,
    t0: Instant,
    eager: bool,
}

impl Folder {
    /// Makes the folder; one that holds anything already is refused.
    ///
    /// # Errors
    /// When it cannot be made or is not empty.
    pub fn create(path: &Path) -> Result<Self, Diagnostic> {
        let told = |error: std::io::Error| {
            Diagnostic::new(path, format!("cannot be made: {error}")).remedy("name another folder with --report")
        };
        std::fs::create_dir_all(path).map_err(told)?;
        if std::fs::read_dir(path).map_err(told)?.next().is_some() {
            return Err(
                Diagnostic::new(path, "is not empty").remedy("name a new folder with --report, or remove this one")
            );
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves word for a CI server that there was no run, where nothing is in the folder yet.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn leave_word(&self, reason: &str) -> std::io::Result<()> {
        if self.path.join("junit.xml").exists() {
            return Ok(());
        }
        std::fs::write(self.path.join("junit.xml"), junit_of_no_run(reason))?;
        std::fs::write(self.path.join("summary.md"), markdown_of_no_run(reason))
    }

    /// Writes down what decides the run, and opens its history.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn open(
        &self,
        facts: &Facts,
        policy: &str,
        scenario: &str,
        target: &str,
        t0: Instant,
    ) -> Result<OpenRecord, Diagnostic> {
        let json = serde_json::to_vec_pretty(facts).unwrap_or_default();
        self.write("run.json", &json)?;
        self.write("policy.toml", policy.as_bytes())?;
        self.write("scenario.toml", scenario.as_bytes())?;
        self.write("target.toml", target.as_bytes())?;
        let path = self.path.join(HISTORY);
        let writer = HistoryWriter::create(&path)
            .map_err(|error| Diagnostic::new(&path, format!("cannot be written: {error}")))?;
        Ok(OpenRecord { writer, t0, eager: !facts.profile.frozen })
    }

    /// Writes the files of every format before the run begins, of a result in which nothing was seen yet: that is what
    /// a run leaves that is killed.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn announce(&self, nothing_yet: &RunResult) -> Result<(), Diagnostic> {
        self.write_formats(nothing_yet, &[])
    }

    /// Writes down what the run came to, and tells the stories of its failures.
    ///
    /// # Errors
    /// When a file cannot be written, or the history cannot be read back.
    pub fn close(&self, result: &RunResult, interval_log: &[u8]) -> Result<Vec<Story>, Diagnostic> {
        self.write("latency.hlog", interval_log)?;
        self.write("verdicts.json", &json(result, &[]))?;
        let nothing_failed = result.clauses.iter().all(|clause| clause.failures.is_empty());
        let stories = match nothing_failed {
            true => Ok(Vec::new()),
            false => Stored::open(&self.path).and_then(|stored| stored.stories(result)),
        };
        self.write_formats(result, stories.as_deref().unwrap_or_default())?;
        stories
    }

    fn write_formats(&self, result: &RunResult, stories: &[Story]) -> Result<(), Diagnostic> {
        let mut files = FORMATS.iter().filter_map(|format| format.file.map(|name| (name, format.write)));
        files.try_for_each(|(name, write)| self.write(name, &write(result, stories)))
    }

    /// Written beside its place and moved there, so that nothing half-written is taken for whole.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let (path, next) = (self.path.join(name), self.path.join(format!("{name}.next")));
        let written = std::fs::write(&next, bytes).and_then(|()| std::fs::rename(&next, &path));
        written.map_err(|error| Diagnostic::new(&path, format!("cannot be written: {error}")))
    }
}

const HISTORY: &str = "history.jsonl.zst";

impl OpenRecord {
    /// What a lane records with; lane 0 is the conductor.
    pub fn recorder(&self, lane: u32) -> Recorder {
        let recorder = Recorder::new(lane, self.t0, self.writer.sender());
        if self.eager { recorder.eager() } else { recorder }
    }

    /// Ends the history. Every recorder must be gone by then.
    ///
    /// # Errors
    /// When it could not be written whole.
    pub fn close(self) -> std::io::Result<Summary> {
        self.writer.finish()
    }
}

/// A stored run, read back.
#[derive(Debug)]
pub struct Stored {
    folder: PathBuf,
    /// What decided the run.
    pub facts: Facts,
    /// Who visited.
    pub scenario: Arc<Scenario>,
    oracle: Oracle,
    /// What the live run came to, where it ended.
    pub live: Option<RunResult>,
}

impl Stored {
    /// Reads a run's folder.
    ///
    /// # Errors
    /// When a file is missing or cannot be understood.
    pub fn open(folder: &Path) -> Result<Self, Diagnostic> {
        let run = folder.join("run.json");
        let text = read_text(&run).map_err(|error| error.remedy("name a run's folder, such as one in reports/"))?;
        let facts: Facts = serde_json::from_str(&text)
            .map_err(|error| Diagnostic::new(&run, format!("cannot be understood: {error}")))?;
        let policy = Arc::new(policy::load(&folder.join("policy.toml"))?);
        let scenario = Arc::new(scenario::load(&folder.join("scenario.toml"))?);
        let terms = policy.terms(facts.profile.margin, facts.profile.declared);
        let rules = Rules {
            terms,
            tolerance: policy.cookie_tolerance(),
            can: facts.can,
            horizon: facts.profile.horizon,
            policy,
        };
        let live =
            std::fs::read(folder.join("verdicts.json")).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Self { folder: folder.to_owned(), oracle: Oracle::new(rules, &facts.clauses), facts, scenario, live })
    }

    /// Judges the run again, from its history alone.
    ///
    /// # Errors
    /// When the history is missing, or was changed.
    pub fn judge(&self) -> Result<RunResult, Diagnostic> {
        let mut models: Visitors<Option<Box<Model>>> = Visitors::default();
        let (mut tally, mut ids) = (self.oracle.tally(), IdSpill::new(&self.folder));
        let mut fate = self.live.as_ref().map_or(Fate { interrupted: true, ..Fate::default() }, |live| live.fate);
        fate.clock_lost = false;
        let everyone = |_| true;
        let ending = self.read(everyone, |event| match event {
            Event::Exchange(exchange) => {
                let model = models.of(exchange.visitor).get_or_insert_default();
                self.oracle.fold(model, exchange, &mut tally);
                ids.take(tally.take_notes());
            }
            Event::Attestation(attestation) => fate.clock_lost |= !attestation.moved,
        })?;
        fate.interrupted |= !ending.complete;
        let figures = self.live.as_ref().map(|live| live.figures.clone()).unwrap_or_default();
        let mut remarks = self.live.as_ref().map(|live| live.remarks.clone()).unwrap_or_default();
        if let Err(error) = spill::compare(vec![ids], &mut tally) {
            fate.harness_failed = true;
            remarks.push(format!("notes on session ids could not be kept beside the record: {error}"));
        }
        let coverage = coverage(&self.oracle.rules.policy);
        let verdicts = judge_all(&self.oracle, &tally, fate);
        Ok(RunResult::new(self.facts.clone(), fate, remarks, figures, verdicts, coverage).with_survival(tally.survival))
    }

    /// What judges it.
    pub fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    /// Gives what happened in it to the visitors that are `wanted`, one visitor's events in their order.
    ///
    /// # Errors
    /// When the history is missing, or was changed.
    pub fn read(
        &self,
        wanted: impl Fn(u32) -> bool,
        take: impl FnMut(Event<'_>),
    ) -> Result<history::Ending, Diagnostic> {
        let path = self.folder.join(HISTORY);
        history::read_of(&path, self.facts.t0, wanted, take).map_err(|error| Diagnostic::new(&path, error.to_string()))
    }

    /// The timelines of the first visitor of each failed clause, up to the failure.
    ///
    /// # Errors
    /// When the history is missing, or was changed.
    pub fn stories(&self, result: &RunResult) -> Result<Vec<Story>, Diagnostic> {
        let first = |clause: &crate::oracle::ClauseVerdict| {
            clause.failures.first().map(|failure| (clause.id.clone(), failure.clone()))
        };
        let wanted: Vec<_> = result.clauses.iter().filter_map(first).collect();
        let visitors: BTreeSet<u32> = wanted.iter().map(|(_, failure)| failure.visitor).collect();
        let mut seen: BTreeMap<u32, Vec<Exchange>> = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let is_wanted = |visitor| visitors.contains(&visitor);
        self.read(is_wanted, |event| {
            if let Event::Exchange(exchange) = event {
                seen.entry(exchange.visitor).or_default().push(exchange.clone());
            }
        })?;
        let story = |(clause, failure): (String, crate::oracle::Failure)| {
            let until = |exchange: &&Exchange| exchange.stop <= failure.stop;
            let exchanges = seen.get(&failure.visitor).into_iter().flatten().filter(until).cloned().collect();
            let cohort = self.scenario.cohort_of(failure.visitor);
            Story {
                clause,
                visitor: failure.visitor,
                journey: self.scenario.cohorts[cohort].journey.id.clone(),
                exchanges,
            }
        };
        Ok(wanted.into_iter().map(story).collect())
    }
}
