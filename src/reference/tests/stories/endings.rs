//! What visitors live through at the end of their sessions, and with long conversations.

use super::Seen;
use crate::reference::tests::client::{DAY, MINUTE, SECOND, Server};
use crate::reference::tests::visitor::Visitor;

/// A quarter to one in the nights in which the clocks of Central Europe go forward and back in 2100, UTC.
const BEFORE_SPRING: i64 = 4_109_877_900_000;
const BEFORE_AUTUMN: i64 = 4_128_626_700_000;

pub(super) async fn greeting(server: &Server, seen: &mut Seen) {
    let mut greeted = Visitor::loaded(server).await;
    server.greet(&greeted, "can I help you?").await;
    seen.insert("a greeting", greeted.read(server).await.json["messages"][0]["from"].to_string());
    server.pass(60 * MINUTE).await;
    seen.insert("kept by a greeting", greeted.page(server).await.status.to_string());
    seen.insert("rows of a greeting", server.rows_of(&greeted));
}

pub(super) async fn long_conversation(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    let mut repeats = Visitor::loaded(server).await;
    for number in 1..=35 {
        visitor.say(server, &number.to_string()).await;
    }
    let ends = |texts: String| {
        let texts: Vec<_> = texts.split(',').collect();
        format!("{}: {} to {}", texts.len(), texts[0], texts[texts.len() - 1])
    };
    seen.insert("a long list read", ends(visitor.read(server).await.texts()));
    seen.insert("a long list loaded", ends(visitor.load(server).await.texts()));
    seen.insert("a long list for the agent", ends(server.agent_looks(&visitor).await.texts()));
    let first = repeats.say_as(server, "again", "m-1").await;
    let second = repeats.say_as(server, "again", "m-1").await;
    assert_eq!(first.status, second.status);
    seen.insert("a repeated message", server.agent_looks(&repeats).await.texts());
}

pub(super) async fn late(server: &Server, seen: &mut Seen) {
    let mut reads = Visitor::loaded(server).await;
    let mut returns = Visitor::loaded(server).await;
    server.pass(3 * SECOND).await;
    let (mut in_time, mut unswept, mut swept) =
        (Visitor::loaded(server).await, Visitor::loaded(server).await, Visitor::loaded(server).await);
    server.pass(20 * MINUTE).await;
    reads.read(server).await;
    server.pass(10 * MINUTE - 5 * SECOND).await;
    assert_eq!(reads.page(server).await.status, reads.read(server).await.status);
    in_time.say(server, "in time").await;
    server.pass(6 * SECOND).await;
    seen.insert("message before the sweep", told(server, &mut unswept).await);
    server.pass(10 * MINUTE).await;
    seen.insert("message after the sweep", told(server, &mut swept).await);
    seen.insert("rows of a message in time", server.rows_of(&in_time));
    server.pass(DAY).await;
    seen.insert("known a day after the end", returns.is_known(server).await.to_string());
    let mut watched = Visitor::loaded(server).await;
    server.pass(20 * MINUTE).await;
    watched.read(server).await;
    server.pass(20 * MINUTE).await;
    seen.insert("page view after a reading", watched.page(server).await.status.to_string());
}

/// What becomes of a message that comes too late: status, and whether it stands in the session that was.
async fn told(server: &Server, visitor: &mut Visitor) -> String {
    let answer = visitor.say(server, "too late").await;
    format!("{} {}", answer.status, server.rows_of(visitor))
}

pub(super) async fn deleted(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    visitor.say(server, "hello").await;
    visitor.read(server).await;
    server.pass(2 * MINUTE).await;
    server.agent_deletes(&visitor).await;
    seen.insert("reading after the deletion", visitor.read(server).await.texts());
    server.pass(6 * MINUTE).await;
    let answer = visitor.say(server, "late").await;
    let texts = server.agent_looks(&visitor).await.texts();
    seen.insert("message after the deletion", format!("{} {texts}", answer.status));
    server.pass(DAY).await;
    seen.insert("reading a day after the deletion", visitor.read(server).await.texts());
}

pub(super) async fn clocks_changing(server: &Server, seen: &mut Seen) {
    server.advance_to(BEFORE_SPRING).await;
    let mut visitor = Visitor::loaded(server).await;
    server.pass(20 * MINUTE).await;
    seen.insert("page view when clocks went forward", visitor.page(server).await.status.to_string());
    server.advance_to(BEFORE_AUTUMN).await;
    let mut visitor = Visitor::loaded(server).await;
    server.pass(40 * MINUTE).await;
    seen.insert("rows when clocks went back", server.rows_of(&visitor));
    seen.insert("page view when clocks went back", visitor.page(server).await.status.to_string());
}
