//! What a sound server does at the policy's deadlines.

use std::time::Duration;

use super::client::{DAY, MINUTE, SECOND, Server};
use super::stories::tell_all;
use super::visitor::Visitor;

const SOUND: &[(&str, &str)] = &[
    ("a cookie's value", "32 hexadecimal digits"),
    ("a greeting", "\"greeting\""),
    ("a long list for the agent", "35: 1 to 35"),
    ("a long list loaded", "35: 1 to 35"),
    ("a long list read", "35: 1 to 35"),
    ("a repeated message", "again"),
    ("a session's id", "32 hexadecimal digits"),
    ("access log", ""),
    ("address", "\"203.0.113.77\""),
    ("address after 1831 days", "\"203.0.113.77\""),
    ("address after 331 days", "\"203.0.113.77\""),
    ("address after the end", ""),
    ("address in IPv6", "\"2001:db8:1:2:3:4:5:6\""),
    ("addresses after changes", "\"203.0.113.41\" \"198.51.100.42\" \"198.51.100.43\" \"198.51.100.44\""),
    ("agent's looks while idle", "200 200 200 404 404 404"),
    ("attributes of a first cookie", "Path=/; HttpOnly; SameSite=Lax"),
    ("attributes of a renewed cookie", "Path=/; HttpOnly; SameSite=Lax"),
    ("cookie of a first load", "15768000"),
    ("cookie of a message", "none"),
    ("cookie of a page view", "none"),
    ("cookie of a reading", "none"),
    ("cookie of a reload", "none"),
    ("cookie of a return", "15768000"),
    ("cookie of a return after 680 days", "15768000"),
    ("cookies of 12 visitors", "12"),
    ("deleted for the agent", "404"),
    ("deleted for the visitor", "404 404 404 404"),
    ("deletion", "204"),
    ("ended cookie taken over", "false"),
    ("kept by a greeting", "404"),
    ("kept by a message", "200"),
    ("kept by an answer", "200"),
    ("kept for 380 days", "200"),
    ("kept for 380 quiet days", "200"),
    ("known a day after the end", "false"),
    ("known after 182 days", "200"),
    ("known after 183 days", "404"),
    ("known after 183 days with a return", "200"),
    ("known after a reload", "true"),
    ("known after loads at once", "true"),
    ("known after the deletion", "false"),
    ("known after the idle term", "false"),
    ("known by address alone", "false"),
    ("known by address and browser", "false"),
    ("known by browser after the end", "false"),
    ("known by the tag", "false"),
    ("known from another address", "true"),
    ("known on return", "true"),
    ("known on the other website", "false"),
    ("message after the deletion", "404 "),
    ("message after the sweep", "404 0+0"),
    ("message before the sweep", "404 1+0"),
    ("messages after a restart", "one,two"),
    ("messages for the agent", "welcome,one,two,three"),
    ("messages for the agent after 8 days", "welcome,one,two,three"),
    ("messages loaded", "welcome,one,two,three"),
    ("messages read", "welcome,one,two,three"),
    ("messages read after 8 days", "welcome,one,two,three"),
    ("numbers of the messages", "2,3,4"),
    ("other cookies of a first load", ""),
    ("page view after a look", "404"),
    ("page view after a page view", "200"),
    ("page view after a reading", "404"),
    ("page view when clocks went back", "404"),
    ("page view when clocks went forward", "200"),
    ("page views while idle", "200 200 200 404 404 404"),
    ("pages after the end", ""),
    ("reading a day after the deletion", ""),
    ("reading after the deletion", ""),
    ("reading from another address", "200"),
    ("reading with the tag alone", "404 "),
    ("readings with another's message", "0"),
    ("rows after a restart", "1+0 0+0 0+0 0+0"),
    ("rows after that return", "0+0"),
    ("rows of a greeting", "0+0"),
    ("rows of a message in time", "1+1"),
    ("rows of the deleted", "0+0 0+0 0+0 0+0"),
    ("rows when clocks went back", "0+0"),
    ("rows while idle", "1+0 1+0 1+0 0+0 0+0 0+0"),
    ("sessions of 60 visitors", "60"),
    ("sessions of loads at once", "one"),
    ("unknown cookie taken over", "false"),
    ("where the first address is", ""),
];

#[tokio::test]
async fn a_sound_server_keeps_the_policy_in_every_story() {
    assert_eq!(tell_all(None).await, SOUND.iter().map(|(k, v)| (*k, (*v).to_owned())).collect());
}

#[tokio::test]
async fn a_temporary_session_is_refused_at_30_minutes_though_no_sweep_has_run() {
    let server = Server::start(None).await;
    server.freeze().await;
    server.pass(9 * SECOND).await;
    let mut visitor = Visitor::loaded(&server).await;
    server.pass(30 * MINUTE - 1).await;
    assert_eq!(server.agent_looks(&visitor).await.status, 200);
    server.pass(1).await;
    assert_eq!(server.rows_of(&visitor), "1+0", "the next sweep is a second away");
    assert_eq!(visitor.read(&server).await.status, 404);
    assert_eq!(visitor.say(&server, "too late").await.status, 404);
    assert_eq!(server.agent_looks(&visitor).await.status, 404);
    assert_eq!(server.agent_says(&visitor, "too late").await.status, 404);
    assert_eq!(server.agent_deletes(&visitor).await.status, 404);
    server.pass(SECOND).await;
    assert_eq!(server.rows_of(&visitor), "0+0");
}

