//! `cookie.lifetime`

use super::{Clause, Concern, Judgement};
use crate::history::Identity;
use crate::instant::Length;
use crate::oracle::{Case, Rules};
use crate::policy::Rule;

/// §3.2: the declared term of a new identity is 6 months (settings `cookie.lifetime`, `cookie.tolerance`).
pub struct Lifetime;

impl Clause for Lifetime {
    fn id(&self) -> &'static str {
        "cookie.lifetime"
    }

    fn checks(&self) -> &'static str {
        "The term that is declared for an identity which the visitor did not hold before is one that the policy \
         accepts, give or take the tolerance."
    }

    fn evidence(&self) -> &'static str {
        "Answers to the visitor's own requests, by Max-Age before Expires. A cookie without a term breaks it. An \
         answer to a load on return that carried an identity is judged by cookie.renewed-on-load."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn concerns(&self) -> Concern {
        Concern::VISITORS
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let cookie = case.exchange.cookie.as_ref()?;
        let is_new = case.model.held.is_none_or(|held| Some(held.value) != case.prints.carrier);
        let renewal = case.model.return_pause(case.rules, case.exchange).is_some() && case.exchange.carried;
        if !case.is_visitors_own() || !is_new || renewal || cookie.is_removal(&case.exchange.at) {
            return None;
        }
        if case.rules.policy.cookie.temporary_session == Rule::Unspecified {
            return None;
        }
        Some(match term_fault(case.rules, case, cookie) {
            None => Judgement::pass(),
            Some(fault) => Judgement::fail(wanted(case.rules), fault),
        })
    }
}

/// The term that the policy wants, in words.
pub(super) fn wanted(rules: &Rules) -> String {
    format!("a term of {}, give or take {}", rules.policy.cookie.lifetime, rules.tolerance)
}

/// What is wrong with a declared term, or `None` where it may be right.
pub(super) fn term_fault(rules: &Rules, case: &Case, cookie: &Identity) -> Option<String> {
    let Some((least, most)) = cookie.term_s(&case.exchange.at) else {
        return Some("a cookie without a term, which ends with the browser".into());
    };
    let (least, most) = (Length::seconds(least), Length::seconds(most));
    let accepted = &rules.policy.cookie.lifetime;
    let short = most < accepted.shortest - rules.tolerance;
    let long = least > accepted.longest + rules.tolerance;
    (short || long).then(|| format!("a declared term of {most}"))
}
