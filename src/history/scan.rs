//! Lines read by hand: those in the order and the form in which they are written. Anything else is serde's to read.

use super::event::{How, Outcome, Said, Stored};
use super::line::{Carrier, Found, Id, Line, Read};
use crate::scenario::{Origin, Which, With};
use std::borrow::Cow;

/// Behind the last field.
const END: u8 = b'}';

/// Reads a line; `None` where it is not quite as `write` would have written it.
pub(super) fn scan(text: &str) -> Option<Line<'_>> {
    let mut scan = Scan { text, at: 0, key: END };
    scan.eat(b"{\"v\":")?;
    let mut line = Line { visitor: scan.unsigned()?, ..Line::default() };
    scan.next()?;
    scan.first_half(&mut line)?;
    scan.second_half(&mut line)?;
    (scan.key == END && scan.at == text.len()).then_some(line)
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// The key of the field whose value comes next.
    key: u8,
}

impl<'a> Scan<'a> {
    fn first_half(&mut self, line: &mut Line<'a>) -> Option<()> {
        line.stop = self.needed(b'p', Self::unsigned)?;
        line.step = self.field(b'n', Self::unsigned)?.unwrap_or_default();
        line.op = self.needed(b'o', Self::unsigned)?;
        line.of = self.field(b'w', Self::which)?;
        line.after_t0 = self.needed(b't', Self::signed)?;
        line.width = self.field(b'l', Self::signed)?;
        line.outcome = self.field(b'r', Self::outcome)?;
        line.status = self.field(b'h', Self::unsigned)?;
        line.carried = self.field(b'c', Self::unsigned)?;
        line.session = self.field(b's', Self::id)?;
        line.fresh = self.field(b'f', Self::truth)?;
        line.said = self.field(b'm', Self::read)?;
        line.message = self.field(b'x', Self::unsigned)?;
        Some(())
    }

    fn second_half(&mut self, line: &mut Line<'a>) -> Option<()> {
        if self.key == END {
            return Some(());
        }
        line.cookie = self.field(b'k', Self::carrier)?;
        line.addresses = self.field(b'a', Self::found)?;
        line.address_rows = self.field(b'y', Self::unsigned)?;
        line.note = self.field(b'e', Self::text)?.map(Cow::Borrowed);
        line.how = self.field(b'q', Self::how)?;
        line.restarts = self.field(b'b', Self::unsigned)?;
        line.sent = self.field(b'i', Self::text)?.map(Cow::Borrowed);
        line.attributes = self.field(b'g', Self::id)?;
        // Strange cookies are rare: `z` is left to serde.
        line.reveals = self.field(b'j', Self::text)?.map(Cow::Borrowed);
        line.session_rows = self.field(b'u', Self::unsigned)?;
        line.log_lines = self.field(b'd', Self::unsigned)?;
        Some(())
    }

    fn bytes(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn eat(&mut self, token: &[u8]) -> Option<()> {
        self.bytes().starts_with(token).then(|| self.at += token.len())
    }

    /// Steps over what stands between two fields.
    #[inline]
    fn next(&mut self) -> Option<()> {
        match self.bytes() {
            [b',', b'"', key, b'"', b':', ..] if *key != END => (self.key, self.at) = (*key, self.at + 5),
            [END, ..] => (self.key, self.at) = (END, self.at + 1),
            _ => return None,
        }
        Some(())
    }

    /// A field that may be missing. `None` where it is there in another form.
    #[inline]
    #[expect(clippy::option_option, reason = "the outer one gives up, the inner one is the value")]
    fn field<T>(&mut self, key: u8, value: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.key != key {
            return Some(None);
        }
        let value = value(self)?;
        self.next()?;
        Some(Some(value))
    }

    #[inline]
    fn needed<T>(&mut self, key: u8, value: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.field(key, value)?
    }

    /// A number without a sign, and without zeros before it.
    #[inline]
    fn unsigned<T: TryFrom<u64>>(&mut self) -> Option<T> {
        let bytes = self.bytes();
        let mut value = 0_u64;
        let mut length = 0;
        while let Some(digit) = bytes.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            length += 1;
        }
        // What has more than 18 digits may not have fitted.
        if !(1..=18).contains(&length) || (bytes[0] == b'0' && length > 1) {
            return None;
        }
        self.at += length;
        T::try_from(value).ok()
    }

