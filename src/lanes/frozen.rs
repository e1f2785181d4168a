//! An idle visitor as bytes, and back again when it acts.
//!
//! What can be told from something that is kept anyway is not kept: the id of a session that the history knows too, a
//! carrier that is the session's id, what fingerprints are made of.

use super::traveller::Traveller;
use crate::history::Known;
use crate::instant::Instant;
use crate::oracle::{Frame, Model, fingerprint};
use crate::packed::{Lexicon, put_number, put_signed, put_text, take_number, take_signed, take_text};
use crate::visitor::browser::Browser;
use crate::visitor::jar::{Carrier, Jar};

const CARRIER: u64 = 1;
const SESSION: u64 = 2;
const PREVIOUS: u64 = 4;
const ACTED: u64 = 8;
const ADDRESS_TAKEN: u64 = 16;
const CARRIER_IS_SESSION: u64 = 32;
/// The history knows the sessions that the visitor knows, and messages up to its last.
const ALIKE: u64 = 64;
const RARE: u64 = 128;
/// The browser holds more than the carrier.
const JAR: u64 = 256;

/// Turns travellers into bytes and back.
#[derive(Debug)]
pub struct Freezer {
    t0: Instant,
    lexicon: Lexicon,
}

impl Freezer {
    /// A freezer for a run whose instants are counted from `t0`.
    pub fn new(t0: Instant) -> Self {
        Self { t0, lexicon: Lexicon::default() }
    }

    /// Writes a traveller down, in place of what `out` held.
    pub fn freeze(&mut self, traveller: &Traveller, keeps_previous: bool, out: &mut Vec<u8>) {
        out.clear();
        let (held, jar) = match &traveller.browser {
            Browser::Short(held) => (held, None),
            Browser::Full(jar) => (&None, Some(jar)),
        };
        let known = &traveller.known;
        let previous = traveller.previous.as_deref().filter(|_| keeps_previous);
        let alike = known.current() == traveller.session.as_deref()
            && (!keeps_previous || known.previous() == previous)
            && known.sent().eq(1..=traveller.messages);
        let carrier_is_session =
            held.as_ref().is_some_and(|carrier| Some(carrier.value()) == traveller.session.as_deref());
        let rare = traveller.etag.is_some() || !traveller.kept.is_empty() || !traveller.orphans.is_empty();
        let flags = [
            (CARRIER, held.is_some()),
            (SESSION, traveller.session.is_some()),
            (PREVIOUS, previous.is_some()),
            (ACTED, traveller.acted.is_some()),
            (ADDRESS_TAKEN, traveller.address_taken),
            (CARRIER_IS_SESSION, carrier_is_session),
            (ALIKE, alike),
            (RARE, rare),
            (JAR, jar.is_some()),
        ];
        put_number(out, flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).sum());
        traveller.session.as_deref().into_iter().chain(previous).for_each(|id| put_text(out, id));
        if let Some(carrier) = held {
            if !carrier_is_session {
                put_text(out, carrier.value());
            }
            carrier.pack(self.t0.0, out);
        }
        if let Some(jar) = jar {
            jar.pack(&mut self.lexicon, self.t0.0, out);
        }
        put_number(out, traveller.messages.into());
        if let Some(acted) = traveller.acted {
            put_signed(out, (acted - self.t0).0);
        }
        if !alike {
            put_known(out, known);
        }
        if rare {
            put_rare(out, traveller);
        }
        traveller.model.freeze(&self.frame(traveller, previous), out);
    }

    /// Reads a traveller that was written down. `None` for what was not.
    pub fn thaw(&self, mut bytes: &[u8]) -> Option<Traveller> {
        let bytes = &mut bytes;
        let flags = take_number(bytes)?;
        let has = |flag| flags & flag != 0;
        let mut traveller = Traveller { address_taken: has(ADDRESS_TAKEN), ..Traveller::default() };
        if has(SESSION) {
            traveller.session = Some(take_text(bytes)?);
        }
        if has(PREVIOUS) {
            traveller.previous = Some(take_text(bytes)?);
        }
        if has(CARRIER) {
            let value = if has(CARRIER_IS_SESSION) { traveller.session.clone()? } else { take_text(bytes)? };
            traveller.browser = Browser::Short(Some(Carrier::unpack(value, self.t0.0, bytes)?));
        }
        if has(JAR) {
            traveller.browser = Browser::Full(Box::new(Jar::unpack(&self.lexicon, self.t0.0, bytes)?));
        }
        traveller.messages = u16::try_from(take_number(bytes)?).ok()?;
        if has(ACTED) {
            traveller.acted = Some(Instant(self.t0.0 + take_signed(bytes)?));
        }
        traveller.known = if has(ALIKE) {
            Known::new(traveller.session.as_deref(), traveller.previous.as_deref(), 1..=traveller.messages)
        } else {
            take_known(bytes)?
        };
        if has(RARE) {
            take_rare(bytes, &mut traveller)?;
        }
        traveller.model = Model::thaw(&self.frame(&traveller, traveller.previous.as_deref()), bytes)?;
        Some(traveller)
    }

    /// What the model's fingerprints are most often made of.
    fn frame(&self, traveller: &Traveller, previous: Option<&str>) -> Frame {
        let carrier = match &traveller.browser {
            Browser::Short(Some(carrier)) => Some(carrier.value()),
            _ => None,
        };
        let texts = [carrier, traveller.session.as_deref(), previous];
        Frame { t0: self.t0, known: texts.map(|text| text.map_or(0, fingerprint)) }
    }
}

