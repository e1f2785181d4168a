//! Events as JSON lines: what a reader can know already is written as an index, whatever surprises is written out.

use super::event::{Attestation, Exchange, How, Identity, Outcome, Said, Stored};
use super::known::Known;
use super::line::{Carrier, Found, Id, Line, Read};
use super::scan::scan;
use super::visitors::Visitors;
use super::write::write;
use crate::instant::{Instant, Interval, Length};
use crate::scenario::{Op, Which};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Encodes or decodes one lane's events, in their order.
#[derive(Debug, Clone)]
pub struct Codec {
    t0: Instant,
    /// Attributes of carriers as answers spelled them: few differ.
    attributes: Vec<Box<str>>,
    /// How often the target had been restarted by the last exchange.
    restarts: u16,
}

/// What a line held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// An exchange of a visitor that was wanted: it stands where it was to be put.
    Exchange,
    /// An exchange of another visitor.
    Unwanted,
    /// An attestation of the clock.
    Attestation(Attestation),
}

/// How many spellings of attributes are known by their index.
const MOST_ATTRIBUTES: usize = 200;

#[derive(Serialize)]
struct ClockLine<'a> {
    clock: &'a Attestation,
}

#[derive(Deserialize)]
struct OwnClockLine {
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
        Self { t0, attributes: Vec::new(), restarts: 0 }
    }

    /// Appends an exchange's line. `known` is what the visitor's exchanges until now told of it; it learns from this one.
    pub fn encode(&mut self, known: &mut Known, exchange: &Exchange, out: &mut Vec<u8>) {
        write(&self.line(known, exchange), out);
        out.push(b'\n');
        known.learn(exchange);
    }

    /// Appends an attestation's line.
    pub fn encode_attestation(clock: &Attestation, out: &mut Vec<u8>) {
        // Nothing in a line can fail to be written: its keys are texts, and memory takes it.
        let _ = serde_json::to_writer(&mut *out, &ClockLine { clock });
        out.push(b'\n');
    }

    /// Reads a line. An exchange of a visitor that is `wanted` is put into `exchange`, whose buffers are used again;
    /// `visitors` holds what is known of each, and learns.
    ///
    /// # Errors
    /// What is wrong with the line; `exchange` is then of no use.
    pub fn decode(
        &mut self,
        line: &str,
        wanted: impl Fn(u32) -> bool,
        visitors: &mut Visitors<Known>,
        exchange: &mut Exchange,
    ) -> Result<Decoded, String> {
        let line = match scan(line) {
            Some(line) => line,
            None if line.starts_with("{\"clock\"") => {
                let line: OwnClockLine = serde_json::from_str(line).map_err(|error| error.to_string())?;
                return Ok(Decoded::Attestation(line.clock));
            }
            None => serde_json::from_str(line).map_err(|error| error.to_string())?,
        };
        if wanted(line.visitor) {
            self.fill(line, visitors, exchange)?;
            return Ok(Decoded::Exchange);
        }
        // What others' lines take from this one.
        self.restarts = line.restarts.unwrap_or(self.restarts);
        self.spelling(line.attributes)?;
        Ok(Decoded::Unwanted)
    }

    /// An exchange as it is to stand in a line.
    pub(super) fn line<'a>(&mut self, known: &Known, exchange: &'a Exchange) -> Line<'a> {
        let restarts = Some(exchange.restarts).filter(|count| *count != self.restarts);
        self.restarts = exchange.restarts;
        let attributes = exchange.cookie.as_ref().and_then(|cookie| cookie.attributes.as_deref());
        Line {
            visitor: exchange.visitor,
            stop: exchange.stop,
            step: exchange.step,
            op: Op::ALL.iter().zip(0..).find(|(op, _)| **op == exchange.op).map_or(0, |(_, place)| place),
            of: (exchange.of != Which::Current).then_some(exchange.of),
            after_t0: (exchange.at.lo - self.t0).0,
            width: Some((exchange.at.hi - exchange.at.lo).0).filter(|width| *width != 0),
            outcome: Some(exchange.outcome).filter(|outcome| *outcome != Outcome::Ok),
            status: Some(exchange.status).filter(|status| *status != usual_status(exchange.outcome)),
            carried: exchange.carried.then_some(1),
            session: exchange.session.as_deref().map(|id| match Some(id) {
                id if id == known.current() => Id::Index(0),
                id if id == known.previous() => Id::Index(1),
                _ => Id::Text(Cow::Borrowed(id)),
            }),
            fresh: exchange.fresh,
            said: exchange.said.as_ref().map(|said| match u16::try_from(said.len()) {
                Ok(count) if known.is_all(said) => Read::All(count),
                _ => Read::Each(Cow::Borrowed(said)),
            }),
            message: exchange.message,
            cookie: exchange.cookie.as_ref().map(Carrier::of),
            addresses: exchange.addresses.as_ref().map(|found| match found.as_slice() {
                [Stored::Own] => Found::Own(1),
                _ => Found::Each(Cow::Borrowed(found)),
            }),
            address_rows: exchange.address_rows,
            note: exchange.note.as_deref().map(Cow::Borrowed),
            how: Some(exchange.how).filter(|how| *how != How::default()),
            restarts,
            sent: exchange.sent.as_deref().map(Cow::Borrowed),
            attributes: attributes.map(|text| self.index_of(text)),
            strange: Cow::Borrowed(&exchange.strange),
            reveals: exchange.reveals.as_deref().map(Cow::Borrowed),
            session_rows: exchange.session_rows,
            log_lines: exchange.log_lines,
        }
    }

    fn index_of<'a>(&mut self, text: &'a str) -> Id<'a> {
        let known = self.attributes.iter().zip(0..).find(|(known, _)| ***known == *text);
        known.map(|(_, index)| Id::Index(index)).unwrap_or_else(|| {
            self.learn_attributes(text);
            Id::Text(Cow::Borrowed(text))
        })
    }

    fn learn_attributes(&mut self, text: &str) {
        if self.attributes.len() < MOST_ATTRIBUTES {
            self.attributes.push(text.into());
        }
    }

    /// A spelling of attributes, from its index or its text.
    fn spelling<'a>(&'a mut self, attributes: Option<Id<'a>>) -> Result<Option<Cow<'a, str>>, String> {
        match attributes {
            None => Ok(None),
            Some(Id::Index(index)) => {
                let known = self.attributes.get(usize::from(index));
                known.map(|known| Some(Cow::Borrowed(&**known))).ok_or(format!("there are no attributes {index} yet"))
            }
            Some(Id::Text(text)) => {
                self.learn_attributes(&text);
                Ok(Some(text))
            }
        }
    }

    fn fill(&mut self, line: Line<'_>, visitors: &mut Visitors<Known>, into: &mut Exchange) -> Result<(), String> {
        self.restarts = line.restarts.unwrap_or(self.restarts);
        let (t0, restarts) = (self.t0, self.restarts);
        let known = visitors.of(line.visitor);
        let lo = t0 + Length(line.after_t0);
        let width = line.width.unwrap_or(0);
        if width < 0 {
            return Err("an interval runs backwards".into());
        }
        let outcome = line.outcome.unwrap_or(Outcome::Ok);
        *into = Exchange {
            visitor: line.visitor,
            stop: line.stop,
            step: line.step,
            op: *Op::ALL.get(usize::from(line.op)).ok_or_else(|| format!("there is no operation {}", line.op))?,
            of: line.of.unwrap_or_default(),
            at: Interval::new(lo, lo + Length(width)),
            outcome,
            status: line.status.unwrap_or_else(|| usual_status(outcome)),
            carried: line.carried.is_some(),
            session: session(line.session, known, line.visitor, into.session.take())?,
            fresh: line.fresh,
            said: said(line.said, known, line.visitor, into.said.take())?,
            message: line.message,
            cookie: identity(line.cookie, self.spelling(line.attributes)?, into.cookie.take()),
            addresses: addresses(line.addresses, into.addresses.take()),
            address_rows: line.address_rows,
            note: line.note.map(|text| text.into()),
            how: line.how.unwrap_or_default(),
            restarts,
            sent: line.sent.map(|text| text.into()),
            strange: line.strange.into_owned(),
            reveals: line.reveals.map(|text| text.into()),
            session_rows: line.session_rows,
            log_lines: line.log_lines,
        };
        known.learn(into);
        Ok(())
    }
}

