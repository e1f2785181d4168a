//! One exchange beside what is known of its visitor: what a clause is shown to judge.

use super::Rules;
use super::life::{Gone, Life};
use super::model::{Model, Session, fingerprint};
use super::restore::Restored;
use crate::history::{Exchange, Outcome, Said};
use crate::instant::Length;
use crate::policy::Terms;
use crate::scenario::{Op, Which, With};
use serde::{Deserialize, Serialize};

/// Through whose eyes something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// The visitor's browser.
    Visitor,
    /// An agent.
    Agent,
    /// The store itself.
    Store,
}

impl View {
    /// Every view, from the weakest to the strongest.
    pub const ALL: [Self; 3] = [Self::Visitor, Self::Agent, Self::Store];

    /// The view that an operation gives.
    pub const fn of(op: Op) -> Self {
        match op {
            Op::Load | Op::Browse | Op::Send | Op::Read | Op::Resend => Self::Visitor,
            Op::AgentInspect | Op::AgentSend | Op::AgentDelete | Op::AgentGreet => Self::Agent,
            Op::StoreInspect | Op::Restart => Self::Store,
        }
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Agent => "agent",
            Self::Store => "store",
        }
    }
}

/// Whether a session was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It is there.
    Present,
    /// It is not.
    Absent,
}

/// A session seen or missed, beside what the policy says of it.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The session as it is known.
    pub session: &'a Session,
    /// Through whose eyes.
    pub view: View,
    /// What was seen.
    pub seen: Seen,
    /// What the policy says.
    pub life: Life,
    /// The least time since the last website access to this session.
    pub idle_least: Length,
}

/// The fingerprints of what an exchange shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prints {
    /// Of the session's id.
    pub session: Option<u64>,
    /// Of the carrier's value.
    pub carrier: Option<u64>,
}

impl Prints {
    /// The fingerprints of an exchange.
    pub fn of(exchange: &Exchange) -> Self {
        Self {
            session: exchange.session.as_deref().map(fingerprint),
            carrier: exchange.cookie.as_ref().map(|cookie| fingerprint(&cookie.value)),
        }
    }
}

/// What a clause judges: an exchange, and what was known before it.
#[derive(Debug)]
pub struct Case<'a> {
    /// What is judged under.
    pub rules: &'a Rules,
    /// The exchange.
    pub exchange: &'a Exchange,
    /// The fingerprints of what it shows.
    pub prints: Prints,
    /// What was known of the visitor before it.
    pub model: &'a Model,
    /// The session seen or missed.
    pub sight: Option<Sight<'a>>,
    /// What was read of the conversation, beside what is stored of it.
    pub restored: Option<Restored>,
}

impl<'a> Case<'a> {
    /// Sets an exchange beside what is known.
    pub fn new(rules: &'a Rules, model: &'a Model, exchange: &'a Exchange) -> Self {
        let prints = Prints::of(exchange);
        let sight = sight(rules, model, exchange, prints);
        let restored = sight
            .filter(|sight| sight.seen == Seen::Present)
            .and_then(|sight| exchange.said.as_deref().map(|said| Restored::compare(&sight.session.messages, said)));
        Self { rules, exchange, prints, model, sight, restored }
    }

    /// Whether the exchange is the visitor's own, on its own website, with its own identity, and in a known order.
    pub fn is_visitors_own(&self) -> bool {
        let exchange = self.exchange;
        let ordinary = exchange.how.with == With::Own && !exchange.how.raced;
        exchange.op.is_visitors() && exchange.of == Which::Current && ordinary && !self.model.astray
    }

    /// Whether an answer shows this session: by its id, or by a message of the visitor's that stands in it. An id that
    /// is the carrier's own value proves nothing.
    pub fn shows(&self, session: &Session) -> bool {
        let id = self.prints.session == Some(session.id);
        (id && !self.rules.can.carrier_is_session && self.exchange.fresh != Some(true))
            || shows_old_content(session, self.exchange)
    }

    /// Whether it is an answered load of the visitor's own.
    pub fn is_answered_load(&self) -> bool {
        self.is_visitors_own() && self.exchange.op == Op::Load && self.exchange.outcome == Outcome::Ok
    }

    /// The least time since the last website access, where that is within a few margins of the idle term: only such
    /// an observation shows that the term is kept, and not merely that some term is.
    pub fn near_before_deadline(&self, sight: &Sight) -> bool {
        let terms = &self.rules.terms;
        let elapsed = self.exchange.at.most_since(&sight.session.access);
        elapsed >= terms.idle - near(terms)
    }

