//! `restore.between-pages`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Alive, Capabilities, Case, Life, Open, Reason, Rules, Seen};
use crate::scenario::Op;

/// §3.1: from page to page the session and all its messages are there, in order, once each.
pub struct BetweenPages;

impl Clause for BetweenPages {
    fn id(&self) -> &'static str {
        "restore.between-pages"
    }

    fn checks(&self) -> &'static str {
        "Within a visit, a session with messages is the same from page to page, and all its messages are there, \
         in order, once each."
    }

    fn evidence(&self) -> &'static str {
        "The visitor's view: what its own requests show less than the idle term after its last access. A reading \
         right after the load of a return belongs to restore.after-days. A message that may not have been stored \
         may be missing."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send || !can.messages).then_some("target-has-no-messages")
    }

    fn concerns(&self) -> Concern {
        Concern::VISITORS.when(&[Concern::PERMANENT, Concern::UNCLEAR])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        if !case.is_visitors_own() || !is_within_visit(case) {
            return None;
        }
        restored(case, Length::ZERO)
    }
}

/// Whether the visitor has not been away for the idle term: neither before this exchange nor before its visit's load.
fn is_within_visit(case: &Case) -> bool {
    let Some((_, most)) = case.model.pause(&case.exchange.at) else { return false };
    let returned = case.sight.is_some_and(|sight| sight.session.returned_after.is_some());
    most < case.rules.terms.idle && !(returned && is_reading_after_load(case))
}

/// Whether this reads at the very moment of the load before it, and so belongs to that load.
pub(super) fn is_reading_after_load(case: &Case) -> bool {
    let Some(access) = case.model.access else { return false };
    case.exchange.op == Op::Read && case.exchange.at.least_since(&access) < Length::seconds(5)
}

/// Judges what was read of a conversation that must be there; `span` is how long it had to last.
pub(super) fn restored(case: &Case, span: Length) -> Option<Judgement> {
    let sight = case.sight?;
    match sight.life {
        Life::Alive(Alive::Permanent) => {}
        Life::Open(Open::TooManyWorlds) => return Some(Judgement::Inconclusive(Reason::TooManyWorlds)),
        _ => return None,
    }
    let expected = || {
        let count = sight.session.messages.iter().filter(|message| message.certain).count();
        format!("the session with its {count} messages, in order, once each")
    };
    if sight.seen == Seen::Absent {
        return Some(Judgement::fail(expected(), "another session, or none"));
    }
    let restored = case.restored.as_ref()?;
    Some(if restored.is_whole() { Judgement::Pass { span } } else { Judgement::fail(expected(), restored.fault()) })
}

/// How long a run must be at the least to show a return.
pub(super) fn shortest_return(rules: &Rules) -> Length {
    rules.terms.idle
}
