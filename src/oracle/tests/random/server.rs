//! A chatbox server in memory that keeps the policy, or breaks it in one named way. It states the policy's numbers
//! itself, and is asked at true instants that only the test knows.

use crate::scenario::Origin;

pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 1440 * MINUTE;
pub const IDLE: i64 = 30 * MINUTE;
pub const GRACE: i64 = MINUTE;
pub const DELETE_GRACE: i64 = MINUTE;

/// Who looks, in the order in which an end reaches them.
pub const VISITOR: usize = 0;
pub const AGENT: usize = 1;
pub const STORE: usize = 2;

/// What a sound server is free to choose.
#[derive(Debug, Clone, Default)]
pub struct Temper {
    /// How long after its deadline a session is shown to visitors, agents and the store; rising.
    pub lags: [i64; 3],
    /// How long after its deletion agents and the store are shown a session.
    pub delete_lags: [i64; 2],
    /// The cookie's term in seconds.
    pub term_s: i64,
    /// The term is told by Expires, in place of Max-Age.
    pub by_expires: bool,
    /// A cookie whose session has ended gets an empty one under the old value.
    pub keeps_value: bool,
    /// The carrier's value is the session's id.
    pub carrier_is_session: bool,
    pub says_fresh: bool,
    pub reading_is_access: bool,
    pub greeting_settles: bool,
    /// A message sent with an ended session begins a new one; else it is refused.
    pub late_is_stored: bool,
    pub reload_renews: bool,
    /// Any other answer repeats the cookie with what is left of its term.
    pub repeats_cookie: bool,
    /// Who reads without a session is shown an empty conversation.
    pub empty_for_nobody: bool,
    pub newest_address: bool,
    pub keeps_deleted_address: bool,
    pub keeps_agents_address: bool,
}

/// The one way in which a server breaks the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The idle term is off by so many milliseconds; negative for too short.
    IdleTermOff(i64),
    /// The idle term is counted from the session's beginning.
    FromCreation,
    /// Nothing is destroyed, whoever looks.
    NeverDestroyed,
    /// The visitor is told that it is gone, and its row stays.
    RowStays,
    ChatsAreTemporary,
    AgentsChatsAreTemporary,
    /// Every second message is acknowledged and not stored.
    LosesMessages,
    /// Every second message is stored twice.
    DoublesMessages,
    /// The conversation is shown in the wrong order.
    Disorders,
    /// A deletion is acknowledged, and nothing happens.
    IgnoresDeletion,
    /// The visitor is told that it is gone, and its row stays.
    DeletedRowStays,
    /// An hour later the deleted session is there again.
    DeletedComesBack,
    /// A load with the cookie of an ended session brings it back.
    EndedComesBack,
    AddressMissing,
    AddressWrong,
    /// The address stands in another row, which nobody removes.
    AddressStays,
    /// A day after the last access a chatter's address is gone.
    AddressForgotten,
    /// The cookie's term in seconds.
    TermOf(i64),
    NotRenewed,
    /// A load on return repeats what is left of the term.
    RenewedWithTheRest,
    RenewedByAnything,
    /// A load within a visit begins another session.
    SessionForEachLoad,
}

/// Every fault, for drawing one.
pub const FAULTS: [Fault; 26] = [
    Fault::IdleTermOff(-10 * MINUTE),
    Fault::IdleTermOff(-10_000),
    Fault::IdleTermOff(2 * MINUTE),
    Fault::IdleTermOff(DAY),
    Fault::FromCreation,
    Fault::NeverDestroyed,
    Fault::RowStays,
    Fault::ChatsAreTemporary,
    Fault::AgentsChatsAreTemporary,
    Fault::LosesMessages,
    Fault::DoublesMessages,
    Fault::Disorders,
    Fault::IgnoresDeletion,
    Fault::DeletedRowStays,
    Fault::DeletedComesBack,
    Fault::EndedComesBack,
    Fault::AddressMissing,
    Fault::AddressWrong,
    Fault::AddressStays,
    Fault::AddressForgotten,
    Fault::TermOf(30 * 86_400),
    Fault::TermOf(365 * 86_400),
    Fault::NotRenewed,
    Fault::RenewedWithTheRest,
    Fault::RenewedByAnything,
    Fault::SessionForEachLoad,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    Visitor,
    Agent,
    Greeting,
}

