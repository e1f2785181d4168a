//! What is done at once: each request over a connection of its own, taken in as the answers come.

use super::act::Errand;
use super::ask::Prepared;
use super::lane::Desk;
use super::traveller::Traveller;
use super::wire::{Failed, Worker};
use crate::history::Exchange;
use crate::scenario::{Op, Which};
use crate::target::{Answer, Operation};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::rc::Rc;
use std::time::Duration;
use url::Url;

/// How one of the requests ended.
struct Ended<'a> {
    errand: &'a Errand<'a>,
    operation: &'a Operation,
    exchange: Exchange,
    service: Duration,
    answer: Answered,
}

enum Answered {
    Visitor(Rc<Url>, Result<Box<Answer>, Failed>),
    Agent(Result<Answer, String>),
}

impl Desk {
    /// Does all errands at once. Their order is not known, so their answers are taken in as they come.
    pub(super) async fn take_together(&self, worker: &Worker, traveller: &mut Traveller, errands: &[Errand<'_>]) {
        let mut under_way = FuturesUnordered::new();
        for errand in errands {
            under_way.extend(self.start(worker, traveller, errand));
        }
        let mut shown: Vec<Box<str>> = Vec::new();
        while let Some(ended) = under_way.next().await {
            let Ended { errand, operation, mut exchange, service, answer } = ended;
            match answer {
                Answered::Visitor(url, ended) => {
                    self.take_ended(traveller, errand, operation, (&url, ended.as_deref()), &mut exchange);
                    if errand.op == Op::Load && errand.step.of == Which::Current {
                        shown.extend(exchange.session.clone());
                    }
                }
                Answered::Agent(ended) => self.take_agent_answer(errand, operation, ended, &mut exchange),
            }
            self.close_exchange(traveller, exchange, service);
        }
        shown.retain(|id| traveller.session.as_ref() != Some(id));
        shown.sort_unstable();
        shown.dedup();
        traveller.orphans.extend(shown);
    }

    /// Sends one of the requests; nothing where the target has no such operation, or the visitor nothing to say.
    fn start<'a>(
        &'a self,
        worker: &Worker,
        traveller: &mut Traveller,
        errand: &'a Errand<'a>,
    ) -> Option<LocalBoxFuture<'a, Ended<'a>>> {
        let operation = self.setup.target.operations.get(&errand.op)?;
        if errand.op.is_visitors() {
            let mut alone = worker.another();
            let prepared = self.prepare(traveller, errand, operation, &mut alone.request)?;
            return Some(Box::pin(self.ask_alone(alone, prepared, errand, operation)));
        }
        let session = traveller.session.clone()?;
        let (text, mut exchange) = self.agent_exchange(traveller, errand);
        Some(Box::pin(async move {
            let (ended, service) = self.ask_agent(errand, operation, (&session, text.as_deref()), &mut exchange).await;
            Ended { errand, operation, exchange, service, answer: Answered::Agent(ended) }
        }))
    }

    async fn ask_alone<'a>(
        &'a self,
        mut worker: Worker,
        prepared: Prepared,
        errand: &'a Errand<'a>,
        operation: &'a Operation,
    ) -> Ended<'a> {
        let Prepared { request, mut exchange, url } = prepared;
        let (ended, service) = self.send(&mut worker, errand, request, &mut exchange).await;
        let answer = Answered::Visitor(url, ended.map(|()| Box::new(worker.answer)));
        Ended { errand, operation, exchange, service, answer }
    }
}
