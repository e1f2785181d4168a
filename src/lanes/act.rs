//! One step of one visitor: the request, its answer, and what is captured of it.

use super::agent::agent_ask;
use super::conn::{Connection, Failed, Ready};
use super::lane::Desk;
use super::traveller::Traveller;
use crate::clock::Timebase;
use crate::history::{Exchange, Identity, Outcome, Said, Stored};
use crate::instant::Interval;
use crate::measure::monotonic;
use crate::plan::Due;
use crate::scenario::{Op, Which};
use crate::target::{Answer, Captured, Operation, Variables};
use crate::visitor::address::is_own;
use crate::visitor::jar::http_date;
use bytes::Bytes;
use http_body_util::Full;
use std::net::IpAddr;

/// What a step is about.
struct Errand<'a> {
    due: &'a Due,
    stop: u32,
    op: Op,
    of: Which,
    website: usize,
    address: IpAddr,
    timebase: &'a Timebase,
}

impl Desk {
    /// Does all that a step asks for, in order.
    pub(super) async fn take_step(
        &self,
        connection: &mut Connection,
        traveller: &mut Traveller,
        due: &Due,
        stop: u32,
        timebase: &Timebase,
    ) {
        let (ops, of) = {
            let step = self.setup.plan.step(due);
            (&step.ops, step.of)
        };
        let home = due.visitor as usize % self.setup.target.websites.len();
        for &op in ops {
            if self.is_tripped() {
                return;
            }
            let abroad = of == Which::OtherWebsite && op.is_visitors();
            if abroad && self.setup.target.websites.len() < 2 {
                continue;
            }
            let website = if abroad { (home + 1) % self.setup.target.websites.len() } else { home };
            let address = self.setup.addresses.of(due.visitor);
            let errand = Errand { due, stop, op, of, website, address, timebase };
            self.run_errand(connection, traveller, &errand).await;
        }
    }

    async fn run_errand(&self, connection: &mut Connection, traveller: &mut Traveller, errand: &Errand<'_>) {
        if errand.op == Op::StoreInspect {
            return self.look_into_store(traveller, errand);
        }
        let Some(operation) = self.setup.target.operations.get(&errand.op) else { return };
        if errand.op.is_visitors() {
            self.visit(connection, traveller, errand, operation).await;
        } else {
            self.send_agent(traveller, errand, operation).await;
        }
    }

    async fn visit(
        &self,
        connection: &mut Connection,
        traveller: &mut Traveller,
        errand: &Errand<'_>,
        operation: &Operation,
    ) {
        if errand.op == Op::Load && traveller.session.is_none() {
            self.note_whether_address_is_taken(traveller, errand);
        }
        let now = errand.timebase.at(monotonic());
        self.close_browser_after_a_day(traveller, now);
        let text = self.text_to_send(traveller, errand);
        let (cookie, carried) = traveller.browser.header(&self.carrier, &self.carrier.url, now.0);
        let request = self.request(traveller, errand, operation, text.as_deref(), cookie.as_deref());
        let mut exchange = self.blank(errand, carried);
        exchange.message = text.as_ref().map(|_| traveller.messages);
        self.setup.gauge.enter();
        let sent = monotonic();
        let ended = match request {
            Ok(request) => connection.ask(request, errand.op.is_idempotent()).await,
            Err(error) => Err(Failed::Unsent(error)),
        };
        let received = monotonic();
        self.setup.gauge.leave();
        exchange.at = errand.timebase.interval(sent, received);
        match ended {
            Ok(answer) => self.take_answer(traveller, errand, operation, &answer, &mut exchange),
            Err(failed) => take_failure(failed, errand.op, &mut exchange),
        }
        self.close_exchange(traveller, exchange, received - sent);
    }

    /// A person who comes back another day has closed the browser meanwhile.
    fn close_browser_after_a_day(&self, traveller: &mut Traveller, now: crate::instant::Instant) {
        if traveller.acted.is_some_and(|acted| now - acted >= self.setup.plan.terms.day) {
            traveller.browser.close();
        }
        traveller.acted = Some(now);
    }

    fn text_to_send(&self, traveller: &mut Traveller, errand: &Errand) -> Option<String> {
        if !matches!(errand.op, Op::Send | Op::AgentSend) {
            return None;
        }
        traveller.messages = traveller.messages.saturating_add(1);
        Some(self.setup.texts.render(errand.website, errand.due.visitor, traveller.messages))
    }

