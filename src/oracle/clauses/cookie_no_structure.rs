//! `cookie.no-structure`

use super::{Clause, Concern, Judgement};
use crate::oracle::{Case, ClauseTally, Failure, Tally, View};

/// §3.4a, by OWASP ASVS 7.2.3: no structure is found in cookies and session ids: no counter, no time, no bias, no
/// repetition.
///
/// Judged at the end over a sample. It can refute randomness and never prove it.
pub struct NoStructure;

impl Clause for NoStructure {
    fn id(&self) -> &'static str {
        "cookie.no-structure"
    }

    fn checks(&self) -> &'static str {
        "In a sample of new cookies and session ids there is no repetition, no order of time, no counter, no place with uneven letters, and room for 64 bits or more."
    }

    fn evidence(&self) -> &'static str {
        "New identities of the first 4096 visitors, judged together at the end; it can refute randomness and never prove it."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn conclude(&self, tally: &Tally) -> ClauseTally {
        let mut counted = ClauseTally::default();
        for structure in tally.ids.structures() {
            let Some(found) = structure.found else {
                counted.passed += structure.count as u64;
                continue;
            };
            let (stop, visitor, step, at) = structure.first;
            let failure = Failure {
                stop,
                visitor,
                step,
                op: "load".into(),
                at,
                expected: "ids in which no structure is found".into(),
                seen: format!("in {} {}: {found}", structure.count, structure.of),
            };
            counted.fail(View::Visitor, failure);
        }
        counted
    }

    fn concerns(&self) -> Concern {
        Concern::NONE
    }

    fn judge(&self, _: &Case) -> Option<Judgement> {
        None
    }
}