fn put_texts<'a>(out: &mut Vec<u8>, texts: impl ExactSizeIterator<Item = &'a str>) {
    put_number(out, texts.len() as u64);
    texts.for_each(|text| put_text(out, text));
}

fn take_texts(bytes: &mut &[u8]) -> Option<Vec<Box<str>>> {
    (0..take_number(bytes)?).map(|_| take_text(bytes)).collect()
}

fn put_known(out: &mut Vec<u8>, known: &Known) {
    let ids: Vec<&str> = known.current().into_iter().chain(known.previous()).collect();
    put_texts(out, ids.into_iter());
    let sent: Vec<u16> = known.sent().collect();
    put_number(out, sent.len() as u64);
    sent.iter().for_each(|number| put_number(out, u64::from(*number)));
}

fn take_known(bytes: &mut &[u8]) -> Option<Known> {
    let ids = take_texts(bytes)?;
    let sent = (0..take_number(bytes)?).map(|_| take_number(bytes).and_then(|number| u16::try_from(number).ok()));
    let sent: Vec<u16> = sent.collect::<Option<_>>()?;
    let id = |place: usize| ids.get(place).map(|id| &**id);
    Some(Known::new(id(0), id(1), sent))
}

fn put_rare(out: &mut Vec<u8>, traveller: &Traveller) {
    for texts in [&traveller.kept, &traveller.orphans] {
        put_texts(out, texts.iter().map(|text| &**text));
    }
    put_texts(out, traveller.etag.as_slice().iter().map(|text| &**text));
}

