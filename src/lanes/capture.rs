//! What an answer shows: its outcome, the identity that it sets, and what is captured of it.

use super::act::Errand;
use super::lane::Desk;
use super::traveller::Traveller;
use crate::history::{Exchange, Outcome, Said};
use crate::scenario::{Op, Which, With};
use crate::target::{Answer, Captured, Operation};
use crate::visitor::browser::{Browser, Received, dated};
use crate::visitor::jar::http_date;
use crate::visitor::reveal;
use std::borrow::Cow;
use url::Url;

/// How many names of undeclared cookies are noted of one answer.
const MOST_STRANGE: usize = 8;

/// The longest id of a session, in bytes: each visitor keeps a few, and every exchange is written down with one.
const MOST_ID: usize = 4096;

/// The most messages of a conversation, as the most rows of a look into the store.
const MOST_MESSAGES: usize = 10_000;

impl Desk {
    /// Takes in the answer to a visitor's request.
    pub(super) fn take_answer(
        &self,
        traveller: &mut Traveller,
        errand: &Errand,
        operation: &Operation,
        (url, answer): (&Url, &Answer),
        exchange: &mut Exchange,
    ) {
        let now = exchange.at.hi.0;
        // Whoever presents what is not its own leaves the visitor's browser as it was.
        let own = errand.step.with == With::Own;
        let mut stranger = Browser::default();
        let browser = if own { &mut traveller.browser } else { &mut stranger };
        for header in answer.headers.get_all("set-cookie") {
            match browser.receive(&self.carrier, url, header, now) {
                Some(Received::Carrier(cookie)) => {
                    let date = || answer.headers.get("date").filter(|_| errand.moment.timebase.date_follows);
                    exchange.cookie = Some(dated(cookie, || date().and_then(http_date)));
                }
                Some(Received::Other { name, kept }) => self.note_strange(&name, kept, exchange),
                None => {}
            }
        }
        let held = browser.held(&self.carrier, url, now);
        self.capture(errand, operation, answer, held.as_deref(), exchange);
        let journey = self.setup.plan.journey(errand.due.visitor);
        if own && journey.keeps_old_identities() {
            let held = held.map(Cow::into_owned);
            held.into_iter().for_each(|held| traveller.holds(&held));
        }
        let caches = own && errand.op == Op::Read && journey.clears_cookies();
        if let (true, Some(etag)) = (caches, answer.headers.text("etag")) {
            traveller.etag = Some(etag.into());
        }
        if own && exchange.fresh != Some(false) && (exchange.op == Op::Load || exchange.cookie.is_some()) {
            let ids = [exchange.cookie.as_ref().map(|cookie| &*cookie.value), exchange.session.as_deref()];
            exchange.reveals = reveal::first_revealed(ids, &errand.person.own());
        }
        if let (Some(session), Which::Current, true) = (&exchange.session, errand.step.of, own) {
            traveller.shown(session);
        }
    }

    fn note_strange(&self, name: &str, kept: bool, exchange: &mut Exchange) {
        let known = !kept || self.setup.target.carrier.declares(name);
        if !known && exchange.strange.len() < MOST_STRANGE && !exchange.strange.iter().any(|known| &**known == name) {
            exchange.strange.push(name.chars().take(64).collect::<String>().into());
        }
    }

    /// Takes from an answer what the target file says stands there; `held` is the carrier that the browser holds now.
    pub(super) fn capture(
        &self,
        errand: &Errand,
        operation: &Operation,
        answer: &Answer,
        held: Option<&str>,
        exchange: &mut Exchange,
    ) {
        let taken = operation.reader.read(answer);
        exchange.status = answer.status;
        exchange.outcome = taken.outcome;
        if answer.status == 304 {
            // What the browser's cache holds is what the server would have answered; nobody else is asked that way.
            exchange.outcome = Outcome::Ok;
            return;
        }
        if exchange.outcome == Outcome::Error {
            exchange.note = Some(format!("status {}", answer.status).into());
        }
        if exchange.outcome != Outcome::Ok {
            return;
        }
        if taken.is_garbled && (!answer.body.is_empty() || matches!(errand.op, Op::Load | Op::Read)) {
            return refuse(exchange, "its answer is not the JSON that the target file says".into());
        }
        // Only agents' requests carry secrets, and a server may echo them.
        let clean = |text| if errand.op.is_visitors() { text } else { self.setup.target.cleaned(text) };
        // A carrier that is the session's id is set once, and held from then on.
        let is_carrier = operation.reader.takes_session_from_cookie(&self.carrier.name);
        let session = match (taken.session, held) {
            (Some(Captured::Nothing), Some(held)) if is_carrier => Some(Captured::One(held.into())),
            (taken, _) => taken.map(|found| found.map(clean)),
        };
        match session {
            Some(Captured::One(id)) if id.len() > MOST_ID => {
                return refuse(exchange, format!("its session's id is longer than {MOST_ID} bytes"));
            }
            Some(Captured::One(id)) if !id.is_empty() => exchange.session = Some(id.into()),
            Some(_) if errand.op == Op::Load && !is_carrier => {
                return refuse(exchange, "its answer holds no session where the target file says".into());
            }
            _ => {}
        }
        exchange.fresh = match taken.fresh.map(|found| found.map(clean)) {
            Some(Captured::One(word)) => Some(matches!(&*word, "true" | "1")),
            _ => None,
        };
        let (messages, address) = (taken.messages, taken.address);
        for (name, found) in [("messages", &messages), ("address", &address)] {
            if *found == Some(Captured::Missing) {
                // To take it for an empty conversation, or for no address, would blame the server for the file.
                return refuse(exchange, format!("its answer holds no {name} where the target file says"));
            }
        }
        let messages = messages.map(|found| many(found.map(clean)));
        if messages.as_ref().is_some_and(|texts| texts.len() > MOST_MESSAGES) {
            return refuse(exchange, format!("its conversation has more than {MOST_MESSAGES} messages"));
        }
        exchange.said = messages.map(|texts| self.classify(&texts, errand));
        exchange.addresses = address.map(|found| {
            let texts = many(found.map(clean));
            texts.iter().filter(|text| !text.is_empty()).map(|text| errand.person.classify(text)).collect()
        });
    }

    /// Whose texts these are.
    pub(super) fn classify(&self, texts: &[impl AsRef<str>], errand: &Errand) -> Vec<Said> {
        let home = errand.due.visitor as usize % self.setup.target.websites.len();
        texts.iter().map(|text| self.setup.texts.classify(text.as_ref(), home, errand.due.visitor)).collect()
    }
}

/// An answer that cannot be taken for what it says it is.
fn refuse(exchange: &mut Exchange, note: String) {
    exchange.outcome = Outcome::Error;
    exchange.note = Some(note.into());
}

fn many(captured: Captured<'_>) -> Vec<Cow<'_, str>> {
    match captured {
        Captured::Missing | Captured::Nothing => Vec::new(),
        Captured::One(text) => vec![text],
        Captured::Many(texts) => texts,
    }
}
