//! What broken servers remember outside their store. It is lost with the process.
//!
//! It owns the shapes of those memories. A sound server remembers nothing here but two counts.

use std::collections::{HashMap, HashSet};

use super::{Message, Session, SetCookie};

/// Everything that defects remember.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// New loads since the start.
    pub(super) new_loads: u64,
    /// Lists shown to visitors since the start.
    pub(super) readings: u64,
    /// Sessions that have ended, by cookie and website.
    pub(super) ended: HashMap<(String, String), Ended>,
    /// Sessions that the next sweep writes again.
    pub(super) queued: Vec<Ended>,
    /// The lists that visitors were shown last, by cookie and website.
    pub(super) lists: HashMap<(String, String), CachedList>,
    /// Sessions' ids by the tags of their lists.
    pub(super) tags: HashMap<String, String>,
    /// Sessions' ids by website, address and browser.
    pub(super) browsers: HashMap<(String, String, String), String>,
    /// Cookies that were issued.
    pub(super) issued: HashSet<String>,
    /// The last new load's cookie, by website.
    pub(super) last_cookies: HashMap<&'static str, SetCookie>,
}

/// A session that has left the store.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// Its row.
    pub(super) session: Session,
    /// Its messages' rows.
    pub(super) messages: Vec<MessageRow>,
    /// When it ended, in milliseconds.
    pub(super) at_ms: i64,
}

/// A message as it is stored.
#[derive(Debug, Clone)]
pub(super) struct MessageRow {
    /// Its number in the session.
    pub(super) seq: i64,
    /// Who wrote it.
    pub(super) sender: String,
    /// What it says.
    pub(super) text: String,
    /// When it arrived, in milliseconds.
    pub(super) at: i64,
    /// The client's id of it.
    pub(super) client_id: Option<String>,
}

/// A list of messages that a visitor was shown.
#[derive(Debug)]
pub(super) struct CachedList {
    /// The session's id.
    pub(super) session: String,
    /// The messages as they were shown.
    pub(super) messages: Vec<Message>,
    /// When an agent deleted the session, in milliseconds.
    pub(super) deleted: Option<i64>,
}
