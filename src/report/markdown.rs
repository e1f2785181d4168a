//! The result as Markdown, fit for the step summary of a CI server: the sentence first, then what bears it out.
//!
//! What a server said stands in code, where nothing is a link, a tag or a heading.

use super::text::span;
use super::{RunResult, Story};
use crate::instant::Length;
use crate::oracle::{ClauseVerdict, Status};
use std::fmt::Write;

/// The result for somebody who reads it in a browser.
pub fn markdown(result: &RunResult, stories: &[Story]) -> Vec<u8> {
    let mut out = format!("**{}**\n", plain(&result.sentence));
    for remark in &result.remarks {
        let _ = writeln!(out, "\n{}", plain(remark));
    }
    let _ = table(&mut out, result);
    let _ = failures(&mut out, result, stories);
    let _ = figures(&mut out, result);
    let _ = writeln!(out, "\n## Again\n\n{}", block(&result.facts.command));
    let _ = not_judged(&mut out, result);
    out.into_bytes()
}

/// For a CI server when there was no run at all: the reason.
pub fn markdown_of_no_run(reason: &str) -> Vec<u8> {
    format!("**no run: nothing was judged**\n\n{}\n", code(reason)).into_bytes()
}

fn table(out: &mut String, result: &RunResult) -> std::fmt::Result {
    writeln!(out, "\n| clause | ref | level | verdict | kept | broken | stops | 3/n | longest | why |")?;
    writeln!(out, "|---|---|---|---|--:|--:|--:|--:|--:|---|")?;
    for clause in &result.clauses {
        let verdict = match clause.status {
            Status::Fail => "**fail**",
            status => status.name(),
        };
        writeln!(
            out,
            "| {} | {} | {} | {verdict} | {} | {} | {} | {} | {} | {} |",
            plain(&clause.id),
            plain(&clause.reference),
            clause.level,
            clause.passed,
            clause.failed,
            clause.stops,
            clause.bound_95.as_ref().map_or("-".to_owned(), |bound| bound.percent()),
            span(clause.longest_span_s),
            plain(&why(clause))
        )?;
    }
    Ok(())
}

fn why(clause: &ClauseVerdict) -> String {
    let reason = clause.reason.map_or("", |reason| reason.name());
    let detail = clause.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{reason}{detail}")
}

/// What the first visitor of each failed clause saw.
fn failures(out: &mut String, result: &RunResult, stories: &[Story]) -> std::fmt::Result {
    let failed: Vec<&ClauseVerdict> = result.clauses.iter().filter(|clause| clause.status == Status::Fail).collect();
    if !failed.is_empty() {
        writeln!(out, "\n## Failures")?;
    }
    for clause in failed {
        writeln!(out, "\n**{}** ({}): {}\n", plain(&clause.id), plain(&clause.reference), plain(&clause.text))?;
        let Some(failure) = clause.failures.first() else { continue };
        let story = stories.iter().find(|story| story.clause == clause.id && story.visitor == failure.visitor);
        let journey = story.map(|story| format!(", journey {}", code(&story.journey))).unwrap_or_default();
        writeln!(out, "- visitor {}{journey}, {} at {}", failure.visitor, plain(&failure.op), failure.at)?;
        writeln!(out, "- expected: {}", code(&failure.expected))?;
        writeln!(out, "- seen: {}", code(&failure.seen))?;
        writeln!(out, "- broken in {} of {} observations", clause.failed, clause.failed + clause.passed)?;
    }
    Ok(())
}

