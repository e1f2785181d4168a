//! A failure as a story: one visitor's own timeline in the target's time, told for a terminal.

use super::text::Story;
use super::{RunResult, plain};
use crate::history::Exchange;
use crate::instant::Length;
use crate::scenario::{Origin, Which, With};
use std::fmt::Write;

/// Tells a failure's story: what happened to the visitor until then, what was expected, and how to see it again.
pub(super) fn tell(out: &mut String, result: &RunResult, story: &Story) -> std::fmt::Result {
    let Some(clause) = result.clauses.iter().find(|clause| clause.id == story.clause) else { return Ok(()) };
    let Some(failure) = clause.failures.iter().find(|failure| failure.visitor == story.visitor) else { return Ok(()) };
    writeln!(out, "{} ({}): {}", clause.id, clause.reference, clause.text)?;
    writeln!(
        out,
        "  visitor {}, journey `{}`; {} broken of {} observations",
        story.visitor,
        plain(&story.journey),
        clause.failed,
        clause.failed + clause.passed
    )?;
    timeline(out, story, |exchange| {
        exchange.stop == failure.stop && exchange.step == failure.step && exchange.op.name() == failure.op
    })?;
    writeln!(out, "  expected: {}", plain(&failure.expected))?;
    writeln!(out, "  seen:     {}", plain(&failure.seen))?;
    writeln!(out, "  again:    {}\n", plain(&result.facts.command))
}

fn timeline(out: &mut String, story: &Story, is_here: impl Fn(&Exchange) -> bool) -> std::fmt::Result {
    let Some(first) = story.exchanges.first() else { return Ok(()) };
    let times: Vec<String> =
        story.exchanges.iter().map(|exchange| format!("+ {}", exchange.at.lo - first.at.lo)).collect();
    let width = times.iter().map(|time| time.chars().count()).max().unwrap_or(0);
    writeln!(out, "    from {}", first.at.lo)?;
    let mut restarts = first.restarts;
    for (exchange, time) in story.exchanges.iter().zip(&times) {
        if exchange.restarts > restarts {
            writeln!(out, "    {:<width$}  (the server was restarted meanwhile)", "")?;
            restarts = exchange.restarts;
        }
        let (mark, here) = if is_here(exchange) { (">", "  <- here") } else { (" ", "") };
        writeln!(out, "  {mark} {time:<width$}  {:<14} {}{here}", exchange.op.name(), seen(exchange))?;
    }
    Ok(())
}

/// What was special about a request, and what came of it.
fn seen(exchange: &Exchange) -> String {
    let mut words: Vec<String> = Vec::new();
    let how = exchange.how;
    let special = [
        (how.cleared, "with its cookies cleared"),
        (how.with == With::Forged, "with a made-up identity"),
        (how.with == With::Altered, "with an altered identity"),
        (how.with == With::Expired, "with an expired identity"),
        (how.with == With::Previous, "with the identity before"),
        (how.from == Origin::Away, "from its second address"),
        (how.from == Origin::Forger, "behind a made-up address"),
        (how.raced, "at once with others"),
        (exchange.of == Which::OtherWebsite && exchange.op.is_visitors(), "on another website"),
        (exchange.of == Which::Previous, "of the session before"),
    ];
    words.extend(special.iter().filter(|(is_so, _)| *is_so).map(|(_, words)| (*words).to_owned()));
    words.push(exchange.outcome.name().to_owned());
    if let Some(session) = &exchange.session {
        let beginning: String = session.chars().take(8).collect();
        words.push(format!("session {}...", plain(&beginning)));
    }
    words.extend(exchange.said.as_ref().map(|said| count(said.len() as u64, "message")));
    if let Some(cookie) = &exchange.cookie {
        let term = cookie
            .term_s(&exchange.at)
            .map_or("the browser's".to_owned(), |(least, _)| Length::seconds(least).to_string());
        words.push(format!("sets the cookie for {term}"));
    }
    words.extend(exchange.address_rows.map(|rows| format!("address in {}", count(u64::from(rows), "row"))));
    words.extend(exchange.session_rows.map(|rows| format!("id in {}", count(u64::from(rows), "row"))));
    let lines = exchange.log_lines.filter(|lines| *lines > 0);
    words.extend(lines.map(|lines| format!("address in {} of logs", count(u64::from(lines), "line"))));
    words.extend(exchange.note.as_deref().map(|note| plain(note).into_owned()));
    words.join(", ")
}

fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::How;
    use crate::instant::{Instant, Interval};
    use crate::scenario::Op;

    #[test]
    fn a_timeline_lines_up_and_says_what_was_special() {
        let at = |minute: i64, op, restarts| {
            let at = Instant(1_800_000_000_000 + minute * 60_000);
            Exchange { at: Interval::new(at, at), restarts, session: Some("abcdefghijk".into()), ..Exchange::blank(op) }
        };
        let mut forged = at(3, Op::Load, 0);
        forged.how = How { with: With::Forged, ..How::default() };
        let mut looked = at(62, Op::StoreInspect, 1);
        (looked.address_rows, looked.session_rows, looked.log_lines) = (Some(1), Some(0), Some(2));
        let story = Story {
            clause: "x".into(),
            visitor: 1,
            journey: "bounce".into(),
            exchanges: vec![at(0, Op::Load, 0), forged, looked],
        };
        let mut out = String::new();
        timeline(&mut out, &story, |exchange| exchange.op == Op::StoreInspect).unwrap();
        assert_eq!(
            out,
            "    from 2027-01-15T08:00:00Z
    + 0 s        load           error, session abcdefgh...
    + 3 min      load           with a made-up identity, error, session abcdefgh...
                 (the server was restarted meanwhile)
  > + 1 h 2 min  store-inspect  error, session abcdefgh..., address in 1 row, id in 0 rows, address in 2 lines of logs  <- here
"
        );
    }
}
