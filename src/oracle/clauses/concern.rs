//! Which exchanges a clause looks at, so that it need not be asked about the others.

use crate::oracle::life::{Alive, Gone, Life, Open};
use crate::scenario::Op;

/// How many different answers the policy has to what is to become of a session, with that no session was looked for.
pub const FATES: usize = 11;

/// What the policy says of the session that was seen or missed, as a place below [`FATES`].
pub const fn fate(life: Option<Life>) -> usize {
    match life {
        None => 0,
        Some(Life::Alive(Alive::FirstTerm)) => 1,
        Some(Life::Alive(Alive::AfterAccess)) => 2,
        Some(Life::Alive(Alive::Permanent)) => 3,
        Some(Life::Gone(Gone::Idle)) => 4,
        Some(Life::Gone(Gone::Deleted)) => 5,
        Some(Life::Open(Open::AtDeadline)) => 6,
        Some(Life::Open(Open::InGrace)) => 7,
        Some(Life::Open(Open::Deleting)) => 8,
        Some(Life::Open(Open::Doubt)) => 9,
        Some(Life::Open(Open::TooManyWorlds)) => 10,
    }
}

/// Exchanges by what was done, and by what the policy says of the session that was seen or missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Concern {
    ops: u16,
    fates: u16,
}

impl Concern {
    /// Every exchange.
    pub const ALL: Self = Self { ops: u16::MAX, fates: u16::MAX };

    /// No exchange at all.
    pub const NONE: Self = Self { ops: 0, fates: 0 };

    /// Requests of visitors.
    pub const VISITORS: Self = Self::of(&[Op::Load, Op::Browse, Op::Send, Op::Read, Op::Resend]);

    /// Requests of agents, and looks into the store.
    pub const OTHERS: Self =
        Self::of(&[Op::AgentInspect, Op::AgentSend, Op::AgentDelete, Op::AgentGreet, Op::StoreInspect]);

    /// A session that must be there.
    pub const ALIVE: [Option<Life>; 3] = [
        Some(Life::Alive(Alive::FirstTerm)),
        Some(Life::Alive(Alive::AfterAccess)),
        Some(Life::Alive(Alive::Permanent)),
    ];

    /// A session that its messages make permanent.
    pub const PERMANENT: Option<Life> = Some(Life::Alive(Alive::Permanent));

    /// A session whose idle term and grace have passed.
    pub const IDLE: Option<Life> = Some(Life::Gone(Gone::Idle));

    /// A session that an agent deleted.
    pub const DELETED: Option<Life> = Some(Life::Gone(Gone::Deleted));

    /// A session that had too many requests without an answer.
    pub const UNCLEAR: Option<Life> = Some(Life::Open(Open::TooManyWorlds));

    /// Exchanges of these operations.
    pub const fn of(ops: &[Op]) -> Self {
        let (mut set, mut place) = (0, 0);
        while place < ops.len() {
            set |= 1 << ops[place] as u16;
            place += 1;
        }
        Self { ops: set, ..Self::ALL }
    }

    /// Those of them in which a session of which the policy says this was seen or missed; with `None`, those in which
    /// there was none.
    #[must_use]
    pub const fn when(self, lives: &[Option<Life>]) -> Self {
        let (mut set, mut place) = (0, 0);
        while place < lives.len() {
            set |= 1 << fate(lives[place]);
            place += 1;
        }
        Self { fates: set, ..self }
    }

    /// Whether an exchange is among them.
    pub const fn includes(self, op: Op, fate: usize) -> bool {
        self.ops >> op as u16 & 1 == 1 && self.fates >> fate & 1 == 1
    }
}
