//! `session.single-after-end`

use super::{Clause, Concern, Judgement};
use crate::history::Outcome;
use crate::oracle::{Case, Rules};
use crate::policy::Rule;
use crate::scenario::{Op, With};

/// §3.3a: whether simultaneous loads with one ended identity share one new session (setting
/// `session.concurrent_after_end`). A server that truly forgot cannot know.
///
/// Whatever further sessions arise are temporary like any other: session.destroyed-after-idle judges them.
pub struct SingleAfterEnd;

impl Clause for SingleAfterEnd {
    fn id(&self) -> &'static str {
        "session.single-after-end"
    }

    fn checks(&self) -> &'static str {
        "Whether several loads at once with one ended identity share one new session."
    }

    fn evidence(&self) -> &'static str {
        "Simultaneous loads after the grace; the first makes a session, and what the others get is counted."
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.session.concurrent_after_end == Rule::Unspecified).then_some("session.concurrent_after_end")
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Load])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let (exchange, model) = (case.exchange, case.model);
        let here = Some((exchange.stop, exchange.step));
        // The first of them makes the session; what the others get is the question.
        let first = model.current.as_ref().filter(|session| session.race == here)?;
        if exchange.op != Op::Load || exchange.how.with != With::Own || exchange.outcome != Outcome::Ok {
            return None;
        }
        let id = case.prints.session?;
        let shared = id == first.id || model.orphans.iter().any(|orphan| orphan.id == id && orphan.race == here);
        let seen = if shared { "shares the new session" } else { "makes a session of its own" };
        Some(match (case.rules.policy.session.concurrent_after_end, shared) {
            (Rule::Unspecified, _) => Judgement::Observed(seen),
            (Rule::Yes, true) | (Rule::No, false) => Judgement::pass(),
            (Rule::Yes, false) => Judgement::fail("one new session for all of several loads at once", seen),
            (Rule::No, true) => Judgement::fail("a new session for each of several loads at once", seen),
        })
    }
}
