//! Whether the policy wants a session there, wants it gone, or leaves both open at an instant.

use super::Rules;
use super::case::View;
use super::model::{Deletion, Session};
use crate::instant::Interval;

/// What the policy says of a session at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It must be there.
    Alive(Alive),
    /// It must be gone.
    Gone(Gone),
    /// Either is sound: within the grace, or what is known does not decide it.
    Either,
}

/// Why a session must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alive {
    /// It is temporary, and no term of its has run out since it began.
    FirstTerm,
    /// It is temporary, and would be gone but for a later website access.
    AfterAccess,
    /// It contains messages.
    Permanent,
}

/// Why a session must be gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// It was temporary, and the idle term and the grace have passed since the last website access.
    Idle,
    /// An agent deleted it.
    Deleted,
}

impl Session {
    /// What the policy says of this session, at `at`, to one who looks from `view`.
    pub fn life(&self, rules: &Rules, view: View, at: &Interval) -> Life {
        if self.unclear {
            return Life::Either;
        }
        if view == View::Visitor
            && let Some(gone) = self.seen_gone
        {
            return Life::Gone(gone);
        }
        match self.deletion {
            Deletion::Maybe => return Life::Either,
            Deletion::Certain(deleted) => {
                let late = at.lo > deleted.hi + rules.terms.delete_grace;
                let gone = view == View::Visitor || late;
                return if gone { Life::Gone(Gone::Deleted) } else { Life::Either };
            }
            Deletion::No => {}
        }
        if self.is_permanent(rules) {
            return Life::Alive(Alive::Permanent);
        }
        self.temporary_life(rules, at)
    }

    fn temporary_life(&self, rules: &Rules, at: &Interval) -> Life {
        let idle = rules.terms.idle;
        if at.hi < self.access.lo + idle {
            let unrenewed = self.accessed_before.unwrap_or(self.access);
            let needed_renewal = at.lo >= unrenewed.hi + idle || at.lo >= self.created.hi + idle;
            return Life::Alive(if needed_renewal { Alive::AfterAccess } else { Alive::FirstTerm });
        }
        if self.may_be_permanent() {
            return Life::Either;
        }
        let last = self.maybe_access.map_or(self.access.hi, |maybe| maybe.max(self.access.hi));
        if at.lo > last + idle + rules.terms.grace { Life::Gone(Gone::Idle) } else { Life::Either }
    }
}