    fn request(
        &self,
        traveller: &Traveller,
        errand: &Errand,
        operation: &Operation,
        text: Option<&str>,
        cookie: Option<&str>,
    ) -> Result<Ready, String> {
        let (target, address) = (&self.setup.target, errand.address.to_string());
        let page = format!("/page-{}-{}", errand.due.visitor, errand.due.step);
        let variables = Variables {
            website: &target.websites[errand.website],
            page: &page,
            text: text.unwrap_or_default(),
            session: traveller.session.as_deref().unwrap_or_default(),
            visitor: errand.due.visitor,
            address: &address,
            ..target.variables()
        };
        let path = operation.request.path.render(&variables)?;
        let mut request = http::Request::builder()
            .method(operation.request.method.clone())
            .uri(path.as_ref())
            .header(http::header::HOST, &self.setup.dial.authority);
        if let Some(source) = &target.source {
            request = request.header(source.header.as_str(), &address);
        }
        if let Some(cookie) = cookie {
            request = request.header(http::header::COOKIE, cookie);
        }
        for (name, value) in &operation.request.headers {
            request = request.header(name, value.render(&variables)?.as_ref());
        }
        let body = match &operation.request.body {
            Some(body) => Bytes::from(body.render(&variables)?.into_owned()),
            None => Bytes::new(),
        };
        request.body(Full::new(body)).map_err(|error| error.to_string())
    }

    async fn send_agent(&self, traveller: &mut Traveller, errand: &Errand<'_>, operation: &Operation) {
        let asked = match errand.of {
            Which::Previous => traveller.previous.clone(),
            Which::Current | Which::OtherWebsite => traveller.session.clone(),
        };
        let Some(session) = asked else { return };
        let text = self.text_to_send(traveller, errand);
        let address = errand.address.to_string();
        let variables = Variables {
            website: &self.setup.target.websites[errand.website],
            text: text.as_deref().unwrap_or_default(),
            session: &session,
            visitor: errand.due.visitor,
            address: &address,
            ..self.setup.target.variables()
        };
        let mut exchange = self.blank(errand, false);
        exchange.message = text.as_ref().map(|_| traveller.messages);
        self.setup.gauge.enter();
        let sent = monotonic();
        let ended =
            agent_ask(&self.setup.client, &self.setup.target.url, &operation.request, &variables, self.timeout).await;
        let received = monotonic();
        self.setup.gauge.leave();
        exchange.at = errand.timebase.interval(sent, received);
        match ended {
            Ok(answer) => self.capture(errand, operation, &answer, None, &mut exchange),
            Err(error) => {
                let error = self.setup.target.redacted(&error);
                take_failure(Failed::Unanswered(error), errand.op, &mut exchange);
            }
        }
        self.close_exchange(traveller, exchange, received - sent);
    }

    fn look_into_store(&self, traveller: &mut Traveller, errand: &Errand) {
        let Some(inspector) = &self.inspector else { return };
        let asked = if errand.of == Which::Previous { &traveller.previous } else { &traveller.session };
        let Some(session) = asked else { return };
        let mut exchange = self.blank(errand, false);
        let sent = monotonic();
        let looked = inspector.look(session, &errand.address.to_string());
        let received = monotonic();
        exchange.at = errand.timebase.interval(sent, received);
        match looked {
            Ok(look) => {
                exchange.outcome = if look.present { Outcome::Ok } else { Outcome::Absent };
                exchange.addresses =
                    look.addresses.map(|found| found.iter().map(|text| stored(text, errand.address)).collect());
                exchange.said = look.messages.map(|texts| self.classify(&texts, errand));
                exchange.address_rows = look.address_rows.filter(|_| !traveller.address_taken);
            }
            Err(error) => exchange.note = Some(format!("the store cannot be read: {error}").into()),
        }
        exchange.status = if exchange.outcome == Outcome::Ok { 200 } else { 0 };
        self.close_exchange(traveller, exchange, received - sent);
    }

    /// Rows that hold the visitor's address before it came are somebody else's, and would be blamed on it.
    fn note_whether_address_is_taken(&self, traveller: &mut Traveller, errand: &Errand) {
        if let Some(inspector) = &self.inspector {
            let rows = inspector.address_rows("", &errand.address.to_string());
            traveller.address_taken = !matches!(rows, Ok(None | Some(0)));
        }
    }

    fn blank(&self, errand: &Errand, carried: bool) -> Exchange {
        Exchange {
            visitor: errand.due.visitor,
            stop: errand.stop,
            step: errand.due.step,
            op: errand.op,
            of: errand.of,
            at: Interval::default(),
            outcome: Outcome::Error,
            status: 0,
            carried,
            session: None,
            fresh: None,
            said: None,
            message: None,
            cookie: None,
            addresses: None,
            address_rows: None,
            note: None,
        }
    }

