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
    /// What it rests on: the policy's words, a setting, or a house rule with its standard.
    pub basis: String,
    /// Fewer observations than this are *not exercised*.
    pub min_observations: u64,
    /// The longest span that must have been observed, in the policy's terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_span: Option<Expr>,
}
