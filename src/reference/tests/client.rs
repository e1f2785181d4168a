//! A server on trial, its agents, and whoever looks into its store.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::visitor::Visitor;
use crate::reference::{Config, Defect, Error, serve};

pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const DAY: i64 = 24 * 60 * MINUTE;

const TOKEN: &str = "agents-only";

/// A folder of the test's own, removed at its end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("loiter-reference-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn store(&self) -> PathBuf {
        self.0.join("store.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) json: Value,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The chatbox's cookie without its value and its term; `none` where it is not set.
    pub(super) fn cookie_attributes(&self) -> String {
        let Some(cookie) = self.header("set-cookie") else {
            return "none".to_owned();
        };
        let attributes = cookie.split("; ").skip(1).filter(|attribute| !attribute.starts_with("Max-Age="));
        attributes.collect::<Vec<_>>().join("; ")
    }

    /// The names of all cookies that are set, with commas.
    pub(super) fn cookie_names(&self) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let cookies = lines.filter(|(key, _)| key.eq_ignore_ascii_case("set-cookie"));
        let names = cookies.filter_map(|(_, value)| value.split_once('='));
        names.map(|(name, _)| name).collect::<Vec<_>>().join(",")
    }

    /// The cookie's term in words: its seconds, `no term`, or `none`.
    pub(super) fn cookie_term(&self) -> String {
        let Some(cookie) = self.header("set-cookie") else {
            return "none".to_owned();
        };
        let term = cookie.split("Max-Age=").nth(1).and_then(|rest| rest.split(';').next());
        term.unwrap_or("no term").to_owned()
    }

    pub(super) fn session(&self) -> String {
        self.json["session"].as_str().unwrap_or_default().to_owned()
    }

    /// The messages' texts, with commas.
    pub(super) fn texts(&self) -> String {
        let Some(messages) = self.json["messages"].as_array() else {
            return String::new();
        };
        let texts: Vec<_> = messages.iter().filter_map(|message| message["text"].as_str()).collect();
        texts.join(",")
    }
}

pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) folder: Folder,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
}

impl Server {
    pub(super) async fn start(defect: Option<Defect>) -> Self {
        Self::start_in(Folder::new(), defect, true).await
    }

    pub(super) async fn start_in(folder: Folder, defect: Option<Defect>, test_clock: bool) -> Self {
        let config = Config {
            port: 0,
            store: folder.store(),
            test_clock,
            trust_header: Some("x-forwarded-for".to_owned()),
            agent_token: TOKEN.to_owned(),
            defect,
            idle: None,
            sweep: None,
        };
        Self::start_with(folder, config).await
    }

    async fn start_with(folder: Folder, config: Config) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, listening) = oneshot::channel();
        let stopping = async { drop(stopped.await) };
        let task = tokio::spawn(serve(config, |at| ready.send(at).unwrap(), stopping));
        let address = listening.await.unwrap();
        Self { address, folder, stop, task }
    }

    /// Starts a server whose sweeper looks that often.
    pub(super) async fn start_sweeping_every(period: Duration) -> Self {
        let folder = Folder::new();
        let config = Config {
            port: 0,
            store: folder.store(),
            test_clock: true,
            trust_header: None,
            agent_token: TOKEN.to_owned(),
            defect: None,
            idle: None,
            sweep: Some(period),
        };
        Self::start_with(folder, config).await
    }

    pub(super) async fn stop(self) -> Folder {
        drop(self.stop);
        self.task.await.unwrap().unwrap();
        self.folder
    }

    /// Sends a request as it is given, and reads the answer to its end.
    pub(super) async fn ask(&self, request: &str, headers: &str, body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let sent = format!(
            "{request} HTTP/1.1\r\nhost: loiter\r\nconnection: close\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            json: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    pub(super) async fn now(&self) -> i64 {
        self.ask("GET /healthz", "", "").await.json["now"].as_i64().unwrap()
    }

    pub(super) async fn advance_to(&self, to: i64) -> Answer {
        self.ask("POST /test/clock/advance", "", &json!({ "to": to }).to_string()).await
    }

    /// Freezes the clock at the start of a sweep period, which it returns.
    pub(super) async fn freeze(&self) -> i64 {
        let start = (self.now().await / (10 * SECOND) + 2) * 10 * SECOND;
        assert_eq!(self.advance_to(start).await.status, 200);
        start
    }

    pub(super) async fn pass(&self, ms: i64) {
        let to = self.now().await + ms;
        assert_eq!(self.advance_to(to).await.status, 200);
    }

    pub(super) async fn agent(&self, method: &str, path: &str, body: &str) -> Answer {
        let headers = format!("authorization: Bearer {TOKEN}\r\n");
        self.ask(&format!("{method} /agent/sessions/{path}"), &headers, body).await
    }

    pub(super) async fn agent_looks(&self, visitor: &Visitor) -> Answer {
        self.agent("GET", &visitor.session, "").await
    }

    pub(super) async fn agent_says(&self, visitor: &Visitor, text: &str) -> Answer {
        let body = json!({ "text": text }).to_string();
        self.agent("POST", &format!("{}/messages", visitor.session), &body).await
    }

    pub(super) async fn greet(&self, visitor: &Visitor, text: &str) -> Answer {
        let body = json!({ "text": text }).to_string();
        self.agent("POST", &format!("{}/greeting", visitor.session), &body).await
    }

    /// What stands in the access log; nothing where there is none.
    pub(super) fn access_log(&self) -> String {
        std::fs::read_to_string(self.folder.store().with_extension("log")).unwrap_or_default()
    }

    pub(super) async fn agent_deletes(&self, visitor: &Visitor) -> Answer {
        self.agent("DELETE", &visitor.session, "").await
    }

    fn open_store(&self) -> Connection {
        Connection::open_with_flags(self.folder.store(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    pub(super) fn cookie_in_store(&self, session: &str) -> Option<String> {
        let sql = "SELECT cookie FROM sessions WHERE id = ?1";
        self.open_store().query_row(sql, [session], |row| row.get(0)).ok()
    }

    /// How many sessions and messages of a visitor are stored, as `1+2`.
    pub(super) fn rows_of(&self, visitor: &Visitor) -> String {
        let store = self.open_store();
        let count = |sql: &str| store.query_row(sql, [&visitor.session], |row| row.get(0)).unwrap();
        let sessions: i64 = count("SELECT count(*) FROM sessions WHERE id = ?1");
        let messages: i64 = count("SELECT count(*) FROM messages WHERE session = ?1");
        format!("{sessions}+{messages}")
    }

    /// In which tables a text is stored.
    pub(super) fn tables_with(&self, text: &str) -> String {
        let store = self.open_store();
        let mut tables = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
        let names = tables.query_map((), |row| row.get::<_, String>(0)).unwrap();
        let holds = |name: &String| {
            let mut all = store.prepare(&format!("SELECT * FROM {name}")).unwrap();
            let columns = all.column_count();
            let mut rows = all.query(()).unwrap();
            let mut found = false;
            while let Some(row) = rows.next().unwrap() {
                found |= (0..columns).any(|n| matches!(row.get(n).unwrap(), Cell::Text(cell) if cell.contains(text)));
            }
            found
        };
        names.map(Result::unwrap).filter(holds).collect::<Vec<_>>().join(",")
    }
}
