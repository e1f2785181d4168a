//! The settings: every question that the policy's text leaves open, with the answer under which a run judges.

use super::term::{Lifetime, Term, Tolerance};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A yes-or-no question that the policy may also leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// The policy does not say: observe and report, judge nothing.
    Unspecified,
}

/// Which requests renew the cookie (`cookie.renewed_by`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RenewedBy {
    /// A load after a pause of the idle term or more.
    LoadOnReturn,
    /// The visitor's own message.
    VisitorMessage,
    /// A page view.
    PageView,
    /// Reading the conversation.
    Reading,
}

/// What a request that does not renew may do with the cookie (`cookie.other_requests`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OtherRequests {
    /// It may repeat the expiry, and may not extend it.
    MayRepeat,
    /// The policy does not say.
    Unspecified,
}

/// What a cookie gets whose session has ended (`cookie.after_session_end`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AfterSessionEnd {
    /// An empty session, with a new identity or with the old value.
    EmptySession,
    /// An empty session with a new identity.
    NewIdentity,
    /// The policy does not say.
    Unspecified,
}

/// What counts as a website access (`session.access`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessKind {
    /// Loading the chatbox.
    Load,
    /// Viewing a page.
    PageView,
    /// The visitor's message.
    VisitorMessage,
    /// The heartbeat of an open socket.
    Heartbeat,
    /// Reading or polling.
    Reading,
}

/// What becomes of a message sent with an ended session (`session.late_message`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LateMessage {
    /// Refused, or stored in a new session.
    RefusedOrNew,
    /// The policy does not say.
    Unspecified,
}

/// Which use of the chatbox makes a session permanent (`session.permanent_when`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Permanence {
    /// A message of the visitor.
    VisitorMessage,
    /// A message of a human agent.
    AgentMessage,
}

/// Declares a table of settings twice: as it stands in a file (each may be missing), and resolved (none is).
macro_rules! settings {
    ($(#[$meta:meta])* $name:ident, $raw:ident, $table:literal { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),* }

        /// The same table as it stands in a file.
        #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $raw {
            $($(#[$field_meta])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$type>),*
        }

        impl $raw {
            /// These settings, and the base's where these are silent.
            pub fn over(self, base: Self) -> Self {
                Self { $($field: self.$field.or(base.$field)),* }
            }

            /// # Errors
            /// The name of the first setting that has no value.
            pub fn resolve(self) -> Result<$name, String> {
                Ok($name { $($field: self.$field.ok_or_else(|| format!("{}.{}", $table, stringify!($field)))?),* })
            }
        }
    };
}

settings! {
    /// Settings of the visitor's cookie.
    CookieSettings, RawCookie, "cookie" {
        /// Its term, and what is accepted for it (§3.2).
        lifetime: Lifetime,
        /// By how much a declared term may be off (rounding).
        tolerance: Tolerance,
        /// Is the term full while the session is still temporary?
        temporary_session: Rule,
        /// Is a load within the same visit a return that renews?
        reload_renews: Rule,
        /// Which requests renew the cookie.
        renewed_by: Vec<RenewedBy>,
        /// What any other request may do with it.
        other_requests: OtherRequests,
        /// What a cookie gets whose session has ended.
        after_session_end: AfterSessionEnd,
        /// Is a cookie honoured that has expired and is sent all the same?
        replayed_after_expiry: Rule,
        /// Does an identity that the server never issued get one of the server's own making?
        unknown: Rule,
    }
}

settings! {
    /// Settings of the session.
    SessionSettings, RawSession, "session" {
        /// How long after the last website access a temporary session ends (§3.3).
        idle: Term,
        /// How late after the deadline it may be destroyed.
        grace: Term,
        /// What counts as a website access; what is not listed may or may not be one.
        access: Vec<AccessKind>,
        /// What does not count as one.
        no_access: Vec<AccessKind>,
        /// What becomes of a message sent with an ended session.
        late_message: LateMessage,
        /// Must simultaneous loads with one ended identity share one new session?
        concurrent_after_end: Rule,
        /// Which use makes a session permanent.
        permanent_when: Vec<Permanence>,
        /// Does an automated greeting make a session permanent?
        greeting: Rule,
        /// How soon an agent's deletion reaches the store; the visitor's view is at once.
        delete_grace: Term,
    }
}

settings! {
    /// Settings of the visitor's address.
    IpSettings, RawIp, "ip" {
        /// The legal minimum for keeping a chatter's address (§3.6).
        legal_minimum: Term,
        /// Is the address kept when an agent deletes the session?
        after_agent_delete: Rule,
        /// Is the address kept of a visitor who never answered an agent?
        agent_only_conversation: Rule,
        /// May any of the visitor's own addresses be the stored one?
        on_change: Rule,
        /// Do rows, keys and log files of the declared stores count as residue?
        residue: Rule,
        /// May ids and cookies reveal the address?
        in_identity: Rule,
    }
}

settings! {
    /// What the policy calls a day, a month and a year; scaled policies shorten them.
    TermSettings, RawTerms, "calendar" {
        /// One day.
        day: Term,
        /// One month.
        month: Term,
        /// One year.
        year: Term,
    }
}
