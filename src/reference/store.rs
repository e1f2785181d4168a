//! The door to the store: work is done as it comes, many requests share a transaction, and each is answered once that
//! is committed.
//!
//! It owns the grouping and the transactions. It never knows what the work does, and never answers
//! for work that is not committed.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, oneshot};

use super::engine::Engine;

/// The store could not do what was asked; nothing of it is stored.
#[derive(Debug)]
pub(super) struct StoreFailed(String);

impl fmt::Display for StoreFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store failed: {}", self.0)
    }
}

impl From<rusqlite::Error> for StoreFailed {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

/// A handle to the door.
#[derive(Debug, Clone)]
pub(super) struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    group: Mutex<Group>,
    /// A group has begun.
    begun: Notify,
}

#[derive(Debug)]
struct Group {
    /// The owner of the store; none once that is closed.
    engine: Option<Engine>,
    /// Those whose work stands in the open transaction: there is one as long as somebody waits.
    waiting: Vec<oneshot::Sender<()>>,
}

impl Store {
    pub(super) fn new(engine: Engine) -> Self {
        let group = Mutex::new(Group { engine: Some(engine), waiting: Vec::new() });
        Self(Arc::new(Shared { group, begun: Notify::new() }))
    }

    /// Does work in the open group, and answers once that is committed.
    pub(super) async fn run<T>(&self, work: impl FnOnce(&mut Engine) -> rusqlite::Result<T>) -> Result<T, StoreFailed> {
        let (done, committed) = self.join(work)?;
        match committed.await {
            Ok(()) => Ok(done),
            Err(_) => Err(StoreFailed("its group was rolled back".to_owned())),
        }
    }

    fn join<T>(
        &self,
        work: impl FnOnce(&mut Engine) -> rusqlite::Result<T>,
    ) -> Result<(T, oneshot::Receiver<()>), StoreFailed> {
        let mut group = self.group()?;
        let begins = group.waiting.is_empty();
        let joined = group.join(work)?;
        if begins {
            self.0.begun.notify_one();
        }
        Ok(joined)
    }

    /// Does work that sees to its own transaction, after everything that was asked before it.
    pub(super) fn run_alone<T>(&self, work: impl FnOnce(&mut Engine) -> rusqlite::Result<T>) -> Result<T, StoreFailed> {
        let mut group = self.group()?;
        group.commit();
        Ok(work(group.engine()?)?)
    }

    /// Commits each group once everybody who has something to ask at that moment has joined it. It never ends.
    pub(super) async fn commit_groups(self) {
        loop {
            self.0.begun.notified().await;
            // Whoever is ready goes first, and so does whoever becomes ready by one more look at the sockets.
            tokio::task::yield_now().await;
            if let Ok(mut group) = self.group() {
                group.commit();
            }
        }
    }

    /// Closes the store after everything that was asked before.
    pub(super) fn close(&self) -> io::Result<()> {
        let mut group = self.group().map_err(|_| io::Error::other("the store's work panicked"))?;
        group.commit();
        group.engine = None;
        Ok(())
    }

    /// A panic within the work leaves a transaction half done: nothing is done after it.
    fn group(&self) -> Result<MutexGuard<'_, Group>, StoreFailed> {
        self.0.group.lock().map_err(|_| StoreFailed("it broke off".to_owned()))
    }
}

impl Group {
    fn engine(&mut self) -> Result<&mut Engine, StoreFailed> {
        self.engine.as_mut().ok_or_else(|| StoreFailed("it has stopped".to_owned()))
    }

    /// Does work in the open transaction, or in a new one. Where it fails, the whole group is rolled back.
    fn join<T>(
        &mut self,
        work: impl FnOnce(&mut Engine) -> rusqlite::Result<T>,
    ) -> Result<(T, oneshot::Receiver<()>), StoreFailed> {
        let begins = self.waiting.is_empty();
        let engine = self.engine()?;
        if begins {
            engine.begin()?;
        }
        match work(engine) {
            Ok(done) => {
                let (tell, committed) = oneshot::channel();
                self.waiting.push(tell);
                Ok((done, committed))
            }
            Err(error) => {
                engine.roll_back();
                // Dropped, they tell those who wait for them.
                self.waiting.clear();
                Err(error.into())
            }
        }
    }

    /// Commits the open transaction, if there is one, and tells those who wait for it.
    fn commit(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let committed = self.engine.as_mut().is_some_and(|engine| engine.commit().is_ok());
        for tell in self.waiting.drain(..).filter(|_| committed) {
            // Whoever asked may be gone.
            let _ = tell.send(());
        }
    }
}
