//! Templates of the common form, as a list of texts and names that is written out without an allocation of its own.
//!
//! What it writes is to the byte what minijinja would write; what it does not understand it leaves to minijinja.

use super::template::Variables;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A template that holds nothing but texts and `{{ name }}`, `{{ secret.name }}` or `{{ about.name }}`, each with or
/// without `| tojson`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segments(Vec<Segment>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Text(Box<str>),
    Name { name: Name, as_json: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Website,
    Page,
    Text,
    MessageId,
    Session,
    Visitor,
    Address,
    ToMs,
    ToS,
    Secret(Box<str>),
    About(Box<str>),
}

/// What a name stands for.
enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

impl Segments {
    /// Takes a template apart; `None` where it holds more than this understands.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.contains("{%") || text.contains("{#") {
            return None;
        }
        let mut segments = Vec::new();
        let mut rest = without_last_newline(text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (expression, after) = after.split_once("}}")?;
            segments.push(Segment::Text(before.into()));
            segments.push(Segment::parse(expression)?);
            rest = after;
        }
        segments.push(Segment::Text(rest.into()));
        segments.retain(|segment| !matches!(segment, Segment::Text(text) if text.is_empty()));
        Some(Self(segments))
    }

    /// Writes the text with its variables filled in.
    ///
    /// # Errors
    /// With nothing, when a variable has no value; `out` then ends anywhere.
    pub(super) fn write(&self, variables: &Variables, out: &mut String) -> Result<(), ()> {
        for segment in &self.0 {
            let (name, as_json) = match segment {
                Segment::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Segment::Name { name, as_json } => (name, *as_json),
            };
            match name.value(variables) {
                Some(Value::Text(text)) if as_json => write_json(text, out),
                Some(Value::Text(text)) => out.push_str(text),
                Some(Value::Number(number)) => write!(out, "{number}").map_err(|_| ())?,
                None if as_json => out.push_str("null"),
                None => return Err(()),
            }
        }
        Ok(())
    }
}

/// minijinja drops one line's end at a template's end.
fn without_last_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

impl Segment {
    fn parse(expression: &str) -> Option<Self> {
        let (name, as_json) = match expression.split_once('|') {
            None => (expression, false),
            Some((name, filter)) => (name, trim(filter) == "tojson"),
        };
        if as_json != expression.contains('|') {
            return None;
        }
        Some(Self::Name { name: Name::parse(trim(name))?, as_json })
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

impl Name {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "website" => Self::Website,
            "page" => Self::Page,
            "text" => Self::Text,
            "message_id" => Self::MessageId,
            "session" => Self::Session,
            "visitor" => Self::Visitor,
            "address" => Self::Address,
            "to_ms" => Self::ToMs,
            "to_s" => Self::ToS,
            _ => {
                let (kind, key) = text.split_once('.').filter(|(_, key)| is_identifier(key))?;
                match kind {
                    "secret" => Self::Secret(key.into()),
                    "about" => Self::About(key.into()),
                    _ => return None,
                }
            }
        })
    }

    fn value<'a>(&self, variables: &Variables<'a>) -> Option<Value<'a>> {
        let of = |texts: Option<&'a BTreeMap<String, String>>, key: &str| {
            texts.and_then(|texts| texts.get(key)).map(|text| Value::Text(text))
        };
        Some(match self {
            Self::Website => Value::Text(variables.website),
            Self::Page => Value::Text(variables.page),
            Self::Text => Value::Text(variables.text),
            Self::MessageId => Value::Text(variables.message_id),
            Self::Session => Value::Text(variables.session),
            Self::Visitor => Value::Number(variables.visitor.into()),
            Self::Address => Value::Text(variables.address),
            Self::ToMs => Value::Number(variables.to_ms),
            Self::ToS => Value::Number(variables.to_s),
            Self::Secret(key) => return of(variables.secret, key),
            Self::About(key) => return of(variables.about, key),
        })
    }
}

fn is_identifier(text: &str) -> bool {
    let mut letters = text.bytes();
    letters.next().is_some_and(|first| first == b'_' || first.is_ascii_alphabetic())
        && letters.all(|letter| letter == b'_' || letter.is_ascii_alphanumeric())
}

/// A text as a JSON string that can stand in HTML too: `<`, `>`, `&` and `'` are written as escapes.
fn write_json(text: &str, out: &mut String) {
    let is_special = |byte: u8| byte < b' ' || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'&' | b'\'');
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate().filter(|&(_, byte)| is_special(byte)) {
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ => {
                let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
                out.push_str("\\u00");
                out.push(digit(byte >> 4));
                out.push(digit(byte & 15));
            }
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}
