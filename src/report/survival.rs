//! How long sessions lived, as a table: finely about the deadline, coarsely elsewhere.

use super::RunResult;
use crate::instant::Length;
use crate::oracle::{Count, Survival};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// A line of the table: from which idle time on, and what was seen of temporary sessions and of those with messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From this idle time on, up to the next line's.
    pub from: Length,
    /// Of sessions without messages.
    pub temporary: Count,
    /// Of sessions with messages.
    pub with_messages: Count,
}

/// The lines of a run: what was counted finely about the deadline stays fine, the rest is put together.
pub fn lines(survival: &Survival) -> Vec<Line> {
    let (idle, day) = (survival.idle, survival.day);
    let near = Length(idle.0 / 20);
    let coarse = [Length::ZERO, idle.times(0.5), idle + near, day, day.times(30.0), day.times(180.0), day.times(365.0)];
    let place = |idled: i64| {
        let idled = Length(idled);
        if idled >= idle - near && idled < idle + near {
            return idled;
        }
        coarse.iter().rev().find(|from| **from <= idled).copied().unwrap_or(Length::ZERO)
    };
    let mut lines: Vec<Line> = Vec::new();
    let mut add = |idled: i64, change: &dyn Fn(&mut Line)| {
        let from = place(idled);
        let at = match lines.binary_search_by_key(&from, |line| line.from) {
            Ok(at) => at,
            Err(at) => {
                lines.insert(at, Line { from, temporary: Count::default(), with_messages: Count::default() });
                at
            }
        };
        change(&mut lines[at]);
    };
    let sum = |into: &mut Count, more: &Count| {
        into.there += more.there;
        into.gone += more.gone;
    };
    for (idled, count) in &survival.temporary {
        add(*idled, &|line| sum(&mut line.temporary, count));
    }
    for (idled, count) in &survival.with_messages {
        add(*idled, &|line| sum(&mut line.with_messages, count));
    }
    lines
}

/// The table for a terminal; nothing where nothing was counted.
pub fn table(result: &RunResult) -> Option<Table> {
    let lines = lines(&result.survival);
    if lines.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["idle for", "temporary there", "gone", "with messages there", "gone"]);
    for line in lines {
        let Line { from, temporary, with_messages } = line;
        let counts = [temporary.there, temporary.gone, with_messages.there, with_messages.gone];
        let mut row = vec![format!("{from} and more")];
        row.extend(counts.map(|count| if count == 0 { "-".to_owned() } else { count.to_string() }));
        table.add_row(row);
    }
    for column in 1..=4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_was_counted_about_the_deadline_stays_fine_and_the_rest_is_put_together() {
        let count = |there, gone| Count { there, gone };
        let minute = 60_000;
        let survival = Survival {
            idle: Length::seconds(1800),
            grace: Length::seconds(60),
            day: Length::days(1),
            temporary: BTreeMap::from([
                (0, count(1, 0)),
                (7 * minute, count(2, 0)),
                (30 * minute - 2000, count(3, 0)),
                (30 * minute, count(1, 1)),
                (90 * minute, count(0, 4)),
            ]),
            with_messages: BTreeMap::from([(7 * minute, count(5, 0)), (4000 * 86_400_000, count(6, 0))]),
        };
        let lines = lines(&survival);
        let seen: Vec<_> =
            lines.iter().map(|line| (line.from.to_string(), line.temporary, line.with_messages)).collect();
        let none = Count::default();
        assert_eq!(
            seen,
            [
                ("0 s".to_owned(), count(3, 0), count(5, 0)),
                ("29 min 58 s".to_owned(), count(3, 0), none),
                ("30 min".to_owned(), count(1, 1), none),
                ("31 min 30 s".to_owned(), count(0, 4), none),
                ("365 d".to_owned(), none, count(6, 0)),
            ]
        );
    }
}
