//! Events as JSON lines: what a reader can know already is written as an index, whatever surprises is written out.

use super::event::{Attestation, Event, Exchange, How, Identity, Outcome, Said, Stored};
use crate::instant::{Instant, Interval, Length};
use crate::scenario::{Op, Which};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What both ends know of a visitor.
#[derive(Debug, Clone, Default)]
struct Known {
    current: Option<Box<str>>,
    previous: Option<Box<str>>,
    sent: Vec<u16>,
}

/// Encodes or decodes one lane's events, in their order.
#[derive(Debug)]
pub struct Codec {
    t0: Instant,
    known: HashMap<u32, Known>,
    /// Attributes of carriers as answers spelled them: few differ.
    attributes: Vec<Box<str>>,
    /// How often the target had been restarted by the last exchange.
    restarts: u16,
}

/// How many spellings of attributes are known by their index.
const MOST_ATTRIBUTES: usize = 200;

/// A session's id (the current one, the previous one) or a spelling of attributes, known by index, or its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Id {
    Index(u8),
    Text(Box<str>),
}

/// Messages: all that were sent, in order, or each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Read {
    All(u16),
    Each(Vec<Said>),
}

/// Addresses: the visitor's own and nothing else, or each of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Found {
    Own(u8),
    Each(Vec<Stored>),
}

/// An exchange as it stands in a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(rename = "v")]
    visitor: u32,
    #[serde(rename = "p")]
    stop: u32,
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    step: u16,
    #[serde(rename = "o")]
    op: u8,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    of: Option<Which>,
    #[serde(rename = "t")]
    after_t0: i64,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    width: Option<i64>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    carried: Option<u8>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    session: Option<Id>,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    fresh: Option<bool>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    said: Option<Read>,
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    message: Option<u16>,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    cookie: Option<Identity>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    addresses: Option<Found>,
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    address_rows: Option<u32>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    note: Option<Box<str>>,
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    how: Option<How>,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    restarts: Option<u16>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    sent: Option<Box<str>>,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    attributes: Option<Id>,
    #[serde(rename = "z", default, skip_serializing_if = "Vec::is_empty")]
    strange: Vec<Box<str>>,
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    reveals: Option<Box<str>>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    session_rows: Option<u32>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    log_lines: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(step: &u16) -> bool {
    *step == 0
}

#[derive(Serialize, Deserialize)]
struct ClockLine {
    clock: Attestation,
}

/// The status that goes without saying.
fn usual_status(outcome: Outcome) -> u16 {
    match outcome {
        Outcome::Ok => 200,
        Outcome::Absent => 404,
        Outcome::Forbidden => 403,
        Outcome::Throttled => 429,
        Outcome::Error | Outcome::Unknown => 0,
    }
}

impl Codec {
    /// A codec at the beginning of a lane's events; instants are counted from `t0`.
    pub fn new(t0: Instant) -> Self {
        Self { t0, known: HashMap::new(), attributes: Vec::new(), restarts: 0 }
    }

