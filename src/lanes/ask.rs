//! A visitor's request, made ready: the identity that it presents, the address that it comes from, its template.

use super::act::Errand;
use super::lane::Desk;
use super::traveller::Traveller;
use super::wire::Outgoing;
use crate::history::Exchange;
use crate::instant::Instant;
use crate::measure::monotonic;
use crate::scenario::{Op, With};
use crate::target::{Operation, Request, Variables};
use crate::visitor::address::push_address;
use crate::visitor::browser::Browser;
use crate::visitor::text::Texts;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;
use url::Url;

/// What people's browsers call themselves.
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];

/// What is known of a request beside its bytes.
pub(super) struct Prepared {
    /// Nothing, or why it cannot be made.
    pub(super) request: Result<(), String>,
    /// The exchange that it will be.
    pub(super) exchange: Exchange,
    /// Where it goes.
    pub(super) url: Rc<Url>,
}

/// What a request presents.
enum Cookies<'a> {
    /// Nothing.
    None,
    /// The carrier, with this value.
    Carrier(Cow<'a, str>),
    /// A whole Cookie header.
    Header(String),
}

/// So many addresses are kept of paths that come again.
const MOST_PLACES: usize = 64;

/// The addresses of the first few paths: nearly every request goes to one of them.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<Box<str>, Rc<Url>>);

impl Places {
    /// The address of a path; where it is none, the target's.
    fn of(&mut self, path: &str, base: &Url) -> Rc<Url> {
        if let Some(known) = self.0.get(path) {
            return Rc::clone(known);
        }
        let url = Rc::new(base.join(path).unwrap_or_else(|_| base.clone()));
        if self.0.len() < MOST_PLACES {
            self.0.insert(path.into(), Rc::clone(&url));
        }
        url
    }
}

/// What a request's templates can name, in buffers that are used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Words {
    page: String,
    text: String,
    message_id: String,
    address: String,
    part: String,
}

impl Words {
    fn fill(&mut self, texts: &Texts, errand: &Errand, message: Option<u16>) {
        let (visitor, step) = (errand.due.visitor, errand.due.step);
        for word in [&mut self.page, &mut self.text, &mut self.message_id, &mut self.address] {
            word.clear();
        }
        // A text takes whatever is written into it.
        let _ = write!(self.page, "/page-{visitor}-{step}");
        push_address(errand.person.home, &mut self.address);
        if let Some(number) = message {
            texts.render_into(errand.website, visitor, number, &mut self.text);
            texts.name_into(visitor, number, &mut self.message_id);
        }
    }
}

impl Desk {
    /// Makes a visitor's request ready in `outgoing`; `None` where it has nothing to present, or nothing to say again.
    pub(super) fn prepare(
        &self,
        traveller: &mut Traveller,
        errand: &Errand<'_>,
        operation: &Operation,
        outgoing: &mut Outgoing,
    ) -> Option<Prepared> {
        let now = errand.moment.timebase.at(monotonic());
        self.close_browser_after_a_day(traveller, now);
        if errand.op == Op::Resend && traveller.messages == 0 {
            return None;
        }
        let mut exchange = self.blank(errand);
        exchange.message = self.number_to_send(traveller, errand);
        let words = &mut *self.words.borrow_mut();
        words.fill(&self.setup.texts, errand, exchange.message);
        let Traveller { browser, kept, session, etag, .. } = traveller;
        let variables = Variables {
            website: &self.setup.target.websites[errand.website],
            page: &words.page,
            text: &words.text,
            message_id: &words.message_id,
            session: session.as_deref().unwrap_or_default(),
            visitor: errand.due.visitor,
            address: &words.address,
            ..self.setup.target.variables()
        };
        let part = &mut words.part;
        part.clear();
        let path = operation.request.path.render_into(&variables, part);
        let url = self.places.borrow_mut().of(part, &self.carrier.url);
        let cookies = self.identity((browser, kept), errand, &url, now, &mut exchange)?;
        // Once the cookies are cleared the cache is all that tells who this is.
        let etag = etag.as_deref().filter(|_| errand.op == Op::Read && errand.step.clears);
        let request = path.and_then(|()| {
            outgoing.begin(&operation.request.method, part)?;
            self.write_headers(errand, &operation.request, (&cookies, etag), part, outgoing)?;
            write_rest(&operation.request, &variables, part, outgoing)
        });
        Some(Prepared { request, exchange, url })
    }

