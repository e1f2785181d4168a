//! Mistakes in a target file that are found before anything is sent.

use super::{REFERENCE, StoreSpec, Target, build};
use crate::scenario::Op;
use std::path::Path;

fn built(text: &str) -> Result<Target, String> {
    build(Path::new("target.toml"), text, None).map_err(|error| error.to_string())
}

/// The reference server's file with one text replaced by another, which must be there.
fn with(from: &str, to: &str) -> String {
    assert!(REFERENCE.contains(from), "the reference's file has {from}");
    REFERENCE.replacen(from, to, 1)
}

#[test]
fn what_a_run_would_stumble_over_is_found_by_its_line() {
    let read = "[visitor.read]\nmethod = \"GET\"";
    let inspect = "headers = { authorization = \"Bearer {{ secret.agent_token }}\" }\ncapture = { address";
    let when = |pointer: &str| format!("{read}\nwhen = [{{ json = \"{pointer}\", outcome = \"absent\" }}]");
    let header = |name: &str| format!("{read}\nheaders = {{ {name} = \"x\" }}");
    for (from, to, words) in [
        (read, when("session"), "begins with `/`"),
        (read, when("/messages/*/id"), "must point to one place"),
        (read, header("host"), "written by loiter itself"),
        (read, header("Cookie"), "written by loiter itself"),
        (read, header("content-length"), "written by loiter itself"),
        (read, header("x-forwarded-for"), "would be sent twice"),
        (inspect, inspect.replacen("{ auth", "{ host = \"x\", auth", 1), "written by loiter itself"),
        ("header = \"x-forwarded-for\"", "header = \"x forwarded for\"".into(), "no header's name"),
        ("[source]", "[source]\nipv4 = \"11.0.0.0/30\"".into(), "prefix of 1 to 24"),
        ("[source]", "[source]\nipv6_share = 1.5".into(), "between 0 and 1"),
        ("logs =", "connections = 0\nlogs =".into(), "1 to 4096"),
        ("logs =", "connections = 5000\nlogs =".into(), "1 to 4096"),
        ("{{ about.store }}", "{{ about.shop }}".into(), "it can name secret.agent_token, about.log, about.pid"),
        ("{{ about.log }}", "{{ log }}".into(), "about.log"),
        ("{{ about.pid }}", "{{ abuot.pid }}".into(), "about.pid"),
        ("[\"kill\", \"-HUP\", \"{{ about.pid }}\"]", "[]".into(), "`restart.command` is empty"),
        ("SELECT ip AS address", "DELETE".into(), "only read"),
        ("WHERE session = :session ORDER", "WHERE session = :id ORDER".into(), "`:id`"),
        ("json = \"/messages/*/text\"", "json = \"/threads/*/messages/*/text\"".into(), "more than one `*`"),
        ("\"site-a\", \"site-b\"", "\"site-a\", \"site-a\"".into(), "named twice"),
    ] {
        let text = with(from, &to);
        let said = built(&text).expect_err(words);
        let line = said.split(':').nth(1).and_then(|line| line.trim().parse::<usize>().ok());
        assert!(said.contains(words) && line.is_some_and(|line| line > 4), "{words}: {said}");
    }
}

#[test]
fn an_unknown_variable_is_answered_with_those_that_the_place_has() {
    for (from, names) in [
        ("{{ page }}", "website, page, session, visitor, address, secret.agent_token"),
        ("{{ to_ms }}", "to_ms, to_s, secret.agent_token"),
        ("/agent/sessions/{{ session }}/messages", "website, text, message_id, session, visitor, address, secret"),
    ] {
        let said = built(&with(from, "/{{ nothing }}")).unwrap_err();
        assert!(said.contains(&format!("it can name {names}")), "{said}");
    }
}

#[test]
fn two_websites_must_be_told_apart_by_some_request() {
    let silent = REFERENCE.replace("{{ website }}", "all");
    assert!(built(&silent).unwrap_err().contains("no visitor's operation names one"));
    assert!(built(&silent.replace("\"site-a\", \"site-b\"", "\"site-a\"")).is_ok());
    let in_body = silent.replacen("'{\"page\": \"{{ page }}\"}'", "'{\"site\": {{ website | tojson }}}'", 1);
    assert!(built(&in_body).is_ok());
}

#[test]
fn a_method_is_sent_in_capitals() {
    let target = built(&with("[visitor.load]\nmethod = \"POST\"", "[visitor.load]\nmethod = \"post\"")).unwrap();
    assert_eq!(target.operations[&Op::Load].request.method, reqwest::Method::POST);
}

#[test]
fn an_agent_may_log_in_by_cookie() {
    let text =
        with("headers = { authorization = \"Bearer {{ secret.agent_token }}\" }", "headers = { cookie = \"a=b\" }");
    assert!(built(&text).is_ok());
}

