//! What is known of one visitor: its identity, its sessions, and the worlds that a time-out leaves open.
//! How it is learnt is `learn`'s.
//!
//! A request without an answer may have been applied, may be applied later, or never. The model keeps these worlds
//! folded: a message that may be there, an access that may have been, a deletion that may have happened. With more
//! than three such doubts (eight worlds) the session is `unclear`, and nothing more is judged by it.

use super::Rules;
use super::case::View;
use super::life::Gone;
use crate::history::Said;
use crate::instant::{Instant, Interval, Length};
use crate::policy::{Permanence, Rule};

/// Doubts beyond this many make a session unclear: two to the power of three is eight worlds.
const MOST_DOUBTS: usize = 3;

/// A short form of a server-made id or value, to compare it by: the same on every machine.
///
/// Words of eight bytes are folded in by multiplication, as wyhash does it. That is no defence against one who makes
/// texts to collide, and needs be none: a server that did so would be told of a session that two visitors share.
pub fn fingerprint(text: &str) -> u64 {
    const SEED: u64 = 0x2D35_8DCC_AA6C_78A5;
    const FACTOR: u64 = 0x8BB8_4B93_962E_ACC9;
    let fold = |state: u64, word: u64| {
        let product = u128::from(state ^ word) * u128::from(FACTOR);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
        let halves = (product as u64, (product >> 64) as u64);
        halves.0 ^ halves.1
    };
    let (words, rest) = text.as_bytes().as_chunks();
    let start = SEED ^ text.len() as u64;
    let state = words.iter().fold(start, |state, word| fold(state, u64::from_le_bytes(*word)).wrapping_add(SEED));
    let last = rest.iter().rev().fold(0, |word: u64, byte| word << 8 | u64::from(*byte));
    fold(fold(state, last), FACTOR)
}

/// What is known of one visitor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    /// The identity that the server gave.
    pub held: Option<Held>,
    /// The session that the visitor has now.
    pub current: Option<Session>,
    /// The session that it had before.
    pub previous: Option<Box<Session>>,
    /// The last website access, of whatever session.
    pub access: Option<Interval>,
    /// A later instant at which there may have been one.
    pub maybe_access: Option<Instant>,
    /// Sessions that simultaneous loads with one ended identity made beside the current one.
    pub orphans: Vec<Session>,
    /// A message that was acknowledged with a session that may have ended, and whose place is not known yet.
    pub late: Option<u16>,
    /// The stop and step at which the visitor last cleared its cookies.
    pub cleared: Option<(u32, u16)>,
    /// The server may have made, or may yet make, a further session of the visitor's, which nobody is shown. It holds
    /// the visitor's address, and rightly so.
    pub strays: bool,
    /// The visitor turned to another website with the same browser: its identity here is no longer known.
    pub astray: bool,
}

/// An identity as the server declared it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Its value's fingerprint.
    pub value: u64,
    /// When it was last set.
    pub set: Interval,
    /// When its full term began: when it was first set, or last renewed and not merely repeated.
    pub full: Interval,
    /// Its declared end, or `None` where it ends with the browser.
    pub end: Option<Interval>,
    /// When the unbroken row of renewals began.
    pub first: Interval,
    /// How many renewals that row has.
    pub renewals: u16,
    /// A request without an answer, or somebody else's, may have renewed it.
    pub maybe_renewed: bool,
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// The visitor.
    Visitor,
    /// A human agent.
    Agent,
    /// The website by itself, as a greeting.
    Greeting,
}

/// A message in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// Its number in the visitor's conversation.
    pub number: u16,
    /// Who sent it.
    pub by: Author,
    /// Whether it is known to be stored.
    pub certain: bool,
    /// Whether it is known which messages came before it.
    pub placed: bool,
    /// It was sent once more without an answer, and may yet be stored where the visitor is by then.
    pub again: bool,
    /// How often it stands there: once, unless a failure was seen and reported.
    pub times: u8,
}

impl Message {
    /// A message of the visitor's that may be stored, nobody knows where among the others.
    pub(super) const fn unsure(number: u16) -> Self {
        Self { number, by: Author::Visitor, certain: false, placed: false, again: false, times: 1 }
    }
}

