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
    /// Either is sound, or what is known does not decide it.
    Open(Open),
}

/// Why nothing can be said of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// It was looked for so near to its deadline that nobody can tell on which side of it.
    AtDeadline,
    /// Its term has run out, and its grace has not.
    InGrace,
    /// An agent deleted it, and the deletion's grace has not passed.
    Deleting,
    /// A request without an answer may have decided it.
    Doubt,
    /// There were too many of these.
    TooManyWorlds,
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
            return Life::Open(Open::TooManyWorlds);
        }
        if view == View::Visitor && self.lost {
            return Life::Open(Open::Doubt);
        }
        if view == View::Visitor
            && let Some(gone) = self.seen_gone
        {
            return Life::Gone(gone);
        }
        match self.deletion {
            Deletion::Maybe => return Life::Open(Open::Doubt),
            Deletion::Certain(deleted) => {
                let late = at.lo > deleted.hi + rules.terms.delete_grace;
                let gone = view == View::Visitor || late;
                return if gone { Life::Gone(Gone::Deleted) } else { Life::Open(Open::Deleting) };
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
        if self.may_be_permanent(rules) {
            return Life::Open(Open::Doubt);
        }
        let last = self.maybe_access.map_or(self.access.hi, |maybe| maybe.max(self.access.hi));
        if at.lo > last + idle + rules.terms.grace {
            Life::Gone(Gone::Idle)
        } else if at.hi < last + idle && last > self.access.hi {
            Life::Open(Open::Doubt)
        } else if at.lo < last + idle {
            Life::Open(Open::AtDeadline)
        } else {
            Life::Open(Open::InGrace)
        }
    }
}
