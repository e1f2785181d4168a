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
    /// The visitor's client sends its last message once more, as after an answer that got lost.
    Resend,
    /// The website greets the visitor by itself: an automated message, which nobody wrote.
    AgentGreet,
    /// The server is restarted before anybody acts at this stop; nobody sends anything for it.
    Restart,
}

impl Op {
    /// Every operation, in the order of reports.
    pub const ALL: [Self; 11] = [
        Self::Load,
        Self::Browse,
        Self::Send,
        Self::Read,
        Self::AgentInspect,
        Self::AgentSend,
        Self::AgentDelete,
        Self::StoreInspect,
        Self::Resend,
        Self::AgentGreet,
        Self::Restart,
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
            Self::Resend => "resend",
            Self::AgentGreet => "agent-greet",
            Self::Restart => "restart",
        }
    }

    /// Whether the visitor's own browser sends it.
    pub const fn is_visitors(self) -> bool {
        matches!(self, Self::Load | Self::Browse | Self::Send | Self::Read | Self::Resend)
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
    /// Each of the sessions that simultaneous loads with one ended identity made beside the one that was kept.
    Orphans,
}

/// Which identity a visitor's request presents (`with`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum With {
    /// What the visitor's browser holds.
    #[default]
    Own,
    /// One that is made up. It leaves the visitor's own browser untouched, as do the next three.
    Forged,
    /// The visitor's own with one character changed.
    Altered,
    /// The last one that the browser held, though it holds it no more.
    Expired,
    /// The one that the browser held before its last.
    Previous,
}

/// Where a visitor's requests come from (`from`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The visitor's first address.
    #[default]
    Home,
    /// Its second address: it has moved.
    Away,
    /// Its first address, an IPv4 one spelled as an IPv6 one (`::ffff:11.0.0.1`).
    Mapped,
    /// Its first address, behind one that it makes up in the header that the trusted proxy adds to.
    Forger,
}

/// Around which days a journey begins (`on`), instead of with the waves of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// Half an idle term before the clocks are changed, in Europe or North America.
    ClockChange,
    /// Half an idle term before and after a 29 February begins, and before it ends.
    LeapDay,
    /// Half an idle term before a month ends in UTC, and with December a year.
    MonthEnd,
}

/// How the times of a range are spread over it (`spread`); evenly where it is not said.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// Weibull with this shape; a shape below 1 gives many short dwells and few long ones. The scale is a fifth of the
    /// range.
    Weibull(f64),
    /// Pareto with this shape, from the near end on: heavy-tailed, as returns are.
    Pareto(f64),
}

/// A number of repetitions, or a range from which each visitor draws one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a number such as 8, a range such as [1, 12], or { more = 0.6, most = 20 }"
)]
pub enum Count {
    /// As often as this.
    Exactly(u16),
    /// As often as each visitor draws, each number as likely as the other.
    Between([u16; 2]),
    /// Geometrically: one more with this chance, and so on, up to `most`.
    Geometric {
        /// The chance of one more.
        more: f64,
        /// The most.
        most: u16,
    },
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
    #[serde(default, skip_serializing_if = "is_usual")]
    pub of: Which,
    /// Which identity the visitor's requests present.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub with: With,
    /// Where they come from.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub from: Origin,
    /// All is done at once, over connections of its own, as by impatient fingers or several tabs.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub together: bool,
    /// The visitor clears its cookies first; its browser's cache stays.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub clears: bool,
    /// How the times of a range are spread over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<Spread>,
}

fn certain() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_certain(chance: &f64) -> bool {
    *chance >= 1.0
}

fn is_once(count: &Count) -> bool {
    *count == Count::default()
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What one kind of visitor does.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// Its stable name.
    pub id: String,
    /// What it is, in one sentence.
    pub about: String,
    /// Around which days it begins, where not with the waves of arrivals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Occasion>,
    /// Two visitors share an address and a browser's name, as colleagues do.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub household: bool,
    /// It takes many stops of its own: where the clock has too few, nobody takes it.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub costly: bool,
    /// Its steps, in order.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

impl Step {
    fn spread_mistake(&self) -> Option<&'static str> {
        let (Spread::Weibull(shape) | Spread::Pareto(shape)) = self.spread?;
        if !(0.05..=100.0).contains(&shape) {
            return Some("has a `spread` whose shape is not between 0.05 and 100");
        }
        let is_range = self.at.as_ref().is_some_and(When::is_range) && self.points.is_none();
        (!is_range).then_some("has a `spread`, which goes with a range `a .. b` without `points`")
    }
}

impl Journey {
    /// Whether a step of it looks into the store and the log files.
    pub fn looks_into_store(&self) -> bool {
        self.steps.iter().any(|step| step.ops.contains(&Op::StoreInspect))
    }

    /// Whether agents or the store are asked for the session that the visitor had before.
    pub fn asks_for_previous(&self) -> bool {
        self.steps.iter().any(|step| step.of == Which::Previous)
    }

    /// Whether a step of it presents an identity that the browser holds no more.
    pub fn keeps_old_identities(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.with, With::Expired | With::Previous))
    }

    /// Whether a step of it clears the cookies first.
    pub fn clears_cookies(&self) -> bool {
        self.steps.iter().any(|step| step.clears)
    }

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
            if step.ops.is_empty() || step.ops.len() > 12 {
                return said("must do 1 to 12 things");
            }
            if !(0.0..=1.0).contains(&step.chance) {
                return said("has a `chance` that is not between 0 and 1");
            }
            if step.points.is_some_and(|points| points < 2)
                || (step.points.is_some() && !step.at.as_ref().is_some_and(When::is_range))
            {
                return said("has `points`, which are 2 or more and go with a range `a .. b`");
            }
            if step.with != With::Own && step.ops.iter().any(|op| !op.is_visitors()) {
                return said("presents another identity (`with`), which goes with a visitor's requests alone");
            }
            if let Some(mistake) = step.spread_mistake() {
                return said(mistake);
            }
            match step.repeat {
                Count::Exactly(1..=1000) => None,
                Count::Between([from, to]) if from <= to && to <= 1000 => None,
                Count::Geometric { more, most } if (0.0..1.0).contains(&more) && most <= 1000 => None,
                _ => said("has a `repeat` out of 1 to 1000, or a chance of more that is not below 1"),
            }
        })
    }
}
