//! `session.single`

use super::{Clause, Concern, Judgement};
use crate::history::Outcome;
use crate::oracle::{Case, Life, View};
use crate::scenario::{Op, Which, With};

/// §3.3a: a cookie binds to one single session: simultaneous loads with one living identity all get it.
pub struct Single;

impl Clause for Single {
    fn id(&self) -> &'static str {
        "session.single"
    }

    fn checks(&self) -> &'static str {
        "Each of several loads that are under way at once with one living identity gets the session that it binds to."
    }

    fn evidence(&self) -> &'static str {
        "Simultaneous loads over connections of their own while the session must be there."
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Load])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let (exchange, session) = (case.exchange, case.model.current.as_ref()?);
        let ordinary = exchange.how.with == With::Own && exchange.of == Which::Current && !case.model.astray;
        if exchange.op != Op::Load || !exchange.how.raced || !exchange.carried || !ordinary {
            return None;
        }
        // With an ended identity each of them may make a session: session.single-after-end observes that.
        let made_here = session.race == Some((exchange.stop, exchange.step));
        if made_here || !matches!(session.life(case.rules, View::Visitor, &exchange.at), Life::Alive(_)) {
            return None;
        }
        let wanted = "the one session that the cookie binds to, for each of several loads at once";
        match (exchange.outcome, case.prints.session) {
            (Outcome::Ok, Some(id)) if id == session.id && exchange.fresh != Some(true) => Some(Judgement::pass()),
            (Outcome::Ok, Some(_)) => Some(Judgement::fail(wanted, "another session for one of them")),
            (Outcome::Absent, _) => Some(Judgement::fail(wanted, "none for one of them")),
            _ => None,
        }
    }
}
