//! The lanes of a run: hired before its first stop, dismissed after its last.

use super::Error;
use crate::diagnostic::Diagnostic;
use crate::history::{Exchange, Known, Recorder};
use crate::lanes::{self, Dial, Lane, LaneSetup, Sink};
use crate::measure::Measurements;
use crate::oracle::{Fate, Oracle, Tally};
use crate::plan::Plan;
use crate::report::Facts;
use crate::spill::{self, IdSpill};
use crate::target::Target;
use crate::visitor::address::Addresses;
use crate::visitor::text::Texts;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Tells this run's texts and addresses from those of any other.
pub(super) fn run_tag(facts: &Facts) -> u32 {
    let digest = Sha256::digest(format!("{} {} {}", facts.plan_digest, facts.t0.0, facts.seed));
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// What every lane is made of.
pub(super) struct Crew {
    pub(super) target: Arc<Target>,
    pub(super) plan: Arc<Plan>,
    pub(super) oracle: Arc<Oracle>,
    pub(super) texts: Texts,
    pub(super) addresses: Addresses,
    pub(super) tls: Arc<rustls::ClientConfig>,
    pub(super) about: BTreeMap<String, String>,
    pub(super) folder: PathBuf,
}

impl Crew {
    pub(super) fn hire(&self, place: (u32, u32), recorder: Recorder) -> Result<Lane, Error> {
        let dial = Dial::new(&self.target.url, Arc::clone(&self.tls))
            .map_err(|error| Error::Input(Diagnostic::new(&self.target.path, error)))?;
        let setup = LaneSetup {
            place,
            target: Arc::clone(&self.target),
            plan: Arc::clone(&self.plan),
            oracle: Arc::clone(&self.oracle),
            texts: self.texts.clone(),
            addresses: self.addresses.clone(),
            dial: Arc::new(dial),
            client: lanes::agent_client((*self.tls).clone()).map_err(Error::Harness)?,
            about: self.about.clone(),
            sink: Box::new(Notes(recorder)),
            ids: IdSpill::new(&self.folder),
        };
        Lane::start(setup).map_err(|error| Error::Harness(error.to_string()))
    }
}

/// A lane's way into the history.
struct Notes(Recorder);

impl Sink for Notes {
    fn record(&mut self, known: &mut Known, exchange: &Exchange) {
        self.0.record(known, exchange);
    }

    fn flush(&mut self) {
        self.0.flush();
    }
}

/// Takes from each lane what it counted. A lane that failed is the harness's failure; what the others counted stands.
pub(super) fn dismiss(
    lanes: Vec<Lane>,
    oracle: &Oracle,
    fate: &mut Fate,
    remarks: &mut Vec<String>,
) -> (Tally, Measurements) {
    let mut tally = oracle.tally();
    let mut measurements = Measurements::default();
    let mut spills = Vec::new();
    for lane in lanes {
        match lane.finish() {
            Ok(finished) => {
                tally.merge(finished.tally);
                measurements.merge(&finished.measurements);
                spills.push(finished.ids);
            }
            Err(error) => {
                fate.harness_failed = true;
                remarks.push(format!("a lane failed: {error}"));
            }
        }
    }
    if let Err(error) = spill::compare(spills, &mut tally) {
        fate.harness_failed = true;
        remarks.push(format!("notes on session ids could not be kept beside the record: {error}"));
    }
    (tally, measurements)
}
