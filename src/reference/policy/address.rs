//! The visitor's address and what else tells of a visit: what is stored, where, and for how long.
//!
//! It owns what is written down of a visit. When the session itself goes is the session's.

/// In which form an address is stored.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) enum AddressForm {
    /// As it is.
    Whole,
    /// Without its last octet, or cut to /64.
    Truncated,
    /// IPv4 as it is, IPv6 as nothing.
    OnlyV4,
}

/// Which entry of the trusted header is the visitor's address.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) enum HeaderEntry {
    /// The one that the trusted proxy wrote.
    Rightmost,
    /// The one that whoever asks may have written.
    Leftmost,
    /// None: the peer's address is taken.
    NoEntry,
}

/// How long a permanent session's address is kept.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) enum AddressKept {
    /// As long as the session.
    AsSession,
    /// That many milliseconds after the last access.
    AfterAccess(i64),
    /// Until the UTC year turns.
    UntilNewYear,
}

/// What is written down of a visit beside its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Trace {
    /// Nothing.
    Nothing,
    /// The address of each load, in a table.
    Visits,
    /// The pages of loads and page views, in a table.
    Pages,
    /// The address of each load, in the access log.
    AccessLog,
    /// The addresses that a visitor had before, in a table.
    OldAddresses,
}

/// The rules about addresses and other traces.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) struct AddressRules {
    /// In which form the address is stored.
    pub(in crate::reference) form: AddressForm,
    /// From which entry of the trusted header it is taken.
    pub(in crate::reference) entry: HeaderEntry,
    /// How long it is kept with a permanent session.
    pub(in crate::reference) kept: AddressKept,
    /// What else is written down.
    pub(in crate::reference) trace: Trace,
    /// Whether the sweeper files ended sessions away.
    pub(in crate::reference) archives: bool,
}

impl AddressRules {
    /// Those of a sound server.
    pub(super) const fn sound() -> Self {
        Self {
            form: AddressForm::Whole,
            entry: HeaderEntry::Rightmost,
            kept: AddressKept::AsSession,
            trace: Trace::Nothing,
            archives: false,
        }
    }
}
