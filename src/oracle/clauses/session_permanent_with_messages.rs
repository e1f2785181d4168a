//! `session.permanent-with-messages`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Alive, Capabilities, Case, Life, Open, Reason, Rules, Seen, Sight, View};

/// §3.3b: a session that contains messages is permanent (setting `session.permanent_when`).
///
/// Seen by agent and store; by the visitor only where the target has neither, since a visitor who is not restored is
/// the business of the restore clauses.
pub struct PermanentWithMessages;

impl Clause for PermanentWithMessages {
    fn id(&self) -> &'static str {
        "session.permanent-with-messages"
    }

    fn checks(&self) -> &'static str {
        "A session with a message of a kind that makes it permanent, which nobody deleted, is there with all its \
         messages, however long ago the last access was."
    }

    fn evidence(&self) -> &'static str {
        "What an agent and the store see later than the idle term and the grace after the last access; the \
         visitor's view only where the target has neither. The span is the time since the last access."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send).then_some("target-has-no-messages")
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle + rules.terms.grace
    }

    fn shows_no_span(&self, can: &Capabilities) -> Option<&'static str> {
        let why = "nobody but the visitor looks, who must come back before the cookie ends";
        (!can.agent && !can.store).then_some(why)
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Concern::PERMANENT, Concern::UNCLEAR])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight?;
        match sight.life {
            Life::Alive(Alive::Permanent) => {}
            Life::Open(Open::TooManyWorlds) => return Some(Judgement::Inconclusive(Reason::TooManyWorlds)),
            _ => return None,
        }
        let can = &case.rules.can;
        if sight.view == View::Visitor && (can.agent || can.store) {
            return None;
        }
        // That it is gone is wrong at any time; that it is there shows something when a temporary one would be gone.
        let early = sight.idle_least <= case.rules.terms.idle + case.rules.terms.grace;
        if early && sight.seen == Seen::Present {
            return None;
        }
        let expected = "a session with messages, which nobody deleted";
        if sight.seen == Seen::Absent {
            let idle = sight.idle_least.max(Length::ZERO);
            let seen = format!("none {idle} after the last request for it, by the {}'s view", sight.view.name());
            return Some(Judgement::fail(expected, seen));
        }
        let missing = case.restored.as_ref().filter(|restored| !restored.missing.is_empty());
        Some(match missing {
            Some(restored) => {
                Judgement::fail(expected, format!("{}, by the {}'s view", restored.fault(), sight.view.name()))
            }
            None => Judgement::Pass { span: sight.idle_least },
        })
    }
}

/// Whether a permanent session is there when a temporary one would be gone, by whichever view.
pub(super) fn outlives(case: &Case, sight: &Sight, expected: &str) -> Option<Judgement> {
    let terms = &case.rules.terms;
    if sight.life != Life::Alive(Alive::Permanent) || sight.idle_least <= terms.idle + terms.grace {
        return None;
    }
    Some(match sight.seen {
        Seen::Present => Judgement::Pass { span: sight.idle_least },
        Seen::Absent => Judgement::fail(
            expected,
            format!("none {} after the last access, by the {}'s view", sight.idle_least, sight.view.name()),
        ),
    })
}
