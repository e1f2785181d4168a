//! How a target file tells of its clock, and how far its time may go.

use super::{RequestSpec, Text};
use crate::policy::Term;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far the target's time may go.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Horizon {
    /// A length after T0.
    After(Term),
    /// An instant.
    At(String, i64),
}

impl TryFrom<String> for Horizon {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::At(text, stamp.as_millisecond()));
        }
        Term::try_from(text)
            .map(Self::After)
            .map_err(|error| format!("{error}, or an instant such as `2038-01-01T00:00:00Z`"))
    }
}

impl From<Horizon> for String {
    fn from(horizon: Horizon) -> Self {
        match horizon {
            Horizon::After(term) => term.into(),
            Horizon::At(text, _) => text,
        }
    }
}

/// How the target's clock is told the time, and how it is read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ClockSpec {
    /// A test-clock endpoint: time stands still between jumps.
    Endpoint {
        /// Moves the clock to `{{ to_ms }}` (or `{{ to_s }}`), and answers when due timers have run.
        advance: Box<RequestSpec>,
        /// Reads the clock; captures `now`.
        now: Box<RequestSpec>,
        /// How many stops a run may ask for; 2,000 where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stops: Option<usize>,
        /// How near to a deadline probes go; 2 s where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        margin: Option<Term>,
        /// Whether the target's timers run when its clock is moved.
        #[serde(default)]
        timers: TimersSpec,
        /// Asked after each jump: makes the target's due timers run, where they do not by themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maintenance: Option<Box<RequestSpec>>,
    },
    /// libfaketime's time-stamp file: time runs on between jumps.
    Faketime {
        /// The file that FAKETIME_TIMESTAMP_FILE names.
        file: Text,
        /// Reads the application's time; captures `now`. The Date header of its answer is a second witness.
        now: Box<RequestSpec>,
        /// How many stops a run may ask for; 60 where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stops: Option<usize>,
        /// How near to a deadline probes go; 15 s where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        margin: Option<Term>,
        /// How long a jump may take to be seen; 5 s where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settle: Option<Term>,
        /// Whether the target's timers run when its clock is moved; they seldom do, so `not-moved` where it is not said.
        #[serde(default = "TimersSpec::not_moved")]
        timers: TimersSpec,
        /// Asked after each jump: makes the target's due timers run, where they do not by themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maintenance: Option<Box<RequestSpec>>,
    },
    /// Nobody may move the clock: the run waits.
    Wall {
        /// Reads the target's time, by its Date header or by a captured `now`.
        now: Box<RequestSpec>,
        /// How long a run may last; 45 minutes where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        longest_run: Option<Term>,
        /// How near to a deadline probes go; 5 s where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        margin: Option<Term>,
    },
}

/// How the target's timers move.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TimersSpec {
    /// They run when the clock is moved, or there are none.
    #[default]
    Follow,
    /// They sleep on a clock that is not moved: removal from the store cannot be judged.
    NotMoved,
    /// They look at the clock by themselves, and have run within this time after a jump, by the wall: they are waited for.
    Within(Term),
}

impl TimersSpec {
    const fn not_moved() -> Self {
        Self::NotMoved
    }
}