/// An address as it lies in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    Home,
    Away,
    Wrong,
}

/// What is asked of the server.
#[derive(Debug, Clone)]
pub enum Request {
    Load,
    Browse,
    Read,
    Send(u16),
    /// An agent's look, a message, a greeting, a deletion, of the session with this id.
    Look(String),
    Write(String, u16, Author),
    Delete(String),
    /// A look into the store.
    Inspect(String),
}

/// How a visitor's request comes.
#[derive(Debug, Clone)]
pub struct From {
    pub cookie: Option<String>,
    pub origin: Origin,
    /// Another website than the visitor's own.
    pub abroad: bool,
}

/// What is answered; everything that a target could show.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// There is such a session, or it was made.
    pub found: bool,
    pub session: Option<String>,
    pub made: bool,
    pub said: Option<Vec<u16>>,
    /// A cookie's value and the end of its term.
    pub cookie: Option<(String, i64)>,
    pub addresses: Option<Vec<Address>>,
    pub address_rows: u32,
    pub session_rows: u32,
    /// The place of the session in the server's own list, which never has two of one id.
    pub place: Option<usize>,
}

#[derive(Debug, Clone)]
struct Row {
    id: String,
    value: String,
    abroad: bool,
    created: i64,
    access: i64,
    cookie_end: i64,
    messages: Vec<(u16, Author)>,
    addresses: Vec<Address>,
    settled: bool,
    deleted: Option<i64>,
    replaced: bool,
}

#[derive(Debug, Clone)]
pub struct Server {
    pub temper: Temper,
    pub fault: Fault,
    rows: Vec<Row>,
    made: u32,
    acknowledged: u32,
}

impl Server {
    pub fn new(temper: Temper, fault: Fault) -> Self {
        Self { temper, fault, rows: Vec::new(), made: 0, acknowledged: 0 }
    }

    /// Carries out a request at a true instant.
    pub fn ask(&mut self, now: i64, request: &Request, from: &From) -> Reply {
        match request {
            Request::Load => self.load(now, from),
            Request::Browse | Request::Read => self.view(now, from, matches!(request, Request::Read)),
            Request::Send(number) => self.send(now, from, *number),
            Request::Look(id) => self.look(now, id, AGENT),
            Request::Inspect(id) => self.look(now, id, STORE),
            Request::Write(id, number, by) => self.write(now, id, *number, *by),
            Request::Delete(id) => self.delete(now, id),
        }
    }

    fn is_there(&self, row: &Row, view: usize, now: i64) -> bool {
        if row.replaced {
            return false;
        }
        if let Some(deleted) = row.deleted {
            let back = self.fault == Fault::DeletedComesBack && now >= deleted + 60 * MINUTE;
            let stays = self.fault == Fault::DeletedRowStays && view != VISITOR;
            return back || stays || (view != VISITOR && now < deleted + self.temper.delete_lags[view - 1]);
        }
        let from = if self.fault == Fault::FromCreation { row.created } else { row.access };
        let idle = if let Fault::IdleTermOff(by) = self.fault { IDLE + by } else { IDLE };
        let stays = self.fault == Fault::NeverDestroyed || (self.fault == Fault::RowStays && view != VISITOR);
        row.settled || stays || now < from + idle + self.temper.lags[view]
    }

    /// The living session of a cookie, for its visitor.
    fn bound(&self, now: i64, from: &From) -> Option<usize> {
        let value = from.cookie.as_deref()?;
        let bound = |row: &Row| row.value == value && row.abroad == from.abroad;
        let place = self.rows.iter().rposition(bound)?;
        self.is_there(&self.rows[place], VISITOR, now).then_some(place)
    }

    fn known(&self, from: &From) -> bool {
        let known = |row: &Row| Some(&*row.value) == from.cookie.as_deref() && row.abroad == from.abroad;
        self.rows.iter().any(known)
    }

    fn term_ms(&self) -> i64 {
        1000 * if let Fault::TermOf(term_s) = self.fault { term_s } else { self.temper.term_s }
    }