    /// The Cookie header: what the browser holds, or what the step presents in its place. `None` where there is nothing
    /// to present.
    fn identity<'a>(
        &self,
        (browser, kept): (&'a mut Browser, &'a [Box<str>]),
        errand: &Errand,
        url: &Url,
        now: Instant,
        exchange: &mut Exchange,
    ) -> Option<Cookies<'a>> {
        let held = |browser: &Browser| browser.value(&self.carrier, url, now.0);
        let presented: Cow<str> = match errand.step.with {
            With::Own => {
                let cookies = self.own_cookies(browser, url, now, &mut exchange.carried);
                return Some(cookies);
            }
            With::Forged => made_up(held(browser).as_deref(), errand.due.visitor).into(),
            With::Altered => altered(&held(browser)?).into(),
            With::Expired => Cow::Borrowed(kept.first()?),
            With::Previous => Cow::Borrowed(kept.get(1)?),
        };
        exchange.sent = Some(presented.as_ref().into());
        Some(Cookies::Carrier(presented))
    }

    fn own_cookies<'a>(&self, browser: &'a mut Browser, url: &Url, now: Instant, carried: &mut bool) -> Cookies<'a> {
        match browser {
            Browser::Short(held) => {
                let held = held.as_ref().filter(|_| self.carrier.site.is_some());
                let value = held.and_then(|carrier| carrier.value_at(now.0));
                *carried = value.is_some();
                value.map_or(Cookies::None, |value| Cookies::Carrier(Cow::Borrowed(value)))
            }
            full => {
                let (header, carries) = full.header(&self.carrier, url, now.0);
                *carried = carries;
                header.map_or(Cookies::None, Cookies::Header)
            }
        }
    }

    /// The headers that a browser sends by itself, and the trusted proxy's.
    fn write_headers(
        &self,
        errand: &Errand,
        request: &Request,
        (cookies, etag): (&Cookies, Option<&str>),
        part: &mut String,
        outgoing: &mut Outgoing,
    ) -> Result<(), String> {
        outgoing.header("host", self.setup.dial.authority.as_bytes())?;
        if let Some(source) = &self.setup.target.source {
            part.clear();
            errand.person.header_into(source.tellable(errand.step.from), part);
            outgoing.header(source.header.as_str(), part.as_bytes())?;
        }
        if !request.headers.iter().any(|(name, _)| name == http::header::USER_AGENT) {
            let household = self.setup.plan.household_of(errand.due.visitor) as usize;
            outgoing.header("user-agent", BROWSERS[household % BROWSERS.len()].as_bytes())?;
        }
        match cookies {
            Cookies::None => {}
            Cookies::Carrier(value) => outgoing.header_with("cookie", |bytes| {
                bytes.extend_from_slice(self.carrier.name.as_bytes());
                bytes.push(b'=');
                bytes.extend_from_slice(value.as_bytes());
            })?,
            Cookies::Header(header) => outgoing.header("cookie", header.as_bytes())?,
        }
        etag.map_or(Ok(()), |etag| outgoing.header("if-none-match", etag.as_bytes()))
    }

    /// A person who comes back another day has closed the browser meanwhile.
    fn close_browser_after_a_day(&self, traveller: &mut Traveller, now: Instant) {
        if traveller.acted.is_some_and(|acted| now - acted >= self.setup.plan.terms.day) {
            traveller.browser.close();
        }
        traveller.acted = Some(now);
    }

    /// The number of the message that is sent; a repetition has that of the last one.
    fn number_to_send(&self, traveller: &mut Traveller, errand: &Errand) -> Option<u16> {
        match errand.op {
            Op::Send | Op::AgentSend | Op::AgentGreet => {
                traveller.messages = traveller.messages.saturating_add(1);
                Some(traveller.messages)
            }
            Op::Resend => Some(traveller.messages),
            _ => None,
        }
    }

    /// The text of the message that is sent.
    pub(super) fn text_to_send(&self, traveller: &mut Traveller, errand: &Errand) -> Option<String> {
        let number = self.number_to_send(traveller, errand)?;
        Some(self.setup.texts.render(errand.website, errand.due.visitor, number))
    }

    /// The client's own name of a message.
    pub(super) fn message_id(&self, errand: &Errand, message: Option<u16>) -> String {
        message.map(|number| self.setup.texts.name(errand.due.visitor, number)).unwrap_or_default()
    }
}

