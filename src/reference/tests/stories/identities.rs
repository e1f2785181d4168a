//! What visitors live through with their identity: what it is made of, and by what they are known again.

use std::collections::BTreeSet;

use super::Seen;
use crate::reference::tests::client::{DAY, MINUTE, Server};
use crate::reference::tests::visitor::Visitor;

/// SHA-256 of `203.0.113.77`, and the first digits of its base64.
const DIGEST: &str = "0c25434b09c62046";
const BASE64: &str = "MjAzLjAuMTEzLjc3";

pub(super) async fn newcomers(server: &Server, seen: &mut Seen) {
    let mut cookies = BTreeSet::new();
    for _ in 0..12 {
        cookies.extend(Visitor::loaded(server).await.cookie);
    }
    seen.insert("cookies of 12 visitors", cookies.len().to_string());
    let mut visitor = Visitor::new();
    let loaded = visitor.load(server).await;
    seen.insert("attributes of a first cookie", loaded.cookie_attributes());
    seen.insert("other cookies of a first load", loaded.cookie_names().replace("chatbox", "").replace(',', ""));
    let time = format!("{:012x}", server.now().await);
    seen.insert("a session's id", kind_of(&visitor.session, &time));
    seen.insert("a cookie's value", kind_of(visitor.cookie.as_deref().unwrap_or_default(), &time));
    visitor.say(server, "hello").await;
    server.pass(40 * MINUTE).await;
    seen.insert("attributes of a renewed cookie", visitor.load(server).await.cookie_attributes());
}

/// What an id is made of, as far as that can be seen.
fn kind_of(id: &str, time: &str) -> String {
    let kinds = [
        (id.starts_with(time), "begins with the time"),
        (id.starts_with(DIGEST), "begins with a digest of the address"),
        (id.starts_with(BASE64), "begins with the address in base64"),
        (id.len() < 32 && id.bytes().all(|byte| byte.is_ascii_digit()), "a number"),
        (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "32 hexadecimal digits"),
    ];
    kinds.iter().find(|(is, _)| *is).map_or(id, |(_, kind)| kind).to_owned()
}

pub(super) async fn returning_for_years(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    visitor.say(server, "hello").await;
    for _ in 0..3 {
        server.pass(170 * DAY).await;
        visitor.load(server).await;
    }
    server.pass(170 * DAY).await;
    seen.insert("cookie of a return after 680 days", visitor.load(server).await.cookie_term());
}

pub(super) async fn tags(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    visitor.say(server, "hello").await;
    let tag = visitor.read(server).await.header("etag").unwrap_or("none").to_owned();
    let mut reads = Visitor { headers: format!("if-none-match: {tag}\r\n"), ..Visitor::new() };
    let mut loads = reads.clone();
    let read = reads.read(server).await;
    seen.insert("reading with the tag alone", format!("{} {}", read.status, read.cookie_names()));
    loads.load(server).await;
    seen.insert("known by the tag", (loads.session == visitor.session && loads.cookie == visitor.cookie).to_string());
}

pub(super) async fn browsers(server: &Server, seen: &mut Seen) {
    let with = |name: &str| Visitor { headers: format!("user-agent: {name}\r\n"), ..Visitor::new() };
    let (mut one, mut same, mut other) = (with("Browser/1"), with("Browser/1"), with("Browser/2"));
    one.load(server).await;
    other.load(server).await;
    same.load(server).await;
    seen.insert("known by address and browser", (one.session == same.session).to_string());
    seen.insert("known by address alone", (one.session == other.session).to_string());
    server.pass(40 * MINUTE).await;
    let mut late = with("Browser/1");
    late.load(server).await;
    seen.insert("known by browser after the end", (one.session == late.session).to_string());
}

pub(super) async fn moving(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    visitor.say(server, "hello").await;
    visitor.ip = "198.51.100.4";
    seen.insert("reading from another address", visitor.read(server).await.status.to_string());
    seen.insert("known from another address", visitor.is_known(server).await.to_string());
}

pub(super) async fn strangers(server: &Server, seen: &mut Seen) {
    let forged = "e".repeat(32);
    let mut visitor = Visitor { cookie: Some(forged.clone()), ..Visitor::new() };
    visitor.load(server).await;
    seen.insert("unknown cookie taken over", (visitor.cookie == Some(forged)).to_string());
    let mut ended = Visitor::loaded(server).await;
    let before = ended.cookie.clone();
    server.pass(40 * MINUTE).await;
    ended.load(server).await;
    seen.insert("ended cookie taken over", (ended.cookie == before).to_string());
}

pub(super) async fn racing(server: &Server, seen: &mut Seen) {
    let mut visitor = Visitor::loaded(server).await;
    visitor.say(server, "hello").await;
    let mut sessions = BTreeSet::new();
    for _ in 0..10 {
        let load = || async {
            let mut again = visitor.clone();
            again.load(server).await;
            again.session
        };
        let (a, b, c) = tokio::join!(load(), load(), load());
        sessions.extend([a, b, c]);
    }
    let count = if sessions.len() == 1 { "one" } else { "several" };
    seen.insert("sessions of loads at once", count.to_owned());
    seen.insert("known after loads at once", visitor.is_known(server).await.to_string());
}
