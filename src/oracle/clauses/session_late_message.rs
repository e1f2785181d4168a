//! `session.late-message`

use super::{Clause, Concern, Judgement};
use crate::history::{Outcome, Said};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Deletion, Life, Rules, View};
use crate::policy::LateMessage;
use crate::scenario::Op;

/// §3.1, §3.3c: a message sent with an ended session is refused, or stored in a new one; never in the old one, and
/// never acknowledged and lost (setting `session.late_message`).
pub struct Late;

impl Clause for Late {
    fn id(&self) -> &'static str {
        "session.late-message"
    }

    fn checks(&self) -> &'static str {
        "A message sent with a session that has ended is refused; or it is acknowledged, and then the next reading shows it in a new session."
    }

    fn evidence(&self) -> &'static str {
        "Messages sent after the grace or after an agent's deletion, and the reading that follows."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send || !can.messages).then_some("target-has-no-messages")
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.session.late_message == LateMessage::Unspecified).then_some("session.late_message")
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle
    }

    fn concerns(&self) -> Concern {
        Concern::VISITORS
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        if !case.is_visitors_own() || self.left_open(case.rules).is_some() {
            return None;
        }
        if case.exchange.op == Op::Send { sent(case) } else { read(case) }
    }
}

/// A message is sent with a session that has ended.
fn sent(case: &Case) -> Option<Judgement> {
    let (exchange, session) = (case.exchange, case.model.current.as_ref()?);
    let Life::Gone(_) = session.life(case.rules, View::Visitor, &exchange.at) else { return None };
    if !exchange.carried {
        return None;
    }
    let refused = matches!(exchange.outcome, Outcome::Absent | Outcome::Forbidden)
        || (exchange.outcome == Outcome::Error && (400..500).contains(&exchange.status));
    if refused {
        return Some(Judgement::pass());
    }
    let in_old = case.prints.session == Some(session.id);
    (exchange.outcome == Outcome::Ok && in_old && !case.rules.can.carrier_is_session).then(|| {
        Judgement::fail("a refusal, or a new session with the message", "the message, in the session that had ended")
    })
}

/// A message was acknowledged with a session that had ended, and the conversation is read.
fn read(case: &Case) -> Option<Judgement> {
    let (exchange, number) = (case.exchange, case.model.late.filter(|_| case.exchange.carried)?);
    let wanted = "a message that was acknowledged, in the session that it began";
    match (exchange.outcome, &exchange.said) {
        (Outcome::Ok, Some(said)) if said.contains(&Said::Own(number)) => Some(Judgement::pass()),
        (Outcome::Ok, Some(_)) => Some(Judgement::fail(wanted, "a conversation without it")),
        // It may have been deleted meanwhile.
        (Outcome::Absent, _) if maybe_deleted(case) => None,
        (Outcome::Absent, _) => Some(Judgement::fail(wanted, "no session")),
        _ => None,
    }
}

fn maybe_deleted(case: &Case) -> bool {
    case.model.current.as_ref().is_some_and(|session| session.deletion != Deletion::No)
}
