//! What one worker of a lane sends with: a connection, and the buffers of the request and the answer under way.

use super::{Connection, Dial, Outgoing};
use crate::target::Answer;
use std::sync::Arc;
use std::time::Duration;

/// A worker's connection and buffers.
#[derive(Debug)]
pub struct Worker {
    /// The connection.
    pub connection: Connection,
    /// The request under way.
    pub request: Outgoing,
    /// The last answer.
    pub answer: Answer,
}

impl Worker {
    /// A worker whose connection is not open yet; each request may take as long as `timeout`.
    pub fn new(dial: Arc<Dial>, timeout: Duration) -> Self {
        Self::with(Connection::new(dial, timeout))
    }

    /// Another worker for the same place, its connection not open yet.
    pub fn another(&self) -> Self {
        Self::with(self.connection.another())
    }

    fn with(connection: Connection) -> Self {
        Self { connection, request: Outgoing::default(), answer: Answer::default() }
    }

    /// Closes the connection.
    pub fn close(&mut self) {
        self.connection.close();
    }
}