fn figures(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let (facts, figures) = (&result.facts, &result.figures);
    writeln!(out, "\n## The run\n")?;
    writeln!(
        out,
        "{} at {}, seed {}, {} visitors, {} of virtual time from {} in {} of {} stops of the {} clock.  ",
        code(&facts.target),
        code(&facts.url),
        facts.seed,
        facts.visitors,
        Length(figures.span.0 / 86_400_000 * 86_400_000),
        facts.t0_text,
        figures.stops.0,
        figures.stops.1,
        plain(&facts.profile.clock)
    )?;
    writeln!(
        out,
        "{} requests and {} looks into the store in {:.1} s, {:.0} requests/s while visitors acted, {} in flight at the peak.",
        figures.requests, figures.looks, figures.lasted_s, figures.per_second, figures.in_flight_peak
    )
}

fn not_judged(out: &mut String, result: &RunResult) -> std::fmt::Result {
    let lacking: Vec<&ClauseVerdict> =
        result.clauses.iter().filter(|clause| clause.status == Status::NotApplicable).collect();
    let uncovered: Vec<_> = result.coverage.iter().filter(|statement| !statement.covered).collect();
    if lacking.is_empty() && uncovered.is_empty() && result.facts.clauses.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Not judged\n")?;
    for clause in lacking {
        writeln!(
            out,
            "- not applicable: {} ({}), {}",
            plain(&clause.id),
            plain(&clause.reference),
            plain(&why(clause))
        )?;
    }
    if !result.facts.clauses.is_empty() {
        writeln!(out, "- all clauses but those asked for: {}", plain(&result.facts.clauses.join(", ")))?;
    }
    uncovered.iter().try_for_each(|statement| {
        writeln!(out, "- not covered: {}: {}", plain(&statement.reference), plain(&statement.told()))
    })
}

/// A table of texts, each escaped.
pub fn markdown_table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(head.iter().map(|cell| plain(cell)).collect());
    out.push_str(&format!("|{}\n", "---|".repeat(N)));
    out.extend(rows.iter().map(|row| line(row.iter().map(|cell| plain(cell)).collect())));
    out
}

/// A text as it is, with what Markdown and HTML would take for theirs escaped, on one line.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in one_line(text).chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' | '!' => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
    }
    // Links that nobody wrote as such.
    out.replace("://", "&#58;//").replace("www.", "www&#46;").replace('@', "&#64;")
}

/// A text as code within a line, where nothing in it has a meaning.
fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = fence(&text, 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A text as a block of code.
fn block(text: &str) -> String {
    let fence = fence(text, 3);
    format!("{fence}\n{}\n{fence}", text.trim_end())
}

/// More backticks than stand in a row anywhere in the text.
fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

fn one_line(text: &str) -> String {
    let line = text.replace(['\r', '\n', '\t'], " ");
    line.replace(|letter: char| letter.is_control(), "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{HOSTILE, assert_golden, run_result};

    #[test]
    fn a_result_as_markdown() {
        assert_golden("summary.md", &markdown(&run_result(), &[]));
    }

    #[test]
    fn the_sentence_comes_first() {
        let text = String::from_utf8(markdown(&run_result(), &[])).unwrap();
        assert!(text.starts_with("**not conformant: 2 of 6 clauses failed"), "{text}");
    }

    #[test]
    fn what_a_server_said_has_no_meaning_in_markdown() {
        let code = code(HOSTILE);
        assert!(code.starts_with("````") && code.ends_with("````") && !code.contains('\n'), "{code}");
        assert!(!code.chars().any(char::is_control), "{code}");
        let plain = plain(HOSTILE);
        for meant in ["<", "[g](", " `", "://", "\n"] {
            assert!(!plain.contains(meant), "{meant} in {plain}");
        }
    }

    #[test]
    fn a_cell_holds_whatever_a_clause_says_in_one_row() {
        let mut result = run_result();
        result.clauses.truncate(1);
        result.clauses[0].detail = Some(HOSTILE.into());
        let text = String::from_utf8(markdown(&result, &[])).unwrap();
        let row = text.lines().find(|line| line.starts_with("| cookie.set-on-load")).unwrap();
        assert_eq!(row.replace("\\|", "").matches('|').count(), 11, "{row}");
    }
}