    fn signed(&mut self) -> Option<i64> {
        if self.eat(b"-").is_none() {
            return self.unsigned();
        }
        let value: i64 = self.unsigned()?;
        // JSON takes -0 for a fraction.
        (value != 0).then_some(-value)
    }

    /// A text without an escape.
    #[inline]
    fn text(&mut self) -> Option<&'a str> {
        self.eat(b"\"")?;
        let length = self.bytes().iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' '))?;
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length;
        self.eat(b"\"")?;
        Some(text)
    }

    fn truth(&mut self) -> Option<bool> {
        match self.eat(b"true") {
            Some(()) => Some(true),
            None => self.eat(b"false").map(|()| false),
        }
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let name = self.text()?;
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    fn which(&mut self) -> Option<Which> {
        Some(match self.text()? {
            "current" => Which::Current,
            "previous" => Which::Previous,
            "other-website" => Which::OtherWebsite,
            "orphans" => Which::Orphans,
            _ => return None,
        })
    }

    fn id(&mut self) -> Option<Id<'a>> {
        match self.bytes().first() {
            Some(b'"') => Some(Id::Text(Cow::Borrowed(self.text()?))),
            _ => self.unsigned().map(Id::Index),
        }
    }

    /// The values of a list, each of them by `value`.
    fn list<T>(&mut self, mut value: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.eat(b"[")?;
        let mut values = Vec::new();
        if self.eat(b"]").is_some() {
            return Some(values);
        }
        loop {
            values.push(value(self)?);
            if self.eat(b"]").is_some() {
                return Some(values);
            }
            self.eat(b",")?;
        }
    }

    fn read(&mut self) -> Option<Read<'a>> {
        if self.bytes().first() != Some(&b'[') {
            return self.unsigned().map(Read::All);
        }
        let own = |scan: &mut Self| {
            scan.eat(b"{\"n\":")?;
            let number = scan.unsigned()?;
            scan.eat(b"}")?;
            Some(Said::Own(number))
        };
        self.list(own).map(|said| Read::Each(Cow::Owned(said)))
    }

    fn found(&mut self) -> Option<Found<'a>> {
        if self.bytes().first() != Some(&b'[') {
            return self.unsigned().map(Found::Own);
        }
        let stored = |scan: &mut Self| match scan.text()? {
            "own" => Some(Stored::Own),
            "away" => Some(Stored::Away),
            "forged" => Some(Stored::Forged),
            _ => None,
        };
        self.list(stored).map(|stored| Found::Each(Cow::Owned(stored)))
    }

    /// Runs through an object's fields, and returns to the key that stood around it.
    fn within<T>(&mut self, fields: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let around = self.key;
        let value = fields(self)?;
        let ended = self.key == END;
        self.key = around;
        ended.then_some(value)
    }

    fn carrier(&mut self) -> Option<Carrier<'a>> {
        self.within(|scan| {
            scan.eat(b"{\"v\":")?;
            let value = Cow::Borrowed(scan.text()?);
            scan.next()?;
            Some(Carrier {
                value,
                max_age_s: scan.field(b'a', Self::signed)?,
                expires_s: scan.field(b'e', Self::signed)?,
                date_s: scan.field(b'd', Self::signed)?,
                beside: scan.field(b'b', Self::truth)?.unwrap_or_default(),
            })
        })
    }

    /// One peculiarity; those with several are serde's.
    fn how(&mut self) -> Option<How> {
        let usual = How::default();
        let mut one = |token: &[u8], how: How| self.eat(token).map(|()| how);
        one(b"{\"r\":true}", How { raced: true, ..usual })
            .or_else(|| one(b"{\"c\":true}", How { cleared: true, ..usual }))
            .or_else(|| one(b"{\"f\":\"away\"}", How { from: Origin::Away, ..usual }))
            .or_else(|| one(b"{\"f\":\"mapped\"}", How { from: Origin::Mapped, ..usual }))
            .or_else(|| one(b"{\"f\":\"forger\"}", How { from: Origin::Forger, ..usual }))
            .or_else(|| one(b"{\"w\":\"previous\"}", How { with: With::Previous, ..usual }))
            .or_else(|| one(b"{\"w\":\"forged\"}", How { with: With::Forged, ..usual }))
            .or_else(|| one(b"{\"w\":\"altered\"}", How { with: With::Altered, ..usual }))
            .or_else(|| one(b"{\"w\":\"expired\"}", How { with: With::Expired, ..usual }))
    }
}