#[tokio::test]
async fn reading_does_not_restart_the_30_minutes() {
    let server = Server::start(None).await;
    server.freeze().await;
    let mut visitor = Visitor::loaded(&server).await;
    server.pass(29 * MINUTE).await;
    assert_eq!(visitor.read(&server).await.status, 200);
    server.pass(2 * MINUTE).await;
    assert_eq!(visitor.read(&server).await.status, 404);
}

#[tokio::test]
async fn an_ended_session_s_cookie_gets_a_new_session_and_a_new_cookie() {
    let server = Server::start(None).await;
    server.freeze().await;
    let mut visitor = Visitor::loaded(&server).await;
    let before = visitor.clone();
    server.pass(31 * MINUTE).await;
    let answer = visitor.load(&server).await;
    assert_eq!(answer.json["fresh"], true);
    assert_eq!(answer.cookie_term(), "15768000");
    assert_ne!(visitor.session, before.session);
    assert_ne!(visitor.cookie, before.cookie);
    assert_ne!(visitor.cookie.as_ref(), Some(&visitor.session));
}

#[tokio::test]
async fn a_return_keeps_the_cookie_s_value_and_a_reload_sends_none() {
    let server = Server::start(None).await;
    server.freeze().await;
    let mut visitor = Visitor::loaded(&server).await;
    let cookie = visitor.cookie.clone();
    visitor.say(&server, "hello").await;
    server.pass(30 * MINUTE - 1).await;
    assert_eq!(visitor.load(&server).await.cookie_term(), "none");
    server.pass(30 * MINUTE).await;
    assert_eq!(visitor.load(&server).await.cookie_term(), "15768000");
    assert_eq!(visitor.cookie, cookie);
}

#[tokio::test]
async fn a_cookie_sent_after_its_term_is_unknown_and_the_session_stays_for_the_agent() {
    let server = Server::start(None).await;
    server.freeze().await;
    let mut visitor = Visitor::loaded(&server).await;
    visitor.say(&server, "hello").await;
    let before = visitor.clone();
    server.pass(183 * DAY).await;
    assert!(!visitor.is_known(&server).await);
    assert_eq!(server.agent_looks(&before).await.texts(), "hello");
}

#[tokio::test]
async fn a_restart_keeps_sessions_deadlines_and_the_clock() {
    let server = Server::start(None).await;
    let start = server.freeze().await;
    let (mut idle, mut wrote) = (Visitor::loaded(&server).await, Visitor::loaded(&server).await);
    wrote.say(&server, "hello").await;
    server.pass(20 * MINUTE).await;
    let server = Server::start_in(server.stop().await, None, true).await;
    assert_eq!(server.now().await, start + 20 * MINUTE);
    server.pass(10 * MINUTE - SECOND).await;
    assert_eq!(server.agent_looks(&idle).await.status, 200);
    server.pass(SECOND).await;
    assert_eq!(server.rows_of(&idle), "0+0");
    assert_eq!(idle.page(&server).await.status, 404);
    assert!(wrote.is_known(&server).await);
    assert_eq!(wrote.read(&server).await.texts(), "hello");
}

#[tokio::test]
async fn a_resumed_clock_runs_from_where_it_stood_also_after_a_restart() {
    let server = Server::start(None).await;
    let start = server.freeze().await;
    server.pass(400 * DAY).await;
    let resumed = server.ask("POST /test/clock/resume", "", "").await;
    assert_eq!(resumed.json["frozen"], false);
    let server = Server::start_in(server.stop().await, None, true).await;
    let clock = server.ask("GET /test/clock", "", "").await;
    assert_eq!(clock.json["frozen"], false);
    assert!(clock.json["now"].as_i64().unwrap() >= start + 400 * DAY);
}

#[tokio::test]
async fn a_sweeper_that_looks_each_minute_keeps_the_grace() {
    let server = Server::start_sweeping_every(Duration::from_secs(60)).await;
    let start = (server.now().await / MINUTE + 2) * MINUTE + 20 * SECOND;
    server.advance_to(start).await;
    let mut visitor = Visitor::loaded(&server).await;
    server.pass(30 * MINUTE + 39 * SECOND).await;
    assert_eq!(server.rows_of(&visitor), "1+0");
    assert_eq!(visitor.page(&server).await.status, 404);
    server.pass(SECOND).await;
    assert_eq!(server.rows_of(&visitor), "0+0");
}

#[tokio::test]
async fn nothing_is_left_of_what_was_swept_or_deleted() {
    let server = Server::start(None).await;
    server.freeze().await;
    let mut deleted = Visitor::from("203.0.113.41");
    let mut swept = Visitor::from("203.0.113.42");
    for visitor in [&mut deleted, &mut swept] {
        visitor.load(&server).await;
        visitor.page(&server).await;
        server.greet(visitor, "can I help you?").await;
        visitor.read(&server).await;
    }
    deleted.say_as(&server, "hello", "m-1").await;
    assert_eq!(server.agent_deletes(&deleted).await.status, 204);
    server.pass(31 * MINUTE).await;
    for visitor in [&deleted, &swept] {
        let cookie = visitor.cookie.clone().unwrap();
        for text in [visitor.session.as_str(), visitor.ip, &cookie, "m-1", "hello", "help", "/x", "/y"] {
            assert_eq!(server.tables_with(text), "", "{text}");
        }
    }
    assert_eq!(server.access_log(), "");
}
