//! Where a template stands, and so what it can name and which headers may be written there.

use super::source::Source;
use crate::scenario::Op;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A visitor's request.
    Visitor,
    /// A visitor's request that sends a message.
    VisitorMessage,
    /// An agent's request.
    Agent,
    /// An agent's request that sends a message.
    AgentMessage,
    /// A request that moves the clock, or comes after a move.
    Jump,
    /// A request that is the same each time.
    Fixed,
}

impl Place {
    /// The place of an operation's templates.
    pub fn of(op: Op) -> Self {
        match op {
            Op::Send | Op::Resend => Self::VisitorMessage,
            Op::AgentSend | Op::AgentGreet => Self::AgentMessage,
            op if op.is_visitors() => Self::Visitor,
            _ => Self::Agent,
        }
    }

    /// The variables that have a value there, beside secrets.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Visitor => &["website", "page", "session", "visitor", "address"],
            Self::VisitorMessage => &["website", "page", "text", "message_id", "session", "visitor", "address"],
            Self::Agent => &["website", "session", "visitor", "address"],
            Self::AgentMessage => &["website", "text", "message_id", "session", "visitor", "address"],
            Self::Jump => &["to_ms", "to_s"],
            Self::Fixed => &[],
        }
    }

    const fn is_visitors(self) -> bool {
        matches!(self, Self::Visitor | Self::VisitorMessage)
    }

    /// A header that the file writes there, unless it is sent already.
    ///
    /// # Errors
    /// What is wrong with it, in a lower-case fragment.
    pub fn header(self, name: &str, source: Option<&Source>) -> Result<http::HeaderName, String> {
        use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TRANSFER_ENCODING};
        let header =
            http::HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header's name"))?;
        let added = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(&header);
        if added || (self.is_visitors() && header == COOKIE) {
            return Err(format!("the header `{header}` is written by loiter itself; leave it out"));
        }
        if self.is_visitors() && source.is_some_and(|source| source.header == header) {
            return Err(format!("the header `{header}` is that of `[source]`, and would be sent twice; leave it out"));
        }
        Ok(header)
    }
}
