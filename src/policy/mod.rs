//! The written policy as data: its durations, its settings, its clauses with their stable ids, levels and references.
//!
//! It knows nothing of HTTP, of visitors or of clocks, and it judges nothing: the oracle does.

mod clause;
mod file;
mod settings;
mod statement;
mod term;
mod terms;

pub use clause::{ClauseText, Level};
pub use file::{BUILT_IN, BUILT_IN_NAME, RawPolicy, load, parse};
pub use settings::{
    AccessKind, AfterSessionEnd, CookieSettings, IpSettings, LateMessage, OtherRequests, Permanence, RenewedBy, Rule,
    SessionSettings, TermSettings,
};
pub use statement::Statement;
pub use term::{Lifetime, Term, Tolerance};
pub use terms::{Anchor, Expr, ExprError, Name, Terms, When};

use crate::instant::Length;
use std::collections::BTreeMap;

/// A policy that can be judged: every setting has a value.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its stable name, such as `crisp-2018-12-09`.
    pub id: String,
    /// What a person calls it.
    pub title: String,
    /// The visitor's cookie (§3.1, §3.2, §3.4).
    pub cookie: CookieSettings,
    /// The session on the server (§3.3).
    pub session: SessionSettings,
    /// The visitor's address (§3.5, §3.6).
    pub ip: IpSettings,
    /// What the policy calls a day, a month and a year.
    pub calendar: TermSettings,
    /// What it says, statement by statement.
    pub statements: Vec<Statement>,
    /// The clauses by id.
    pub clauses: BTreeMap<String, ClauseText>,
    /// The whole policy as one TOML text, extensions resolved: what a run's folder keeps.
    pub text: String,
}

impl Policy {
    /// The lengths in which journeys are written.
    ///
    /// `margin` is how near to a deadline the run's clock can probe; `declared` is the cookie's term as the server
    /// declared it, where that is known and within the policy.
    pub fn terms(&self, margin: Length, declared: Option<Length>) -> Terms {
        let idle = self.session.idle.shortest();
        let accepted = self.cookie.lifetime.shortest..=self.cookie.lifetime.longest;
        Terms {
            idle,
            grace: self.session.grace.longest(),
            margin: Length(margin.0.min((idle.0 / 10).max(1))),
            cookie: self.cookie.lifetime.shortest,
            cookie_longest: self.cookie.lifetime.longest,
            declared: declared.filter(|term| accepted.contains(term)).unwrap_or(self.cookie.lifetime.shortest),
            delete_grace: self.session.delete_grace.longest(),
            day: self.calendar.day.longest(),
            month: self.calendar.month.longest(),
            year: self.calendar.year.longest(),
        }
    }

    /// The value of a setting such as `session.idle`, as it stands in the file; `None` where there is no such setting.
    pub fn setting(&self, name: &str) -> Option<String> {
        let whole: toml::Table = toml::from_str(&self.text).ok()?;
        let value = setting_in(&whole, name)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// By how much a declared term may differ from the accepted range.
    pub fn cookie_tolerance(&self) -> Length {
        self.cookie.tolerance.of(self.cookie.lifetime.shortest)
    }
}

/// A setting's value in a policy's whole text. Clauses and statements are no settings.
fn setting_in<'a>(whole: &'a toml::Table, name: &str) -> Option<&'a toml::Value> {
    let (table, key) = name.split_once('.')?;
    let tables = ["cookie", "session", "ip", "calendar"];
    whole.get(table).filter(|_| tables.contains(&table))?.get(key)
}

#[cfg(test)]
mod tests;
