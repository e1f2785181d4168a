//! A journey: the steps of one kind of visitor, each due at a time in the policy's terms.

use crate::policy::When;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person, an agent or an inspector does in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Op {
    /// The visitor opens a page that loads the chatbox.
    Load,
    /// The visitor views another page.
    Browse,
    /// The visitor sends a message.
    Send,
    /// The visitor's chatbox reads the conversation.
    Read,
    /// An agent looks at the session.
    AgentInspect,
    /// An agent sends a message.
    AgentSend,
    /// An agent deletes the session.
    AgentDelete,
    /// The store inspector looks at the session and at the visitor's address.
    StoreInspect,
}

impl Op {
    /// Every operation, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Load,
        Self::Browse,
        Self::Send,
        Self::Read,
        Self::AgentInspect,
        Self::AgentSend,
        Self::AgentDelete,
        Self::StoreInspect,
    ];

    /// Its name in files and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Browse => "browse",
            Self::Send => "send",
            Self::Read => "read",
            Self::AgentInspect => "agent-inspect",
            Self::AgentSend => "agent-send",
            Self::AgentDelete => "agent-delete",
            Self::StoreInspect => "store-inspect",
        }
    }

    /// Whether the visitor's own browser sends it.
    pub const fn is_visitors(self) -> bool {
        matches!(self, Self::Load | Self::Browse | Self::Send | Self::Read)
    }

    /// Whether a repetition does no harm, so that one lost on a reused connection may be sent once more.
    pub const fn is_idempotent(self) -> bool {
        matches!(self, Self::Read | Self::AgentInspect | Self::StoreInspect)
    }
}

impl std::fmt::Display for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Which session an agent or the store is asked for, and which website a visitor turns to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The session that the visitor has now, on the visitor's own website.
    #[default]
    Current,
    /// The session that the visitor had before.
    Previous,
    /// Another website than the visitor's own, with the same browser.
    OtherWebsite,
}

/// A number of repetitions, or a range from which each visitor draws one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number such as 8, or a range such as [1, 12]")]
pub enum Count {
    /// As often as this.
    Exactly(u16),
    /// As often as each visitor draws.
    Between([u16; 2]),
}

impl Default for Count {
    fn default() -> Self {
        Self::Exactly(1)
    }
}

/// One step of a journey: operations in order, at one time.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is done, in order.
    #[serde(rename = "do")]
    pub ops: Vec<Op>,
    /// When, after the anchor; the first step of a journey is the arrival and has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<When>,
    /// Over how many points a range is spread evenly; without it each visitor draws a time of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<u16>,
    /// How often the step is taken.
    #[serde(default, skip_serializing_if = "is_once")]
    pub repeat: Count,
    /// The share of visitors who take it, each time.
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    pub chance: f64,
    /// Which session or website it turns to.
    #[serde(default, skip_serializing_if = "is_current")]
    pub of: Which,
}

fn certain() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_certain(chance: &f64) -> bool {
    *chance >= 1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_once(count: &Count) -> bool {
    *count == Count::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_current(which: &Which) -> bool {
    *which == Which::default()
}

/// What one kind of visitor does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// Its stable name.
    pub id: String,
    /// What it is, in one sentence.
    pub about: String,
    /// Its steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

impl Journey {
    /// What is wrong with it, if anything.
    pub(super) fn mistake(&self) -> Option<String> {
        if self.steps.is_empty() || self.steps.len() > 64 {
            return Some(format!("journey `{}` has {} steps; 1 to 64 are allowed", self.id, self.steps.len()));
        }
        self.steps.iter().enumerate().find_map(|(index, step)| {
            let said = |what: &str| Some(format!("step {} of journey `{}` {what}", index + 1, self.id));
            if index == 0 && (step.at.is_some() || step.chance < 1.0) {
                return said("is the arrival: it can have neither `at` nor `chance`");
            }
            if index > 0 && step.at.is_none() {
                return said("has no `at`; write `at = \"0 s\"` for at once");
            }
            if step.ops.is_empty() || step.ops.len() > 8 {
                return said("must do 1 to 8 things");
            }
            if !(0.0..=1.0).contains(&step.chance) {
                return said("has a `chance` that is not between 0 and 1");
            }
            if step.points.is_some_and(|points| points < 2)
                || (step.points.is_some() && !step.at.as_ref().is_some_and(When::is_range))
            {
                return said("has `points`, which are 2 or more and go with a range `a .. b`");
            }
            match step.repeat {
                Count::Exactly(1..=1000) => None,
                Count::Between([from, to]) if from <= to && to <= 1000 => None,
                _ => said("has a `repeat` out of 1 to 1000"),
            }
        })
    }
}
