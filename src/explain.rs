//! What there is to know of one clause: what it checks and rests on, what it asks for, and what proves it.
//!
//! It gathers what stands in the policy file, in the clause and in the matrix of defects, and judges nothing.

use crate::defects;
use crate::diagnostic::{Diagnostic, nearest};
use crate::instant::Length;
use crate::oracle::{self, CLAUSES, Capabilities, Clause};
use crate::policy::{ClauseText, Level, Policy, Statement};
use crate::reference::Defect;
use serde::Serialize;
use std::fmt::Write;

/// One clause, explained.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Its id.
    pub id: String,
    /// Where the policy says it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What is judged.
    pub text: String,
    /// How much it weighs.
    pub level: Level,
    /// The policy's statements that it judges.
    pub statements: Vec<Statement>,
    /// What it rests on.
    pub basis: String,
    /// What it checks.
    pub checks: &'static str,
    /// Which evidence counts.
    pub evidence: &'static str,
    /// How many observations it asks for.
    pub min_observations: u64,
    /// The span that must have been seen, and its length under this policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_span: Option<Named>,
    /// The settings that decide it, and their values.
    pub settings: Vec<Named>,
    /// What makes it not applicable to a target.
    pub lacks: Vec<&'static str>,
    /// The clause that must have been seen kept for a pass to mean anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<&'static str>,
    /// The defects of the reference server that it catches, with what they do.
    pub caught: Vec<Named>,
    /// The defects with which it fails beside another clause, with the reason.
    pub fails_with: Vec<Named>,
}

/// A name and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// What belongs to it.
    pub value: String,
}

/// The clause of this id and its words in the policy.
///
/// # Errors
/// When there is none, with the id that is nearest.
pub fn known<'a>(id: &str, policy: &'a Policy) -> Result<(&'static dyn Clause, &'a ClauseText), Diagnostic> {
    if let (Some(clause), Some(text)) = (oracle::find(id), policy.clauses.get(id)) {
        return Ok((clause, text));
    }
    let ids = CLAUSES.iter().map(|clause| clause.id()).filter(|id| policy.clauses.contains_key(*id));
    let remedy = match nearest(id, ids) {
        Some(near) => format!("did you mean `{near}`? `loiter list clauses` lists them all"),
        None => "take its id from `loiter list clauses`".into(),
    };
    Err(Diagnostic::new("CLAUSE", format!("there is no clause `{id}`")).remedy(remedy))
}

/// Explains a clause under a policy.
///
/// # Errors
/// When there is no such clause.
pub fn explain(id: &str, policy: &Policy) -> Result<Explanation, Diagnostic> {
    let (clause, text) = known(id, policy)?;
    let terms = policy.terms(Length::ZERO, None);
    let span = |span: &crate::policy::Expr| named(span.to_string(), span.eval(&terms).to_string());
    let statements = policy.statements.iter().filter(|statement| statement.is_named_by(&text.reference));
    let setting = |name: &String| named(name.clone(), policy.setting(name).unwrap_or_default());
    let (caught, fails_with) = proofs(id);
    Ok(Explanation {
        id: id.to_owned(),
        reference: text.reference.clone(),
        text: text.text.clone(),
        level: text.level,
        statements: statements.cloned().collect(),
        basis: text.basis(),
        checks: clause.checks(),
        evidence: clause.evidence(),
        min_observations: text.min_observations,
        min_span: text.min_span.as_ref().map(span),
        settings: text.settings.iter().map(setting).collect(),
        lacks: lacks(clause),
        control: clause.control(),
        caught,
        fails_with,
    })
}

fn named(name: impl Into<String>, value: impl Into<String>) -> Named {
    Named { name: name.into(), value: value.into() }
}

/// What a clause misses in a target that has nothing, and then in ones that have more and more.
fn lacks(clause: &dyn Clause) -> Vec<&'static str> {
    let bare = Capabilities::default();
    let chat = Capabilities { browse: true, send: true, messages: true, ..bare };
    let agents = Capabilities { agent: true, agent_delete: true, agent_send: true, ..chat };
    let told = Capabilities { told_address: true, moving: true, forging: true, ..agents };
    let mut all: Vec<_> = [bare, chat, agents, told].iter().filter_map(|can| clause.lacks(can)).collect();
    all.dedup();
    all
}

