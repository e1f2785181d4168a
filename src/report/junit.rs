//! The result as JUnit XML: a test suite for each subject, a test case for each clause.
//!
//! A failed *must* is a failure; one that is inconclusive or was not exercised is an error; what is not applicable, and
//! whatever is a warning only, is skipped with its message. The time is the run's and stands at the root: the clauses
//! were judged in one run and have no time of their own.

use super::exit::{Exit, weighs};
use super::{RunResult, Story};
use crate::oracle::{ClauseVerdict, Status};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};
use std::time::Duration;

/// The whole result for a CI server.
pub fn junit(result: &RunResult, stories: &[Story]) -> Vec<u8> {
    let mut report = Report::new("loiter");
    report.set_time(Duration::try_from_secs_f64(result.figures.lasted_s).unwrap_or_default());
    let mut suites: Vec<TestSuite> = Vec::new();
    for clause in &result.clauses {
        let subject = clause.id.split('.').next().unwrap_or(&clause.id);
        let place = suites.iter().position(|suite| suite.name.as_str() == subject).unwrap_or_else(|| {
            suites.push(TestSuite::new(subject));
            suites.len() - 1
        });
        let mut case = case(result, clause, stories);
        case.set_classname(xml(subject));
        suites[place].add_test_case(case);
    }
    report.add_test_suites(suites);
    if let Some(run) = run_itself(result, report.failures + report.errors > 0) {
        report.add_test_suite(run);
    }
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = report.serialize(&mut bytes);
    bytes
}

/// For a CI server when there was no run at all: one case, with the reason as an error.
pub fn junit_of_no_run(reason: &str) -> Vec<u8> {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("no-run");
    status.set_message(xml(reason));
    let mut suite = TestSuite::new("run");
    suite.add_test_case(TestCase::new("run.to-its-end", status));
    let mut report = Report::new("loiter");
    report.add_test_suite(suite);
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = report.serialize(&mut bytes);
    bytes
}

fn case(result: &RunResult, clause: &ClauseVerdict, stories: &[Story]) -> TestCase {
    let mut status = match (clause.status, weighs(clause.level, result.facts.strict)) {
        (Status::Pass, _) => TestCaseStatus::success(),
        (Status::Fail, true) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        (Status::Inconclusive | Status::NotExercised, true) => TestCaseStatus::non_success(NonSuccessKind::Error),
        (Status::NotApplicable, _) | (_, false) => TestCaseStatus::skipped(),
    };
    status.set_type(clause.reason.map_or(clause.status.name(), |reason| reason.name()));
    status.set_message(xml(&message(clause)));
    if clause.status == Status::Fail {
        status.set_description(xml(&description(result, clause, stories)));
    }
    let mut case = TestCase::new(xml(&clause.id), status);
    case.add_property(("ref", xml(&clause.reference).as_str()));
    case.add_property(("text", xml(&clause.text).as_str()));
    case.set_assertions(usize::try_from(clause.passed + clause.failed).unwrap_or(usize::MAX));
    case
}

fn message(clause: &ClauseVerdict) -> String {
    let detail = clause.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    match (&clause.failures.first(), clause.status) {
        (Some(failure), Status::Fail) => format!(
            "{} ({}): broken in {} of {} observations; expected {}; seen {}",
            clause.id,
            clause.level,
            clause.failed,
            clause.failed + clause.passed,
            failure.expected,
            failure.seen
        ),
        _ => format!("{} ({}): {}{detail}", clause.id, clause.level, clause.status.name()),
    }
}

/// The first failures, a few lines each.
fn description(result: &RunResult, clause: &ClauseVerdict, stories: &[Story]) -> String {
    let mut lines = vec![String::new(), clause.text.clone()];
    for failure in &clause.failures {
        let story = stories.iter().find(|story| story.clause == clause.id && story.visitor == failure.visitor);
        let journey = story.map(|story| format!(", journey {}", story.journey)).unwrap_or_default();
        lines.push(format!("visitor {}{journey}, {} at {}", failure.visitor, failure.op, failure.at));
        lines.push(format!("  expected: {}", failure.expected));
        lines.push(format!("  seen:     {}", failure.seen));
    }
    lines.push(format!("again: {}", result.facts.command));
    lines.push(String::new());
    lines.join("\n")
}

/// The run as a case of its own, where it did not come to its end or nothing else tells why it is not conformant.
fn run_itself(result: &RunResult, told: bool) -> Option<TestSuite> {
    let fate = result.fate;
    let broke_off = fate.harness_failed || fate.unavailable || fate.interrupted;
    if !broke_off && (told || result.exit == Exit::Conformant.code()) {
        return None;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(xml(&result.sentence));
    status.set_description(xml(&result.remarks.join("\n")));
    let mut suite = TestSuite::new("run");
    suite.add_test_case(TestCase::new("run.to-its-end", status));
    Some(suite)
}

/// A text with what XML cannot hold replaced, so that nothing vanishes unseen.
fn xml(text: &str) -> XmlString {
    let holds = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    XmlString::new(text.replace(|letter: char| !holds(letter), "\u{fffd}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{HOSTILE, assert_golden, run_result};

    fn parsed(result: &RunResult) -> Report {
        let bytes = junit(result, &[]);
        let text = std::str::from_utf8(&bytes).unwrap();
        let sound = |letter: char| letter >= ' ' && letter != '\u{ffff}' || letter == '\n';
        assert!(text.chars().all(sound), "{text}");
        Report::deserialize_from_str(text).unwrap()
    }

    #[test]
    fn a_result_as_junit() {
        assert_golden("junit.xml", &junit(&run_result(), &[]));
    }

    #[test]
    fn each_verdict_becomes_what_a_ci_server_knows_it_as() {
        let report = parsed(&run_result());
        let names: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
        assert_eq!(names, ["cookie", "session", "ip"]);
        assert_eq!((report.tests, report.failures, report.errors, report.skipped), (6, 1, 2, 2));
        let mut strict = run_result();
        strict.facts.strict = true;
        assert_eq!(parsed(&strict).failures, 2);
    }

    #[test]
    fn whatever_a_server_says_the_xml_is_sound_and_loses_nothing() {
        let report = parsed(&run_result());
        let broken = &report.test_suites[0].test_cases[1].status;
        let TestCaseStatus::NonSuccess { description: Some(description), message: Some(message), .. } = broken else {
            panic!("it failed: {broken:?}")
        };
        assert!(HOSTILE.contains("]]>") && description.as_str().contains("]]></failure>"), "{description:?}");
        assert!(message.as_str().contains("\u{fffd}"), "{message:?}");
    }

    #[test]
    fn a_run_that_broke_off_is_an_error_even_if_every_clause_passed() {
        let mut result = run_result();
        result.clauses.retain(|clause| clause.status == Status::Pass);
        result.exit = 0;
        assert_eq!(parsed(&result).errors, 0);
        result.fate.interrupted = true;
        result.exit = 2;
        assert_eq!(parsed(&result).errors, 1);
    }
}
