//! What visitors live through with the policy's terms: cookies, sessions, messages, addresses.

use super::Seen;
use crate::reference::tests::client::{DAY, MINUTE, SECOND, Server};
use crate::reference::tests::visitor::Visitor;

pub(super) async fn cookies(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::new();
    seen.insert("cookie of a first load", visitor.load(server).await.cookie_term());
    visitor.say(server, "one").await;
    server.pass(10 * MINUTE).await;
    seen.insert("cookie of a reload", visitor.load(server).await.cookie_term());
    seen.insert("cookie of a page view", visitor.page(server).await.cookie_term());
    seen.insert("cookie of a message", visitor.say(server, "two").await.cookie_term());
    seen.insert("cookie of a reading", visitor.read(server).await.cookie_term());
    server.pass(40 * DAY).await;
    seen.insert("cookie of a return", visitor.load(server).await.cookie_term());
}

pub(super) async fn renewals(server: &Server, seen: &mut Seen) {
    let (mut in_time, mut too_late) = (Visitor::loaded(server).await, Visitor::loaded(server).await);
    let mut renewed = Visitor::loaded(server).await;
    for visitor in [&mut in_time, &mut too_late, &mut renewed] {
        visitor.say(server, "hello").await;
    }
    // None of the three loads counts as a pause of a day for the one who is renewed.
    server.pass(DAY - MINUTE).await;
    renewed.load(server).await;
    server.pass(181 * DAY).await;
    seen.insert("known after 182 days", in_time.read(server).await.status.to_string());
    server.pass(DAY).await;
    seen.insert("known after 183 days", too_late.read(server).await.status.to_string());
    seen.insert("known after 183 days with a return", renewed.read(server).await.status.to_string());
}

pub(super) async fn conversations(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    server.agent_says(&visitor, "welcome").await;
    let mut numbers = Vec::new();
    for text in ["one", "two", "three"] {
        numbers.push(visitor.say(server, text).await.json["message"].to_string());
    }
    seen.insert("numbers of the messages", numbers.join(","));
    seen.insert("messages read", visitor.read(server).await.texts());
    seen.insert("messages loaded", visitor.load(server).await.texts());
    seen.insert("messages for the agent", server.agent_looks(&visitor).await.texts());
    server.pass(8 * DAY).await;
    seen.insert("messages read after 8 days", visitor.read(server).await.texts());
    seen.insert("messages for the agent after 8 days", server.agent_looks(&visitor).await.texts());
    seen.insert("known on return", visitor.is_known(server).await.to_string());
}

pub(super) async fn crowd(server: &Server, seen: &mut Seen) {
    let mut sessions = Vec::new();
    for _ in 0..60 {
        sessions.push(Visitor::loaded(server).await.session);
    }
    sessions.sort();
    sessions.dedup();
    seen.insert("sessions of 60 visitors", sessions.len().to_string());
    let (mut one, mut other) = (Visitor::loaded(server).await, Visitor::loaded(server).await);
    one.say(server, "mine").await;
    other.say(server, "theirs").await;
    let mut foreign = 0;
    for _ in 0..25 {
        foreign += usize::from(one.read(server).await.texts().contains("theirs"));
    }
    seen.insert("readings with another's message", foreign.to_string());
    let mut elsewhere = one.elsewhere();
    seen.insert("known on the other website", elsewhere.is_known(server).await.to_string());
}

