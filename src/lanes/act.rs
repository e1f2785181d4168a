//! One step of one visitor: who does what, in which order, and what becomes of it.

use super::agent::agent_ask;
use super::ask::Prepared;
use super::lane::Desk;
use super::traveller::Traveller;
use super::wire::{Failed, Worker};
use crate::clock::Timebase;
use crate::history::{Exchange, How, Outcome};
use crate::measure::monotonic;
use crate::plan::Due;
use crate::scenario::{Op, Origin, Step, Which, With};
use crate::target::{Answer, Operation, Variables};
use crate::visitor::address::Person;
use std::time::{Duration, Instant};

/// What all errands of a stop have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The stop's number.
    pub(super) stop: u32,
    /// How often the target was restarted until then.
    pub(super) restarts: u16,
    /// The target's time.
    pub(super) timebase: Timebase,
}

/// What a step is about.
#[derive(Clone, Copy)]
pub(super) struct Errand<'a> {
    pub(super) due: &'a Due,
    pub(super) step: &'a Step,
    pub(super) op: Op,
    pub(super) website: usize,
    pub(super) person: Person,
    pub(super) moment: &'a Moment,
}

impl Desk {
    /// Does all that a step asks for: in order, or at once.
    pub(super) async fn take_step(&self, worker: &mut Worker, traveller: &mut Traveller, due: &Due, moment: &Moment) {
        let step = self.setup.plan.step(due);
        let websites = self.setup.target.websites.len();
        let home = due.visitor as usize % websites;
        let household = self.setup.plan.household_of(due.visitor);
        let person = self.setup.addresses.of(household);
        traveller.address_taken |= self.setup.plan.journey(due.visitor).household;
        if step.clears {
            traveller.clear();
        }
        let errands = step.ops.iter().filter_map(|&op| {
            let abroad = step.of == Which::OtherWebsite && op.is_visitors();
            let website = if abroad { (home + 1) % websites } else { home };
            (!abroad || websites > 1).then_some(Errand { due, step, op, website, person, moment })
        });
        if step.together {
            let errands: Vec<_> = errands.collect();
            return Box::pin(self.take_together(worker, traveller, &errands)).await;
        }
        for errand in errands {
            if self.is_tripped() {
                return;
            }
            self.run_errand(worker, traveller, &errand).await;
        }
    }

    async fn run_errand(&self, worker: &mut Worker, traveller: &mut Traveller, errand: &Errand<'_>) {
        match errand.op {
            Op::Restart => {}
            Op::StoreInspect => self.look_into_store(traveller, errand),
            _ => {
                let Some(operation) = self.setup.target.operations.get(&errand.op) else { return };
                if errand.op.is_visitors() {
                    self.visit(worker, traveller, errand, operation).await;
                } else {
                    // What is rare has its memory when it comes: a worker's own must be small, there may be thousands.
                    Box::pin(self.send_agent(traveller, errand, operation)).await;
                }
            }
        }
    }

    async fn visit(&self, worker: &mut Worker, traveller: &mut Traveller, errand: &Errand<'_>, operation: &Operation) {
        if errand.op == Op::Load && traveller.session.is_none() {
            self.note_whether_address_is_taken(traveller, errand);
        }
        let Some(prepared) = self.prepare(traveller, errand, operation, &mut worker.request) else { return };
        let Prepared { request, mut exchange, url } = prepared;
        let (ended, service) = self.send(worker, errand, request, &mut exchange).await;
        let ended = ended.as_ref().map(|()| &worker.answer);
        self.take_ended(traveller, errand, operation, (&url, ended), &mut exchange);
        self.close_exchange(traveller, exchange, service);
    }

