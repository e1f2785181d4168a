//! A time-out for one request after another, with one timer for them all.

use crate::measure::monotonic;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long is waited for each request.
///
/// The timer is not set anew for each: it goes off for the first of them, and is set then to the end of the one that is
/// under way.
#[derive(Debug)]
pub(super) struct Patience {
    length: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(super) const fn new(length: Duration) -> Self {
        Self { length, timer: None }
    }

    pub(super) const fn length(&self) -> Duration {
        self.length
    }

    /// What comes of `work`; `None` where it takes too long.
    pub(super) async fn wait_for<F: Future>(&mut self, work: F) -> Option<F::Output> {
        let end = Instant::from_std(monotonic()) + self.length;
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(came) => Poll::Ready(Some(came)),
            Poll::Pending => self.poll_end(end, context).map(|()| None),
        })
        .await
    }

    fn poll_end(&mut self, end: Instant, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        // An answer without end takes up all that a task may do at once: the timer must be heard all the same.
        while pin!(unconstrained(timer.as_mut())).poll(context).is_ready() {
            if timer.deadline() >= end {
                return Poll::Ready(());
            }
            timer.as_mut().reset(end);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::task::consume_budget;

    #[tokio::test]
    async fn work_that_always_has_something_to_do_does_not_outlast_its_time() {
        let busy = async {
            for _ in 0..1 << 24 {
                consume_budget().await;
            }
        };
        assert_eq!(Patience::new(Duration::ZERO).wait_for(busy).await, None);
    }
}
