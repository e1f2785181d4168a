//! One event as one line of JSON, and back, without loss. It owns what the lines before have made known of each
//! visitor; it never touches a file and never judges what it writes down.

use super::line::{
    Addresses, At, Carrier, ClockLine, Item, Line, Read, Text, op_letter, op_of, outcome_letter, outcome_of,
    usual_status, which_letter, which_of,
};
use super::{Attestation, Event, Exchange, Identity, Outcome, Said, Stored};
use crate::instant::{Instant, Interval};
use crate::scenario::{Op, Which};
use std::borrow::Cow;
use std::collections::HashMap;

/// How an attestation's line begins.
const CLOCK: &str = "{\"clock\":";

/// What the lines so far have made known of a visitor.
#[derive(Debug, Default)]
struct Known {
    current: Option<Box<str>>,
    previous: Option<Box<str>>,
    carrier: Option<Box<str>>,
    sent: Vec<u16>,
}

/// Writes and reads the lines of one lane. The reader's must see every line that the writer's wrote, in order.
#[derive(Debug)]
pub struct Codec {
    t0: Instant,
    known: HashMap<u32, Known>,
}

impl Codec {
    /// A codec that knows no visitor yet; instants are written as milliseconds since `t0`.
    pub fn new(t0: Instant) -> Self {
        Self { t0, known: HashMap::new() }
    }

    /// Appends the event's line to `out`, with its line feed.
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        let written = match event {
            Event::Attestation(clock) => serde_json::to_writer(&mut *out, &ClockLine { clock: Cow::Borrowed(clock) }),
            Event::Exchange(exchange) => {
                let known = self.known.entry(exchange.visitor).or_default();
                known.note_sent(exchange.outcome, exchange.message);
                let written = serde_json::to_writer(&mut *out, &line_of(exchange, known, self.t0));
                known.note(exchange);
                written
            }
        };
        written.expect("numbers and texts can always be written to memory");
        out.push(b'\n');
    }

    /// The event of a line, with or without its line feed.
    ///
    /// # Errors
    /// When the line is none that `encode` writes, or names what the lines before did not make known. The codec is of
    /// no use afterwards.
    pub fn decode(&mut self, line: &str) -> Result<Event, String> {
        if line.starts_with(CLOCK) {
            let line: ClockLine<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
            let clock: Attestation = line.clock.into_owned();
            return Ok(Event::Attestation(clock));
        }
        let line: Line<'_> = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let known = self.known.entry(line.v).or_default();
        known.note_sent(outcome_of(line.r)?, line.n);
        let exchange = exchange_of(line, known, self.t0)?;
        known.note(&exchange);
        Ok(Event::Exchange(exchange))
    }
}

impl Known {
    /// Notes a message before what was read is put in terms of it.
    fn note_sent(&mut self, outcome: Outcome, message: Option<u16>) {
        if outcome == Outcome::Ok {
            self.sent.extend(message);
        }
    }

    /// Notes the ids that an exchange showed.
    fn note(&mut self, exchange: &Exchange) {
        if !is_own(exchange.op, exchange.of) {
            return;
        }
        if exchange.session.is_some() && exchange.session != self.current {
            self.previous = self.current.take();
            self.current.clone_from(&exchange.session);
        }
        if let Some(cookie) = &exchange.cookie
            && self.carrier.as_ref() != Some(&cookie.value)
        {
            self.carrier = Some(cookie.value.clone());
        }
    }

    fn session_text<'a>(&self, session: &'a str) -> Text<'a> {
        match session {
            id if self.current.as_deref() == Some(id) => Text::Known(0),
            id if self.previous.as_deref() == Some(id) => Text::Known(1),
            id => Text::New(Cow::Borrowed(id)),
        }
    }

    fn session(&self, text: Text<'_>) -> Result<Box<str>, String> {
        let known = match text {
            Text::New(id) => return Ok(id.into()),
            Text::Known(0) => &self.current,
            Text::Known(1) => &self.previous,
            Text::Known(other) => return Err(format!("there is no session index {other}")),
        };
        known.clone().ok_or_else(|| "a session that no line before names".to_owned())
    }

    fn carrier_text<'a>(&self, value: &'a str) -> Text<'a> {
        if self.carrier.as_deref() == Some(value) { Text::Known(0) } else { Text::New(Cow::Borrowed(value)) }
    }

    fn identity(&self, carrier: Carrier<'_>, since_s: i64) -> Result<Identity, String> {
        let value = match &carrier.v {
            Text::New(value) => value.as_ref().into(),
            Text::Known(0) => self.carrier.clone().ok_or("a carrier that no line before names")?,
            Text::Known(other) => return Err(format!("there is no carrier index {other}")),
        };
        Ok(carrier.identity(value, since_s))
    }

    fn read_of<'a>(&self, said: &'a [Said]) -> Read<'a> {
        let skipped = self.sent.len().checked_sub(said.len());
        let last = skipped.map(|skipped| &self.sent[skipped..]);
        if last.is_some_and(|last| last.iter().zip(said).all(|(&number, said)| *said == Said::Own(number))) {
            return Read::Last(said.len());
        }
        Read::All(said.iter().map(item_of).collect())
    }

    fn said(&self, read: Read<'_>) -> Result<Vec<Said>, String> {
        let count = match read {
            Read::All(items) => return Ok(items.into_iter().map(said_of).collect()),
            Read::Last(count) => count,
        };
        let skipped = self.sent.len().checked_sub(count);
        let skipped = skipped.ok_or_else(|| format!("{count} messages read, {} sent", self.sent.len()))?;
        Ok(self.sent[skipped..].iter().map(|&number| Said::Own(number)).collect())
    }
}