/// Whether an agent deleted a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// No.
    No,
    /// It was asked for, and there was no answer.
    Maybe,
    /// Yes, in this interval.
    Certain(Interval),
}

/// What is known of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id's fingerprint.
    pub id: u64,
    /// The identity that it was last given with, where an answer gave one.
    pub identity: Option<u64>,
    /// When it began.
    pub created: Interval,
    /// The last certain website access.
    pub access: Interval,
    /// The website access before that.
    pub accessed_before: Option<Interval>,
    /// A later instant at which there may have been an access.
    pub maybe_access: Option<Instant>,
    /// The least pause before the load that began this visit, where that load was a return.
    pub returned_after: Option<Length>,
    /// Its messages in the order in which they were sent.
    pub messages: Vec<Message>,
    /// Whether an agent deleted it.
    pub deletion: Deletion,
    /// The visitor was told that it is gone.
    pub seen_gone: Option<Gone>,
    /// The visitor was told that it is gone when it must be there: reported once, and not judged by that view again.
    pub lost: bool,
    /// Too little is known to judge by it.
    pub unclear: bool,
    /// An agent saw it.
    pub agent_saw: bool,
    /// The store showed it.
    pub store_saw: bool,
    /// An agent saw the visitor's address in it.
    pub agent_saw_address: bool,
    /// The store showed the visitor's address in it.
    pub store_saw_address: bool,
    /// In how many rows of the store the address stood when it was first looked at.
    pub address_rows: Option<u32>,
    /// Likewise the session's id.
    pub session_rows: Option<u32>,
    /// Likewise the lines of log files with the address.
    pub log_lines: Option<u32>,
    /// It holds, or held, a message that makes it permanent: that a message is lost later does not undo it.
    pub settled: bool,
    /// By which views it was missed when the policy wants it gone: what shows it there later has brought it back.
    pub missed: [bool; View::ALL.len()],
    /// How often the target had been restarted by its last website access.
    pub restarts: u16,
    /// A message just before the deadline was to make it permanent.
    pub last_second: bool,
    /// The visitor's address changed since it began.
    pub moved: bool,
    /// A request that claimed a made-up address reached it.
    pub forged: bool,
    /// The stop and step of the simultaneous loads that made it.
    pub race: Option<(u32, u16)>,
}

impl Model {
    /// Whether the visitor has had more sessions than the one that it has now: each holds its address, and rightly so.
    pub fn has_more_sessions(&self) -> bool {
        self.previous.is_some() || !self.orphans.is_empty() || self.astray
    }

    /// Whether it may have had more, be it one that nobody was shown.
    pub fn may_have_more_sessions(&self) -> bool {
        self.has_more_sessions() || self.strays
    }
}

impl Session {
    pub(super) fn new(id: u64, at: Interval) -> Self {
        Self {
            id,
            identity: None,
            created: at,
            access: at,
            accessed_before: None,
            maybe_access: None,
            returned_after: None,
            messages: Vec::new(),
            deletion: Deletion::No,
            seen_gone: None,
            lost: false,
            unclear: false,
            agent_saw: false,
            store_saw: false,
            agent_saw_address: false,
            store_saw_address: false,
            address_rows: None,
            session_rows: None,
            log_lines: None,
            settled: false,
            missed: [false; View::ALL.len()],
            restarts: 0,
            last_second: false,
            moved: false,
            forged: false,
            race: None,
        }
    }

    /// Whether the policy says that a message makes its session permanent; `None` where it leaves that open.
    fn counts(rules: &Rules, message: &Message) -> Option<bool> {
        let session = &rules.policy.session;
        let use_of_it = match message.by {
            Author::Visitor => Permanence::VisitorMessage,
            Author::Agent => Permanence::AgentMessage,
            Author::Greeting => match session.greeting {
                Rule::Yes => return Some(true),
                Rule::No => return Some(false),
                Rule::Unspecified => return None,
            },
        };
        // What is not listed is left open.
        session.permanent_when.contains(&use_of_it).then_some(true)
    }

    /// Whether a message that is known to be stored makes it permanent (§3.3b).
    pub fn is_permanent(&self, rules: &Rules) -> bool {
        self.settled
            || self.messages.iter().any(|message| message.certain && Self::counts(rules, message) == Some(true))
    }

