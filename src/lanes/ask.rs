//! A visitor's request, made ready: the identity that it presents, the address that it comes from, its template.

use super::act::Errand;
use super::conn::Ready;
use super::lane::Desk;
use super::traveller::Traveller;
use crate::history::Exchange;
use crate::instant::Instant;
use crate::measure::monotonic;
use crate::scenario::{Op, With};
use crate::target::{Operation, Variables};
use bytes::Bytes;
use http_body_util::Full;
use url::Url;

/// What people's browsers call themselves.
const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];

/// What is known of a request beside its bytes.
pub(super) struct Asked {
    /// The exchange that it will be.
    pub(super) exchange: Exchange,
    /// Where it goes.
    pub(super) url: Url,
}

/// A request and what is known of it.
pub(super) struct Prepared {
    /// The request, or why it cannot be made.
    pub(super) request: Result<Ready, String>,
    /// What is known of it.
    pub(super) rest: Asked,
}

impl Desk {
    /// Makes a visitor's request ready; `None` where it has nothing to present, or nothing to say again.
    pub(super) fn prepare(
        &self,
        traveller: &mut Traveller,
        errand: &Errand<'_>,
        operation: &Operation,
    ) -> Option<Prepared> {
        let now = errand.moment.timebase.at(monotonic());
        self.close_browser_after_a_day(traveller, now);
        if errand.op == Op::Resend && traveller.messages == 0 {
            return None;
        }
        let text = self.text_to_send(traveller, errand);
        let message = text.as_ref().map(|_| traveller.messages);
        let mut exchange = self.blank(errand, false);
        exchange.message = message;
        let message_id = self.message_id(errand, message);
        let (address, session) = (errand.person.home.to_string(), traveller.session.clone().unwrap_or_default());
        let page = format!("/page-{}-{}", errand.due.visitor, errand.due.step);
        let variables = Variables {
            website: &self.setup.target.websites[errand.website],
            page: &page,
            text: text.as_deref().unwrap_or_default(),
            message_id: &message_id,
            session: &session,
            visitor: errand.due.visitor,
            address: &address,
            ..self.setup.target.variables()
        };
        let path = operation.request.path.render(&variables);
        let url = path.as_ref().ok().and_then(|path| self.carrier.url.join(path).ok());
        let url = url.unwrap_or_else(|| self.carrier.url.clone());
        let cookie = self.identity(traveller, errand, &url, now, &mut exchange)?;
        let request = path.and_then(|path| self.request(traveller, errand, operation, (&path, cookie), &variables));
        Some(Prepared { request, rest: Asked { exchange, url } })
    }

    /// The Cookie header: what the browser holds, or what the step presents in its place. `None` where there is nothing
    /// to present.
    fn identity(
        &self,
        traveller: &mut Traveller,
        errand: &Errand,
        url: &Url,
        now: Instant,
        exchange: &mut Exchange,
    ) -> Option<Option<String>> {
        let kept = |place: usize| traveller.kept.get(place).map(|value| value.to_string());
        let held = traveller.browser.value(&self.carrier, url, now.0);
        let presented = match errand.step.with {
            With::Own => {
                let (cookie, carried) = traveller.browser.header(&self.carrier, url, now.0);
                exchange.carried = carried;
                return Some(cookie);
            }
            With::Forged => made_up(held.as_deref(), errand.due.visitor),
            With::Altered => altered(&held?),
            With::Expired => kept(0)?,
            With::Previous => kept(1)?,
        };
        exchange.sent = Some(presented.as_str().into());
        Some(Some(format!("{}={presented}", self.carrier.name)))
    }

    fn request(
        &self,
        traveller: &Traveller,
        errand: &Errand,
        operation: &Operation,
        (path, cookie): (&str, Option<String>),
        variables: &Variables,
    ) -> Result<Ready, String> {
        let target = &self.setup.target;
        let mut request = http::Request::builder()
            .method(operation.request.method.clone())
            .uri(path)
            .header(http::header::HOST, &self.setup.dial.authority);
        if let Some(source) = &target.source {
            request = request.header(&source.header, errand.person.header(source.tellable(errand.step.from)));
        }
        if !operation.request.headers.iter().any(|(name, _)| name == http::header::USER_AGENT) {
            let household = self.setup.plan.household_of(errand.due.visitor) as usize;
            request = request.header(http::header::USER_AGENT, BROWSERS[household % BROWSERS.len()]);
        }
        if let Some(cookie) = cookie {
            request = request.header(http::header::COOKIE, cookie);
        }
        // Once the cookies are cleared the cache is all that tells who this is.
        if let (Op::Read, true, Some(etag)) = (errand.op, errand.step.clears, &traveller.etag) {
            request = request.header(http::header::IF_NONE_MATCH, &**etag);
        }
        for (name, value) in &operation.request.headers {
            request = request.header(name, value.render(variables)?.as_ref());
        }
        let body = match &operation.request.body {
            Some(body) => Bytes::from(body.render(variables)?.into_owned()),
            None => Bytes::new(),
        };
        request.body(Full::new(body)).map_err(|error| error.to_string())
    }

    /// A person who comes back another day has closed the browser meanwhile.
    fn close_browser_after_a_day(&self, traveller: &mut Traveller, now: Instant) {
        if traveller.acted.is_some_and(|acted| now - acted >= self.setup.plan.terms.day) {
            traveller.browser.close();
        }
        traveller.acted = Some(now);
    }

    /// The text of a message; a repetition has that of the last one.
    pub(super) fn text_to_send(&self, traveller: &mut Traveller, errand: &Errand) -> Option<String> {
        match errand.op {
            Op::Send | Op::AgentSend | Op::AgentGreet => {
                traveller.messages = traveller.messages.saturating_add(1);
                Some(self.setup.texts.render(errand.website, errand.due.visitor, traveller.messages))
            }
            Op::Resend => Some(self.setup.texts.render(errand.website, errand.due.visitor, traveller.messages)),
            _ => None,
        }
    }

    /// The client's own name of a message.
    pub(super) fn message_id(&self, errand: &Errand, message: Option<u16>) -> String {
        message.map(|number| self.setup.texts.name(errand.due.visitor, number)).unwrap_or_default()
    }
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