    fn address(&self, from: &From) -> Vec<Address> {
        match self.fault {
            Fault::AddressMissing => Vec::new(),
            Fault::AddressWrong => vec![Address::Wrong],
            _ if from.origin == Origin::Away => vec![Address::Away],
            _ => vec![Address::Home],
        }
    }

    /// A new session, under the old value where that is the server's way.
    fn make(&mut self, now: i64, from: &From) -> usize {
        self.made += 1;
        let old = from.cookie.clone().filter(|_| self.temper.keeps_value && self.known(from));
        let value = old.unwrap_or_else(|| format!("c{}", self.made));
        let id = if self.temper.carrier_is_session { value.clone() } else { format!("s{}", self.made) };
        self.rows.iter_mut().filter(|row| row.id == id).for_each(|row| row.replaced = true);
        self.rows.push(Row {
            id,
            value,
            abroad: from.abroad,
            created: now,
            access: now,
            cookie_end: now + self.term_ms(),
            messages: Vec::new(),
            addresses: self.address(from),
            settled: false,
            deleted: None,
            replaced: false,
        });
        self.rows.len() - 1
    }

    fn shown(&self, place: usize, made: bool) -> Reply {
        let row = &self.rows[place];
        let cookie = made.then(|| (row.value.clone(), row.cookie_end));
        Reply { found: true, session: Some(row.id.clone()), made, cookie, place: Some(place), ..Reply::default() }
    }

    fn said(&self, place: usize) -> Vec<u16> {
        let mut said: Vec<u16> = self.rows[place].messages.iter().map(|(number, _)| *number).collect();
        if self.fault == Fault::Disorders {
            said.reverse();
        }
        said
    }

    fn access(&mut self, now: i64, place: usize, from: &From) {
        let address = self.address(from);
        let row = &mut self.rows[place];
        row.access = now;
        if self.temper.newest_address {
            row.addresses = address;
        }
    }

    fn load(&mut self, now: i64, from: &From) -> Reply {
        let mut bound = self.bound(now, from);
        if bound.is_none() && self.fault == Fault::EndedComesBack {
            bound =
                self.rows.iter().rposition(|row| Some(&row.value) == from.cookie.as_ref() && row.abroad == from.abroad);
            if let Some(place) = bound {
                (self.rows[place].deleted, self.rows[place].replaced) = (None, false);
            }
        }
        let Some(place) = bound.filter(|_| self.fault != Fault::SessionForEachLoad) else {
            let place = self.make(now, from);
            return Reply { said: Some(Vec::new()), ..self.shown(place, true) };
        };
        let returns = now - self.rows[place].access >= IDLE;
        self.access(now, place, from);
        let full = now + self.term_ms();
        let row = &mut self.rows[place];
        let renews = match self.fault {
            Fault::NotRenewed | Fault::RenewedWithTheRest => false,
            _ => returns || self.temper.reload_renews,
        };
        if renews {
            row.cookie_end = full;
        }
        let told = renews || self.temper.repeats_cookie || (returns && self.fault == Fault::RenewedWithTheRest);
        let cookie = told.then(|| (row.value.clone(), row.cookie_end));
        Reply { cookie, said: Some(self.said(place)), ..self.shown(place, false) }
    }

    /// What an answer that is no load's says of the cookie.
    fn repeated(&mut self, now: i64, place: usize) -> Option<(String, i64)> {
        let full = now + self.term_ms();
        let anything = self.fault == Fault::RenewedByAnything;
        let row = &mut self.rows[place];
        if anything {
            row.cookie_end = full;
        }
        (anything || self.temper.repeats_cookie).then(|| (row.value.clone(), row.cookie_end))
    }

    fn view(&mut self, now: i64, from: &From, reads: bool) -> Reply {
        let Some(place) = self.bound(now, from) else {
            // A page is shown to anybody.
            let found = !reads || self.temper.empty_for_nobody;
            return Reply { found, said: (reads && found).then(Vec::new), ..Reply::default() };
        };
        if !reads || self.temper.reading_is_access {
            self.access(now, place, from);
        }
        let said = reads.then(|| self.said(place));
        Reply { said, cookie: self.repeated(now, place), ..self.shown(place, false) }
    }

