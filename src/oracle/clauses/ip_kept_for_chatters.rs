//! `ip.kept-for-chatters`

use super::{Clause, Concern, Judgement};
use crate::history::{Outcome, Stored};
use crate::instant::Length;
use crate::oracle::{Alive, Capabilities, Case, Life, Rules, Seen, View};
use crate::policy::Rule;

/// §3.6: the address of a visitor who chatted is kept (settings `ip.legal_minimum`, `ip.agent_only_conversation`).
///
/// Judged where the address was seen to be stored; "indefinitely" is never proved, so the longest span is reported.
pub struct KeptForChatters;

impl Clause for KeptForChatters {
    fn id(&self) -> &'static str {
        "ip.kept-for-chatters"
    }

    fn checks(&self) -> &'static str {
        "The visitor's own address stands in a session with messages, which nobody deleted, whenever one looks."
    }

    fn evidence(&self) -> &'static str {
        "Looks by an agent or into the store later than the idle term and the grace after the last access, by a \
         view that had shown the address before. The span is the time since the last access: \"indefinitely\" is \
         never proved."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        if can.send { can.lacks_addresses() } else { Some("target-has-no-messages") }
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle + rules.terms.grace
    }

    fn concerns(&self) -> Concern {
        Concern::OTHERS.when(&[Concern::PERMANENT])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| sight.life == Life::Alive(Alive::Permanent))?;
        let seen_before = match sight.view {
            View::Visitor => return None,
            View::Agent => sight.session.agent_saw_address,
            View::Store => sight.session.store_saw_address,
        };
        let by_agent_only = !sight.session.visitor_spoke();
        let left_open = by_agent_only && case.rules.policy.ip.agent_only_conversation != Rule::Yes;
        if !seen_before || left_open || sight.idle_least <= case.rules.terms.idle + case.rules.terms.grace {
            return None;
        }
        let kept = case.exchange.addresses.as_ref().is_some_and(|found| found.iter().any(Stored::is_own));
        let answered =
            sight.seen == Seen::Absent || (case.exchange.outcome == Outcome::Ok && case.exchange.addresses.is_some());
        answered.then(|| {
            if kept {
                Judgement::Pass { span: sight.idle_least }
            } else {
                let seen = format!(
                    "not there {} after the last access, by the {}'s view",
                    sight.idle_least,
                    sight.view.name()
                );
                Judgement::fail("the address of a visitor who chatted", seen)
            }
        })
    }
}
