//! From a script to what a run would have recorded of it, and beside it to what the server really did.

use super::super::{Exchange, Identity, Instant, Interval, Outcome, Rules, Said, Stored, rules};
use super::script::{Fate, Move, Script, Wait};
use super::server::{Address, Author, From, Reply, Request, Server};
use crate::history::How;
use crate::scenario::{Op, Which, With};
use std::sync::OnceLock;

/// A request that reached the server, at its true instant.
#[derive(Debug, Clone)]
pub struct Fact {
    pub at: i64,
    pub request: Request,
    pub from: From,
    pub reply: Reply,
    /// The exchange that it belongs to.
    pub line: usize,
    /// Whether its answer came.
    pub heard: bool,
}

/// What was recorded, and what happened.
#[derive(Debug)]
pub struct History {
    pub rules: Rules,
    pub lines: Vec<Exchange>,
    /// In the order in which they were carried out.
    pub facts: Vec<Fact>,
}

/// The visitor's browser, and what its lane keeps of it.
#[derive(Debug, Default)]
struct Traveller {
    cookie: Option<(String, i64)>,
    session: Option<String>,
    previous: Option<String>,
    orphans: Vec<String>,
    kept: Vec<String>,
    messages: u16,
    access: i64,
}

/// A request under way.
struct Errand {
    exchange: Exchange,
    request: Request,
    from: From,
    fate: Fate,
}

struct Runner<'a> {
    script: &'a Script,
    server: Server,
    traveller: Traveller,
    now: i64,
    stop: u32,
    restarts: u16,
    late: Vec<(i64, usize, Request, From)>,
    history: History,
}

/// Where the histories begin: the millisecond is no round one.
const T0: i64 = 1_800_000_000_123;

/// How long a client waits for an answer.
const TIMEOUT: i64 = 10_000;

/// Plays a script.
pub fn play(script: &Script) -> History {
    static RULES: OnceLock<Rules> = OnceLock::new();
    let mut rules = RULES.get_or_init(rules).clone();
    rules.can.carrier_is_session = script.temper.carrier_is_session;
    let mut runner = Runner {
        script,
        server: Server::new(script.temper.clone(), script.fault),
        traveller: Traveller { access: T0, ..Traveller::default() },
        now: T0,
        stop: 0,
        restarts: 0,
        late: Vec::new(),
        history: History { rules, lines: Vec::new(), facts: Vec::new() },
    };
    for (step, planned) in script.moves.iter().enumerate() {
        runner.wait(&planned.wait);
        runner.take(planned, u16::try_from(step).unwrap());
    }
    runner.history
}

