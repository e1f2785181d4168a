//! What an answer says: its outcome, and what is captured from it.

use super::file::{BodyRule, CaptureSpec, OutcomeWord};
use crate::history::Outcome;
use http::HeaderMap;
use regex::bytes::Regex;
use serde_json::Value;
use std::collections::BTreeMap;

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, bounded by whoever read it.
    pub body: bytes::Bytes,
}

/// What stands where a capture looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Captured {
    /// Nothing.
    Nothing,
    /// One text.
    One(String),
    /// A list of texts.
    Many(Vec<String>),
}

impl Captured {
    /// The same with each text changed.
    #[must_use]
    pub fn map(self, change: impl Fn(String) -> String) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::One(text) => Self::One(change(text)),
            Self::Many(texts) => Self::Many(texts.into_iter().map(change).collect()),
        }
    }
}

/// Where a value stands in an answer, compiled.
#[derive(Debug, Clone)]
pub enum Capture {
    /// A JSON pointer's parts; `*` for every element.
    Json(Vec<String>),
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
            CaptureSpec::Json(pointer) => pointer_parts(pointer).map(Self::Json),
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
    pub fn take(&self, answer: &Answer, json: Option<&Value>) -> Captured {
        match self {
            Self::Json(parts) => json.map_or(Captured::Nothing, |json| pointed(json, parts)),
            Self::Header(name) => text_of(answer.headers.get(name)),
            Self::Cookie(name) => {
                let prefix = format!("{name}=");
                let mut set =
                    answer.headers.get_all(http::header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
                set.find_map(|value| value.strip_prefix(&prefix)).map_or(Captured::Nothing, |rest| {
                    Captured::One(rest.split(';').next().unwrap_or_default().trim().to_owned())
                })
            }
            Self::Regex(regex) => {
                regex.captures(&answer.body).and_then(|found| found.get(1)).map_or(Captured::Nothing, |group| {
                    Captured::One(String::from_utf8_lossy(group.as_bytes()).into_owned())
                })
            }
        }
    }

    /// Whether it looks into a JSON body.
    pub fn wants_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }
}

fn text_of(value: Option<&http::HeaderValue>) -> Captured {
    value.and_then(|value| value.to_str().ok()).map_or(Captured::Nothing, |text| Captured::One(text.to_owned()))
}

fn pointer_parts(pointer: &str) -> Result<Vec<String>, String> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let rest =
        pointer.strip_prefix('/').ok_or_else(|| format!("`{pointer}` is no JSON pointer; it begins with `/`"))?;
    Ok(rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect())
}

fn pointed(json: &Value, parts: &[String]) -> Captured {
    let Some(star) = parts.iter().position(|part| part == "*") else {
        return parts.iter().try_fold(json, |value, part| step(value, part)).map_or(Captured::Nothing, as_text);
    };
    let Some(Value::Array(elements)) = parts[..star].iter().try_fold(json, |value, part| step(value, part)) else {
        return Captured::Nothing;
    };
    let texts = elements.iter().filter_map(|element| match pointed(element, &parts[star + 1..]) {
        Captured::One(text) => Some(text),
        Captured::Nothing | Captured::Many(_) => None,
    });
    Captured::Many(texts.collect())
}

fn step<'a>(value: &'a Value, part: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(part),
        Value::Array(list) => part.parse::<usize>().ok().and_then(|index| list.get(index)),
        _ => None,
    }
}

fn as_text(value: &Value) -> Captured {
    match value {
        Value::Null => Captured::Nothing,
        Value::String(text) => Captured::One(text.clone()),
        Value::Array(list) => Captured::Many(
            list.iter()
                .filter_map(|value| match as_text(value) {
                    Captured::One(text) => Some(text),
                    _ => None,
                })
                .collect(),
        ),
        other => Captured::One(other.to_string()),
    }
}

/// How an answer maps to an outcome.
#[derive(Debug, Clone)]
pub struct OutcomeMap {
    statuses: BTreeMap<u16, Outcome>,
    rules: Vec<(Vec<String>, Option<Value>, Outcome)>,
}

impl OutcomeMap {
    /// The map that a target file describes.
    ///
    /// # Errors
    /// What is wrong with a rule, in a lower-case fragment.
    pub fn new(statuses: &BTreeMap<OutcomeWord, Vec<u16>>, rules: &[BodyRule]) -> Result<Self, String> {
        let statuses =
            statuses.iter().flat_map(|(word, list)| list.iter().map(|status| (*status, outcome(*word)))).collect();
        let rules = rules
            .iter()
            .map(|rule| Ok((pointer_parts(&rule.json)?, rule.is.clone(), outcome(rule.outcome))))
            .collect::<Result<_, String>>()?;
        Ok(Self { statuses, rules })
    }

    /// Whether it must see the body as JSON.
    pub fn wants_json(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The outcome of an answer.
    pub fn of(&self, status: u16, json: Option<&Value>) -> Outcome {
        let by_body = self.rules.iter().find(|(parts, wanted, _)| {
            let Some(json) = json else { return false };
            let found = parts.iter().try_fold(json, |value, part| step(value, part)).filter(|value| !value.is_null());
            found == wanted.as_ref()
        });
        if let Some((_, _, outcome)) = by_body {
            return *outcome;
        }
        self.statuses.get(&status).copied().unwrap_or(match status {
            200..=299 => Outcome::Ok,
            404 | 410 => Outcome::Absent,
            401 | 403 => Outcome::Forbidden,
            429 => Outcome::Throttled,
            _ => Outcome::Error,
        })
    }
}

fn outcome(word: OutcomeWord) -> Outcome {
    match word {
        OutcomeWord::Ok => Outcome::Ok,
        OutcomeWord::Absent => Outcome::Absent,
        OutcomeWord::Forbidden => Outcome::Forbidden,
        OutcomeWord::Throttled => Outcome::Throttled,
        OutcomeWord::Error => Outcome::Error,
    }
}
