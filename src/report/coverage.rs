//! Which statements of the policy are judged, by which clauses, and which are not.

use super::markdown::markdown_table;
use crate::oracle::CLAUSES;
use crate::policy::Policy;
use serde::{Deserialize, Serialize};

/// One statement of the policy, and the clauses that judge it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Where the policy says it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it says.
    pub text: String,
    /// The clauses whose reference names it.
    pub clauses: Vec<String>,
    /// Whether there is one.
    pub covered: bool,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Coverage {
    /// What it says, and the clauses that judge it or why none does, in one line.
    pub fn told(&self) -> String {
        let by = if self.covered { Some(self.clauses.join(", ")) } else { self.why.clone() };
        let by = by.map(|by| format!(" ({by})")).unwrap_or_default();
        format!("{}{by}", self.text)
    }
}

/// The statements of a policy in its order, each with the clauses that its text and this program have in common.
pub fn coverage(policy: &Policy) -> Vec<Coverage> {
    let judged = || CLAUSES.iter().filter_map(|clause| policy.clauses.get_key_value(clause.id()));
    let of = |statement: &crate::policy::Statement| {
        let clauses: Vec<String> =
            judged().filter(|(_, text)| statement.is_named_by(&text.reference)).map(|(id, _)| id.clone()).collect();
        Coverage {
            reference: statement.reference.clone(),
            text: statement.text.clone(),
            covered: !clauses.is_empty(),
            why: statement.why.clone().filter(|_| clauses.is_empty()),
            clauses,
        }
    };
    policy.statements.iter().map(of).collect()
}

/// The same as a page in Markdown.
pub fn coverage_page(policy: &Policy) -> String {
    let all = coverage(policy);
    let covered = all.iter().filter(|statement| statement.covered).count();
    let row = |statement: &Coverage| {
        let why = statement.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let judged = if statement.covered { statement.clauses.join(", ") } else { format!("not covered{why}") };
        [statement.reference.clone(), statement.text.clone(), judged]
    };
    let rows: Vec<[String; 3]> = all.iter().map(row).collect();
    format!(
        "# Coverage\n\n\
         The statements of `{}` in our own words, and the clauses that judge each. This page is what\n\
         `loiter list statements --format markdown` prints; a test keeps it true.\n\n\
         {covered} of {} statements are covered. A clause may judge a part of its statement only: `loiter explain CLAUSE` says\n\
         what it checks.\n\n{}",
        policy.id,
        all.len(),
        markdown_table(["ref", "statement", "clauses"], &rows)
    )
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
    fn every_clause_names_a_statement_and_only_what_is_not_covered_says_why() {
        let policy = built_in();
        for (id, clause) in &policy.clauses {
            for name in clause.reference.split(',') {
                let named = policy.statements.iter().any(|statement| statement.is_named_by(name));
                assert!(named, "{id} refers to {name}, which no statement bears");
            }
        }
        for (statement, judged) in policy.statements.iter().zip(coverage(&policy)) {
            assert_eq!(statement.why.is_some(), !judged.covered, "{}", statement.reference);
        }
    }

    #[test]
    fn what_a_clause_judges_is_computed_from_its_reference() {
        let all = coverage(&built_in());
        let of = |reference: &str| all.iter().find(|statement| statement.reference == reference).unwrap();
        assert!(of("§3.6b").clauses.iter().any(|id| id == "ip.kept-for-chatters"));
        assert!(of("§3.3b").clauses.iter().any(|id| id == "restore.after-days"));
        assert!(of("§3.3c").clauses.iter().all(|id| id.starts_with("session.")));
        assert!(!of("§1.8").covered && of("§1.8").told().contains("(it concerns a page"));
    }

    /// `LOITER_UPDATE=1 cargo test coverage` writes it anew.
    #[test]
    fn the_page_in_docs_is_true() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
        let page = coverage_page(&built_in());
        if std::env::var_os("LOITER_UPDATE").is_some() {
            std::fs::write(&path, &page).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), page, "docs/coverage.md is out of date");
    }
}