/// The defects that a clause catches, and those with which it fails too.
fn proofs(id: &str) -> (Vec<Named>, Vec<Named>) {
    let about = |id: &str| id.parse::<Defect>().map_or("", Defect::summary);
    let rows = defects::matrix();
    let caught = rows.iter().filter(|row| row.caught_by == id).map(|row| named(&row.id, about(&row.id))).collect();
    let implied = rows.iter().flat_map(|row| row.implies.iter().map(move |implied| (row, implied)));
    let fails_with = implied
        .filter(|(_, implied)| implied.clause == id)
        .map(|(row, implied)| {
            let perhaps = if row.by_chance { "perhaps: " } else { "" };
            named(&row.id, format!("{perhaps}{}", implied.why))
        })
        .collect();
    (caught, fails_with)
}

impl Explanation {
    /// The same for a terminal.
    pub fn text(&self) -> String {
        let mut out = format!("{} ({}, {})\n{}\n\n", self.id, self.reference, self.level, self.text);
        let list = |items: &[Named], between: &str| -> Vec<String> {
            items.iter().map(|item| format!("{}{between}{}", item.name, item.value)).collect()
        };
        let said: Vec<String> =
            self.statements.iter().map(|said| format!("{} {}", said.reference, said.text)).collect();
        let span = self.min_span.as_ref().map(|span| format!(", and a span of {} ({})", span.name, span.value));
        let asked = format!("{} observations{}", self.min_observations, span.unwrap_or_default());
        let control = self.control.map(|control| format!("{control} must be seen kept, or a pass is inconclusive"));
        let lacks = self.lacks.iter().map(|lack| format!("not applicable where {lack}"));
        for (head, lines) in [
            ("policy", said),
            ("basis", vec![self.basis.clone()]),
            ("settings", list(&self.settings, " = ")),
            ("checks", vec![self.checks.to_owned()]),
            ("evidence", vec![self.evidence.to_owned()]),
            ("asks for", vec![asked]),
            ("target", lacks.collect()),
            ("control", control.into_iter().collect()),
            ("catches", list(&self.caught, ": ")),
            ("fails with", list(&self.fails_with, ": ")),
        ] {
            for (index, line) in lines.iter().enumerate() {
                paragraph(&mut out, if index == 0 { head } else { "" }, line);
            }
        }
        out
    }
}

/// A line of text under a heading beside it, wrapped.
fn paragraph(out: &mut String, head: &str, text: &str) {
    const WIDTH: usize = 100;
    let (mut line, mut head) = (String::new(), head);
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + word.chars().count() >= WIDTH {
            let _ = writeln!(out, "{head:<11} {line}");
            (line, head) = (String::new(), "");
        }
        line = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
    }
    let _ = writeln!(out, "{head:<11} {line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{self, BUILT_IN_NAME};
    use std::path::Path;

    fn built_in() -> Policy {
        policy::load(Path::new(BUILT_IN_NAME)).unwrap()
    }

    #[test]
    fn every_clause_is_explained_and_proved_by_a_defect() {
        let policy = built_in();
        for clause in CLAUSES {
            let told = explain(clause.id(), &policy).unwrap();
            let proved = !told.caught.is_empty() || told.level == Level::Observe;
            assert!(!told.statements.is_empty() && proved, "{}", told.id);
            assert!(told.settings.iter().all(|setting| !setting.value.is_empty()), "{}", told.id);
            for sentence in [told.checks, told.evidence] {
                assert!(sentence.ends_with('.') && !sentence.contains("  "), "{}: {sentence}", told.id);
            }
            assert!(told.text().lines().all(|line| line.chars().count() <= 113), "{}", told.text());
        }
    }

    #[test]
    fn an_explanation_gives_the_settings_as_they_are_and_the_span_as_it_comes_out() {
        let text = "id='x'\nextends='crisp-2018-12-09'\n[session]\nidle='20 s'\n[calendar]\nyear='1 minute'\n";
        let policy = policy::parse(Path::new("p.toml"), text).unwrap();
        let told = explain("session.access-restarts-idle", &policy).unwrap();
        assert_eq!(told.control, Some("session.destroyed-after-idle"));
        assert!(told.fails_with.iter().any(|with| with.name == "idle-25-minutes"));
        let early = explain("session.not-destroyed-early", &policy).unwrap();
        assert_eq!(early.settings, [named("session.idle", "20 s")]);
        let kept = explain("ip.kept-for-chatters", &policy).unwrap().text();
        for words in ["§3.6a", "§3.6b", "10 year (10 min)", "target-has-no-messages", "no-inspector-shows", "5-years"]
        {
            assert!(kept.contains(words), "{words}: {kept}");
        }
    }

    #[test]
    fn an_unknown_clause_is_answered_with_the_nearest() {
        let said = explain("ip.store", &built_in()).unwrap_err().to_string();
        assert!(said.contains("no clause `ip.store`") && said.contains("did you mean `ip.stored`?"), "{said}");
    }
}