/// Whether the visitor's browser turned to its own website, so that what it got is its own from now on.
fn is_own(op: Op, of: Which) -> bool {
    op.is_visitors() && of == Which::Current
}

fn item_of(said: &Said) -> Item<'_> {
    match said {
        Said::Own(number) => Item::Number(*number),
        other => Item::Other(Cow::Borrowed(other)),
    }
}

fn said_of(item: Item<'_>) -> Said {
    match item {
        Item::Number(number) => Said::Own(number),
        Item::Other(said) => said.into_owned(),
    }
}

fn at_of(at: &Interval, t0: Instant) -> At {
    let since = at.lo.0.wrapping_sub(t0.0);
    match at.hi.0.wrapping_sub(at.lo.0) {
        0 => At::Point([since]),
        length => At::Span([since, length]),
    }
}

fn interval_of(at: At, t0: Instant) -> Interval {
    let (since, length) = match at {
        At::Point([since]) => (since, 0),
        At::Span([since, length]) => (since, length),
    };
    let lo = t0.0.wrapping_add(since);
    Interval { lo: Instant(lo), hi: Instant(lo.wrapping_add(length)) }
}

/// The whole second from which the dates of an exchange are counted.
fn second_of(at: &Interval) -> i64 {
    at.lo.0.div_euclid(1000)
}

fn bit(value: u8) -> Result<bool, String> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(format!("{other} is neither yes nor no")),
    }
}

fn line_of<'a>(exchange: &'a Exchange, known: &Known, t0: Instant) -> Line<'a> {
    let outcome = exchange.outcome;
    Line {
        v: exchange.visitor,
        p: exchange.stop,
        i: exchange.step,
        o: op_letter(exchange.op),
        w: which_letter(exchange.of),
        t: at_of(&exchange.at, t0),
        r: (outcome != Outcome::Ok).then(|| outcome_letter(outcome)),
        h: (exchange.status != usual_status(outcome)).then_some(exchange.status),
        c: exchange.carried.then_some(1),
        s: exchange.session.as_deref().map(|id| known.session_text(id)),
        f: exchange.fresh.map(u8::from),
        n: exchange.message,
        m: exchange.said.as_deref().map(|said| known.read_of(said)),
        k: exchange.cookie.as_ref().map(|cookie| {
            let value = known.carrier_text(&cookie.value);
            Carrier::of(cookie, value, second_of(&exchange.at))
        }),
        a: exchange.addresses.as_deref().map(|found| match found {
            [Stored::Own] => Addresses::Own(1),
            all => Addresses::All(Cow::Borrowed(all)),
        }),
        b: exchange.address_rows,
        z: exchange.note.as_deref().map(Cow::Borrowed),
    }
}

fn exchange_of(line: Line<'_>, known: &Known, t0: Instant) -> Result<Exchange, String> {
    let outcome = outcome_of(line.r)?;
    let at = interval_of(line.t, t0);
    Ok(Exchange {
        visitor: line.v,
        stop: line.p,
        step: line.i,
        op: op_of(line.o)?,
        of: which_of(line.w)?,
        at,
        outcome,
        status: line.h.unwrap_or(usual_status(outcome)),
        carried: bit(line.c.unwrap_or(0))?,
        session: line.s.map(|text| known.session(text)).transpose()?,
        fresh: line.f.map(bit).transpose()?,
        said: line.m.map(|read| known.said(read)).transpose()?,
        message: line.n,
        cookie: line.k.map(|carrier| known.identity(carrier, second_of(&at))).transpose()?,
        addresses: line.a.map(addresses_of).transpose()?,
        address_rows: line.b,
        note: line.z.map(Into::into),
    })
}

fn addresses_of(addresses: Addresses<'_>) -> Result<Vec<Stored>, String> {
    match addresses {
        Addresses::Own(1) => Ok(vec![Stored::Own]),
        Addresses::Own(other) => Err(format!("there is no address index {other}")),
        Addresses::All(all) => Ok(all.into_owned()),
    }
}
