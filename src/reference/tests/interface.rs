//! The HTTP interface: limits, refusals, the agents' door, and the test clock's.

use serde_json::json;

use super::client::{Folder, MINUTE, Server};
use super::visitor::Visitor;
use crate::reference::{Config, Error, serve};

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let server = Server::start_in(Folder::new(), None, false).await;
    let page = r#"{"page":"/x"}"#;
    for request in [
        "POST /v1/site-c/load",
        "POST /v1/site-a/page",
        "POST /v1/site-a/nothing",
        "POST /test/clock/advance",
        "POST /test/clock/resume",
        "GET /test/clock",
        "GET /",
    ] {
        let answer = server.ask(request, "", page).await;
        assert_eq!(answer.status, 404, "{request}");
        assert!(answer.json["error"].is_string(), "{request}");
    }
    assert_eq!(server.ask("GET /v1/site-a/load", "", "").await.status, 405);
}

#[tokio::test]
async fn bodies_are_json_within_the_limits() {
    let server = Server::start(None).await;
    let mut visitor = Visitor::loaded(&server).await;
    for body in ["", "{", "[]", r#"{"page":7}"#, "\u{0}"] {
        let answer = server.ask("POST /v1/site-a/load", "", body).await;
        assert_eq!(answer.status, 400, "{body:?}");
        assert!(answer.json["error"].is_string());
    }
    let long = json!({ "page": "x".repeat(17 * 1024) }).to_string();
    assert_eq!(server.ask("POST /v1/site-a/load", "", &long).await.status, 413);
    assert_eq!(visitor.say(&server, "").await.status, 400);
    assert_eq!(visitor.say(&server, &"x".repeat(4097)).await.status, 413);
    assert_eq!(visitor.say(&server, &"x".repeat(4096)).await.status, 201);
}

#[tokio::test]
async fn agents_are_let_in_by_their_token_alone() {
    let server = Server::start(None).await;
    let visitor = Visitor::loaded(&server).await;
    let look = format!("GET /agent/sessions/{}", visitor.session);
    for headers in ["", "authorization: Bearer \r\n", "authorization: Bearer agents-onl\r\n"] {
        assert_eq!(server.ask(&look, headers, "").await.status, 401, "{headers:?}");
    }
    let view = server.agent_looks(&visitor).await;
    assert_eq!(view.status, 200);
    assert_eq!(view.json["website"], "site-a");
    assert_eq!(view.json["permanent"], false);
    assert_eq!(view.json["created"], view.json["last_access"]);
    assert_eq!(server.agent_says(&visitor, "hello").await.status, 201);
    assert_eq!(server.agent_looks(&visitor).await.json["permanent"], true);
    assert_eq!(server.agent_deletes(&visitor).await.status, 204);
    assert_eq!(server.agent_deletes(&visitor).await.status, 404);
}

#[tokio::test]
async fn an_unknown_cookie_gets_an_identity_of_the_server_s_own_making() {
    let server = Server::start(None).await;
    let mut visitor = Visitor::new();
    visitor.cookie = Some("f".repeat(32));
    let answer = visitor.load(&server).await;
    assert_eq!(answer.json["fresh"], true);
    assert_eq!(
        answer.header("set-cookie").unwrap(),
        format!("chatbox={}; Path=/; Max-Age=15768000; HttpOnly; SameSite=Lax", visitor.cookie.unwrap())
    );
    assert_eq!(visitor.session.len(), 32);
}