pub(super) async fn idling(server: &Server, seen: &mut Seen) {
    let start = server.now().await;
    let after = [24 * 60 + 59, 26 * 60, 29 * 60 + 59, 30 * 60 + 10, 34 * 60 + 59, 36 * 60];
    let mut visitors = Vec::new();
    for seconds in after {
        let (acts, looked_at) = (Visitor::loaded(server).await, Visitor::loaded(server).await);
        visitors.push((seconds, acts, looked_at));
    }
    let mut returns = Visitor::loaded(server).await;
    let before = returns.clone();
    let untouched = Visitor::loaded(server).await;
    let (mut pages, mut looks, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (seconds, mut acts, looked_at) in visitors {
        server.advance_to(start + seconds * SECOND).await;
        pages.push(acts.page(server).await.status.to_string());
        looks.push(server.agent_looks(&looked_at).await.status.to_string());
        rows.push(server.rows_of(&untouched));
    }
    seen.insert("page views while idle", pages.join(" "));
    seen.insert("agent's looks while idle", looks.join(" "));
    seen.insert("rows while idle", rows.join(" "));
    seen.insert("known after the idle term", returns.is_known(server).await.to_string());
    seen.insert("rows after that return", server.rows_of(&before));
}

pub(super) async fn browsing(server: &Server, seen: &mut Seen) {
    let mut views = Visitor::loaded(server).await;
    let mut loads = Visitor::loaded(server).await;
    let mut watched = Visitor::loaded(server).await;
    server.pass(20 * MINUTE).await;
    views.page(server).await;
    loads.load(server).await;
    server.agent_looks(&watched).await;
    server.pass(20 * MINUTE).await;
    seen.insert("page view after a page view", views.page(server).await.status.to_string());
    seen.insert("known after a reload", loads.is_known(server).await.to_string());
    seen.insert("page view after a look", watched.page(server).await.status.to_string());
}

pub(super) async fn keeping(server: &Server, seen: &mut Seen) {
    let mut wrote = Visitor::loaded(server).await;
    let mut answered = Visitor::loaded(server).await;
    let mut quiet = Visitor::loaded(server).await;
    wrote.say(server, "hello").await;
    quiet.say(server, "hello").await;
    server.agent_says(&answered, "hello").await;
    server.pass(60 * MINUTE).await;
    seen.insert("kept by a message", wrote.page(server).await.status.to_string());
    seen.insert("kept by an answer", answered.page(server).await.status.to_string());
    for _ in 0..4 {
        server.pass(95 * DAY).await;
        wrote.page(server).await;
    }
    seen.insert("kept for 380 days", server.agent_looks(&wrote).await.status.to_string());
    seen.insert("kept for 380 quiet days", server.agent_looks(&quiet).await.status.to_string());
}

pub(super) async fn deleting(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    visitor.say(server, "hello").await;
    seen.insert("deletion", server.agent_deletes(&visitor).await.status.to_string());
    seen.insert("deleted for the agent", server.agent_looks(&visitor).await.status.to_string());
    let mut views = vec![visitor.page(server).await.status.to_string()];
    let mut rows = vec![server.rows_of(&visitor)];
    for minutes in [4, 2, 5] {
        server.pass(minutes * MINUTE).await;
        views.push(visitor.page(server).await.status.to_string());
        rows.push(server.rows_of(&visitor));
    }
    server.pass(DAY).await;
    seen.insert("deleted for the visitor", views.join(" "));
    seen.insert("rows of the deleted", rows.join(" "));
    seen.insert("known after the deletion", visitor.is_known(server).await.to_string());
}

pub(super) async fn addresses(server: &Server, seen: &mut Seen) {
    let mut keeps = Visitor::from("198.51.100.9, 203.0.113.77");
    let mut v6 = Visitor::from("2001:db8:1:2:3:4:5:6");
    let mut leaves = Visitor::from("203.0.113.99");
    for visitor in [&mut keeps, &mut v6, &mut leaves] {
        visitor.load(server).await;
    }
    keeps.say(server, "hello").await;
    seen.insert("address", server.agent_looks(&keeps).await.json["ip"].to_string());
    seen.insert("address in IPv6", server.agent_looks(&v6).await.json["ip"].to_string());
    server.pass(40 * MINUTE).await;
    seen.insert("address after the end", server.tables_with("203.0.113.99"));
    server.pass(331 * DAY).await;
    seen.insert("address after 331 days", server.agent_looks(&keeps).await.json["ip"].to_string());
    server.pass(1500 * DAY).await;
    seen.insert("address after 1831 days", server.agent_looks(&keeps).await.json["ip"].to_string());
}
