//! The identity: what it is made of, and by what a visitor is known again.
//!
//! It owns how visitor and session are bound. How long the cookie lasts is the cookie's.

/// Of what a session's id and its cookie's value are made.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) enum Ids {
    /// 128 random bits each.
    Random,
    /// The next numbers.
    Counters,
    /// The session's id is a digest of the visitor's address.
    HashedAddress,
    /// The cookie's value holds the visitor's address in base64.
    AddressInCookie,
    /// Both begin with the time of their making.
    TimePrefixed,
}

/// The rules about how visitors are known again.
#[derive(Debug, Clone, Copy)]
pub(in crate::reference) struct IdentityRules {
    /// Of what the ids are made.
    pub(in crate::reference) ids: Ids,
    /// Whether a cookie is known only to its own website.
    pub(in crate::reference) is_the_websites: bool,
    /// A return after that pause is taken for somebody new.
    pub(in crate::reference) forgotten_after_ms: Option<i64>,
    /// Every so many-th new load is handed somebody else's session.
    pub(in crate::reference) shared_every: Option<u64>,
    /// Whether a cookie that was never issued is taken over as it is.
    pub(in crate::reference) adopts_unknown: bool,
    /// Whether lists of messages are tagged so that the tag finds the session.
    pub(in crate::reference) found_by_etag: bool,
    /// Whether address and browser find a session where no cookie is sent.
    pub(in crate::reference) found_by_address: bool,
    /// Whether a cookie is honoured only from the address that it was given to.
    pub(in crate::reference) bound_to_address: bool,
    /// Whether a load is taken for somebody new's while another with its cookie is under way.
    pub(in crate::reference) lost_in_race: bool,
}

impl IdentityRules {
    /// Those of a sound server.
    pub(super) const fn sound() -> Self {
        Self {
            ids: Ids::Random,
            is_the_websites: true,
            forgotten_after_ms: None,
            shared_every: None,
            adopts_unknown: false,
            found_by_etag: false,
            found_by_address: false,
            bound_to_address: false,
            lost_in_race: false,
        }
    }
}
