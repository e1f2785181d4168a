//! The messages: how they are stored, and to whom they are shown.
//!
//! It owns the rules about single messages. What a message does to its session is the session's.

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Sender {
    /// The visitor.
    Visitor,
    /// An agent of the website.
    Agent,
    /// The website, without anybody's doing.
    Greeting,
}

impl Sender {
    /// The name by which it is stored and shown.
    pub(in crate::reference) const fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Agent => "agent",
            Self::Greeting => "greeting",
        }
    }
}

/// How a visitor's second message is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum SecondMessage {
    /// Like any other.
    Once,
    /// Twice.
    Twice,
    /// Not at all, though it is acknowledged.
    Never,
}

/// The rules about messages.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) struct MessageRules {
    /// How a visitor's second message is stored.
    pub(in crate::reference) second: SecondMessage,
    /// The number of the session's message that is acknowledged and not stored.
    pub(in crate::reference) lost_number: Option<i64>,
    /// Whether a repetition is known by the client's id.
    pub(in crate::reference) knows_repetitions: bool,
    /// Whether lists of messages start with the newest.
    pub(in crate::reference) newest_first: bool,
    /// The visitor is shown no messages older than that.
    pub(in crate::reference) history_ms: Option<i64>,
    /// The visitor is shown no more messages than that, the newest.
    pub(in crate::reference) history_max: Option<usize>,
    /// Every so many-th reading shows somebody else's message.
    pub(in crate::reference) leaks_every: Option<u64>,
}

impl MessageRules {
    /// Those of a sound server.
    pub(super) const fn sound() -> Self {
        Self {
            second: SecondMessage::Once,
            lost_number: None,
            knows_repetitions: true,
            newest_first: false,
            history_ms: None,
            history_max: None,
            leaks_every: None,
        }
    }
}
