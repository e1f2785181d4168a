//! The matrix of defects and clauses as data: which clause must catch a defect of the reference server, which fail
//! with it, and why. It is written by hand in `scenarios/defects.toml`, and judges nothing.

use serde::Deserialize;

const TEXT: &str = include_str!("../scenarios/defects.toml");

/// What must come of one defect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The defect.
    pub id: String,
    /// The clause that must catch it.
    pub caught_by: String,
    /// The clauses that fail with it.
    #[serde(default)]
    pub implies: Vec<Implied>,
    /// Whether it depends on who came when which of them fail.
    #[serde(default)]
    pub by_chance: bool,
    /// The text of a policy file under which alone it can be judged.
    #[serde(default)]
    pub policy: Option<String>,
    /// The text of a scenario file in which alone it can be seen.
    #[serde(default)]
    pub scenario: Option<String>,
}

/// A clause that fails with a defect.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Implied {
    /// The clause.
    pub clause: String,
    /// Why it fails too.
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    defect: Vec<Row>,
}

/// Every row, in the order of the file.
///
/// # Panics
/// When the embedded file is broken, which a test rules out.
pub fn matrix() -> Vec<Row> {
    let matrix: Matrix = toml::from_str(TEXT).expect("the matrix of defects is sound");
    matrix.defect
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{CLAUSES, find};
    use crate::reference::Defect;
    use crate::{policy, scenario};
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_defect_has_one_row_and_every_row_a_defect() {
        let rows = matrix();
        let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids.len(), rows.len(), "no defect has two rows");
        assert_eq!(ids, Defect::ALL.iter().map(|defect| defect.id()).collect());
    }

    #[test]
    fn every_clause_catches_a_defect_and_every_row_names_clauses() {
        let rows = matrix();
        // What is only observed is not broken by anything.
        let policy = policy::load(Path::new(policy::BUILT_IN_NAME)).unwrap();
        for clause in CLAUSES.iter().filter(|clause| policy.clauses[clause.id()].level != policy::Level::Observe) {
            assert!(rows.iter().any(|row| row.caught_by == clause.id()), "{} has a defect", clause.id());
        }
        for row in &rows {
            let implied = row.implies.iter().map(|implied| &implied.clause);
            for id in implied.clone().chain([&row.caught_by]) {
                assert!(find(id).is_some(), "{} names `{id}`, which is no clause", row.id);
            }
            assert_eq!(implied.clone().collect::<BTreeSet<_>>().len(), row.implies.len(), "{} repeats one", row.id);
            assert!(!implied.clone().any(|id| *id == row.caught_by), "{} implies what catches it", row.id);
        }
    }

    #[test]
    fn the_files_that_a_row_needs_are_sound() {
        for row in matrix() {
            if let Some(text) = &row.policy {
                policy::parse(Path::new("policy.toml"), text).unwrap_or_else(|error| panic!("{}: {error}", row.id));
            }
            if let Some(text) = &row.scenario {
                scenario::parse(Path::new("scenario.toml"), text).unwrap_or_else(|error| panic!("{}: {error}", row.id));
            }
        }
    }
}
