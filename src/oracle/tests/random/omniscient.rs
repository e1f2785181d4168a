//! A second judge, naive and slow, that sees what nobody can see in a run: every true instant, what was carried out
//! and which session each answer came from. It is written from the policy alone and shares no code with the oracle.
//!
//! A violation is `sure` where it can be told from what was recorded: every instant within the intervals violates,
//! and nothing that happened before leaves it open. Where it is not, it names the reason.

use super::histories::{Fact, History};
use super::server::{Address, Author, DAY, DELETE_GRACE, GRACE, IDLE, Request};
use crate::history::{Exchange, Outcome};
use crate::instant::{Instant, Interval};
use crate::scenario::{Op, Which, With};
use std::collections::BTreeMap;

/// In which way a server broke the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A session, temporary or permanent, was not there though it must be.
    Lost,
    /// One was there though its term had run out.
    Outstayed,
    /// One was there though an agent had deleted it.
    Undeleted,
    /// Messages were missing, doubled or out of order.
    NotWhole,
    /// The stored address was none, or not the visitor's.
    WrongAddress,
    /// A chatter's address was gone.
    AddressGone,
    /// The address outlived the temporary session.
    AddressLeft,
    WrongTerm,
    NotRenewed,
    /// Something else than a load moved the cookie's end.
    Extended,
}

impl Kind {
    /// The clauses that it may break, each of them enough.
    pub const fn clauses(self) -> &'static [&'static str] {
        match self {
            Self::Lost => &[
                "session.not-destroyed-early",
                "session.access-restarts-idle",
                "session.permanent-with-messages",
                "session.agent-message",
                "session.last-second-message",
                "session.survives-restart",
                "session.single",
                "restore.between-pages",
                "restore.after-days",
                "restore.after-address-change",
                "ip.kept-for-chatters",
                "restore.acknowledged",
                "session.late-message",
                "cookie.renewed-only-on-load",
                "cookie.valid-to-the-end",
                "ip.on-change",
            ],
            Self::Outstayed => &[
                "session.destroyed-after-idle",
                "session.no-resurrection",
                "session.survives-restart",
                "session.late-message",
                "ip.removed-with-session",
            ],
            // One that is back under its old id looks like a new one that is not destroyed.
            Self::Undeleted => &[
                "session.agent-delete",
                "session.no-resurrection",
                "session.late-message",
                "session.destroyed-after-idle",
                "ip.removed-with-session",
            ],
            Self::NotWhole => &[
                "restore.between-pages",
                "restore.after-days",
                "restore.acknowledged",
                "restore.after-address-change",
                "session.permanent-with-messages",
                "session.survives-restart",
                "session.late-message",
                "cookie.valid-to-the-end",
            ],
            Self::WrongAddress => &["ip.stored", "ip.on-change"],
            Self::AddressGone => &["ip.kept-for-chatters", "ip.on-change", "ip.stored"],
            Self::AddressLeft => &["ip.removed-with-session"],
            Self::WrongTerm => &["cookie.lifetime", "cookie.renewed-on-load", "restore.after-days"],
            Self::NotRenewed => &["cookie.renewed-on-load", "restore.after-days"],
            Self::Extended => &["cookie.renewed-only-on-load"],
        }
    }
}

#[derive(Debug, Clone)]
pub struct Violation {
    pub line: usize,
    pub kind: Kind,
    /// Why it need not be told from the record; nothing where it must.
    pub unseen: Option<&'static str>,
}

/// What the judge knows of one session.
#[derive(Debug, Clone)]
struct Book {
    created: i64,
    access: i64,
    /// The last website access as it was recorded, and the last request that may have been one.
    recorded: Interval,
    touched: Instant,
    messages: Vec<u16>,
    permanent: bool,
    greeted: bool,
    spoke: bool,
    deleted: Option<(i64, Interval)>,
    /// Its loss was told already: once is enough.
    told: bool,
    /// The visitor was told that it is gone.
    missed: bool,
}

impl Book {
    fn new(at: i64, recorded: Interval) -> Self {
        Self {
            created: at,
            access: at,
            recorded,
            touched: recorded.hi,
            messages: Vec::new(),
            permanent: false,
            greeted: false,
            spoke: false,
            deleted: None,
            told: false,
            missed: false,
        }
    }
}

struct Judge<'a> {
    history: &'a History,
    books: BTreeMap<usize, Book>,
    bound: BTreeMap<(String, bool), usize>,
    /// Each value's end, the end as it was recorded at the latest, and when it was set.
    ends: BTreeMap<String, (i64, Instant, Instant)>,
    /// A session was made of which no answer told the id.
    murky: bool,
    violations: Vec<Violation>,
}

