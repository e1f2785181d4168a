//! Lengths as the policy writes them: calendar-aware terms, the range a lifetime may have, tolerances.

use crate::instant::Length;
use jiff::{Span, civil};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A length of time in words, such as `6 months` or `30 minutes`.
///
/// Months and years have no one length: [`Term::shortest`] and [`Term::longest`] are over every day of a leap cycle
/// as a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Term {
    text: String,
    shortest: Length,
    longest: Length,
}

impl Term {
    /// The shortest that this term can be.
    pub fn shortest(&self) -> Length {
        self.shortest
    }

    /// The longest that this term can be.
    pub fn longest(&self) -> Length {
        self.longest
    }
}

impl TryFrom<String> for Term {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("`{text}` is no length of time ({why}); write one such as `6 months`, `30 minutes` or `P180D`")
        };
        let span: Span = text.trim().parse().map_err(|error: jiff::Error| wrong(&error.to_string()))?;
        if span.is_negative() {
            return Err(wrong("it is negative"));
        }
        let (shortest, longest) = extremes(span).ok_or_else(|| wrong("it is out of range"))?;
        Ok(Self { text, shortest, longest })
    }
}

impl From<Term> for String {
    fn from(term: Term) -> Self {
        term.text
    }
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The shortest and the longest that `span` can be, over every day of four years as its start.
fn extremes(span: Span) -> Option<(Length, Length)> {
    let mut day = civil::date(2023, 1, 1).at(0, 0, 0, 0);
    let one_day = Span::new().days(1);
    let starts = if span.get_months() == 0 && span.get_years() == 0 { 1 } else { 1461 };
    let mut range: Option<(i64, i64)> = None;
    for _ in 0..starts {
        let end = day.checked_add(span).ok()?;
        let millis = i64::try_from(end.duration_since(day).as_millis()).ok()?;
        range = Some(range.map_or((millis, millis), |(least, most)| (least.min(millis), most.max(millis))));
        day = day.checked_add(one_day).ok()?;
    }
    range.map(|(least, most)| (Length(least), Length(most)))
}

/// What a cookie's lifetime may be: a term, and the range that is accepted for it.
///
/// Written as a term alone (`"6 months"`), the range reaches from 30 days for each month to the longest that the
/// calendar makes of it; `{ term, accepted = [shortest, longest] }` states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawLifetime", into = "RawLifetime")]
#[schemars(with = "RawLifetime")]
pub struct Lifetime {
    raw: RawLifetime,
    /// The shortest accepted lifetime.
    pub shortest: Length,
    /// The longest accepted lifetime.
    pub longest: Length,
}

/// How a lifetime stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a lifetime is a text such as \"6 months\", or a table { term = \"6 months\", accepted = [\"180 days\", \"184 days\"] }"
)]
enum RawLifetime {
    Term(Term),
    Range { term: Term, accepted: [Term; 2] },
}

impl TryFrom<RawLifetime> for Lifetime {
    type Error = String;

    fn try_from(raw: RawLifetime) -> Result<Self, String> {
        let (shortest, longest) = match &raw {
            RawLifetime::Term(term) => (thirty_day_months(term).min(term.shortest()), term.longest()),
            RawLifetime::Range { accepted: [from, to], .. } => (from.shortest(), to.longest()),
        };
        if shortest > longest || longest <= Length::ZERO {
            return Err(format!(
                "the accepted lifetime reaches from {shortest} to {longest}; write the shorter one first"
            ));
        }
        Ok(Self { raw, shortest, longest })
    }
}

impl From<Lifetime> for RawLifetime {
    fn from(lifetime: Lifetime) -> Self {
        lifetime.raw
    }
}

impl std::fmt::Display for Lifetime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let term = match &self.raw {
            RawLifetime::Term(term) | RawLifetime::Range { term, .. } => term,
        };
        write!(f, "{term} ({} to {})", self.shortest, self.longest)
    }
}

fn thirty_day_months(term: &Term) -> Length {
    let months = term
        .text
        .trim()
        .parse::<Span>()
        .map_or(0, |span| i64::from(span.get_months()) + 12 * i64::from(span.get_years()));
    if months == 0 { term.shortest() } else { Length::days(30 * months) }
}

/// By how much a term may be off: a length (`2 s`) or a share of the term (`1 %`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Tolerance {
    text: String,
    length: Length,
    share: f64,
}

impl Tolerance {
    /// The tolerance for a term of this length.
    pub fn of(&self, term: Length) -> Length {
        self.length + term.times(self.share)
    }
}

impl TryFrom<String> for Tolerance {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(number) = text.trim().strip_suffix('%') {
            let percent: f64 =
                number.trim().parse().map_err(|_| format!("`{text}` is no share; write one such as `1 %`"))?;
            if !(0.0..=50.0).contains(&percent) {
                return Err(format!("`{text}` is not between 0 % and 50 %"));
            }
            return Ok(Self { text, length: Length::ZERO, share: percent / 100.0 });
        }
        let length = Term::try_from(text.clone())?.longest();
        Ok(Self { text, length, share: 0.0 })
    }
}

impl From<Tolerance> for String {
    fn from(tolerance: Tolerance) -> Self {
        tolerance.text
    }
}
