//! The result as JSON.

use super::{RunResult, Story};

/// The whole result, indented. The stories are in the history.
pub fn json(result: &RunResult, _stories: &[Story]) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(result).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::run_result;

    #[test]
    fn a_result_reads_back_from_json_as_it_was() {
        let written = json(&run_result(), &[]);
        let read: RunResult = serde_json::from_slice(&written).unwrap();
        assert_eq!(read.clauses, run_result().clauses);
        assert_eq!(json(&read, &[]), written);
    }

    #[test]
    fn a_result_of_a_time_before_coverage_reads_too() {
        let mut old = serde_json::to_value(run_result()).unwrap();
        old.as_object_mut().unwrap().remove("coverage").unwrap();
        let read: RunResult = serde_json::from_value(old).unwrap();
        assert!(read.coverage.is_empty());
    }
}