/// Everything that the server did against the policy and somebody saw.
pub fn judge(history: &History) -> Vec<Violation> {
    let (books, bound, ends) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut judge = Judge { history, books, bound, ends, murky: false, violations: Vec::new() };
    for fact in &history.facts {
        judge.look(fact);
        judge.write_down(fact);
    }
    judge.violations
}

impl Judge<'_> {
    fn line(&self, fact: &Fact) -> &Exchange {
        &self.history.lines[fact.line]
    }

    /// Whether everything until then is as plain as most visits are: answered, one after the other, with the
    /// visitor's own identity.
    fn is_plain(&self, line: usize) -> bool {
        self.history.lines[..=line].iter().all(|line| {
            let answered = matches!(line.outcome, Outcome::Ok | Outcome::Absent);
            let own = line.how.with == With::Own && line.of == Which::Current;
            answered && own && !line.how.raced && !line.how.cleared
        })
    }

    fn violate(&mut self, fact: &Fact, kind: Kind, sure: bool, shown: bool) {
        let unseen = match () {
            () if self.murky || !self.is_plain(fact.line) => Some("something before left it open"),
            () if self.history.rules.can.carrier_is_session => Some("ids are used again"),
            () if !shown => Some("the answer does not show it"),
            () if !sure => Some("its interval, or a reading or greeting, leaves it open"),
            () => None,
        };
        self.violations.push(Violation { line: fact.line, kind, unseen });
    }

    /// The session that the fact is about, by the policy and not by the answer.
    fn asked(&self, fact: &Fact) -> Option<usize> {
        match fact.request {
            Request::Load | Request::Browse | Request::Read | Request::Send(_) => {
                self.bound.get(&(fact.from.cookie.clone()?, fact.from.abroad)).copied()
            }
            _ => fact.reply.place,
        }
    }

    fn look(&mut self, fact: &Fact) {
        if fact.heard || self.line(fact).cookie.is_some() {
            self.look_at_cookie(fact);
        }
        if !fact.heard {
            return;
        }
        let Some(place) = self.asked(fact) else { return };
        let Some(book) = self.books.get(&place).cloned() else { return };
        let (now, line) = (fact.at, self.line(fact).clone());
        let visitors = line.op.is_visitors();
        if book.told {
            let there = fact.reply.found && fact.reply.place == Some(place) && !fact.reply.made;
            if there && (!visitors || book.missed || book.deleted.is_some()) {
                let kind = if book.deleted.is_some() { Kind::Undeleted } else { Kind::Outstayed };
                self.violate(fact, kind, false, true);
            }
            return;
        }
        if line.op == Op::Browse && fact.reply.place.is_none() {
            return;
        }
        let there = fact.reply.found && fact.reply.place == Some(place) && !fact.reply.made;
        let must = book.deleted.is_none() && (book.permanent || now < book.access + IDLE);
        let late = !book.greeted && now > book.access + IDLE + GRACE;
        let over = !book.permanent && (book.missed || late);
        let deleted = book.deleted.filter(|(at, _)| if visitors { now >= *at } else { now > at + DELETE_GRACE });
        if must && !there {
            let sure = book.permanent && !book.greeted || line.at.hi < book.recorded.lo + length(IDLE);
            // What an inspector misses while a temporary session would be there too is the business of its own clause;
            // a permanent one is judged by agents and the store when a temporary one would be gone.
            let early = book.permanent && line.at.lo <= book.touched + length(IDLE + GRACE) && !visitors;
            // The visitor's own view is judged where it is surely within a visit, or surely a return.
            let placed = line.at.hi < book.recorded.lo + length(IDLE) || line.at.lo >= book.touched + length(IDLE);
            let shown = !early && (placed || !visitors) && (line.outcome == Outcome::Absent || line.session.is_some());
            self.violate(fact, Kind::Lost, sure, shown);
            let book = self.books.get_mut(&place).unwrap();
            (book.told, book.missed) = (true, visitors);
            return;
        }
        let told = line.op == Op::StoreInspect
            || line.op == Op::AgentInspect
            || matches!(line.op, Op::AgentSend | Op::AgentDelete | Op::AgentGreet)
            || (line.op != Op::Load && line.session.is_some())
            || (line.op == Op::Load && line.fresh == Some(false));
        if visitors && !there && line.op != Op::Browse {
            self.books.get_mut(&place).unwrap().missed = true;
        }
        if there && (over || deleted.is_some()) && line.op == Op::Load && line.fresh.is_none() {
            // For all that the answer shows, it is an empty session under the old id, and new.
            *self.books.get_mut(&place).unwrap() = Book::new(now, line.at);
            self.murky = true;
        }
        if there && let Some((_, at)) = deleted {
            let sure = visitors || line.at.lo > at.hi + length(DELETE_GRACE);
            self.violate(fact, Kind::Undeleted, sure, told && !(visitors && line.op != Op::Read));
        } else if there && over && book.deleted.is_none() {
            let sure = !book.greeted && line.at.lo > book.touched + length(IDLE + GRACE);
            self.violate(fact, Kind::Outstayed, sure, told);
            self.books.get_mut(&place).unwrap().told |= visitors && !self.murky;
        }
        self.look_at_content(fact, &book, &line, (there, must));
    }

    fn look_at_content(&mut self, fact: &Fact, book: &Book, line: &Exchange, (there, must): (bool, bool)) {
        let lives = there && must;
        let inspected = matches!(line.op, Op::StoreInspect | Op::AgentInspect);
        if let (true, Some(said)) = (there, &fact.reply.said)
            && *said != book.messages
        {
            // Order is judged by the visitor's own readings, and an inspector's only by what is missing or doubled.
            let mut sorted = (said.clone(), book.messages.clone());
            sorted.0.sort_unstable();
            sorted.1.sort_unstable();
            let (apart, order) = (line.at, sorted.0 == sorted.1);
            // A reading that is neither surely within a visit nor surely a return is judged by what is missing alone.
            let placed = apart.hi < book.recorded.lo + length(IDLE) || apart.lo >= book.touched + length(IDLE);
            // An empty conversation without a session's id is nobody's.
            let nobody = line.op == Op::Read && line.session.is_none() && said.is_empty();
            let shown = line.said.is_some() && !nobody && !(order && (inspected || !placed));
            self.violate(fact, Kind::NotWhole, lives && book.permanent && !book.greeted, shown);
            self.books.get_mut(&fact.reply.place.unwrap()).unwrap().messages.clone_from(said);
        }
        let addresses = fact.reply.addresses.as_deref().filter(|_| inspected);
        if let (true, Some(found)) = (lives, addresses) {
            let wrong = found.contains(&Address::Wrong)
                || (found.is_empty()
                    && (fact.at < book.created + IDLE || (!book.permanent && fact.at < book.access + IDLE)));
            if wrong {
                let sure = line.at.hi < book.recorded.lo + length(IDLE) && line.at.hi.0 < book.created + IDLE / 2;
                self.violate(fact, Kind::WrongAddress, sure, true);
            } else if found.is_empty() && book.spoke {
                // Whether an inspector saw it before is the clause's positive control.
                self.violate(fact, Kind::AddressGone, false, true);
            }
        }
        let no_session = self.books.values().all(|book| {
            !book.permanent
                && !book.greeted
                && !book.told
                && book.deleted.is_none()
                && fact.at > book.access + IDLE + GRACE
        });
        if line.op == Op::StoreInspect && no_session && fact.reply.address_rows > 0 {
            let sure = self.books.len() == 1 && line.at.lo > book.touched + length(IDLE + GRACE);
            self.violate(fact, Kind::AddressLeft, sure, true);
        }
    }

    fn look_at_cookie(&mut self, fact: &Fact) {
        let line = self.line(fact).clone();
        if !line.op.is_visitors() || line.how.with != With::Own {
            return;
        }
        let place = self.asked(fact);
        let book = place.and_then(|place| self.books.get(&place)).cloned();
        let reached = fact.reply.place.is_some() && fact.reply.place == place && !fact.reply.made;
        let full = |end: i64| (180 * DAY - 2_000..=184 * DAY + 2_000).contains(&(end - fact.at));
        let returns = book.as_ref().filter(|book| reached && line.op == Op::Load && fact.at - book.access >= IDLE);
        match (&fact.reply.cookie, returns) {
            (None, Some(book)) => {
                let sure = line.at.lo >= book.touched + length(IDLE);
                self.violate(fact, Kind::NotRenewed, sure, true);
            }
            (Some((_, end)), Some(book)) if !full(*end) => {
                let sure = line.at.lo >= book.touched + length(IDLE) && !near_full(*end - fact.at);
                self.violate(fact, Kind::NotRenewed, sure, true);
            }
            (Some((value, end)), None) if !self.ends.contains_key(value) && !full(*end) => {
                self.violate(fact, Kind::WrongTerm, !near_full(*end - fact.at), true);
            }
            (Some((value, end)), None) if line.op != Op::Load && line.op != Op::Resend && reached => {
                if let Some(&(_, recorded, set)) = self.ends.get(value).filter(|(before, ..)| *end > before + 2_000) {
                    let term_s =
                        line.cookie.as_ref().and_then(|cookie| cookie.term_s(&line.at)).map_or(0, |term| term.0);
                    let lives = book.is_some_and(|book| line.at.hi < book.recorded.lo + length(IDLE));
                    // So soon after it was set a repetition cannot be told from an extension.
                    let later = line.at.lo - set > length(2_000);
                    let sure = lives && later && (line.at.lo.0 + term_s * 1000) - recorded.0 > 2_000;
                    self.violate(fact, Kind::Extended, sure, true);
                }
            }
            _ => {}
        }
    }

    /// Takes in what was carried out, heard or not.
    fn write_down(&mut self, fact: &Fact) {
        let line = self.line(fact).clone();
        if let Some((value, end)) = &fact.reply.cookie {
            let age = line.cookie.as_ref().and_then(|cookie| cookie.term_s(&line.at)).map_or(0, |term| term.1);
            let recorded = line.at.hi + length(age * 1000);
            self.ends.insert(value.clone(), (*end, recorded, line.at.hi));
        }
        self.write_down_access(fact, &line);
        let Some(place) = fact.reply.place else { return };
        self.murky |= fact.reply.made && line.session.is_none();
        if fact.reply.made {
            let value = fact.reply.cookie.as_ref().map(|(value, _)| value.clone()).unwrap_or_default();
            let lives = |book: &Book| book.deleted.is_none() && (book.permanent || fact.at < book.access + IDLE);
            // A living session stays bound, whatever the server makes of it.
            let key = (value, fact.from.abroad);
            if !self
                .bound
                .get(&key)
                .and_then(|place| self.books.get(place))
                .is_some_and(|book| lives(book) && !book.told)
            {
                self.bound.insert(key, place);
            }
            self.books.insert(place, Book::new(fact.at, line.at));
        }
        let Some(book) = self.books.get_mut(&place).filter(|_| fact.reply.found) else { return };
        if let Request::Delete(_) = &fact.request {
            book.deleted = book.deleted.or(Some((fact.at, line.at)));
        }
        let written = match &fact.request {
            Request::Send(number) => Some((*number, Author::Visitor)),
            Request::Write(_, number, by) => Some((*number, *by)),
            _ => None,
        };
        let Some((number, by)) = written else { return };
        if !book.messages.contains(&number) {
            book.messages.push(number);
        }
        book.permanent |= by != Author::Greeting;
        book.greeted |= by == Author::Greeting;
        book.spoke |= by == Author::Visitor;
    }
}