impl Runner<'_> {
    fn wait(&mut self, wait: &Wait) {
        let due = match *wait {
            Wait::For(pause) => self.now + pause,
            Wait::AfterAccess(pause) => self.traveller.access + pause,
            Wait::AfterCookie(by) => self.traveller.cookie.as_ref().map_or(self.now, |(_, end)| end + by),
        };
        if due > self.now {
            (self.now, self.stop) = (due, self.stop + 1);
        }
    }

    fn take(&mut self, planned: &Move, step: u16) {
        if planned.clears {
            self.traveller.cookie = None;
            if let Some(session) = self.traveller.session.take() {
                self.traveller.previous = Some(session);
            }
        }
        let hit = planned.hit % planned.ops.len().max(1);
        let fated = |place: usize| if place == hit { planned.fate } else { Fate::Answered };
        if planned.together {
            return self.take_together(planned, step, fated);
        }
        for (place, &op) in planned.ops.iter().enumerate() {
            for errand in self.errands(planned, step, op, fated(place)) {
                let (there, back) = planned.ways[place % planned.ways.len()];
                self.run(errand, there, back);
            }
        }
    }

    fn interval(&self, sent: i64, received: i64) -> Interval {
        let unsure = self.script.clock.unsure;
        Interval::new(Instant(sent - unsure), Instant(received + unsure))
    }

    /// Sends one request and waits for its answer.
    fn run(&mut self, mut errand: Errand, there: i64, back: i64) {
        let way = |length: i64| if self.script.clock.frozen { 0 } else { length };
        let (sent, arrives) = (self.now, self.now + way(there));
        let lost = matches!(errand.fate, Fate::AnswerLost | Fate::Late(_) | Fate::NeverDone);
        let received = arrives + way(if lost { TIMEOUT } else { back });
        errand.exchange.at = self.interval(sent, received);
        self.now = received;
        let reply = self.carry_out(&errand, self.history.lines.len(), arrives, received);
        self.close(errand, reply, arrives);
    }

    /// Sends all at once. They arrive in one order, and their answers come in another.
    fn take_together(&mut self, planned: &Move, step: u16, fated: impl Fn(usize) -> Fate) {
        let sent = self.now;
        let mut under_way = Vec::new();
        for (place, &op) in planned.ops.iter().enumerate() {
            let (there, back) = planned.ways[place % planned.ways.len()];
            under_way
                .extend(self.errands(planned, step, op, fated(place)).into_iter().map(|errand| (there, back, errand)));
        }
        let way = |length: i64| if self.script.clock.frozen { 0 } else { length };
        under_way.sort_by_key(|(there, ..)| *there);
        let mut answers = Vec::new();
        for (there, back, mut errand) in under_way {
            let arrives = sent + way(there);
            let lost = matches!(errand.fate, Fate::AnswerLost | Fate::Late(_) | Fate::NeverDone);
            let received = arrives + way(if lost { TIMEOUT } else { back });
            errand.exchange.at = self.interval(sent, received);
            // Which line it will be is known when its answer has come.
            let ticket = usize::MAX - answers.len();
            let reply = self.carry_out(&errand, ticket, arrives, received);
            answers.push((if lost { TIMEOUT } else { there + back }, ticket, arrives, received, errand, reply));
        }
        answers.sort_by_key(|(order, ..)| *order);
        let mut shown = Vec::new();
        for (_, ticket, arrives, received, errand, reply) in answers {
            let line = self.history.lines.len();
            let facts = self.history.facts.iter_mut().map(|fact| &mut fact.line);
            let late = self.late.iter_mut().map(|(_, line, ..)| line);
            facts.chain(late).filter(|known| **known == ticket).for_each(|known| *known = line);
            self.now = self.now.max(received);
            self.close(errand, reply, arrives);
            let exchange = &self.history.lines[line];
            if exchange.op == Op::Load {
                shown.extend(exchange.session.as_deref().map(str::to_owned));
            }
        }
        shown.retain(|id| self.traveller.session.as_ref() != Some(id));
        shown.sort();
        shown.dedup();
        self.traveller.orphans.extend(shown);
    }

    /// The requests that an operation makes: for agents and the store one for each session that is asked for.
    fn errands(&mut self, planned: &Move, step: u16, op: Op, fate: Fate) -> Vec<Errand> {
        let mut exchange = Exchange {
            visitor: 7,
            stop: self.stop,
            step,
            of: planned.of,
            how: How { raced: planned.together, ..How::default() },
            restarts: self.restarts,
            ..Exchange::blank(op)
        };
        if op == Op::Restart {
            self.restarts += 1;
            return Vec::new();
        }
        let mut from = From { cookie: None, origin: planned.from, abroad: false };
        if !op.is_visitors() {
            return self.agents_errands(planned, op, fate, &exchange, &from);
        }
        exchange.how = How { with: planned.with, from: planned.from, cleared: planned.clears, ..exchange.how };
        let traveller = &mut self.traveller;
        if op == Op::Resend && traveller.messages == 0 {
            return Vec::new();
        }
        traveller.messages += u16::from(op == Op::Send);
        exchange.message = matches!(op, Op::Send | Op::Resend).then_some(traveller.messages);
        from.abroad = planned.of == Which::OtherWebsite;
        let held = traveller.cookie.as_ref().filter(|(_, end)| self.now < *end).map(|(value, _)| value.clone());
        let presented = match planned.with {
            With::Own => held.clone(),
            With::Forged => Some("forged".into()),
            With::Altered => held.map(|value| format!("altered-{value}")),
            With::Expired => traveller.kept.first().cloned(),
            With::Previous => traveller.kept.get(1).cloned(),
        };
        if planned.with == With::Own {
            exchange.carried = presented.is_some();
            if planned.of == Which::Current && op != Op::Read {
                traveller.access = self.now;
            }
        } else if let Some(presented) = &presented {
            exchange.sent = Some(presented.as_str().into());
        } else {
            return Vec::new();
        }
        from.cookie = presented;
        let request = match op {
            Op::Load => Request::Load,
            Op::Browse => Request::Browse,
            Op::Read => Request::Read,
            _ => Request::Send(traveller.messages),
        };
        vec![Errand { exchange, request, from, fate }]
    }

    fn agents_errands(&mut self, planned: &Move, op: Op, fate: Fate, blank: &Exchange, from: &From) -> Vec<Errand> {
        let asked: Vec<String> = match planned.of {
            Which::Previous => self.traveller.previous.iter().cloned().collect(),
            Which::Current | Which::OtherWebsite => self.traveller.session.iter().cloned().collect(),
            Which::Orphans => self.traveller.orphans.clone(),
        };
        let mut errands = Vec::new();
        for id in asked {
            let mut exchange = blank.clone();
            exchange.session = (planned.of == Which::Orphans).then(|| id.as_str().into());
            let mut write = |by: Author| {
                self.traveller.messages += 1;
                exchange.message = Some(self.traveller.messages);
                Request::Write(id.clone(), self.traveller.messages, by)
            };
            let request = match op {
                Op::AgentSend => write(Author::Agent),
                Op::AgentGreet => write(Author::Greeting),
                Op::AgentDelete => Request::Delete(id),
                Op::AgentInspect => Request::Look(id),
                _ => Request::Inspect(id),
            };
            // The store is read where it lies; nothing of that gets lost.
            let fate = if op == Op::StoreInspect { Fate::Answered } else { fate };
            errands.push(Errand { exchange, request, from: from.clone(), fate });
        }
        errands
    }

    /// Lets the server do what has arrived, and then this; gives back the answer where one comes.
    fn carry_out(&mut self, errand: &Errand, line: usize, arrives: i64, received: i64) -> Option<Reply> {
        match errand.fate {
            Fate::Answered => Some(self.apply(arrives, line, &errand.request, &errand.from, true)),
            Fate::AnswerLost => {
                self.apply(arrives, line, &errand.request, &errand.from, false);
                None
            }
            Fate::Failed { done: true } => {
                // An answer that fails may still carry the cookie.
                let reply = self.apply(arrives, line, &errand.request, &errand.from, false);
                Some(Reply { cookie: reply.cookie, ..Reply::default() })
            }
            Fate::Late(after) => {
                self.late.push((received + after, line, errand.request.clone(), errand.from.clone()));
                None
            }
            _ => None,
        }
    }

    fn apply(&mut self, at: i64, line: usize, request: &Request, from: &From, heard: bool) -> Reply {
        self.late.sort_by_key(|(due, line, ..)| (*due, *line));
        while self.late.first().is_some_and(|(due, ..)| *due <= at) {
            let (due, line, request, from) = self.late.remove(0);
            let reply = self.server.ask(due, &request, &from);
            self.history.facts.push(Fact { at: due, request, from, reply, line, heard: false });
        }
        let reply = self.server.ask(at, request, from);
        let fact = Fact { at, request: request.clone(), from: from.clone(), reply: reply.clone(), line, heard };
        self.history.facts.push(fact);
        reply
    }

    /// Takes in how a request ended, as a browser and a lane would, and writes it down.
    fn close(&mut self, errand: Errand, reply: Option<Reply>, arrived: i64) {
        let Errand { mut exchange, fate, .. } = errand;
        (exchange.outcome, exchange.status) = match fate {
            Fate::Answered if reply.as_ref().is_some_and(|reply| reply.found) => (Outcome::Ok, 200),
            Fate::Answered => (Outcome::Absent, 404),
            Fate::AnswerLost | Fate::Late(_) | Fate::NeverDone => (Outcome::Unknown, 0),
            Fate::Failed { .. } => (Outcome::Error, 500),
            Fate::Unsent => (Outcome::Error, 0),
            Fate::Throttled => (Outcome::Throttled, 429),
            Fate::Forbidden => (Outcome::Forbidden, 403),
        };
        let own = exchange.how.with == With::Own;
        if let Some(reply) = reply {
            if exchange.op.is_visitors() {
                self.receive(&mut exchange, &reply, arrived);
            }
            if exchange.outcome == Outcome::Ok || exchange.op == Op::StoreInspect {
                self.capture(&mut exchange, &reply);
            }
        }
        let visits = exchange.op.is_visitors() && own && exchange.of == Which::Current;
        if let (Some(id), true) = (exchange.session.as_deref(), visits)
            && self.traveller.session.as_deref() != Some(id)
        {
            self.traveller.previous = self.traveller.session.replace(id.to_owned());
        }
        self.history.lines.push(exchange);
    }

    /// The cookie, as the answer spells it and the browser takes it.
    fn receive(&mut self, exchange: &mut Exchange, reply: &Reply, arrived: i64) {
        let Some((value, end)) = &reply.cookie else { return };
        let age_s = (end - arrived).div_euclid(1000);
        let by_expires = self.script.temper.by_expires;
        exchange.cookie = Some(Identity {
            value: value.as_str().into(),
            max_age_s: (!by_expires).then_some(age_s),
            expires_s: by_expires.then(|| end.div_euclid(1000)),
            date_s: (by_expires && self.script.target.dated).then(|| arrived.div_euclid(1000)),
            beside: false,
            attributes: None,
        });
        if exchange.how.with != With::Own {
            return;
        }
        let now = exchange.at.hi.0;
        let ends = if by_expires { end.div_euclid(1000) * 1000 } else { now + age_s * 1000 };
        self.traveller.cookie = (ends > now).then(|| (value.clone(), ends));
        if ends > now && self.traveller.kept.first() != Some(value) {
            self.traveller.kept.insert(0, value.clone());
            self.traveller.kept.truncate(2);
        }
    }

    /// What the target file says stands in the answer.
    fn capture(&self, exchange: &mut Exchange, reply: &Reply) {
        let told = &self.script.target;
        let names = match exchange.op {
            Op::Load => true,
            Op::Browse => told.session[0],
            Op::Read => told.session[1],
            Op::Send | Op::Resend => told.session[2],
            _ => false,
        };
        if names {
            exchange.session = reply.session.as_deref().map(Into::into);
        }
        exchange.fresh = (exchange.op == Op::Load && self.script.temper.says_fresh).then_some(reply.made);
        let shows = match exchange.op {
            Op::Load => told.loaded,
            Op::Read => true,
            Op::AgentInspect | Op::StoreInspect => told.inspected,
            _ => false,
        };
        let said = reply.said.as_ref().filter(|_| shows);
        exchange.said = said.map(|said| said.iter().map(|number| Said::Own(*number)).collect());
        exchange.addresses = reply.addresses.as_ref().map(|found| {
            found
                .iter()
                .map(|address| match address {
                    Address::Home => Stored::Own,
                    Address::Away => Stored::Away,
                    Address::Wrong => Stored::Other("127.0.0.1".into()),
                })
                .collect()
        });
        if exchange.op == Op::StoreInspect {
            (exchange.address_rows, exchange.session_rows) = (Some(reply.address_rows), Some(reply.session_rows));
        }
    }
}
