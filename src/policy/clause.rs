//! A clause as the policy file has it: its words, where they come from, and how much evidence it wants.

use super::terms::Expr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much a clause weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Its failure fails the run.
    Must,
    /// Its failure is a warning.
    Should,
    /// A figure, never judged.
    Observe,
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Observe => "observe",
        })
    }
}

/// One clause of the policy file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClauseText {
    /// What is judged, in one sentence.
    pub text: String,
    /// The section of the policy that it restates.
    #[serde(rename = "ref")]
    pub reference: String,
    /// How much it weighs.
    pub level: Level,
    /// What it rests on besides settings: the policy's words, or a house rule with its standard.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    basis: String,
    /// The settings that decide it, such as `session.idle`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// Fewer observations than this are *not exercised*.
    pub min_observations: u64,
    /// The longest span that must have been observed, in the policy's terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_span: Option<Expr>,
}

impl ClauseText {
    /// What it rests on, its settings among it; empty where the file names nothing.
    pub fn basis(&self) -> String {
        let settings = match self.settings.as_slice() {
            [] => String::new(),
            [one] => format!("setting {one}"),
            many => format!("settings {}", many.join(", ")),
        };
        let parts = [self.basis.clone(), settings].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("; ")
    }
}
