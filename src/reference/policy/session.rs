//! The session: how long it lives, what makes it permanent, and how it ends.
//!
//! It owns the numbers about sessions and the words for what goes wrong at their end.

use super::messages::Sender;
use super::{Act, MINUTE_MS, SECOND_MS};

/// §3.3c: a temporary session is destroyed that long after its last website access.
const IDLE_MS: i64 = 30 * MINUTE_MS;
/// How often the sweeper looks for sessions that are over.
const SWEEP_PERIOD_MS: i64 = 10 * SECOND_MS;

/// From which instant a term is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Since {
    /// The last website access.
    LastAccess,
    /// The session's creation.
    Creation,
}

/// How long a session lives.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) struct Term {
    /// Where it starts.
    pub(in crate::reference) since: Since,
    /// Its length in milliseconds.
    pub(in crate::reference) ms: i64,
}

/// What the sweeper does with sessions that are over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Sweep {
    /// Removes them that many milliseconds after their end.
    RemovesAfter(i64),
    /// Leaves them.
    Leaves,
    /// Removes them one by one, and stops at the first with an IPv6 address.
    StopsAtV6,
}

/// What becomes of a session that an agent deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Deletion {
    /// Its rows are removed at once.
    AtOnce,
    /// It is hidden and its rows stay.
    Hides,
    /// It is hidden and its rows are removed that many milliseconds later.
    PurgedAfter(i64),
    /// The visitor goes on seeing it for that many milliseconds, then its rows are removed.
    ShownFor(i64),
    /// It is hidden until a load that comes that many milliseconds later, or more.
    UndoneAfter(i64),
    /// Its own row is removed, and the rows of its messages stay.
    LeavesMessages,
    /// It comes back when its visitor writes.
    UndoneByMessage,
    /// Where its visitor wrote within that many milliseconds before, the next sweep writes it again.
    RewrittenFromQueue(i64),
    /// Its visitor's readings are answered from memory for that many milliseconds.
    CachedFor(i64),
}

/// What becomes of a temporary session, and of what is sent with its cookie, after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Afterlife {
    /// Nothing is left of it, and messages are refused.
    Nothing,
    /// A load that comes that many milliseconds later, or more, brings it back.
    BackOnLoad(i64),
    /// A message brings it back within that many milliseconds.
    BackOnMessage(i64),
    /// Messages are acknowledged and dropped.
    LosesMessages,
}

/// What a restart does to what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Restart {
    /// Nothing.
    KeepsAll,
    /// Temporary sessions made before it never end.
    LosesTimers,
    /// Temporary sessions begin their term anew.
    ResetsIdle,
    /// Temporary sessions are removed.
    LosesTemporary,
    /// The newest message of each session is removed.
    LosesLastMessage,
}

/// The rules about sessions.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) struct SessionRules {
    /// What counts as website access.
    pub(in crate::reference) accesses: &'static [Act],
    /// How long a temporary session lives; `None` is for ever.
    pub(in crate::reference) temporary: Option<Term>,
    /// How long a permanent session lives; `None` is for ever.
    pub(in crate::reference) permanent: Option<Term>,
    /// Whose messages make a session permanent.
    pub(in crate::reference) permanent_by: &'static [Sender],
    /// A message that arrives in the last so many milliseconds of a temporary session leaves its end as it is.
    pub(in crate::reference) message_race_ms: i64,
    /// Whether ends are computed in the local time of Central Europe, as clocks on its walls show it.
    pub(in crate::reference) in_local_time: bool,
    /// How sessions that are over leave the store.
    pub(in crate::reference) sweep: Sweep,
    /// How often the sweeper looks for sessions that are over, in milliseconds.
    pub(in crate::reference) sweep_period_ms: i64,
    /// Whether the return of its visitor removes a session that is over.
    pub(in crate::reference) removed_on_return: bool,
    /// What is left of a temporary session after its end.
    pub(in crate::reference) afterlife: Afterlife,
    /// What an agent's deletion does.
    pub(in crate::reference) deletion: Deletion,
    /// What a restart does.
    pub(in crate::reference) restart: Restart,
    /// Temporary sessions up to that number have lost their timers.
    pub(in crate::reference) untimed_until: i64,
}

impl SessionRules {
    /// Those of a sound server.
    pub(super) const fn sound() -> Self {
        Self {
            accesses: &[Act::Return, Act::Reload, Act::Page, Act::Message],
            temporary: Some(Term { since: Since::LastAccess, ms: IDLE_MS }),
            permanent: None,
            permanent_by: &[Sender::Visitor, Sender::Agent],
            message_race_ms: 0,
            in_local_time: false,
            sweep: Sweep::RemovesAfter(0),
            sweep_period_ms: SWEEP_PERIOD_MS,
            removed_on_return: false,
            afterlife: Afterlife::Nothing,
            deletion: Deletion::AtOnce,
            restart: Restart::KeepsAll,
            untimed_until: 0,
        }
    }

    /// The same with another idle term: what follows from it shrinks with it.
    pub(super) fn scale_to(&mut self, idle_ms: i64) {
        self.temporary = self.temporary.map(|term| Term { ms: scaled(term.ms, idle_ms), ..term });
        self.message_race_ms = scaled(self.message_race_ms, idle_ms);
        self.sweep_period_ms = (idle_ms / 20).clamp(100, SWEEP_PERIOD_MS);
    }
}

/// A length that follows from the policy's idle term, with another one.
pub(super) fn scaled(ms: i64, idle_ms: i64) -> i64 {
    ms.saturating_mul(idle_ms) / IDLE_MS
}