impl Judge<'_> {
    /// An access restarts the term of a session that is there, or must be.
    fn write_down_access(&mut self, fact: &Fact, line: &Exchange) {
        if !line.op.is_visitors() {
            return;
        }
        let asked = self.asked(fact);
        if let Some(book) = fact.reply.place.and_then(|place| self.books.get_mut(&place)) {
            book.touched = book.touched.max(line.at.hi);
        }
        if line.session.is_none() {
            self.books.values_mut().for_each(|book| book.touched = book.touched.max(line.at.hi));
        }
        let Some(book) = asked.and_then(|place| self.books.get_mut(&place)) else { return };
        book.touched = book.touched.max(line.at.hi);
        if fact.heard && !fact.reply.found {
            return;
        }
        let certain = book.permanent || line.at.hi < book.recorded.lo + length(IDLE);
        self.murky |=
            fact.heard && (!certain || book.deleted.is_some()) && line.message.is_some() && line.session.is_none();
        let lives = book.deleted.is_none() && (book.permanent || fact.at < book.access + IDLE);
        if !lives && (fact.reply.place != asked || fact.reply.made) {
            return;
        }
        book.access = fact.at;
        if line.op != Op::Read && (certain || line.session.is_some()) {
            book.recorded = line.at;
        }
    }
}

/// Within rounding of a full term, which is nothing that must be told.
fn near_full(term: i64) -> bool {
    (180 * DAY - 5_000..=184 * DAY + 5_000).contains(&term)
}

fn length(millis: i64) -> crate::instant::Length {
    crate::instant::Length(millis)
}
