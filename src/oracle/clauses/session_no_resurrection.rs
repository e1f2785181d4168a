//! `session.no-resurrection`

use super::{Clause, Judgement};
use crate::history::Outcome;
use crate::instant::Length;
use crate::oracle::model::fingerprint;
use crate::oracle::{Case, Gone, Life, Rules, Seen, Session, View};
use crate::scenario::{Which, With};

/// §3.3b, §3.3c: what has ended and was seen to be gone never comes back: by cookie, by id, by a late message, by
/// another tab, by a write that was still under way.
pub struct NoResurrection;

impl Clause for NoResurrection {
    fn id(&self) -> &'static str {
        "session.no-resurrection"
    }

    fn checks(&self) -> &'static str {
        "A session that was seen to be gone, by a view, is not there for that view later; its identity, presented again, does not bring it back, and its messages stand in no later session."
    }

    fn evidence(&self) -> &'static str {
        "Looks and readings after the first one that missed it; loads with the identity before; conversations of the session that followed."
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle + rules.terms.grace
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        if let Some(sight) = case.sight
            && let Life::Gone(gone) = sight.life
            && sight.session.was_missed(sight.view)
        {
            return Some(judged(sight.seen == Seen::Present, gone, sight.view, sight.idle_least));
        }
        old_identity(case).or_else(|| old_content(case))
    }
}

fn judged(back: bool, gone: Gone, view: View, since: Length) -> Judgement {
    if !back {
        return Judgement::Pass { span: since };
    }
    let how = match gone {
        Gone::Idle => "a session whose term had run out",
        Gone::Deleted => "a session that an agent had deleted",
    };
    Judgement::fail(
        "nothing of a session that was seen to be gone",
        format!("{how} is back, by the {}'s view", view.name()),
    )
}

/// The visitor's ended session, which must be gone for its visitor whoever presents its cookie.
fn ended<'a>(case: &Case<'a>) -> Option<(&'a Session, Gone)> {
    let session = case.model.previous.as_deref()?;
    match session.life(case.rules, View::Visitor, &case.exchange.at) {
        Life::Gone(gone) => Some((session, gone)),
        _ => None,
    }
}

/// The cookie of an ended session is presented once more.
fn old_identity(case: &Case) -> Option<Judgement> {
    let exchange = case.exchange;
    let known = exchange.how.with == With::Previous && !case.model.astray;
    if !known || !matches!(exchange.outcome, Outcome::Ok | Outcome::Absent) {
        return None;
    }
    // One that was used again, or that another session had, is not the ended one's.
    let sent = exchange.sent.as_deref().map(fingerprint);
    let same = |session: &Session| sent.is_none() || session.identity.is_none() || sent == session.identity;
    let (session, gone) = ended(case).filter(|(session, _)| same(session))?;
    Some(judged(case.shows(session), gone, View::Visitor, exchange.at.least_since(&session.access)))
}

/// An answer of the session that followed holds what stood in the ended one.
fn old_content(case: &Case) -> Option<Judgement> {
    let exchange = case.exchange;
    let own = case.is_visitors_own() && exchange.of == Which::Current;
    if !own || !exchange.carried || exchange.outcome != Outcome::Ok || exchange.said.is_none() {
        return None;
    }
    let (session, gone) = ended(case).filter(|(session, _)| !session.messages.is_empty())?;
    // A message that was sent late, or once more, stands in the session that followed, and rightly so; and so may one
    // whose answer got lost.
    let here = |number: u16| {
        let current = case.model.current.iter().flat_map(|session| &session.messages);
        case.model.late == Some(number) || current.into_iter().any(|message| message.number == number)
    };
    let back = exchange.said.iter().flatten().any(|text| match text {
        crate::history::Said::Own(number) | crate::history::Said::Altered { number, .. } => {
            !here(*number) && session.messages.iter().any(|message| message.number == *number && message.certain)
        }
        _ => false,
    });
    Some(judged(back, gone, View::Visitor, exchange.at.least_since(&session.access)))
}
