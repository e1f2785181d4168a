//! What is asked of a target before its run is planned: what it says of itself, and which term it declares.

use super::Error;
use crate::clock::Timebase;
use crate::diagnostic::Diagnostic;
use crate::instant::Length;
use crate::lanes;
use crate::measure::monotonic;
use crate::oracle::Capabilities;
use crate::policy::Policy;
use crate::scenario::Op;
use crate::target::{Captured, Request, SqliteInspector, Target, Variables};
use crate::visitor::browser::{Browser, CarrierRules, Received, dated};
use crate::visitor::jar::http_date;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the survey waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The surveyor's address: one of those kept for documentation, which no visitor of a run has.
const SURVEYOR: &str = "192.0.2.1";

/// Asks the target about itself, where it has an answer.
pub(super) async fn about(target: &Target, client: &reqwest::Client) -> Result<BTreeMap<String, String>, Error> {
    let Some(about) = &target.about else { return Ok(BTreeMap::new()) };
    let answer = lanes::agent_ask(client, &target.url, about, &target.variables(), PATIENCE).await;
    let answer = answer.map_err(|error| Error::Unavailable(format!("{} does not answer: {error}", target.url)))?;
    refused(target, about, answer.status)?;
    let json = serde_json::from_slice(&answer.body).ok();
    let taken = about.captures.iter().filter_map(|(name, capture)| match capture.take(&answer, json.as_ref()) {
        Captured::One(text) => Some((name.clone(), target.redacted(&text))),
        Captured::Missing | Captured::Nothing | Captured::Many(_) => None,
    });
    Ok(taken.collect())
}

/// An answer that says nothing of the target: the server has failed, or the file asks for the wrong thing.
fn refused(target: &Target, about: &Request, status: u16) -> Result<(), Error> {
    let path = about.path.render(&target.variables()).unwrap_or_default();
    let told = target.redacted(&format!("`[about]` is answered with status {status} to {} {path}", about.method));
    match status {
        200..=299 => Ok(()),
        500.. => Err(Error::Unavailable(told)),
        _ => Err(Error::Input(
            Diagnostic::new(&target.path, told)
                .at(&target.text, target.text.find("about").map(|at| at..at))
                .remedy("correct its path and headers, or leave it out"),
        )),
    }
}

/// What the target can show, with its store opened and tried.
pub(super) fn capabilities(target: &Target, about: &BTreeMap<String, String>) -> Result<Capabilities, Error> {
    let inspector = SqliteInspector::open(target, about)?;
    if let Some(inspector) = &inspector {
        inspector.probe(target)?;
    }
    Ok(target.capabilities(inspector.as_ref()))
}

/// The cookie's term as the target declares it to somebody new, where the policy accepts it: visitors who return
/// shortly before its end can then be planned. `None` where there is none, or none to be had.
pub(super) async fn declared_term(
    target: &Target,
    client: &reqwest::Client,
    policy: &Policy,
    timebase: &Timebase,
) -> Option<Length> {
    let load = &target.operations.get(&Op::Load)?.request;
    let variables = Variables { website: target.websites.first()?, address: SURVEYOR, ..target.variables() };
    let sent = monotonic();
    let answer = lanes::agent_ask_from(client, &target.url, load, &variables, PATIENCE, target.source_header(SURVEYOR));
    let answer = answer.await.ok()?;
    let at = timebase.interval(sent, monotonic());
    let rules = CarrierRules::new(target.carrier.name(), &target.url);
    let date_s = answer.headers.get("date").and_then(http_date).filter(|_| timebase.date_follows);
    let received = answer
        .headers
        .get_all("set-cookie")
        .filter_map(|header| Browser::default().receive(&rules, &target.url, header, at.hi.0))
        .filter_map(|received| match received {
            Received::Carrier(identity) => Some(identity),
            Received::Other { .. } => None,
        })
        .last()?;
    let identity = dated(received, || date_s);
    let (least, _) = identity.term_s(&at)?;
    let accepted = &policy.cookie.lifetime;
    let term = Length::seconds(least);
    (term >= accepted.shortest && term <= accepted.longest).then_some(term)
}