    /// Sends the request that the worker holds, where it could be made, and notes when it was under way.
    pub(super) async fn send(
        &self,
        worker: &mut Worker,
        errand: &Errand<'_>,
        request: Result<(), String>,
        exchange: &mut Exchange,
    ) -> (Result<(), Failed>, Duration) {
        let Worker { connection, request: outgoing, answer } = worker;
        let sent = self.begin();
        let ended = match request {
            Ok(()) => connection.ask(outgoing, errand.op.is_idempotent(), answer).await,
            Err(error) => Err(Failed::Unsent(error)),
        };
        (ended, self.end(sent, errand, exchange))
    }

    /// A request begins: when that is.
    fn begin(&self) -> Instant {
        self.gauge.enter();
        monotonic()
    }

    /// It has ended: notes when it was under way, and gives how long.
    fn end(&self, sent: Instant, errand: &Errand<'_>, exchange: &mut Exchange) -> Duration {
        let received = monotonic();
        self.gauge.leave();
        exchange.at = errand.moment.timebase.interval(sent, received);
        received - sent
    }

    /// Takes in how a visitor's request ended.
    pub(super) fn take_ended(
        &self,
        traveller: &mut Traveller,
        errand: &Errand,
        operation: &Operation,
        (url, ended): (&url::Url, Result<&Answer, &Failed>),
        exchange: &mut Exchange,
    ) {
        match ended {
            Ok(answer) => self.take_answer(traveller, errand, operation, (url, answer), exchange),
            Err(failed) => {
                self.note_exhaustion(failed);
                take_failure(failed.clone(), errand.op, exchange);
            }
        }
    }

    /// What an agent asks for, and of which session.
    fn asked_of(traveller: &Traveller, errand: &Errand) -> Vec<Box<str>> {
        match errand.step.of {
            Which::Previous => traveller.previous.iter().cloned().collect(),
            Which::Current | Which::OtherWebsite => traveller.session.iter().cloned().collect(),
            Which::Orphans => traveller.orphans.clone(),
        }
    }

    async fn send_agent(&self, traveller: &mut Traveller, errand: &Errand<'_>, operation: &Operation) {
        for session in Self::asked_of(traveller, errand) {
            let (text, mut exchange) = self.agent_exchange(traveller, errand);
            exchange.session = (errand.step.of == Which::Orphans).then(|| session.clone());
            let ended = self.ask_agent(errand, operation, (&session, text.as_deref()), &mut exchange).await;
            self.take_agent_answer(errand, operation, ended.0, &mut exchange);
            self.close_exchange(traveller, exchange, ended.1);
        }
    }

    /// What an agent says, where it says something, and the exchange that it will be.
    pub(super) fn agent_exchange(&self, traveller: &mut Traveller, errand: &Errand<'_>) -> (Option<String>, Exchange) {
        let text = self.text_to_send(traveller, errand);
        let mut exchange = self.blank(errand);
        exchange.message = text.as_ref().map(|_| traveller.messages);
        (text, exchange)
    }

    /// Sends an agent's request, and notes when it was under way.
    pub(super) async fn ask_agent(
        &self,
        errand: &Errand<'_>,
        operation: &Operation,
        (session, text): (&str, Option<&str>),
        exchange: &mut Exchange,
    ) -> (Result<Answer, String>, Duration) {
        let (address, message_id) = (errand.person.home.to_string(), self.message_id(errand, exchange.message));
        let variables = Variables {
            website: &self.setup.target.websites[errand.website],
            text: text.unwrap_or_default(),
            message_id: &message_id,
            session,
            visitor: errand.due.visitor,
            address: &address,
            ..self.setup.target.variables()
        };
        let sent = self.begin();
        let ended =
            agent_ask(&self.setup.client, &self.setup.target.url, &operation.request, &variables, self.timeout).await;
        (ended, self.end(sent, errand, exchange))
    }

    /// Takes in how an agent's request ended.
    pub(super) fn take_agent_answer(
        &self,
        errand: &Errand,
        operation: &Operation,
        ended: Result<Answer, String>,
        exchange: &mut Exchange,
    ) {
        let orphan = exchange.session.take();
        match ended {
            Ok(answer) => self.capture(errand, operation, &answer, None, exchange),
            Err(error) => {
                let error = self.setup.target.redacted(&error);
                take_failure(Failed::Unanswered(error), errand.op, exchange);
            }
        }
        exchange.session = orphan.or(exchange.session.take());
    }

