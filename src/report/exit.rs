//! Exit codes, and which of them outranks which.

use crate::oracle::{ClauseVerdict, Fate, Status};
use crate::policy::Level;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: every *must* that can be judged passed.
    Conformant,
    /// 1: a *must* failed (with `--strict`, a *should* too).
    ClauseFailed,
    /// 2: a *must* is inconclusive or was not exercised enough, or the target is unavailable.
    Inconclusive,
    /// 3: a load threshold was missed.
    ThresholdMissed,
    /// 4: wrong usage, scenario, policy or target file.
    BadInput,
    /// 5: the harness failed.
    HarnessFailed,
}

impl Exit {
    /// The process's exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Conformant => 0,
            Self::ClauseFailed => 1,
            Self::Inconclusive => 2,
            Self::ThresholdMissed => 3,
            Self::BadInput => 4,
            Self::HarnessFailed => 5,
        }
    }
}

/// Whether a clause of this level can fail the run.
pub(super) fn weighs(level: Level, strict: bool) -> bool {
    level == Level::Must || (strict && level == Level::Should)
}

/// The exit of a judged run: a failed *must* outranks whatever else befell it.
pub fn exit_of(clauses: &[ClauseVerdict], fate: Fate, strict: bool) -> Exit {
    let any = |status: Status| clauses.iter().any(|clause| clause.status == status && weighs(clause.level, strict));
    let judged = clauses.iter().any(|clause| clause.status == Status::Pass);
    if any(Status::Fail) {
        Exit::ClauseFailed
    } else if fate.harness_failed {
        Exit::HarnessFailed
    } else if fate.unavailable || fate.interrupted || any(Status::Inconclusive) || any(Status::NotExercised) || !judged
    {
        Exit::Inconclusive
    } else {
        Exit::Conformant
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Reason;

    fn clause(level: Level, status: Status) -> ClauseVerdict {
        ClauseVerdict {
            id: "x".into(),
            status,
            reason: (status == Status::Inconclusive).then_some(Reason::TooManyWorlds),
            detail: None,
            level,
            reference: String::new(),
            text: String::new(),
            basis: String::new(),
            passed: 0,
            failed: 0,
            inconclusive: Default::default(),
            observed: Default::default(),
            min_observations: 1,
            stops: 0,
            longest_span_s: 0,
            passed_by_view: Default::default(),
            failed_by_view: Default::default(),
            bound_95: None,
            failures: Vec::new(),
        }
    }

    #[test]
    fn a_failed_must_outranks_everything_and_an_empty_run_never_passes() {
        let (pass, fail) = (clause(Level::Must, Status::Pass), clause(Level::Must, Status::Fail));
        let unavailable = Fate { unavailable: true, ..Fate::default() };
        assert_eq!(exit_of(&[pass.clone(), fail.clone()], unavailable, false), Exit::ClauseFailed);
        let harness = Fate { harness_failed: true, ..Fate::default() };
        assert_eq!(exit_of(&[pass.clone(), fail], harness, false), Exit::ClauseFailed);
        assert_eq!(exit_of(std::slice::from_ref(&pass), unavailable, false), Exit::Inconclusive);
        assert_eq!(exit_of(std::slice::from_ref(&pass), Fate::default(), false), Exit::Conformant);
        let broke_off = Fate { unavailable: true, harness_failed: true, ..Fate::default() };
        assert_eq!(exit_of(std::slice::from_ref(&pass), broke_off, false), Exit::HarnessFailed);
        assert_eq!(exit_of(&[], Fate::default(), false), Exit::Inconclusive);
        let warned = [pass.clone(), clause(Level::Should, Status::Fail)];
        assert_eq!(exit_of(&warned, Fate::default(), false), Exit::Conformant);
        assert_eq!(exit_of(&warned, Fate::default(), true), Exit::ClauseFailed);
        let unseen = [pass.clone(), clause(Level::Must, Status::NotExercised)];
        assert_eq!(exit_of(&unseen, Fate::default(), false), Exit::Inconclusive);
        let lacking = [pass, clause(Level::Must, Status::NotApplicable)];
        assert_eq!(exit_of(&lacking, Fate::default(), false), Exit::Conformant);
    }
}
