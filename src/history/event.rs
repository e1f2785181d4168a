//! What was sent and what was seen, without any judgement.

use crate::instant::{Instant, Interval};
use crate::scenario::{Op, Origin, Which, With};
use serde::{Deserialize, Serialize};

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Ok,
    /// There is no such session.
    Absent,
    /// The target refused the caller.
    Forbidden,
    /// The target asked for patience.
    Throttled,
    /// The target failed, or could not be understood. With status 0, nothing was sent.
    Error,
    /// No answer: what was sent may have been applied, or may still be.
    Unknown,
}

impl Outcome {
    /// Every outcome, in the order of reports.
    pub const ALL: [Self; 6] = [Self::Ok, Self::Absent, Self::Forbidden, Self::Throttled, Self::Error, Self::Unknown];

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Absent => "absent",
            Self::Forbidden => "forbidden",
            Self::Throttled => "throttled",
            Self::Error => "error",
            Self::Unknown => "unknown",
        }
    }
}

/// A message that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// The visitor's own conversation, by number: what the visitor or the agent sent in it, to the letter.
    #[serde(rename = "n")]
    Own(u16),
    /// A message of this run that belongs to another visitor or to another website.
    #[serde(rename = "f")]
    Foreign {
        /// Whose it is.
        visitor: u32,
        /// Its number there.
        number: u16,
        /// The text as it was read.
        text: Box<str>,
    },
    /// A message of the visitor's own whose text was changed.
    #[serde(rename = "a")]
    Altered {
        /// Its number.
        number: u16,
        /// The text as it was read.
        text: Box<str>,
    },
    /// A text that this run never sent, such as a greeting.
    #[serde(rename = "p")]
    Plain(Box<str>),
}

/// What an answer said of the visitor's carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The carrier's value.
    pub value: Box<str>,
    /// Its declared lifetime by Max-Age, in seconds.
    pub max_age_s: Option<i64>,
    /// Its declared end by Expires, in Unix seconds.
    pub expires_s: Option<i64>,
    /// The answer's Date, in Unix seconds; written down only where Expires is measured against it.
    pub date_s: Option<i64>,
    /// It was kept beside the carrier that the browser held, since its path or domain is another.
    pub beside: bool,
    /// Its other attributes as the answer spelled them; written down by index.
    pub attributes: Option<Box<str>>,
}

impl Identity {
    /// The declared term, in seconds, at least and at most; `None` for a cookie that ends with the browser.
    ///
    /// Max-Age comes before Expires. Expires is measured against the server's own Date, and where there is none,
    /// against the interval in which the answer was made.
    pub fn term_s(&self, at: &Interval) -> Option<(i64, i64)> {
        match (self.max_age_s, self.expires_s, self.date_s) {
            (Some(age), ..) => Some((age, age)),
            (None, Some(end), Some(date)) => Some((end - date, end - date)),
            (None, Some(end), None) => Some((end - at.hi.0.div_euclid(1000) - 1, end - at.lo.0.div_euclid(1000))),
            (None, None, _) => None,
        }
    }

    /// Whether the answer takes the carrier away.
    pub fn is_removal(&self, at: &Interval) -> bool {
        self.term_s(at).is_some_and(|(_, most)| most <= 0)
    }
}

/// An address that an inspector found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stored {
    /// The visitor's first.
    #[serde(rename = "own")]
    Own,
    /// Its second, where it has moved.
    #[serde(rename = "away")]
    Away,
    /// The one that it made up and put into a header.
    #[serde(rename = "forged")]
    Forged,
    /// Something else, as it stood there.
    #[serde(rename = "other")]
    Other(Box<str>),
}

impl Stored {
    /// Whether it is one of the visitor's own.
    pub const fn is_own(&self) -> bool {
        matches!(self, Self::Own | Self::Away)
    }
}

/// In which way an exchange differs from an ordinary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct How {
    /// Which identity it presented.
    #[serde(rename = "w", default, skip_serializing_if = "is_usual")]
    pub with: With,
    /// Where it came from.
    #[serde(rename = "f", default, skip_serializing_if = "is_usual")]
    pub from: Origin,
    /// It was under way at once with others of the same visitor, so that their order is not known.
    #[serde(rename = "r", default, skip_serializing_if = "is_usual")]
    pub raced: bool,
    /// The visitor cleared its cookies before it.
    #[serde(rename = "c", default, skip_serializing_if = "is_usual")]
    pub cleared: bool,
}

fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One exchange with the target, or one look by an inspector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The visitor whose journey it is part of.
    pub visitor: u32,
    /// The stop at which it happened.
    pub stop: u32,
    /// The step of the journey, from 0.
    pub step: u16,
    /// What was done.
    pub op: Op,
    /// Which session or website it turned to.
    pub of: Which,
    /// In which way it differs from an ordinary one.
    pub how: How,
    /// How often the target was restarted before it, within the run.
    pub restarts: u16,
    /// From send to receive, in the target's time.
    pub at: Interval,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status; 0 where there was none.
    pub status: u16,
    /// Whether the visitor presented its carrier.
    pub carried: bool,
    /// The carrier that was sent, where it was not what the browser holds.
    pub sent: Option<Box<str>>,
    /// The session's id, where the answer holds one; of an orphan, the one that was looked for.
    pub session: Option<Box<str>>,
    /// Whether the server says that it made the session for this request.
    pub fresh: Option<bool>,
    /// The messages that were read, in their order.
    pub said: Option<Vec<Said>>,
    /// The number of the message that was sent.
    pub message: Option<u16>,
    /// What the answer said of the carrier.
    pub cookie: Option<Identity>,
    /// How an id that the answer gave reveals the visitor's address, where it does.
    pub reveals: Option<Box<str>>,
    /// The names of cookies that the answer set and the target file does not declare.
    pub strange: Vec<Box<str>>,
    /// The addresses found in the session.
    pub addresses: Option<Vec<Stored>>,
    /// In how many rows of the store the visitor's address stands.
    pub address_rows: Option<u32>,
    /// In how many rows of the store the session's id stands.
    pub session_rows: Option<u32>,
    /// In how many lines of the declared log files the visitor's address stands.
    pub log_lines: Option<u32>,
    /// Why it ended in `error` or `unknown`.
    pub note: Option<Box<str>>,
}

impl Exchange {
    /// An exchange of which nothing is known yet, and which has come to nothing.
    pub fn blank(op: Op) -> Self {
        Self {
            visitor: 0,
            stop: 0,
            step: 0,
            op,
            of: Which::Current,
            how: How::default(),
            restarts: 0,
            at: Interval::default(),
            outcome: Outcome::Error,
            status: 0,
            carried: false,
            sent: None,
            session: None,
            fresh: None,
            said: None,
            message: None,
            cookie: None,
            reveals: None,
            strange: Vec::new(),
            addresses: None,
            address_rows: None,
            session_rows: None,
            log_lines: None,
            note: None,
        }
    }
}

/// What the target's clock was found to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// The stop that it belongs to.
    pub stop: u32,
    /// What the plan asked for.
    pub asked: Instant,
    /// Who attested: the clock's own answer, a Date header, the application, the store.
    pub sources: Vec<Source>,
    /// Whether the clock was where it was asked to be.
    pub moved: bool,
}

/// One source's word on the target's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `clock`, `date`, `application` or `store`.
    pub name: String,
    /// The target's time by it, widened by its resolution.
    pub now: Interval,
}

/// Anything that a history records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// An exchange.
    Exchange(&'a Exchange),
    /// An attestation of the clock.
    Attestation(&'a Attestation),
}