    fn look_into_store(&self, traveller: &mut Traveller, errand: &Errand) {
        let Some(inspector) = &self.inspector else { return };
        for session in Self::asked_of(traveller, errand) {
            let mut exchange = self.blank(errand);
            exchange.session = (errand.step.of == Which::Orphans).then(|| session.clone());
            let addresses = errand.person.own();
            let sent = monotonic();
            let looked = inspector.look(&session, &addresses.map(|address| address.to_string()));
            let lines = self.logs.borrow_mut().lines_with(&addresses);
            let received = monotonic();
            exchange.at = errand.moment.timebase.interval(sent, received);
            match (looked, lines) {
                (Ok(look), Ok(lines)) => {
                    exchange.outcome = if look.present { Outcome::Ok } else { Outcome::Absent };
                    let found = look.addresses;
                    exchange.addresses =
                        found.map(|found| found.iter().map(|text| errand.person.classify(text)).collect());
                    exchange.said = look.messages.map(|texts| self.classify(&texts, errand));
                    exchange.address_rows = look.address_rows.filter(|_| !traveller.address_taken);
                    exchange.log_lines = lines.filter(|_| !traveller.address_taken);
                    exchange.session_rows = look.session_rows;
                }
                (Err(error), _) => exchange.note = Some(format!("the store cannot be read: {error}").into()),
                (_, Err(error)) => exchange.note = Some(format!("a log file cannot be read: {error}").into()),
            }
            exchange.status = if exchange.outcome == Outcome::Ok { 200 } else { 0 };
            self.close_exchange(traveller, exchange, received - sent);
        }
    }

    /// Rows and lines that hold the visitor's address before it came are somebody else's, and would be blamed on it.
    fn note_whether_address_is_taken(&self, traveller: &mut Traveller, errand: &Errand) {
        let looks = self.setup.plan.journey(errand.due.visitor).looks_into_store();
        let Some(inspector) = self.inspector.as_ref().filter(|_| looks) else { return };
        let addresses = errand.person.own();
        let in_rows = addresses
            .iter()
            .any(|address| !matches!(inspector.address_rows("", &address.to_string()), Ok(None | Some(0))));
        let in_logs = !matches!(self.logs.borrow_mut().lines_with(&addresses), Ok(None | Some(0)));
        traveller.address_taken |= in_rows || in_logs;
    }

    /// An exchange of which only the errand is known yet.
    pub(super) fn blank(&self, errand: &Errand) -> Exchange {
        let step = errand.step;
        let visitors = errand.op.is_visitors();
        let how = How {
            with: if visitors { step.with } else { With::Own },
            from: self.setup.target.source.as_ref().map_or(Origin::Home, |source| source.tellable(step.from)),
            raced: step.together,
            cleared: step.clears,
        };
        Exchange {
            visitor: errand.due.visitor,
            stop: errand.moment.stop,
            step: errand.due.step,
            of: step.of,
            how: if visitors { how } else { How { raced: step.together, ..How::default() } },
            restarts: errand.moment.restarts,
            ..Exchange::blank(errand.op)
        }
    }
}

/// An answer that broke off or never came: whatever is not plain reading may have been applied.
fn take_failure(failed: Failed, op: Op, exchange: &mut Exchange) {
    let (outcome, note) = match failed {
        Failed::Unsent(note) | Failed::Exhausted(note) => (Outcome::Error, note),
        Failed::Garbled(note) if op.is_idempotent() => (Outcome::Error, note),
        Failed::Unanswered(note) | Failed::Garbled(note) => (Outcome::Unknown, note),
    };
    exchange.outcome = outcome;
    exchange.status = 0;
    exchange.note = Some(note.into());
}