    /// Appends an event's line.
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        // Nothing in a line can fail to be written: its keys are texts, and memory takes it.
        let _ = match event {
            Event::Attestation(clock) => serde_json::to_writer(&mut *out, &ClockLine { clock: clock.clone() }),
            Event::Exchange(exchange) => {
                let line = self.line(exchange);
                serde_json::to_writer(&mut *out, &line)
            }
        };
        out.push(b'\n');
    }

    /// Reads an event's line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(&mut self, line: &str) -> Result<Event, String> {
        if line.starts_with("{\"clock\"") {
            let line: ClockLine = serde_json::from_str(line).map_err(|error| error.to_string())?;
            return Ok(Event::Attestation(line.clock));
        }
        let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
        self.exchange(line).map(Event::Exchange)
    }

    fn line(&mut self, exchange: &Exchange) -> Line {
        let attributes = exchange.cookie.as_ref().and_then(|cookie| cookie.attributes.as_ref()).map(|text| {
            let index = self.attributes.iter().position(|known| known == text).and_then(|at| u8::try_from(at).ok());
            index.map_or_else(|| self.learn_attributes(text), Id::Index)
        });
        let restarts = Some(exchange.restarts).filter(|count| *count != self.restarts);
        self.restarts = exchange.restarts;
        let known = self.known.entry(exchange.visitor).or_default();
        let session = exchange.session.as_ref().map(|id| match id {
            id if known.current.as_ref() == Some(id) => Id::Index(0),
            id if known.previous.as_ref() == Some(id) => Id::Index(1),
            id => Id::Text(id.clone()),
        });
        let said = exchange.said.as_ref().map(|said| {
            let all = said.iter().eq(known.sent.iter().map(|number| Said::Own(*number)).collect::<Vec<_>>().iter());
            if all { Read::All(u16::try_from(said.len()).unwrap_or(0)) } else { Read::Each(said.clone()) }
        });
        let addresses = exchange.addresses.as_ref().map(|found| match found.as_slice() {
            [Stored::Own] => Found::Own(1),
            _ => Found::Each(found.clone()),
        });
        known.learn(exchange);
        Line {
            visitor: exchange.visitor,
            stop: exchange.stop,
            step: exchange.step,
            op: Op::ALL
                .iter()
                .position(|op| *op == exchange.op)
                .and_then(|place| u8::try_from(place).ok())
                .unwrap_or(0),
            of: (exchange.of != Which::Current).then_some(exchange.of),
            after_t0: (exchange.at.lo - self.t0).0,
            width: Some((exchange.at.hi - exchange.at.lo).0).filter(|width| *width != 0),
            outcome: Some(exchange.outcome).filter(|outcome| *outcome != Outcome::Ok),
            status: Some(exchange.status).filter(|status| *status != usual_status(exchange.outcome)),
            carried: exchange.carried.then_some(1),
            session,
            fresh: exchange.fresh,
            said,
            message: exchange.message,
            cookie: exchange.cookie.clone(),
            addresses,
            address_rows: exchange.address_rows,
            note: exchange.note.clone(),
            how: Some(exchange.how).filter(|how| *how != How::default()),
            restarts,
            sent: exchange.sent.clone(),
            attributes,
            strange: exchange.strange.clone(),
            reveals: exchange.reveals.clone(),
            session_rows: exchange.session_rows,
            log_lines: exchange.log_lines,
        }
    }

    fn learn_attributes(&mut self, text: &str) -> Id {
        if self.attributes.len() < MOST_ATTRIBUTES {
            self.attributes.push(text.into());
        }
        Id::Text(text.into())
    }

    /// The carrier with its attributes, which stand beside it.
    fn carrier(&mut self, cookie: Option<Identity>, attributes: Option<Id>) -> Result<Option<Identity>, String> {
        let attributes = match attributes {
            None => None,
            Some(Id::Index(index)) => {
                let known = self.attributes.get(usize::from(index)).cloned();
                Some(known.ok_or_else(|| format!("there are no attributes {index} yet"))?)
            }
            Some(Id::Text(text)) => {
                self.learn_attributes(&text);
                Some(text)
            }
        };
        Ok(cookie.map(|cookie| Identity { attributes, ..cookie }))
    }

    fn exchange(&mut self, line: Line) -> Result<Exchange, String> {
        let cookie = self.carrier(line.cookie, line.attributes)?;
        self.restarts = line.restarts.unwrap_or(self.restarts);
        let known = self.known.entry(line.visitor).or_default();
        let session = match line.session {
            None => None,
            Some(Id::Text(id)) => Some(id),
            Some(Id::Index(index)) => {
                let id = if index == 0 { &known.current } else { &known.previous };
                Some(id.clone().ok_or_else(|| format!("visitor {} has no session yet", line.visitor))?)
            }
        };
        let said = match line.said {
            None => None,
            Some(Read::Each(said)) => Some(said),
            Some(Read::All(count)) if usize::from(count) == known.sent.len() => {
                Some(known.sent.iter().map(|number| Said::Own(*number)).collect())
            }
            Some(Read::All(count)) => return Err(format!("visitor {} has not sent {count} messages", line.visitor)),
        };
        let addresses = line.addresses.map(|found| match found {
            Found::Own(_) => vec![Stored::Own],
            Found::Each(found) => found,
        });
        let outcome = line.outcome.unwrap_or(Outcome::Ok);
        let lo = self.t0 + Length(line.after_t0);
        let width = line.width.unwrap_or(0);
        if width < 0 {
            return Err("an interval runs backwards".into());
        }
        let exchange = Exchange {
            visitor: line.visitor,
            stop: line.stop,
            step: line.step,
            op: *Op::ALL.get(usize::from(line.op)).ok_or_else(|| format!("there is no operation {}", line.op))?,
            of: line.of.unwrap_or_default(),
            at: Interval::new(lo, lo + Length(width)),
            outcome,
            status: line.status.unwrap_or_else(|| usual_status(outcome)),
            carried: line.carried.is_some(),
            session,
            fresh: line.fresh,
            said,
            message: line.message,
            cookie,
            addresses,
            address_rows: line.address_rows,
            note: line.note,
            how: line.how.unwrap_or_default(),
            restarts: self.restarts,
            sent: line.sent,
            strange: line.strange,
            reveals: line.reveals,
            session_rows: line.session_rows,
            log_lines: line.log_lines,
        };
        known.learn(&exchange);
        Ok(exchange)
    }
}

impl Known {
    fn learn(&mut self, exchange: &Exchange) {
        if let Some(id) = &exchange.session
            && self.current.as_ref() != Some(id)
        {
            self.previous = self.current.replace(id.clone());
        }
        if exchange.outcome == Outcome::Ok {
            self.sent.extend(exchange.message);
        }
    }
}