fn take_rare(bytes: &mut &[u8], traveller: &mut Traveller) -> Option<()> {
    traveller.kept = take_texts(bytes)?;
    traveller.orphans = take_texts(bytes)?;
    traveller.etag = take_texts(bytes)?.pop();
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::store::Store;
    use crate::visitor::browser::CarrierRules;
    use proptest::prelude::*;

    const T0: Instant = Instant(1_800_000_000_000);

    fn id() -> impl Strategy<Value = Box<str>> {
        prop_oneof!["[0-9a-f]{32}", "[A-Za-z0-9_-]{1,64}", "s%3A[a-z.é]{0,300}"].prop_map(String::into_boxed_str)
    }

    fn browser() -> impl Strategy<Value = Browser> {
        let attribute = prop_oneof![
            Just("; Max-Age=15768000; Path=/; HttpOnly"),
            Just(""),
            Just("; Max-Age=60; Secure; SameSite=None; Partitioned"),
            // A path that leaves some requests out is for the full jar.
            Just("; Path=/elsewhere"),
        ];
        let others: [&[u8]; 4] = [
            b"other=1",
            b"lb=\"node 7\"; Path=/v1; HttpOnly; Secure; SameSite=None; Partitioned",
            b"wide=x; Max-Age=9; Path=/",
            b"other=2; Path=/v1/deep; Expires=Wed, 09 Jun 2100 10:18:14 GMT; SameSite=Strict",
        ];
        let other = proptest::collection::vec(proptest::sample::select(others.to_vec()), 0..3);
        (proptest::option::of(("[0-9a-f]{1,64}", attribute)), other).prop_map(|(carrier, other)| {
            let rules = CarrierRules::new("chatbox", &"http://127.0.0.1/".parse().unwrap());
            let mut browser = Browser::default();
            let set = carrier.map(|(value, attribute)| format!("chatbox={value}{attribute}").into_bytes());
            for header in set.as_deref().into_iter().chain(other) {
                browser.receive(&rules, &rules.url, header, T0.0 + 77);
            }
            browser
        })
    }

    fn traveller() -> impl Strategy<Value = Traveller> {
        let ids = || proptest::collection::vec(id(), 0..3);
        let own = (browser(), proptest::option::of(id()), proptest::option::of(id()), 0..400_u16, any::<bool>());
        let acted = proptest::option::of(-5..400_000_000_000_i64);
        let rare = (proptest::option::weighted(0.2, id()), ids(), ids(), any::<[bool; 3]>());
        (own, acted, rare).prop_map(|((browser, session, previous, messages, address_taken), acted, rare)| {
            let (etag, kept, orphans, [is_rare, knows_alike, cookie_is_session]) = rare;
            let alike = Known::new(session.as_deref(), previous.as_deref().filter(|_| session.is_some()), 1..=messages);
            let other = Known::new(Some("another"), None, [3, 1, messages]);
            let mut traveller = Traveller {
                browser,
                session,
                previous,
                messages,
                address_taken,
                known: if knows_alike { alike } else { other },
                acted: acted.map(|acted| Instant(T0.0 + acted)),
                etag: etag.filter(|_| is_rare),
                kept: if is_rare { kept } else { Vec::new() },
                orphans: if is_rare { orphans } else { Vec::new() },
                model: Model::default(),
            };
            if let (true, Browser::Short(Some(carrier))) = (cookie_is_session, &traveller.browser) {
                traveller.session = Some(carrier.value().into());
            }
            traveller
        })
    }

    /// All of a traveller, in an order of its own.
    fn told(traveller: &Traveller) -> String {
        let jar = match &traveller.browser {
            Browser::Short(_) => Vec::new(),
            Browser::Full(jar) => jar.all().collect(),
        };
        let is_full = matches!(traveller.browser, Browser::Full(_));
        let mut rest = traveller.clone();
        if is_full {
            rest.browser = Browser::default();
        }
        format!("{is_full} {jar:?} {rest:?}")
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn who_was_put_away_comes_back_the_same(travellers in proptest::collection::vec(traveller(), 1..20)) {
            let mut store = Store::new(travellers.len(), T0);
            for (place, traveller) in (0..).zip(&travellers) {
                store.put(place, traveller, true);
            }
            for (place, traveller) in (0..).zip(&travellers).collect::<Vec<_>>().into_iter().rev() {
                prop_assert_eq!(told(&store.take(place)), told(traveller));
                prop_assert_eq!(told(&store.take(place)), told(&Traveller::default()), "once");
            }
        }

        #[test]
        fn who_is_not_asked_for_the_session_before_forgets_it_and_nothing_else(traveller in traveller()) {
            let mut store = Store::new(1, T0);
            store.put(0, &traveller, false);
            let again = store.take(0);
            prop_assert_eq!(again.previous, None);
            prop_assert_eq!((again.known.current(), again.session), (traveller.known.current(), traveller.session));
            prop_assert!(again.known.sent().eq(traveller.known.sent()));
        }
    }

    #[test]
    fn a_usual_visitor_takes_few_bytes() {
        let mut usual = Traveller {
            acted: Some(T0),
            session: Some("0123456789abcdef0123456789abcdef".into()),
            ..Traveller::default()
        };
        usual.known = Known::new(usual.session.as_deref(), None, []);
        let rules = CarrierRules::new("chatbox", &"http://127.0.0.1/".parse().unwrap());
        let header = format!("chatbox={}; Max-Age=15768000; Path=/", "Zm9vYmFy".repeat(8));
        usual.browser.receive(&rules, &rules.url, header.as_bytes(), T0.0);
        let mut bytes = Vec::new();
        Freezer::new(T0).freeze(&usual, false, &mut bytes);
        assert!(bytes.len() < 90, "{} bytes", bytes.len());
    }
}
