//! The policy as this server keeps it: one value of [`Rules`], asked at every hook.
//!
//! It owns the policy's numbers and the decisions that follow from them. It never touches the
//! store, HTTP or the clock: the instant is always passed in. A defect is a change of one rule.

use super::defects::Defect;

/// One second, in milliseconds.
pub(super) const SECOND_MS: i64 = 1_000;
/// One minute, in milliseconds.
pub(super) const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One day, in milliseconds.
pub(super) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// One day, in seconds: the unit of a cookie's `Max-Age`.
pub(super) const DAY_S: i64 = 24 * 60 * 60;

/// §3.3c: a temporary session is destroyed that long after its last website access.
const IDLE_MS: i64 = 30 * MINUTE_MS;
/// §3.2: a cookie's term of six months, half of a year of 365 days.
const COOKIE_TERM_S: i64 = 15_768_000;
/// How often the sweeper looks for sessions that are over.
const SWEEP_PERIOD_MS: i64 = 10 * SECOND_MS;

/// What a visitor or an agent does to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// A load of the chatbox after a pause of the idle term or more.
    Return,
    /// A load of the chatbox within the same visit.
    Reload,
    /// A page view without a load.
    Page,
    /// A message of the visitor.
    Message,
    /// The visitor's client reads the messages.
    Read,
    /// An agent looks at the session.
    AgentLook,
}

/// From which instant a term is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// The last website access.
    LastAccess,
    /// The session's creation.
    Creation,
}

/// How long a session lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    /// Where it starts.
    pub(super) since: Since,
    /// Its length in milliseconds.
    pub(super) ms: i64,
}

/// What a renewed cookie's new expiry is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Renewal {
    /// The full term from now.
    FullTerm,
    /// Another term from now, in seconds.
    Term(i64),
    /// The expiry it had before.
    SameExpiry,
}

/// What the sweeper does with sessions that are over.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sweep {
    /// Removes them that many milliseconds after their end.
    RemovesAfter(i64),
    /// Leaves them.
    Leaves,
}

/// What becomes of a session that an agent deletes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deletion {
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
}

/// How a visitor's second message is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecondMessage {
    /// Like any other.
    Once,
    /// Twice.
    Twice,
    /// Not at all, though it is acknowledged.
    Never,
}

/// In which form an address is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum AddressForm {
    /// As it is.
    Whole,
    /// Without its last octet, or cut to /64.
    Truncated,
    /// IPv4 as it is, IPv6 as nothing.
    OnlyV4,
}

/// The instants of a session on which the rules decide, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// When it was made.
    pub(super) created: i64,
    /// Its last website access.
    pub(super) last_access: i64,
    /// Whether it is permanent.
    pub(super) permanent: bool,
    /// When its cookie expires.
    pub(super) cookie_expires: i64,
    /// When an agent deleted it, where its row outlived that.
    pub(super) deleted: Option<i64>,
}

/// Every rule the server keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Whether a new identity gets its cookie.
    pub(super) sets_cookies: bool,
    /// Whether the cookie is sent with its term.
    pub(super) sends_max_age: bool,
    /// The cookie's term, in seconds.
    pub(super) cookie_term_s: i64,
    /// A load after a pause of that many milliseconds, or more, is a return.
    pub(super) return_pause_ms: i64,
    /// What renews the cookie.
    pub(super) renewed_by: &'static [Act],
    /// What a renewal gives.
    pub(super) renewal: Renewal,
    /// Whether a cookie is known only to its own website.
    pub(super) cookie_is_the_websites: bool,
    /// A return after that pause is taken for somebody new.
    pub(super) forgets_after_ms: Option<i64>,
    /// Every so many-th new load is handed somebody else's session.
    pub(super) shares_every: Option<u64>,
    /// Every so many-th reading shows somebody else's message.
    pub(super) leaks_every: Option<u64>,
    /// What counts as website access.
    pub(super) accesses: &'static [Act],
    /// How long a session without messages lives; `None` is for ever.
    pub(super) temporary: Option<Term>,
    /// How long a session with messages lives; `None` is for ever.
    pub(super) permanent: Option<Term>,
    /// Whether a message makes its session permanent.
    pub(super) message_makes_permanent: bool,
    /// How sessions that are over leave the store.
    pub(super) sweep: Sweep,
    /// How often the sweeper looks for sessions that are over, in milliseconds.
    pub(super) sweep_period_ms: i64,
    /// Whether the return of its visitor removes a session that is over.
    pub(super) removed_on_return: bool,
    /// What an agent's deletion does.
    pub(super) deletion: Deletion,
    /// How a visitor's second message is stored.
    pub(super) second_message: SecondMessage,
    /// Whether lists of messages start with the newest.
    pub(super) newest_first: bool,
    /// The visitor is shown no messages older than that.
    pub(super) history_ms: Option<i64>,
    /// In which form the address is stored.
    pub(super) address_form: AddressForm,
    /// Whether the trusted header's address is taken for the peer's.
    pub(super) believes_header: bool,
    /// Whether loads are written to a table of their own.
    pub(super) logs_visits: bool,
    /// Whether the sweeper files ended sessions away.
    pub(super) archives: bool,
    /// How long after the last access a permanent session's address is blanked.
    pub(super) address_kept_ms: Option<i64>,
}