    /// Whether something that may be stored may make it permanent.
    ///
    /// Uses that the policy leaves open (`session.permanent_when`, `session.greeting`) count here: nothing is judged
    /// by them.
    pub fn may_be_permanent(&self, rules: &Rules) -> bool {
        self.settled || self.messages.iter().any(|message| Self::counts(rules, message) != Some(false))
    }

    /// Whether the visitor wrote in it.
    pub fn visitor_spoke(&self) -> bool {
        self.messages.iter().any(|message| message.by == Author::Visitor && message.certain)
    }

    /// Whether it is an agent's messages alone that make it permanent.
    pub fn is_agents_alone(&self) -> bool {
        let by = |author| self.messages.iter().any(|message| message.by == author);
        by(Author::Agent) && !by(Author::Visitor)
    }

    /// Whether it was missed by this view when the policy wants it gone.
    pub fn was_missed(&self, view: View) -> bool {
        self.missed[view as usize]
    }

    /// Takes in a message; one that is known already is the same, sent once more.
    pub(super) fn take(&mut self, message: Message) {
        match self.messages.iter_mut().find(|known| known.number == message.number) {
            Some(known) => {
                known.certain |= message.certain;
                known.placed &= message.placed;
            }
            None => self.messages.push(message),
        }
    }

    pub(super) fn accessed(&mut self, at: Interval, restarts: u16) {
        self.restarts = restarts;
        if at.lo > self.access.lo {
            self.accessed_before = Some(self.access);
        }
        self.access = at;
    }

    pub(super) fn may_have_been_accessed(&mut self, until: Instant) {
        self.maybe_access = Some(self.maybe_access.map_or(until, |known| known.max(until)));
    }

    pub(super) fn doubt(&mut self, message: Option<Message>) {
        self.messages.extend(message);
        let doubts = self.messages.iter().filter(|message| !message.certain).count()
            + usize::from(self.maybe_access == Some(Instant::NEVER))
            + usize::from(self.deletion == Deletion::Maybe);
        self.unclear |= doubts > MOST_DOUBTS;
    }

    /// Takes in that a message was sent and nobody knows what became of it. One that is known already was sent once more:
    /// with a session that may have ended, it may stand in the next.
    pub(super) fn may_have_stored(&mut self, rules: &Rules, number: Option<u16>, lives: bool) {
        self.settled |= self.is_permanent(rules);
        let known = self.messages.iter_mut().find(|message| Some(message.number) == number);
        let unknown = number.filter(|_| known.is_none());
        if let Some(known) = known {
            known.certain &= lives;
            known.again = true;
        }
        self.doubt(unknown.map(Message::unsure));
    }

    /// Takes what was read for what is stored, so that one failure is reported once and not again by every clause.
    pub(super) fn resync(&mut self, rules: &Rules, said: &[Said]) {
        self.settled |= self.is_permanent(rules);
        if is_as_sent(&self.messages, said) {
            return;
        }
        let times = |number: u16| {
            let count = said
                .iter()
                .filter(|text| matches!(text, Said::Own(own) | Said::Altered { number: own, .. } if *own == number))
                .count();
            u8::try_from(count).unwrap_or(u8::MAX)
        };
        for message in &mut self.messages {
            let seen = times(message.number);
            message.certain |= seen > 0;
            message.times = seen.max(1);
            message.placed |= seen > 0;
        }
        self.messages.retain(|message| !message.certain || times(message.number) > 0);
        // A message that was applied late stands where it was read; one that was not read yet can stand anywhere.
        let place = |number: u16| {
            said.iter()
                .position(|text| matches!(text, Said::Own(own) | Said::Altered { number: own, .. } if *own == number))
        };
        self.messages.sort_by_key(|message| place(message.number).unwrap_or(usize::MAX));
    }
}

/// Whether what was read is what is known to be stored, each message once and in its place.
pub(super) fn is_as_sent(messages: &[Message], said: &[Said]) -> bool {
    let as_sent = |message: &Message, text: &Said| {
        message.certain && message.placed && message.times == 1 && *text == Said::Own(message.number)
    };
    messages.len() == said.len()
        && messages.iter().zip(said).all(|(message, text)| as_sent(message, text))
        && messages.is_sorted_by(|one, next| one.number < next.number)
}
