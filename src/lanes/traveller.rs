//! What a lane keeps of a visitor between its steps: a browser, the sessions it was shown, and what is known of it.

use crate::instant::Instant;
use crate::oracle::Model;
use crate::visitor::browser::Browser;

/// A visitor as its lane keeps it.
#[derive(Debug, Default)]
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
    /// When it last acted.
    pub acted: Option<Instant>,
    /// What is known of it.
    pub model: Model,
}

impl Traveller {
    /// Takes in a session id that an answer of its own website showed.
    pub fn shown(&mut self, id: &str) {
        if self.session.as_deref() != Some(id) {
            self.previous = self.session.replace(id.into());
        }
    }
}