#[test]
fn the_url_is_an_origin_and_what_it_has_beside_that_is_named() {
    for (url, words) in [
        ("http://127.0.0.1/chat/", "a path, `chat`"),
        ("http://127.0.0.1?a=b", "a query, `a=b`"),
        ("http://127.0.0.1/#top", "a fragment, `top`"),
    ] {
        let said = build(Path::new("target.toml"), REFERENCE, Some(url)).unwrap_err().to_string();
        assert!(said.starts_with("--url: ") && said.contains(words), "{said}");
    }
}

#[test]
fn libfaketime_s_file_must_be_known_before_the_run() {
    let clock = REFERENCE.find("[clock.endpoint]").unwrap()..REFERENCE.find("# Asked once").unwrap();
    let faketime = |file: &str| {
        let now = "now = { method = \"GET\", path = \"/now\" }";
        REFERENCE.replace(&REFERENCE[clock.clone()], &format!("[clock.faketime]\nfile = {file}\n{now}\n\n"))
    };
    let said = built(&faketime("{ env = \"LOITER_NO_SUCH_FILE\" }")).unwrap_err();
    assert!(said.contains("LOITER_NO_SUCH_FILE") && said.starts_with("target.toml:2"), "{said}");
    let target = built(&faketime("{ env = \"LOITER_NO_SUCH_FILE\", default = \"/run/time\" }")).unwrap();
    assert_eq!(target.clock_file.as_deref(), Some(Path::new("/run/time")));
}

#[test]
fn a_crowd_that_does_not_fit_into_its_block_is_told_how_large_the_block_must_be() {
    let target = built(&with("[source]", "[source]\nipv4 = \"10.0.0.0/22\"")).unwrap();
    assert!(target.room_for(512).is_ok());
    let said = target.room_for(1000).unwrap_err().to_string();
    assert!(said.contains("need one of 21 bits or fewer"), "{said}");
}

mod store {
    use super::*;
    use crate::target::SqliteInspector;
    use std::collections::BTreeMap;

    /// The inspector of a store with one session, by these queries.
    fn inspector(session: &str, messages: &str) -> (SqliteInspector, Target, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chat.sqlite");
        let store = rusqlite::Connection::open(&file).unwrap();
        store
            .execute_batch(
                "CREATE TABLE sessions (id TEXT, ip TEXT); CREATE TABLE messages (session TEXT, text TEXT);
                 INSERT INTO sessions VALUES ('s1', '11.0.0.7')",
            )
            .unwrap();
        let mut table: toml::Table = toml::from_str(REFERENCE).unwrap();
        let mut sqlite = toml::Table::new();
        for (key, value) in [("path", file.to_str().unwrap()), ("session", session), ("messages", messages)] {
            sqlite.insert(key.into(), value.into());
        }
        table.insert("store".into(), toml::Table::from_iter([("sqlite".to_owned(), sqlite.into())]).into());
        let target = built(&toml::to_string(&table).unwrap()).unwrap();
        assert!(matches!(target.store, Some(StoreSpec::Sqlite { .. })));
        let inspector = SqliteInspector::open(&target, &BTreeMap::new()).unwrap().unwrap();
        (inspector, target, folder)
    }

    const MESSAGES: &str = "SELECT text FROM messages WHERE session = :session";

    #[test]
    fn a_query_that_finds_what_is_not_there_is_refused() {
        let probe = |session: &str, messages: &str| {
            let (inspector, target, _folder) = inspector(session, messages);
            inspector.probe(&target).map_err(|error| error.to_string())
        };
        assert_eq!(probe("SELECT 1 FROM sessions WHERE id = :session", MESSAGES), Ok(()));
        let said = probe("SELECT count(*) FROM sessions WHERE id = :session", MESSAGES).unwrap_err();
        assert!(said.contains("`session` gives a row even for") && said.contains("no count(*)"), "{said}");
        let counting = "SELECT count(*) FROM messages WHERE session = :session";
        let said = probe("SELECT 1 FROM sessions WHERE id = :session", counting).unwrap_err();
        assert!(said.contains("`messages` gives a row even for"), "{said}");
    }

    #[test]
    fn an_address_is_shown_by_a_column_of_that_name_and_by_nothing_else() {
        for (session, shown) in [
            ("SELECT ip AS address FROM sessions WHERE id = :session", true),
            ("SELECT ip AS Address FROM sessions WHERE id = :session", true),
            ("SELECT id FROM sessions WHERE id = :session AND ip <> :address", false),
            ("SELECT id AS no_address FROM sessions WHERE id = :session", false),
        ] {
            let (inspector, target, _folder) = inspector(session, MESSAGES);
            assert_eq!(inspector.shows_address(), shown, "{session}");
            assert_eq!(target.capabilities(Some(&inspector)).store_address, shown, "{session}");
        }
    }
}