    fn take_answer(
        &self,
        traveller: &mut Traveller,
        errand: &Errand,
        operation: &Operation,
        answer: &Answer,
        exchange: &mut Exchange,
    ) {
        let date_s = answer.headers.get(http::header::DATE).and_then(|date| http_date(date.as_bytes()));
        let now = exchange.at.hi.0;
        for header in answer.headers.get_all(http::header::SET_COOKIE) {
            let received = traveller.browser.receive(&self.carrier, &self.carrier.url, header.as_bytes(), now);
            if let Some(cookie) = received {
                let wanted = errand.timebase.date_follows && cookie.max_age_s.is_none() && cookie.expires_s.is_some();
                let date_s = date_s.filter(|_| wanted);
                let value = cookie.value.into();
                exchange.cookie =
                    Some(Identity { value, max_age_s: cookie.max_age_s, expires_s: cookie.expires_s, date_s });
            }
        }
        let held = traveller.browser.value(&self.carrier, now);
        self.capture(errand, operation, answer, held.as_deref(), exchange);
        if let (Some(session), true) = (&exchange.session, errand.of == Which::Current) {
            traveller.shown(session);
        }
    }

    /// Takes from an answer what the target file says stands there; `held` is the carrier that the browser holds now.
    fn capture(
        &self,
        errand: &Errand,
        operation: &Operation,
        answer: &Answer,
        held: Option<&str>,
        exchange: &mut Exchange,
    ) {
        let captures = &operation.request.captures;
        let wants_json = operation.outcomes.wants_json() || captures.values().any(|capture| capture.wants_json());
        let json = wants_json.then(|| serde_json::from_slice(&answer.body).ok()).flatten();
        exchange.status = answer.status;
        exchange.outcome = operation.outcomes.of(answer.status, json.as_ref());
        if exchange.outcome == Outcome::Error {
            exchange.note = Some(format!("status {}", answer.status).into());
        }
        if exchange.outcome != Outcome::Ok {
            return;
        }
        if wants_json && json.is_none() && (!answer.body.is_empty() || matches!(errand.op, Op::Load | Op::Read)) {
            exchange.outcome = Outcome::Error;
            exchange.note = Some("its answer is not the JSON that the target file says".into());
            return;
        }
        // Only agents' requests carry secrets, and a server may echo them.
        let clean = |text: String| if errand.op.is_visitors() { text } else { self.setup.target.redacted(&text) };
        let take = |name: &str| captures.get(name).map(|capture| capture.take(answer, json.as_ref()).map(clean));
        // A carrier that is the session's id is set once, and held from then on.
        let is_carrier = captures.get("session").is_some_and(|capture| capture.is_cookie(&self.carrier.name));
        let session = match (take("session"), held) {
            (Some(Captured::Nothing), Some(held)) if is_carrier => Some(Captured::One(held.into())),
            (taken, _) => taken,
        };
        match session {
            Some(Captured::One(id)) if !id.is_empty() => exchange.session = Some(id.into()),
            Some(_) if errand.op == Op::Load && !is_carrier => {
                exchange.outcome = Outcome::Error;
                exchange.note = Some("its answer holds no session where the target file says".into());
                return;
            }
            _ => {}
        }
        exchange.fresh = match take("fresh") {
            Some(Captured::One(word)) => Some(matches!(word.as_str(), "true" | "1")),
            _ => None,
        };
        exchange.said = take("messages").map(|texts| self.classify(&many(texts), errand));
        exchange.addresses = take("address").map(|found| {
            many(found).iter().filter(|text| !text.is_empty()).map(|text| stored(text, errand.address)).collect()
        });
    }

    fn classify(&self, texts: &[String], errand: &Errand) -> Vec<Said> {
        let home = errand.due.visitor as usize % self.setup.target.websites.len();
        texts.iter().map(|text| self.setup.texts.classify(text, home, errand.due.visitor)).collect()
    }
}

fn many(captured: Captured) -> Vec<String> {
    match captured {
        Captured::Nothing => Vec::new(),
        Captured::One(text) => vec![text],
        Captured::Many(texts) => texts,
    }
}

fn stored(text: &str, own: IpAddr) -> Stored {
    if is_own(text, own) { Stored::Own } else { Stored::Other(text.into()) }
}

/// An answer that broke off or never came: whatever is not plain reading may have been applied.
fn take_failure(failed: Failed, op: Op, exchange: &mut Exchange) {
    let (outcome, note) = match failed {
        Failed::Unsent(note) => (Outcome::Error, note),
        Failed::Garbled(note) if op.is_idempotent() => (Outcome::Error, note),
        Failed::Unanswered(note) | Failed::Garbled(note) => (Outcome::Unknown, note),
    };
    exchange.outcome = outcome;
    exchange.status = 0;
    exchange.note = Some(note.into());
}