/// The headers and the body that the target file says.
fn write_rest(
    request: &Request,
    variables: &Variables,
    part: &mut String,
    outgoing: &mut Outgoing,
) -> Result<(), String> {
    for (name, value) in &request.headers {
        part.clear();
        value.render_into(variables, part)?;
        outgoing.header(name.as_str(), part.as_bytes())?;
    }
    if let Some(body) = &request.body {
        part.clear();
        body.render_into(variables, part)?;
        outgoing.body_mut().extend_from_slice(part.as_bytes());
    }
    outgoing.finish();
    Ok(())
}

/// An identity that nobody was given: of the same shape as the visitor's own, where it has one.
fn made_up(held: Option<&str>, visitor: u32) -> String {
    let Some(held) = held else { return format!("{:032x}", u128::from(visitor) * 0x9e37_79b9_7f4a_7c15_f39c_c060) };
    let turn = |letter: char, first: char, count: u32, by: u32| {
        char::from_u32(u32::from(first) + (u32::from(letter) - u32::from(first) + by) % count).unwrap_or(letter)
    };
    let by = |place: usize| visitor.rotate_left(u32::try_from(place % 31).unwrap_or(0)) % 5 + 1;
    held.chars()
        .enumerate()
        .map(|(place, letter)| match letter {
            '0'..='9' => turn(letter, '0', 10, by(place)),
            'a'..='f' => turn(letter, 'a', 6, by(place)),
            'A'..='F' => turn(letter, 'A', 6, by(place)),
            'g'..='z' => turn(letter, 'g', 20, by(place)),
            'G'..='Z' => turn(letter, 'G', 20, by(place)),
            other => other,
        })
        .collect()
}

/// A value with one letter or digit changed, in its middle: its end may hold bits that do not count.
fn altered(held: &str) -> String {
    let middle = held.chars().count() / 2;
    let place =
        held.char_indices().skip(middle).chain(held.char_indices()).find(|(_, letter)| letter.is_ascii_alphanumeric());
    let Some((at, letter)) = place else { return format!("{held}0") };
    let other = if letter == '1' { '2' } else { '1' };
    format!("{}{other}{}", &held[..at], &held[at + letter.len_utf8()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_identity_has_the_shape_of_a_real_one_and_is_another() {
        for held in ["6fa1c0ffee", "s%3AabcXYZ-19.Zq_7", "550E8400-e29b-41d4", "é1"] {
            for visitor in [0, 1, 77, 4_000_000] {
                let forged = made_up(Some(held), visitor);
                assert_ne!(forged, held);
                assert_eq!(forged.chars().count(), held.chars().count());
            }
            let altered = altered(held);
            let changed = held.chars().zip(altered.chars()).filter(|(a, b)| a != b).count();
            assert_eq!((changed, altered.chars().count()), (1, held.chars().count()), "{held} {altered}");
        }
        assert_ne!(made_up(None, 3), made_up(None, 4));
    }
}