impl Rules {
    /// The rules of a sound server.
    pub(super) const fn sound() -> Self {
        Self {
            sets_cookies: true,
            sends_max_age: true,
            cookie_term_s: COOKIE_TERM_S,
            return_pause_ms: IDLE_MS,
            renewed_by: &[Act::Return],
            renewal: Renewal::FullTerm,
            cookie_is_the_websites: true,
            forgets_after_ms: None,
            shares_every: None,
            leaks_every: None,
            accesses: &[Act::Return, Act::Reload, Act::Page, Act::Message],
            temporary: Some(Term { since: Since::LastAccess, ms: IDLE_MS }),
            permanent: None,
            message_makes_permanent: true,
            sweep: Sweep::RemovesAfter(0),
            sweep_period_ms: SWEEP_PERIOD_MS,
            removed_on_return: false,
            deletion: Deletion::AtOnce,
            second_message: SecondMessage::Once,
            newest_first: false,
            history_ms: None,
            address_form: AddressForm::Whole,
            believes_header: true,
            logs_visits: false,
            archives: false,
            address_kept_ms: None,
        }
    }

    /// The sound rules, or those that a defect makes of them.
    pub(super) fn broken_by(defect: Option<Defect>) -> Self {
        let mut rules = Self::sound();
        if let Some(defect) = defect {
            defect.apply(&mut rules);
        }
        rules
    }

    /// The same rules with another idle term, for a staging that cannot wait half an hour: what follows from the idle
    /// term shrinks with it, a defect's too.
    pub(super) fn scaled_to(mut self, idle_ms: i64) -> Self {
        let scaled = |ms: i64| ms.saturating_mul(idle_ms) / IDLE_MS;
        self.return_pause_ms = scaled(self.return_pause_ms);
        self.temporary = self.temporary.map(|term| Term { ms: scaled(term.ms), ..term });
        self.sweep_period_ms = (idle_ms / 20).clamp(100, SWEEP_PERIOD_MS);
        self
    }

    /// The term of a temporary or a permanent session.
    pub(super) fn term(&self, permanent: bool) -> Option<Term> {
        if permanent { self.permanent } else { self.temporary }
    }

    /// Whether a session has reached its end at `now_ms`.
    pub(super) fn is_over(&self, life: &Life, now_ms: i64) -> bool {
        self.term(life.permanent).is_some_and(|term| {
            let start = match term.since {
                Since::LastAccess => life.last_access,
                Since::Creation => life.created,
            };
            now_ms >= start.saturating_add(term.ms)
        })
    }

    /// Whether the visitor who holds its cookie is given the session.
    pub(super) fn shown_to_visitor(&self, life: &Life, now_ms: i64) -> bool {
        let there = match (life.deleted, self.deletion) {
            (None, _) => true,
            (Some(at), Deletion::ShownFor(ms)) => now_ms < at.saturating_add(ms),
            (Some(_), _) => false,
        };
        there && now_ms < life.cookie_expires && !self.is_over(life, now_ms)
    }

    /// Whether an agent is given the session.
    pub(super) fn shown_to_agent(&self, life: &Life, now_ms: i64) -> bool {
        life.deleted.is_none() && !self.is_over(life, now_ms)
    }

    /// Whether a load at `now_ms` undoes an agent's deletion.
    pub(super) fn undeletes(&self, life: &Life, now_ms: i64) -> bool {
        match (life.deleted, self.deletion) {
            (Some(at), Deletion::UndoneAfter(ms)) => now_ms >= at.saturating_add(ms),
            _ => false,
        }
    }

    /// Whether a load is a return or a reload.
    pub(super) fn load_kind(&self, life: &Life, now_ms: i64) -> Act {
        if now_ms - life.last_access >= self.return_pause_ms { Act::Return } else { Act::Reload }
    }

    /// Whether the visitor is taken for somebody new although the session lives.
    pub(super) fn forgets(&self, life: &Life, now_ms: i64) -> bool {
        self.forgets_after_ms.is_some_and(|pause| now_ms - life.last_access >= pause)
    }

    /// Whether an act restarts the session's idle term.
    pub(super) fn counts_as_access(&self, act: Act) -> bool {
        self.accesses.contains(&act)
    }

    /// When a new cookie expires, in milliseconds.
    pub(super) fn first_expiry(&self, now_ms: i64) -> i64 {
        now_ms + self.cookie_term_s * SECOND_MS
    }

    /// When the cookie expires after an act that renews it; `None` where the act does not.
    pub(super) fn renewed_expiry(&self, act: Act, life: &Life, now_ms: i64) -> Option<i64> {
        self.renewed_by.contains(&act).then(|| match self.renewal {
            Renewal::FullTerm => self.first_expiry(now_ms),
            Renewal::Term(seconds) => now_ms + seconds * SECOND_MS,
            Renewal::SameExpiry => life.cookie_expires,
        })
    }
}
