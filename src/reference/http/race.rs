//! Loads that are under way, by their cookies.
//!
//! It owns the hook of the defect that loses a cookie where two loads with it meet. A sound server counts none.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::reference::engine::Caller;

/// How long a load takes that carries a cookie, so that those sent at once do meet.
const DURATION: Duration = Duration::from_millis(20);

/// The cookies of loads that are under way.
#[derive(Debug, Clone, Default)]
pub(in crate::reference) struct UnderWay(Arc<Mutex<HashSet<String>>>);

impl UnderWay {
    /// Lets a load in, without its cookie where another one with that is under way. The load is under way as long as
    /// what is returned.
    pub(super) async fn enter(&self, caller: &mut Caller) -> Option<Entered> {
        let cookie = caller.cookie.take()?;
        let entered =
            self.cookies().insert(cookie.clone()).then(|| Entered { all: self.clone(), cookie: cookie.clone() });
        tokio::time::sleep(DURATION).await;
        caller.cookie = entered.is_some().then_some(cookie);
        entered
    }

    /// A panic while the lock was held leaves a set behind which is still good.
    fn cookies(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A load that is under way.
pub(super) struct Entered {
    all: UnderWay,
    cookie: String,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.all.cookies().remove(&self.cookie);
    }
}
