//! What a lane keeps of a visitor between its steps: a browser, the sessions it was shown, and what is known of it.

use crate::history::Known;
use crate::instant::Instant;
use crate::oracle::Model;
use crate::visitor::browser::Browser;

/// A visitor as its lane keeps it.
#[derive(Debug, Clone, Default)]
pub struct Traveller {
    /// What its browser holds.
    pub browser: Browser,
    /// The session that it has now.
    pub session: Option<Box<str>>,
    /// The session that it had before.
    pub previous: Option<Box<str>>,
    /// How many messages its conversation has.
    pub messages: u16,
    /// Its address stood in the store before it came.
    pub address_taken: bool,
    /// Sessions that simultaneous loads made beside the one that it kept.
    pub orphans: Vec<Box<str>>,
    /// The last two identities that it held, the latest first: only where its journey presents them once more.
    pub kept: Vec<Box<str>>,
    /// What its browser's cache knows of the answers to its readings: the entity tag of the last.
    pub etag: Option<Box<str>>,
    /// When it last acted.
    pub acted: Option<Instant>,
    /// What is known of it.
    pub model: Model,
    /// What the history knows of it.
    pub known: Known,
}

impl Traveller {
    /// Takes in an identity that an answer set.
    pub fn holds(&mut self, value: &str) {
        if self.kept.first().map(|last| &**last) != Some(value) {
            self.kept.insert(0, value.into());
            self.kept.truncate(2);
        }
    }

    /// The person clears its cookies: whoever it was before, it is nobody now.
    pub fn clear(&mut self) {
        self.browser.clear();
        if let Some(session) = self.session.take() {
            self.previous = Some(session);
        }
    }

    /// Takes in a session id that an answer of its own website showed.
    pub fn shown(&mut self, id: &str) {
        if self.session.as_deref() != Some(id) {
            self.previous = self.session.replace(id.into());
        }
    }
}
