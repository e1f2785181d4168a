//! Reading policy files: one may extend another and override its settings.

use super::clause::ClauseText;
use super::settings::{RawCookie, RawIp, RawSession, RawTerms};
use super::statement::Statement;
use super::{Policy, setting_in};
use crate::diagnostic::{Diagnostic, read_text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name under which the built-in policy can be extended from anywhere.
pub const BUILT_IN_NAME: &str = "crisp-2018-12-09";

/// The text of the built-in policy.
pub const BUILT_IN: &str = include_str!("../../scenarios/policies/crisp-2018-12-09.toml");

/// How many policies may extend one another.
const DEEPEST: usize = 8;

/// A policy as it stands in a file: what it leaves out comes from the one that it extends.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPolicy {
    /// Its stable name.
    pub id: String,
    /// What a person calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The policy that this one extends: a path relative to this file, or a built-in's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// What the policy calls a day, a month and a year.
    #[serde(default)]
    pub calendar: RawTerms,
    /// Settings of the cookie.
    #[serde(default)]
    pub cookie: RawCookie,
    /// Settings of the session.
    #[serde(default)]
    pub session: RawSession,
    /// Settings of the address.
    #[serde(default)]
    pub ip: RawIp,
    /// What the policy says, statement by statement; one with the `ref` of a base's takes its place.
    #[serde(default, rename = "statement", skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    /// The clauses by id.
    #[serde(default)]
    pub clause: BTreeMap<String, RawClause>,
}

/// A clause as it stands in a file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "a clause has text, ref, level, basis or settings, min_observations, and perhaps min_span; one that only overrides has level, min_observations or min_span"
)]
pub enum RawClause {
    /// All of it.
    Whole(ClauseText),
    /// Only what differs from the policy that is extended.
    Override(ClauseOverride),
}

/// What a policy may change of a clause that it extends.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClauseOverride {
    /// Another level.
    pub level: Option<super::Level>,
    /// Another least number of observations.
    pub min_observations: Option<u64>,
    /// Another least span.
    pub min_span: Option<super::Expr>,
}

/// Reads a policy file and all that it extends.
///
/// # Errors
/// With the file, the line and the remedy.
pub fn load(path: &Path) -> Result<Policy, Diagnostic> {
    if path.as_os_str() == BUILT_IN_NAME && !path.exists() {
        return parse(&built_in_path(), BUILT_IN);
    }
    parse(path, &read_text(path)?)
}

/// Reads a policy from its text; `path` is named in errors, and is where its extensions are looked for.
///
/// # Errors
/// With the file, the line and the remedy.
pub fn parse(path: &Path, text: &str) -> Result<Policy, Diagnostic> {
    let merged = merged(path, text, DEEPEST)?;
    resolve(path, merged)
}

fn built_in_path() -> PathBuf {
    PathBuf::from(format!("built-in {BUILT_IN_NAME}.toml"))
}

fn merged(path: &Path, text: &str, deepest: usize) -> Result<RawPolicy, Diagnostic> {
    let raw: RawPolicy = toml::from_str(text).map_err(|error| Diagnostic::from_toml(path, text, &error))?;
    let Some(base_name) = raw.extends.clone() else {
        return Ok(raw);
    };
    let line = text.find("extends").map(|at| at..at);
    if deepest == 0 {
        return Err(Diagnostic::new(path, format!("extends more than {DEEPEST} policies in a row"))
            .at(text, line)
            .remedy("look for two policies that extend each other"));
    }
    let base = if base_name == BUILT_IN_NAME {
        merged(&built_in_path(), BUILT_IN, deepest - 1)?
    } else {
        let base_path = path.parent().unwrap_or(Path::new("")).join(&base_name);
        let base_text = read_text(&base_path).map_err(|error| {
            Diagnostic::new(path, format!("extends `{base_name}`, which {}", error.message))
                .at(text, line)
                .remedy(format!("name a file beside this one, or the built-in `{BUILT_IN_NAME}`"))
        })?;
        merged(&base_path, &base_text, deepest - 1)?
    };
    over(path, text, raw, base)
}