    fn send(&mut self, now: i64, from: &From, number: u16) -> Reply {
        let bound = self.bound(now, from);
        let late = bound.is_none() && self.temper.late_is_stored && self.known(from);
        let Some(place) = bound.or_else(|| late.then(|| self.make(now, from))) else { return Reply::default() };
        self.access(now, place, from);
        self.store(place, number, Author::Visitor);
        let cookie = if late { None } else { self.repeated(now, place) };
        let shown = self.shown(place, late);
        Reply { cookie: cookie.or(shown.cookie.clone()), ..shown }
    }

    /// Stores a message; one that is sent again under the same name is there already.
    fn store(&mut self, place: usize, number: u16, by: Author) {
        let row = &mut self.rows[place];
        row.settled |= match by {
            Author::Visitor => self.fault != Fault::ChatsAreTemporary,
            Author::Agent => !matches!(self.fault, Fault::ChatsAreTemporary | Fault::AgentsChatsAreTemporary),
            Author::Greeting => self.temper.greeting_settles,
        };
        if let Some((_, author)) = row.messages.iter_mut().find(|(known, _)| *known == number) {
            // A visitor who sends it once more has written, whoever was first.
            *author = if by == Author::Visitor { by } else { *author };
            return;
        }
        self.acknowledged += 1;
        let second = self.acknowledged.is_multiple_of(2);
        if !(second && self.fault == Fault::LosesMessages) {
            row.messages.push((number, by));
        }
        if second && self.fault == Fault::DoublesMessages {
            row.messages.push((number, by));
        }
    }

    fn named(&self, id: &str) -> Option<usize> {
        self.rows.iter().rposition(|row| row.id == id)
    }

    fn write(&mut self, now: i64, id: &str, number: u16, by: Author) -> Reply {
        let place = self.named(id).filter(|place| self.is_there(&self.rows[*place], VISITOR, now));
        let Some(place) = place else { return Reply { place: self.named(id), ..Reply::default() } };
        self.store(place, number, by);
        Reply { session: None, cookie: None, ..self.shown(place, false) }
    }

    fn delete(&mut self, now: i64, id: &str) -> Reply {
        let there =
            |place: &usize| self.rows[*place].deleted.is_none() && self.is_there(&self.rows[*place], AGENT, now);
        let Some(place) = self.named(id).filter(there) else {
            return Reply { place: self.named(id), ..Reply::default() };
        };
        if self.fault != Fault::IgnoresDeletion {
            self.rows[place].deleted = Some(now);
        }
        Reply { session: None, cookie: None, ..self.shown(place, false) }
    }

    /// The addresses in a session, as they stand there now.
    fn addresses(&self, row: &Row, now: i64) -> Vec<Address> {
        let by = |author| row.messages.iter().any(|(_, by)| *by == author);
        let idled = now >= row.access + IDLE;
        let agents_alone = idled && !by(Author::Visitor) && !self.temper.keeps_agents_address;
        let forgotten = self.fault == Fault::AddressForgotten && now >= row.access + DAY;
        if agents_alone || forgotten { Vec::new() } else { row.addresses.clone() }
    }

    fn look(&self, now: i64, id: &str, view: usize) -> Reply {
        let place = self.named(id).filter(|place| self.is_there(&self.rows[*place], view, now));
        let holds = |row: &&Row| {
            let left =
                self.fault == Fault::AddressStays || (row.deleted.is_some() && self.temper.keeps_deleted_address);
            let there = self.is_there(row, STORE, now) && !self.addresses(row, now).is_empty();
            !row.addresses.contains(&Address::Wrong) && (there || (left && !row.addresses.is_empty()))
        };
        let address_rows = u32::try_from(self.rows.iter().filter(holds).count()).unwrap();
        let rows = Reply { address_rows, place: self.named(id), ..Reply::default() };
        let Some(place) = place else { return rows };
        let addresses = Some(self.addresses(&self.rows[place], now));
        Reply { found: true, said: Some(self.said(place)), addresses, session_rows: 1, place: Some(place), ..rows }
    }
}
