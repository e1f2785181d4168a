//! What visitors leave behind.

use super::Seen;
use crate::reference::tests::client::{MINUTE, Server};
use crate::reference::tests::visitor::Visitor;

pub(super) async fn visiting(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::from("203.0.113.98");
    visitor.load(server).await;
    visitor.page(server).await;
    server.pass(40 * MINUTE).await;
    seen.insert(
        "pages after the end",
        [server.tables_with("/x"), server.tables_with("/y")].join(" ").trim().to_owned(),
    );
    seen.insert("access log", server.access_log().replace(&visitor.session, "ID"));
}

pub(super) async fn changing_address(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::from("203.0.113.41");
    visitor.load(server).await;
    visitor.say(server, "hello").await;
    let mut stored = Vec::new();
    visitor.ip = "198.51.100.42";
    visitor.read(server).await;
    stored.push(server.agent_looks(&visitor).await.json["ip"].to_string());
    let before = visitor.clone();
    visitor.load(server).await;
    stored.push(server.agent_looks(&before).await.json["ip"].to_string());
    visitor.ip = "198.51.100.43";
    visitor.page(server).await;
    stored.push(server.agent_looks(&before).await.json["ip"].to_string());
    visitor.ip = "198.51.100.44";
    visitor.say(server, "hello").await;
    stored.push(server.agent_looks(&before).await.json["ip"].to_string());
    seen.insert("addresses after changes", stored.join(" "));
    seen.insert("where the first address is", server.tables_with("203.0.113.41"));
}