#[tokio::test]
async fn the_trusted_header_s_rightmost_address_is_stored() {
    let server = Server::start(None).await;
    for (header, stored) in [
        ("x-forwarded-for: 9.9.9.9, 203.0.113.5\r\n", "203.0.113.5"),
        ("x-forwarded-for: 203.0.113.5\r\nx-forwarded-for: 203.0.113.6\r\n", "203.0.113.6"),
        ("x-forwarded-for: ::ffff:203.0.113.5\r\n", "203.0.113.5"),
        ("x-forwarded-for: [2001:DB8:0::1]:443\r\n", "2001:db8::1"),
        ("x-forwarded-for: nobody\r\n", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        let loaded = server.ask("POST /v1/site-a/load", header, r#"{"page":"/x"}"#).await;
        let view = server.agent("GET", &loaded.session(), "").await;
        assert_eq!(view.json["ip"], stored, "{header:?}");
    }
}

#[tokio::test]
async fn the_clock_jumps_forward_only_and_dates_every_answer() {
    let server = Server::start(None).await;
    let at = 4_102_444_799_999;
    let answer = server.advance_to(at).await;
    assert_eq!((answer.status, answer.json["now"].as_i64()), (200, Some(at)));
    assert_eq!(answer.header("date"), Some("Thu, 31 Dec 2099 23:59:59 GMT"));
    assert_eq!(server.ask("GET /nothing", "", "").await.header("date"), answer.header("date"));
    assert_eq!(server.advance_to(at).await.status, 200);
    let back = server.advance_to(at - 1).await;
    assert_eq!((back.status, back.json["now"].as_i64()), (409, Some(at)));
    assert_eq!(server.advance_to(i64::MAX).await.status, 400);
    let clock = server.ask("GET /test/clock", "", "").await;
    assert_eq!(clock.json, json!({ "now": at, "frozen": true }));
}

#[tokio::test]
async fn many_visitors_at_once_are_all_stored() {
    let server = Server::start(None).await;
    server.freeze().await;
    let one = || async {
        let mut visitor = Visitor::loaded(&server).await;
        visitor.say(&server, "hello").await;
        visitor
    };
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    server.pass(60 * MINUTE).await;
    for visitor in [a, b, c, d] {
        assert_eq!(server.rows_of(&visitor), "1+1");
    }
}

#[tokio::test]
async fn a_configuration_that_cannot_be_used_is_refused_with_a_remedy() {
    let folder = Folder::new();
    let sound = Config {
        port: 0,
        store: folder.store(),
        test_clock: false,
        trust_header: None,
        agent_token: "token".to_owned(),
        defect: None,
        idle: None,
        sweep: None,
    };
    let start = |config| serve(config, |_| (), async {});
    let no_token = Config { agent_token: String::new(), ..sound.clone() };
    let bad_header = Config { trust_header: Some("a b".to_owned()), ..sound.clone() };
    let no_folder = Config { store: folder.store().join("x/y"), ..sound.clone() };
    assert!(matches!(start(no_token).await, Err(Error::Config { field: "agent token", .. })));
    assert!(matches!(start(bad_header).await, Err(Error::Config { field: "trusted header", .. })));
    let error = start(no_folder).await.unwrap_err();
    assert!(error.to_string().contains("give a file in a folder that exists"), "{error}");
    assert!(start(sound).await.is_ok());
}

#[tokio::test]
async fn testers_are_told_the_process_and_its_files() {
    let server = Server::start(None).await;
    let about = server.ask("GET /healthz", "", "").await.json;
    assert_eq!(about["pid"], std::process::id());
    assert_eq!(about["store"], server.folder.store().to_str().unwrap());
    assert_eq!(about["log"], server.folder.store().with_extension("log").to_str().unwrap());
    assert!(!server.folder.store().with_extension("log").exists());
    let server = Server::start_in(server.stop().await, None, true).await;
    assert_ne!(about["run"], server.ask("GET /healthz", "", "").await.json["run"]);
    let server = Server::start_in(server.stop().await, None, false).await;
    let about = server.ask("GET /healthz", "", "").await.json;
    assert_eq!(about.as_object().unwrap().keys().collect::<Vec<_>>(), ["now", "version"]);
}

#[tokio::test]
async fn greetings_are_listed_with_the_other_messages_and_are_agents_to_send() {
    let server = Server::start(None).await;
    let mut visitor = Visitor::loaded(&server).await;
    let door = format!("POST /agent/sessions/{}/greeting", visitor.session);
    assert_eq!(server.ask(&door, "", r#"{"text":"hi"}"#).await.status, 401);
    let greeted = server.greet(&visitor, "hi").await;
    assert_eq!((greeted.status, &greeted.json), (201, &json!({ "session": visitor.session, "message": 1 })));
    assert_eq!(server.greet(&visitor, "").await.status, 400);
    assert_eq!(server.agent_looks(&visitor).await.json["permanent"], false);
    visitor.say(&server, "hello").await;
    assert_eq!(visitor.read(&server).await.texts(), "hi,hello");
    assert_eq!(server.agent_looks(&visitor).await.json["permanent"], true);
    assert_eq!(server.greet(&Visitor::new(), "hi").await.status, 404);
}

#[tokio::test]
async fn a_message_with_an_id_is_stored_once_in_its_session() {
    let server = Server::start(None).await;
    let (mut one, mut other) = (Visitor::loaded(&server).await, Visitor::loaded(&server).await);
    let first = one.say_as(&server, "hello", "m-1").await;
    let again = one.say_as(&server, "hello", "m-1").await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json, again.json);
    assert_eq!(one.say_as(&server, "hello", "m-2").await.json["message"], 2);
    assert_eq!(other.say_as(&server, "hello", "m-1").await.json["message"], 1);
    assert_eq!((server.rows_of(&one), server.rows_of(&other)), ("1+2".to_owned(), "1+1".to_owned()));
    assert_eq!(one.say_as(&server, "x", &"ä".repeat(64)).await.status, 201);
    assert_eq!(one.say_as(&server, "x", &"x".repeat(65)).await.status, 400);
    let cookie = format!("cookie: chatbox={}\r\n", one.cookie.unwrap());
    assert_eq!(server.ask("POST /v1/site-a/messages", &cookie, r#"{"text":"x","id":7}"#).await.status, 400);
}
