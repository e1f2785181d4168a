//! Expressions in the policy's own terms: `access + idle - margin`, `2 day`, `0.9 cookie`.

use crate::instant::Length;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The lengths that an expression can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The idle term of a temporary session.
    pub idle: Length,
    /// How late after the deadline a session may be destroyed.
    pub grace: Length,
    /// How near to a deadline this run's clock can probe.
    pub margin: Length,
    /// The shortest accepted term of the cookie.
    pub cookie: Length,
    /// The longest accepted term of the cookie.
    pub cookie_longest: Length,
    /// The cookie's term as the server declares it, where it is within the policy, else the shortest accepted.
    pub declared: Length,
    /// How soon a deletion must reach the store.
    pub delete_grace: Length,
    /// What the policy calls a day.
    pub day: Length,
    /// A month, at its longest.
    pub month: Length,
    /// A year, at its longest.
    pub year: Length,
}

/// The name of a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Name {
    /// `idle`
    Idle,
    /// `grace`
    Grace,
    /// `margin`
    Margin,
    /// `cookie`
    Cookie,
    /// `cookie-longest`
    CookieLongest,
    /// `declared`
    Declared,
    /// `delete-grace`
    DeleteGrace,
    /// `day`
    Day,
    /// `month`
    Month,
    /// `year`
    Year,
    /// `s`: a second, for what is a person's pace and no term of the policy
    Second,
}

const NAMES: [(&str, Name); 11] = [
    ("idle", Name::Idle),
    ("grace", Name::Grace),
    ("margin", Name::Margin),
    ("cookie", Name::Cookie),
    ("cookie-longest", Name::CookieLongest),
    ("declared", Name::Declared),
    ("delete-grace", Name::DeleteGrace),
    ("day", Name::Day),
    ("month", Name::Month),
    ("year", Name::Year),
    ("s", Name::Second),
];

impl Terms {
    /// The length behind a name.
    pub fn of(&self, name: Name) -> Length {
        match name {
            Name::Idle => self.idle,
            Name::Grace => self.grace,
            Name::Margin => self.margin,
            Name::Cookie => self.cookie,
            Name::CookieLongest => self.cookie_longest,
            Name::Declared => self.declared,
            Name::DeleteGrace => self.delete_grace,
            Name::Day => self.day,
            Name::Month => self.month,
            Name::Year => self.year,
            Name::Second => Length::seconds(1),
        }
    }
}

/// From when a step's time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    /// The visitor's step before this one.
    #[default]
    Previous,
    /// The visitor's last website access.
    Access,
    /// The visitor's last load of the chatbox.
    Load,
    /// The visitor's first step.
    Start,
}

const ANCHORS: [(&str, Anchor); 4] =
    [("previous", Anchor::Previous), ("access", Anchor::Access), ("load", Anchor::Load), ("start", Anchor::Start)];

/// A sum of lengths, such as `idle + grace - 2 margin`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Expr {
    text: String,
    parts: Vec<(f64, Name)>,
}

impl Expr {
    /// Its length under these terms.
    pub fn eval(&self, terms: &Terms) -> Length {
        self.parts.iter().fold(Length::ZERO, |sum, (factor, name)| sum + terms.of(*name).times(*factor))
    }
}

/// A text that is no expression, with the reason and what would be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError(String);

impl fmt::Display for ExprError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExprError {}

impl TryFrom<String> for Expr {
    type Error = ExprError;

    fn try_from(text: String) -> Result<Self, ExprError> {
        match parse(&text)? {
            (Some(_), _) => Err(ExprError(format!("`{text}` names an anchor where only a length is wanted"))),
            (None, parts) => Ok(Self { text, parts }),
        }
    }
}

impl From<Expr> for String {
    fn from(expr: Expr) -> Self {
        expr.text
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// When a step is due: an anchor, a length after it, and for a range the far end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct When {
    text: String,
    /// From when the time is counted.
    pub anchor: Anchor,
    from: Vec<(f64, Name)>,
    to: Option<Vec<(f64, Name)>>,
}

impl When {
    /// The near end, and for a range the far one.
    pub fn eval(&self, terms: &Terms) -> (Length, Option<Length>) {
        let sum = |parts: &[(f64, Name)]| {
            parts.iter().fold(Length::ZERO, |sum, (factor, name)| sum + terms.of(*name).times(*factor))
        };
        (sum(&self.from), self.to.as_deref().map(sum))
    }

    /// Whether the time is a range, `a .. b`.
    pub fn is_range(&self) -> bool {
        self.to.is_some()
    }
}

impl TryFrom<String> for When {
    type Error = ExprError;

    fn try_from(text: String) -> Result<Self, ExprError> {
        let (near, far) = match text.split_once("..") {
            Some((near, far)) => (near, Some(far)),
            None => (text.as_str(), None),
        };
        let (anchor, from) = parse(near)?;
        let to = match far.map(parse).transpose()? {
            None => None,
            Some((far_anchor, parts)) if far_anchor.is_none() || far_anchor == anchor => Some(parts),
            Some(_) => return Err(ExprError(format!("both ends of `{text}` must be counted from the same anchor"))),
        };
        let anchor = anchor.unwrap_or_default();
        Ok(Self { text, anchor, from, to })
    }
}

impl From<When> for String {
    fn from(when: When) -> Self {
        when.text
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An anchor, where one is named, and the signed parts of the sum.
type Parsed = (Option<Anchor>, Vec<(f64, Name)>);

fn parse(text: &str) -> Result<Parsed, ExprError> {
    let mut anchor = None;
    let mut parts = Vec::new();
    let mut sign = 1.0;
    let mut factor: Option<f64> = None;
    let (mut open, mut signed) = (true, false);
    for word in spaced(text).split_whitespace() {
        if word == "+" || word == "-" {
            if factor.is_some() || signed || (open && word == "+") {
                return Err(unreadable(text, word));
            }
            sign = if word == "-" { -1.0 } else { 1.0 };
            (open, signed) = (true, true);
        } else if let Ok(number) = word.parse::<f64>() {
            if !open || factor.is_some() || !number.is_finite() || number > 100_000.0 {
                return Err(unreadable(text, word));
            }
            factor = Some(number);
        } else if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == word).filter(|_| open) {
            parts.push((sign * factor.take().unwrap_or(1.0), *name));
            (open, signed) = (false, false);
        } else if let Some((_, found)) = ANCHORS.iter().find(|(known, _)| *known == word)
            && open
            && parts.is_empty()
            && anchor.is_none()
            && factor.is_none()
            && !signed
        {
            anchor = Some(*found);
            open = false;
        } else {
            return Err(unreadable(text, word));
        }
    }
    if open || factor.is_some() {
        return Err(ExprError(format!(
            "`{}` ends in the middle; name a length after the last sign or number",
            text.trim()
        )));
    }
    Ok((anchor, parts))
}

/// The text with its signs set apart: `a+b` reads as `a + b`; the hyphen within `delete-grace` stays.
fn spaced(text: &str) -> String {
    text.replace('+', " + ").replace(" -", " - ")
}

fn unreadable(text: &str, word: &str) -> ExprError {
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let anchors: Vec<&str> = ANCHORS.iter().map(|(name, _)| *name).collect();
    ExprError(format!(
        "`{}` cannot be read at `{word}`; write a sum such as `access + idle - 2 margin` of {} after an anchor of {}",
        text.trim(),
        names.join(", "),
        anchors.join(", ")
    ))
}
