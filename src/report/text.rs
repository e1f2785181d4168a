//! The result for a terminal. What a server or a file says enters it by way of `plain`.

use super::story::tell;
use super::{RunResult, plain};
use crate::history::Exchange;
use crate::instant::Length;
use crate::oracle::{ClauseVerdict, Status, View};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use std::fmt::Write;

/// One visitor's own timeline, told for a failure.
#[derive(Debug, Clone)]
pub struct Story {
    /// The clause that failed.
    pub clause: String,
    /// The visitor.
    pub visitor: u32,
    /// What it does.
    pub journey: String,
    /// What happened to it, up to the failure.
    pub exchanges: Vec<Exchange>,
}

/// The clause table, the figures, and for failures their stories.
pub fn text(result: &RunResult, stories: &[Story]) -> Vec<u8> {
    let mut out = String::new();
    let _ = heading(&mut out, result);
    let _ = writeln!(out, "\n{}\n", clause_table(result));
    let _ = notes(&mut out, result);
    if let Some(table) = super::survival::table(result) {
        let _ =
            writeln!(out, "sessions that their visitors found there or gone, by how long they had idled\n\n{table}\n");
    }
    let _ = figures(&mut out, result);
    for story in stories {
        let _ = tell(&mut out, result, story);
    }
    let _ = writeln!(out, "{}", plain(&result.sentence));
    out.into_bytes()
}

fn heading(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let (facts, figures) = (&result.facts, &result.figures);
    writeln!(
        out,
        "{} at {}, seed {}, {} visitors",
        plain(&facts.target),
        plain(&facts.url),
        facts.seed,
        facts.visitors
    )?;
    let years = figures.span.as_seconds() / 86_400.0 / 365.25;
    writeln!(
        out,
        "{} of virtual time ({years:.1} years) from {} in {} of {} stops of the {} clock",
        days(figures.span),
        facts.t0_text,
        figures.stops.0,
        figures.stops.1,
        facts.profile.clock
    )
}

fn clause_table(result: &RunResult) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "clause", "ref", "level", "verdict", "kept", "broken", "open", "stops", "3/n", "longest", "seen by",
    ]);
    for clause in &result.clauses {
        let open: u64 = clause.inconclusive.values().sum();
        table.add_row([
            clause.id.clone(),
            clause.reference.clone(),
            clause.level.to_string(),
            clause.status.name().to_owned(),
            clause.passed.to_string(),
            clause.failed.to_string(),
            open.to_string(),
            clause.stops.to_string(),
            clause.bound_95.as_ref().map_or("-".to_owned(), |bound| bound.percent()),
            span(clause.longest_span_s),
            seen_by(clause),
        ]);
    }
    for column in 4..=8 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A span in words; a dash where there is none.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        0 => "-".into(),
        seconds if seconds < 172_800 => Length::seconds(seconds).to_string(),
        seconds => format!("{} d", seconds / 86_400),
    }
}

fn days(length: Length) -> String {
    span(length.0 / 1000)
}

fn seen_by(clause: &ClauseVerdict) -> String {
    let seen = |view: &View| clause.passed_by_view.contains_key(view) || clause.failed_by_view.contains_key(view);
    let names: Vec<&str> = View::ALL.iter().filter(|view| seen(view)).map(|view| view.name()).collect();
    if names.is_empty() { "-".into() } else { names.join(", ") }
}

fn notes(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let mut any = !result.remarks.is_empty();
    for remark in &result.remarks {
        writeln!(out, "{}", plain(remark))?;
    }
    let told = |clause: &&ClauseVerdict| match clause.status {
        Status::Pass => clause.detail.is_some(),
        status => status != Status::Fail,
    };
    for clause in result.clauses.iter().filter(told) {
        let reason = clause.reason.map(|reason| reason.name().to_owned());
        let detail = clause.detail.as_deref().map(|detail| plain(detail).into_owned());
        let why = reason.into_iter().chain(detail).collect::<Vec<_>>().join(": ");
        let verdict = match clause.status {
            Status::Pass => "passes".to_owned(),
            status => format!("is {}", status.name()),
        };
        writeln!(out, "{} {verdict} ({why}){}", clause.id, observed(clause))?;
        any = true;
    }
    if !result.facts.clauses.is_empty() {
        writeln!(out, "judged were only the clauses asked for: {}", result.facts.clauses.join(", "))?;
        any = true;
    }
    let open = result.coverage.iter().filter(|statement| !statement.covered);
    let open: Vec<&str> = open.map(|statement| statement.reference.as_str()).collect();
    if !open.is_empty() {
        writeln!(out, "not covered: {} (`loiter list statements` says what they are, and why)", open.join(", "))?;
        any = true;
    }
    if any { writeln!(out) } else { Ok(()) }
}

/// What was seen where nothing is judged.
fn observed(clause: &ClauseVerdict) -> String {
    let seen: Vec<String> =
        clause.observed.iter().map(|(what, count)| format!("{} {count} times", plain(what))).collect();
    if seen.is_empty() { String::new() } else { format!("; observed: {}", seen.join(", ")) }
}

fn figures(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let figures = &result.figures;
    writeln!(
        out,
        "{} requests and {} looks into the store in {:.1} s: {:.0} requests/s while visitors acted ({:.1} s), in flight {:.1} on average and {} at the peak",
        figures.requests,
        figures.looks,
        figures.lasted_s,
        figures.per_second,
        figures.acting_s,
        figures.in_flight_mean,
        figures.in_flight_peak
    )?;
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["operation", "count", "p50 ms", "p90 ms", "p99 ms", "max ms", "outcomes"]);
    for row in &figures.operations {
        let outcomes: Vec<String> = row.outcomes.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let millis = |micros: u64| format!("{:.2}", micros as f64 / 1000.0);
        table.add_row([
            row.id.clone(),
            row.count.to_string(),
            millis(row.p50_us),
            millis(row.p90_us),
            millis(row.p99_us),
            millis(row.max_us),
            outcomes.join(", "),
        ]);
    }
    for column in 1..=5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "\n{table}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{HOSTILE, assert_golden, run_result};

    #[test]
    fn a_result_as_text() {
        assert_golden("text.txt", &text(&run_result(), &[]));
    }

    #[test]
    fn nothing_that_a_server_says_reaches_a_terminal_as_a_control_character() {
        let mut result = run_result();
        result.remarks.push(HOSTILE.into());
        for clause in &mut result.clauses {
            clause.detail = Some(HOSTILE.into());
            clause.observed.insert(HOSTILE.into(), 1);
        }
        let exchange = Exchange {
            session: Some(HOSTILE[HOSTILE.find('\u{1b}').unwrap()..].into()),
            note: Some(HOSTILE.into()),
            ..Exchange::blank(crate::scenario::Op::Load)
        };
        let story = Story {
            clause: "cookie.lifetime".into(),
            visitor: 17,
            journey: "bounce".into(),
            exchanges: vec![exchange],
        };
        let text = String::from_utf8(text(&result, &[story])).unwrap();
        assert!(text.contains("alert(1)") && text.contains("again: "), "{text}");
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
        assert!(!text.lines().any(|line| line == "# f"), "no line is a server's own: {text}");
    }

    #[test]
    fn what_qualifies_a_pass_is_told() {
        let mut result = run_result();
        result.clauses[0].detail = Some("no span was asked for".into());
        let text = String::from_utf8(text(&result, &[])).unwrap();
        assert!(text.contains("\ncookie.set-on-load passes (no span was asked for)\n"), "{text}");
    }
}
