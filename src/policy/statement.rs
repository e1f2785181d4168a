//! What the policy says, one statement after another, in our own words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One statement of the policy. Which clauses judge it follows from their `ref`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Where the policy says it; a letter after the number tells the statements of one bullet apart.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it says.
    pub text: String,
    /// Why no clause judges it, where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Statement {
    /// Whether a clause's `ref`, such as `§3.1, §3.3`, names this statement: `§3.3` names §3.3a, §3.3b and so on.
    pub fn is_named_by(&self, reference: &str) -> bool {
        let mut named = reference.split(',').map(str::trim);
        named.any(|name| match self.reference.strip_prefix(name) {
            Some(rest) => {
                rest.is_empty() || (rest.len() == 1 && rest.chars().all(|letter| letter.is_ascii_lowercase()))
            }
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_statement_or_all_the_statements_of_its_bullet() {
        let named = |statement: &str, reference: &str| {
            Statement { reference: statement.into(), text: String::new(), why: None }.is_named_by(reference)
        };
        assert!(named("§3.3b", "§3.1, §3.3b") && named("§3.3c", "§3.3") && named("§3.1", "§3.1,§1.7"));
        assert!(!named("§3.3b", "§3.3c") && !named("§3.1", "§3") && !named("§3.10", "§3.1") && !named("§1.7", ""));
    }
}
