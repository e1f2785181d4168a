//! What visitors live through with a server, as named observations. A sound server and one with
//! a defect differ in the observations that the defect's row names.

mod endings;
mod identities;
mod restarts;
mod terms;
mod traces;

use std::collections::BTreeMap;

use super::client::Server;
use crate::reference::Defect;

/// Observations by name.
pub(super) type Seen = BTreeMap<&'static str, String>;

/// When the stories begin: at noon of 1 March 2100, so that what hangs on the calendar comes out the same every day.
const BEGINNING: i64 = 4_107_585_600_000;

/// Tells every story to servers of their own with a defect.
pub(super) async fn tell_all(defect: Option<Defect>) -> Seen {
    let mut seen = Seen::new();
    macro_rules! tell {
        ($($room:ident: $($story:ident)*;)*) => { $($(
            let server = begin(defect).await;
            $room::$story(&server, &mut seen).await;
            server.stop().await;
        )*)* };
    }
    tell! {
        terms: cookies renewals conversations crowd idling browsing keeping deleting addresses;
        identities: newcomers returning_for_years tags browsers moving strangers racing;
        endings: greeting long_conversation late deleted clocks_changing;
        traces: visiting changing_address;
    }
    restarts::restarting(begin(defect).await, defect, &mut seen).await;
    seen
}

async fn begin(defect: Option<Defect>) -> Server {
    let server = Server::start(defect).await;
    assert_eq!(server.advance_to(BEGINNING).await.status, 200);
    server
}
