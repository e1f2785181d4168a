//! Reading scenario files.

use super::journey::Journey;
use crate::diagnostic::{Diagnostic, read_text};
use crate::policy::Expr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;
use toml::Spanned;

/// The text of the built-in scenario.
pub const BUILT_IN: &str = include_str!("../../scenarios/default.toml");

/// The text of the built-in journeys, which every scenario can name.
pub const BUILT_IN_JOURNEYS: &str = include_str!("../../scenarios/journeys.toml");

/// The most visitors that a run can have.
const MOST_VISITORS: u32 = 16_000_000;

/// Who visits and what they do.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// How many visitors there are, unless a flag says otherwise.
    pub visitors: u32,
    /// The seed, unless a flag says otherwise.
    pub seed: u64,
    /// Over how long the visitors arrive.
    pub arrivals: Expr,
    /// The kinds of visitors.
    pub cohorts: Vec<Cohort>,
    /// The whole scenario as one TOML text, its journeys written out: what a run's folder keeps.
    pub text: String,
}

/// One kind of visitor, and how many of them there are.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// What they do.
    pub journey: Journey,
    /// How many they are, in proportion to the other cohorts.
    pub share: u32,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
/// A whole scenario file.
pub struct RawScenario {
    /// What a person calls it.
    name: String,
    /// What it is, in one sentence.
    #[serde(default)]
    about: String,
    /// How many visitors there are; `--visitors` overrides it.
    #[schemars(with = "u32")]
    visitors: Spanned<u32>,
    /// The seed of every draw; `--seed` overrides it.
    #[serde(default)]
    seed: u64,
    /// Over how long visitors arrive, in the policy's terms, such as `13 month`.
    arrivals: Expr,
    /// Who they are.
    #[serde(rename = "cohort")]
    cohorts: Vec<RawCohort>,
    /// Journeys of this scenario's own, beside the built-in ones.
    #[serde(default, rename = "journey")]
    #[schemars(with = "Vec<Journey>")]
    journeys: Vec<Spanned<Journey>>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
/// A share of the visitors, and what they do.
pub struct RawCohort {
    /// The journey's id; `loiter list journeys` lists the built-in ones.
    #[schemars(with = "String")]
    journey: Spanned<String>,
    /// How many of all shares are theirs.
    #[schemars(with = "u32")]
    share: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJourneys {
    journey: Vec<Journey>,
}

impl Scenario {
    /// The journeys that every scenario can name.
    ///
    /// # Panics
    /// When the embedded file is broken, which a test rules out.
    pub fn built_in_journeys() -> Vec<Journey> {
        let raw: RawJourneys = toml::from_str(BUILT_IN_JOURNEYS).expect("the built-in journeys are sound");
        raw.journey
    }

    /// The cohort of a visitor: shares are dealt out in turn, so that any population has each in proportion.
    pub fn cohort_of(&self, visitor: u32) -> usize {
        let sum: u32 = self.cohorts.iter().map(|cohort| cohort.share).sum();
        let deal = self.deal(sum);
        usize::from(deal[(visitor % sum) as usize])
    }

    /// One round of the deal: each cohort as often as its share, spread as evenly as can be.
    pub fn deal(&self, sum: u32) -> Vec<u16> {
        let mut credit = vec![0_i64; self.cohorts.len()];
        (0..sum)
            .map(|_| {
                for (have, cohort) in credit.iter_mut().zip(&self.cohorts) {
                    *have += i64::from(cohort.share);
                }
                let richest = (0..credit.len()).rev().max_by_key(|&index| credit[index]).unwrap_or(0);
                credit[richest] -= i64::from(sum);
                u16::try_from(richest).unwrap_or(0)
            })
            .collect()
    }
}

/// Reads a scenario file.
///
/// # Errors
/// With the file, the line and the remedy.
pub fn load(path: &Path) -> Result<Scenario, Diagnostic> {
    parse(path, &read_text(path)?)
}

/// Reads a scenario from its text; `path` is named in errors.
///
/// # Errors
/// With the file, the line and the remedy.
pub fn parse(path: &Path, text: &str) -> Result<Scenario, Diagnostic> {
    let raw: RawScenario = toml::from_str(text).map_err(|error| Diagnostic::from_toml(path, text, &error))?;
    let wrong = |span, message: String| Diagnostic::new(path, message).at(text, Some(span));
    check_numbers(&raw).map_or(Ok(()), |(span, message)| Err(wrong(span, message)))?;
    let mut journeys = Scenario::built_in_journeys();
    for own in &raw.journeys {
        if let Some(mistake) = own.get_ref().mistake() {
            return Err(wrong(own.span(), mistake));
        }
        journeys.retain(|known| known.id != own.get_ref().id);
        journeys.push(own.get_ref().clone());
    }
    let mut cohorts = Vec::new();
    for cohort in &raw.cohorts {
        let id = cohort.journey.get_ref();
        let Some(journey) = journeys.iter().find(|journey| journey.id == *id) else {
            return Err(wrong(cohort.journey.span(), format!("there is no journey `{id}`"))
                .remedy("take one from `loiter list journeys`, or write it as a [[journey]]"));
        };
        cohorts.push(Cohort { journey: journey.clone(), share: *cohort.share.get_ref() });
    }
    let text = written_out(&raw, &cohorts).map_err(|error| Diagnostic::new(path, error))?;
    Ok(Scenario {
        name: raw.name,
        visitors: *raw.visitors.get_ref(),
        seed: raw.seed,
        arrivals: raw.arrivals,
        cohorts,
        text,
    })
}

fn check_numbers(raw: &RawScenario) -> Option<(std::ops::Range<usize>, String)> {
    if !(1..=MOST_VISITORS).contains(raw.visitors.get_ref()) {
        return Some((raw.visitors.span(), format!("visitors must be 1 to {MOST_VISITORS}")));
    }
    if raw.cohorts.is_empty() || raw.cohorts.len() > 500 {
        return Some((0..0, "a scenario has 1 to 500 [[cohort]]s".into()));
    }
    raw.cohorts
        .iter()
        .find(|cohort| !(1..=10_000).contains(cohort.share.get_ref()))
        .map(|cohort| (cohort.share.span(), "a cohort's share must be 1 to 10000".into()))
}

/// The scenario with every journey that it uses, so that a run's folder needs nothing else.
fn written_out(raw: &RawScenario, cohorts: &[Cohort]) -> Result<String, String> {
    let mut journeys: Vec<&Journey> = Vec::new();
    for cohort in cohorts {
        if !journeys.iter().any(|journey| journey.id == cohort.journey.id) {
            journeys.push(&cohort.journey);
        }
    }
    let whole = Written {
        name: &raw.name,
        about: &raw.about,
        visitors: *raw.visitors.get_ref(),
        seed: raw.seed,
        arrivals: &raw.arrivals,
        cohort: raw
            .cohorts
            .iter()
            .map(|cohort| WrittenCohort { journey: cohort.journey.get_ref(), share: *cohort.share.get_ref() })
            .collect(),
        journey: journeys,
    };
    toml::to_string(&whole).map_err(|error| format!("cannot be written out: {error}"))
}

#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    about: &'a str,
    visitors: u32,
    seed: u64,
    arrivals: &'a Expr,
    cohort: Vec<WrittenCohort<'a>>,
    journey: Vec<&'a Journey>,
}

#[derive(Serialize)]
struct WrittenCohort<'a> {
    journey: &'a str,
    share: u32,
}
