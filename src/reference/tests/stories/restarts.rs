//! What visitors live through when the server is restarted.

use super::Seen;
use crate::reference::Defect;
use crate::reference::tests::client::{MINUTE, Server};
use crate::reference::tests::visitor::Visitor;

pub(super) async fn restarting(server: Server, defect: Option<Defect>, seen: &mut Seen) {
    let idle = Visitor::loaded(&server).await;
    let mut wrote = Visitor::loaded(&server).await;
    wrote.say(&server, "one").await;
    wrote.say(&server, "two").await;
    server.pass(20 * MINUTE).await;
    let server = Server::start_in(server.stop().await, defect, true).await;
    let mut rows = vec![server.rows_of(&idle)];
    for minutes in [11, 10, 20] {
        server.pass(minutes * MINUTE).await;
        rows.push(server.rows_of(&idle));
    }
    seen.insert("rows after a restart", rows.join(" "));
    seen.insert("messages after a restart", wrote.read(&server).await.texts());
    server.stop().await;
}