    /// Likewise on the far side of the deadline and its grace.
    pub fn near_after_deadline(&self, sight: &Sight) -> bool {
        let terms = &self.rules.terms;
        sight.idle_least <= terms.idle + terms.grace + near(terms)
    }

    /// What the policy says of the session that was seen or missed, where one was.
    pub fn life(&self) -> Option<Life> {
        self.sight.map(|sight| sight.life)
    }
}

/// How far from a deadline an observation still shows that the term is kept: four margins.
pub(super) fn near(terms: &Terms) -> Length {
    Length(terms.margin.0.saturating_mul(4))
}

fn sight<'a>(rules: &Rules, model: &'a Model, exchange: &Exchange, prints: Prints) -> Option<Sight<'a>> {
    let visitors = exchange.op.is_visitors();
    // Who turned to another website may have another session now, and then it is that one which agents are asked for.
    let known = !model.astray && !exchange.how.raced;
    if !known || (visitors && (!exchange.carried || exchange.how.with != With::Own)) {
        return None;
    }
    let session = model.asked(exchange)?;
    let view = View::of(exchange.op);
    let life = session.life(rules, view, &exchange.at);
    let seen = match exchange.outcome {
        Outcome::Absent => Seen::Absent,
        Outcome::Ok if visitors => seen_by_visitor(rules, session, exchange, prints, life)?,
        Outcome::Ok => Seen::Present,
        _ => return None,
    };
    let last = session.maybe_access.map_or(session.access.hi, |maybe| maybe.max(session.access.hi));
    Some(Sight { session, view, seen, life, idle_least: exchange.at.lo - last })
}

/// Whether an answered request of the visitor's shows its session; `None` where the answer does not tell.
fn seen_by_visitor(rules: &Rules, session: &Session, exchange: &Exchange, prints: Prints, life: Life) -> Option<Seen> {
    let reuses = rules.can.carrier_is_session && matches!(exchange.op, Op::Send | Op::Resend);
    let makes = exchange.op == Op::Load || rules.can.reading_creates || reuses;
    let same = prints.session.map(|id| id == session.id);
    match (same, life) {
        (Some(false), _) => Some(Seen::Absent),
        (_, Life::Gone(gone)) => {
            let old_content = shows_old_content(session, exchange);
            match (old_content, exchange.fresh, gone) {
                (true, ..) => Some(Seen::Present),
                (false, Some(true), _) => Some(Seen::Absent),
                // The server itself says that it did not make this session just now.
                (false, Some(false), _) if same == Some(true) => Some(Seen::Present),
                // What makes no session and names the deleted one shows it, empty or not.
                (false, _, Gone::Deleted) if makes || same != Some(true) => Some(Seen::Absent),
                // An empty session under the old value is allowed to whatever makes a session.
                (false, ..) if makes => None,
                // A late message may stand in a new session that the answer does not name; the next reading tells.
                (false, ..) if same.is_none() && matches!(exchange.op, Op::Send | Op::Resend) => None,
                // And so may one whose answer got lost.
                (false, ..) if same.is_none() && session.messages.iter().any(|message| !message.certain) => None,
                (false, ..) => same.map_or_else(|| told_by_answer(exchange), |_| Some(Seen::Present)),
            }
        }
        (Some(true), _) => Some(if exchange.fresh == Some(true) { Seen::Absent } else { Seen::Present }),
        (None, _) if makes => None,
        (None, _) => told_by_answer(exchange),
    }
}

/// What an answer without a session's id tells: a page is shown to anybody, and an empty conversation is nobody's.
fn told_by_answer(exchange: &Exchange) -> Option<Seen> {
    let empty = exchange.said.as_ref().is_some_and(Vec::is_empty);
    (exchange.op != Op::Browse && !empty).then_some(Seen::Present)
}

/// Whether an answer holds what is known to stand in a session. A message without an answer may be applied late, and
/// then in the session that followed.
pub(super) fn shows_old_content(session: &Session, exchange: &Exchange) -> bool {
    exchange.said.iter().flatten().any(|text| match text {
        Said::Own(number) | Said::Altered { number, .. } => {
            session.messages.iter().any(|message| message.certain && message.number == *number)
        }
        Said::Foreign { .. } | Said::Plain(_) => false,
    })
}
