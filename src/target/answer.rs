//! What is captured from an answer.

use super::fields::{Fields, visible};
use super::file::CaptureSpec;
use super::pointer::Pointer;
use regex::bytes::Regex;
use serde_json::Value;
use std::borrow::Cow;

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Fields,
    /// Its body, bounded by whoever read it.
    pub body: Vec<u8>,
}

/// What stands where a capture looks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Captured<'a> {
    /// The answer has no such place.
    #[default]
    Missing,
    /// Nothing.
    Nothing,
    /// One text.
    One(Cow<'a, str>),
    /// A list of texts.
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Captured<'a> {
    /// The same with each text changed.
    #[must_use]
    pub fn map<'b>(self, change: impl Fn(Cow<'a, str>) -> Cow<'b, str>) -> Captured<'b> {
        match self {
            Self::Missing => Captured::Missing,
            Self::Nothing => Captured::Nothing,
            Self::One(text) => Captured::One(change(text)),
            Self::Many(texts) => Captured::Many(texts.into_iter().map(change).collect()),
        }
    }

    /// The same, with nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Captured<'static> {
        self.map(|text| Cow::Owned(text.into_owned()))
    }
}

/// Where a value stands in an answer, compiled.
#[derive(Debug, Clone)]
pub enum Capture {
    /// A place in the JSON body.
    Json(Pointer),
    /// A cookie that the answer sets.
    Cookie(String),
    /// A header.
    Header(http::HeaderName),
    /// The first group of an expression.
    Regex(Regex),
}

impl Capture {
    /// Whether it takes this cookie.
    pub fn is_cookie(&self, name: &str) -> bool {
        matches!(self, Self::Cookie(own) if own == name)
    }

    /// Compiles what the target file says.
    ///
    /// # Errors
    /// What is wrong with it, in a lower-case fragment.
    pub fn compile(spec: &CaptureSpec) -> Result<Self, String> {
        match spec {
            CaptureSpec::Json(pointer) => Pointer::parse(pointer).map(Self::Json),
            CaptureSpec::Cookie(name) => Ok(Self::Cookie(name.clone())),
            CaptureSpec::Header(name) => http::HeaderName::from_bytes(name.as_bytes())
                .map(Self::Header)
                .map_err(|_| format!("`{name}` is no header's name")),
            CaptureSpec::Regex(text) => {
                let regex = Regex::new(text).map_err(|error| {
                    format!("`{text}` is no regular expression: {}", error.to_string().replace('\n', " "))
                })?;
                if regex.captures_len() < 2 {
                    return Err(format!("`{text}` has no group; put what is captured in parentheses"));
                }
                Ok(Self::Regex(regex))
            }
        }
    }

    /// What stands there. `json` is the body, parsed once for all captures.
    pub fn take<'a>(&self, answer: &'a Answer, json: Option<&'a Value>) -> Captured<'a> {
        match self {
            Self::Json(pointer) => json.map_or(Captured::Missing, |json| pointer.take(json)),
            Self::Header(name) => {
                answer.headers.text(name.as_str()).map_or(Captured::Nothing, |text| Captured::One(text.into()))
            }
            Self::Cookie(name) => {
                let mut set = answer.headers.get_all("set-cookie").filter_map(visible);
                let found = set.find_map(|value| value.strip_prefix(name.as_str())?.strip_prefix('='));
                found.map_or(Captured::Nothing, |rest| {
                    Captured::One(rest.split(';').next().unwrap_or_default().trim().into())
                })
            }
            Self::Regex(regex) => match regex.captures(&answer.body).and_then(|found| first_group(&found)) {
                Some(text) => Captured::One(text),
                None => Captured::Nothing,
            },
        }
    }

    /// All that stands there: an expression finds every match, and not only the first.
    pub fn take_all<'a>(&self, answer: &'a Answer, json: Option<&'a Value>) -> Captured<'a> {
        match self {
            Self::Regex(regex) => {
                Captured::Many(regex.captures_iter(&answer.body).filter_map(|found| first_group(&found)).collect())
            }
            _ => self.take(answer, json),
        }
    }

    /// Whether it looks into a JSON body.
    pub fn wants_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }
}

fn first_group<'a>(found: &regex::bytes::Captures<'a>) -> Option<Cow<'a, str>> {
    found.get(1).map(|group| String::from_utf8_lossy(group.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_finds_one_session_and_every_message() {
        let capture = Capture::compile(&CaptureSpec::Regex("<p>(.*?)</p>".into())).unwrap();
        let answer = |body: &'static str| Answer { body: body.into(), ..Answer::default() };
        let two = answer("<p>a</p><p>b</p>");
        assert_eq!(capture.take(&two, None), Captured::One("a".into()));
        assert_eq!(capture.take_all(&two, None), Captured::Many(vec!["a".into(), "b".into()]));
        assert_eq!(capture.take_all(&answer("<hr>"), None), Captured::Many(Vec::new()));
    }
}
