//! The queue to the store: one thread owns the database, and answers once a group is committed.
//!
//! It owns the thread, the grouping and the transactions. It never knows what the work does, and
//! never answers for work that is not committed.

use std::fmt;
use std::io;
use std::thread::{Builder, JoinHandle};

use tokio::sync::{mpsc, oneshot};

use super::engine::Engine;

/// Requests that may wait; more wait at the door.
const QUEUE_MAX: usize = 4_096;

/// Requests that share one transaction at most.
const GROUP_MAX: usize = 256;

/// Sends an answer whose work is committed.
type Reply = Box<dyn FnOnce() + Send>;

/// What a request does to the store.
type Work<T> = Box<dyn FnOnce(&mut Engine) -> T + Send>;

enum Job {
    /// Work that shares a transaction with others.
    Grouped(Work<rusqlite::Result<Reply>>),
    /// Work that sees to its own transaction.
    Alone(Work<()>),
    /// The end.
    Stop,
}

/// The store could not do what was asked; nothing of it is stored.
#[derive(Debug)]
pub(super) struct StoreFailed(String);

impl fmt::Display for StoreFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store failed: {}", self.0)
    }
}

/// A handle to the queue.
#[derive(Debug, Clone)]
pub(super) struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Starts the thread that owns the database.
    pub(super) fn start(engine: Engine) -> io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let thread = Builder::new().name("reference-store".to_owned()).spawn(|| work_off(engine, queue))?;
        Ok((Self { jobs }, thread))
    }

    /// Does work in the next group, and answers once that is committed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreFailed> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Grouped(Box::new(move |engine| match work(engine) {
            // Whoever asked may be gone: then the answer is dropped.
            Ok(done) => Ok(Box::new(move || drop(answer.send(Ok(done))))),
            Err(error) => {
                drop(answer.send(Err(StoreFailed(error.to_string()))));
                Err(error)
            }
        }));
        self.send(job).await?;
        answered.await.unwrap_or_else(|_| Err(StoreFailed("its group was rolled back".to_owned())))
    }

    /// Does work that sees to its own transaction, after everything that was asked before it.
    pub(super) async fn run_alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreFailed> {
        let (answer, answered) = oneshot::channel();
        let job = Job::Alone(Box::new(move |engine| drop(answer.send(work(engine)))));
        self.send(job).await?;
        match answered.await {
            Ok(done) => done.map_err(|error| StoreFailed(error.to_string())),
            Err(_) => Err(StoreFailed("it has stopped".to_owned())),
        }
    }

    /// Ends the thread after everything that was asked before.
    pub(super) async fn stop(&self) {
        // An error says that it has ended already.
        drop(self.send(Job::Stop).await);
    }

    async fn send(&self, job: Job) -> Result<(), StoreFailed> {
        self.jobs.send(job).await.map_err(|_| StoreFailed("it has stopped".to_owned()))
    }
}

fn work_off(mut engine: Engine, mut queue: mpsc::Receiver<Job>) {
    let mut next = None;
    loop {
        match next.take().or_else(|| queue.blocking_recv()) {
            None | Some(Job::Stop) => break,
            Some(Job::Alone(work)) => work(&mut engine),
            Some(first) => next = commit_group(&mut engine, first, &mut queue),
        }
    }
}

/// Does a group in one transaction, and returns the job that it met and that belongs to none.
/// Where the transaction fails, the replies are dropped, which tells those who wait for them.
fn commit_group(engine: &mut Engine, first: Job, queue: &mut mpsc::Receiver<Job>) -> Option<Job> {
    let mut replies = Vec::new();
    let mut next = Some(first);
    let committed = engine.transaction(|engine| {
        while let Some(Job::Grouped(work)) = next.take_if(|job| matches!(job, Job::Grouped(_))) {
            replies.push(work(engine)?);
            next = if replies.len() < GROUP_MAX { queue.try_recv().ok() } else { None };
        }
        Ok(())
    });
    if committed.is_ok() {
        replies.into_iter().for_each(|reply| reply());
    }
    // A group that could not begin leaves its first job: dropped, it tells whoever waits for it.
    next.filter(|job| !matches!(job, Job::Grouped(_)))
}