/// `child`'s settings over `base`'s.
fn over(path: &Path, text: &str, child: RawPolicy, base: RawPolicy) -> Result<RawPolicy, Diagnostic> {
    let mut clause = base.clause;
    for (id, own) in child.clause {
        let merged = match (own, clause.remove(&id)) {
            (RawClause::Override(change), Some(RawClause::Whole(mut whole))) => {
                whole.level = change.level.unwrap_or(whole.level);
                whole.min_observations = change.min_observations.unwrap_or(whole.min_observations);
                whole.min_span = change.min_span.or(whole.min_span);
                RawClause::Whole(whole)
            }
            (RawClause::Override(_), _) => return Err(no_such_clause(path, text, &id)),
            (whole @ RawClause::Whole(_), _) => whole,
        };
        clause.insert(id, merged);
    }
    Ok(RawPolicy {
        id: child.id,
        title: child.title.or(base.title),
        extends: None,
        calendar: child.calendar.over(base.calendar),
        cookie: child.cookie.over(base.cookie),
        session: child.session.over(base.session),
        ip: child.ip.over(base.ip),
        statements: over_statements(child.statements, base.statements),
        clause,
    })
}

/// `child`'s statements in the place of those of the same `ref`, and after the others where there is none.
fn over_statements(child: Vec<Statement>, mut base: Vec<Statement>) -> Vec<Statement> {
    for own in child {
        match base.iter_mut().find(|known| known.reference == own.reference) {
            Some(known) => *known = own,
            None => base.push(own),
        }
    }
    base
}

fn no_such_clause(path: &Path, text: &str, id: &str) -> Diagnostic {
    let at = text.find(&format!("\"{id}\"")).map(|at| at..at);
    Diagnostic::new(path, format!("changes clause `{id}`, which the policy that it extends does not have"))
        .at(text, at)
        .remedy("take its id from `loiter list clauses`, or write it whole: text, ref, level, basis or settings, min_observations")
}

fn resolve(path: &Path, raw: RawPolicy) -> Result<Policy, Diagnostic> {
    let text =
        toml::to_string(&raw).map_err(|error| Diagnostic::new(path, format!("cannot be written out: {error}")))?;
    let unset = |name: String| {
        Diagnostic::new(path, format!("leaves the setting `{name}` without a value"))
            .remedy(format!("set it, or begin with `extends = \"{BUILT_IN_NAME}\"`"))
    };
    let mut clauses = BTreeMap::new();
    for (id, clause) in raw.clause {
        let RawClause::Whole(whole) = clause else {
            return Err(no_such_clause(path, "", &id));
        };
        clauses.insert(id, whole);
    }
    let policy = Policy {
        title: raw.title.unwrap_or_else(|| raw.id.clone()),
        id: raw.id,
        cookie: raw.cookie.resolve().map_err(unset)?,
        session: raw.session.resolve().map_err(unset)?,
        ip: raw.ip.resolve().map_err(unset)?,
        calendar: raw.calendar.resolve().map_err(unset)?,
        statements: raw.statements,
        clauses,
        text,
    };
    clauses_rest_on_something(path, &policy)?;
    if policy.session.idle.shortest().0 < 2000 {
        return Err(Diagnostic::new(path, format!("session.idle is {}, too short to be judged", policy.session.idle))
            .remedy("an idle term of 2 s or more can be"));
    }
    Ok(policy)
}

/// Each clause names what it rests on, and the settings that it names exist.
fn clauses_rest_on_something(path: &Path, policy: &Policy) -> Result<(), Diagnostic> {
    let whole = toml::from_str(&policy.text).map_err(|error| Diagnostic::from_toml(path, &policy.text, &error))?;
    for (id, clause) in &policy.clauses {
        if let Some(name) = clause.settings.iter().find(|name| setting_in(&whole, name).is_none()) {
            return Err(Diagnostic::new(path, format!("clause `{id}` names the setting `{name}`, which there is not"))
                .remedy("name one as table.key, such as `session.idle`"));
        }
        if clause.basis().is_empty() {
            return Err(Diagnostic::new(path, format!("clause `{id}` rests on nothing"))
                .remedy("give it a `basis`, such as \"the policy's words\", or the `settings` that decide it"));
        }
    }
    Ok(())
}