/// A text, in the place of the one before where it has the same length.
fn again(before: Option<Box<str>>, text: &str) -> Box<str> {
    match before {
        Some(before) if before.len() == text.len() => {
            let mut place = String::from(before);
            place.clear();
            place.push_str(text);
            place.into_boxed_str()
        }
        _ => text.into(),
    }
}

fn session(
    id: Option<Id<'_>>,
    known: &Known,
    visitor: u32,
    before: Option<Box<str>>,
) -> Result<Option<Box<str>>, String> {
    let known = match &id {
        None => return Ok(None),
        Some(Id::Text(id)) => Some(&**id),
        Some(Id::Index(0)) => known.current(),
        Some(Id::Index(_)) => known.previous(),
    };
    let id = known.ok_or_else(|| format!("visitor {visitor} has no session yet"))?;
    Ok(Some(again(before, id)))
}

fn said(
    read: Option<Read<'_>>,
    known: &Known,
    visitor: u32,
    before: Option<Vec<Said>>,
) -> Result<Option<Vec<Said>>, String> {
    match read {
        None => Ok(None),
        Some(Read::Each(said)) => Ok(Some(said.into_owned())),
        Some(Read::All(count)) if usize::from(count) == known.count() => {
            let mut said = before.unwrap_or_default();
            said.clear();
            said.extend(known.sent().map(Said::Own));
            Ok(Some(said))
        }
        Some(Read::All(count)) => Err(format!("visitor {visitor} has not sent {count} messages")),
    }
}

/// The carrier with its attributes, which stand beside it.
fn identity(
    cookie: Option<Carrier<'_>>,
    attributes: Option<Cow<'_, str>>,
    before: Option<Identity>,
) -> Option<Identity> {
    let Carrier { value, max_age_s, expires_s, date_s, beside } = cookie?;
    let (old_value, old_attributes) = before.map_or((None, None), |before| (Some(before.value), before.attributes));
    let (value, attributes) = (again(old_value, &value), attributes.map(|text| again(old_attributes, &text)));
    Some(Identity { value, max_age_s, expires_s, date_s, beside, attributes })
}

fn addresses(found: Option<Found<'_>>, before: Option<Vec<Stored>>) -> Option<Vec<Stored>> {
    match found? {
        Found::Each(found) => Some(found.into_owned()),
        Found::Own(_) => {
            let mut stored = before.unwrap_or_default();
            stored.clear();
            stored.push(Stored::Own);
            Some(stored)
        }
    }
}
