//! A visitor's browser.

use serde_json::{Value, json};

use super::client::{Answer, Server};

/// A visitor's browser, which never forgets its cookie.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) site: &'static str,
    pub(super) ip: &'static str,
    /// Further header lines.
    pub(super) headers: String,
    pub(super) cookie: Option<String>,
    pub(super) session: String,
}

impl Visitor {
    /// Somebody who has never been here.
    pub(super) fn new() -> Self {
        Self::from("203.0.113.77")
    }

    pub(super) fn from(ip: &'static str) -> Self {
        Self { site: "site-a", ip, headers: String::new(), cookie: None, session: String::new() }
    }

    /// Somebody who has just loaded the chatbox. Where the server gave no cookie, it is taken from
    /// the store, so that one defect does not hide what others would show.
    pub(super) async fn loaded(server: &Server) -> Self {
        let mut visitor = Self::new();
        visitor.load(server).await;
        visitor
    }

    /// The same browser on the other website.
    pub(super) fn elsewhere(&self) -> Self {
        Self { site: "site-b", ..self.clone() }
    }

    async fn ask(&mut self, server: &Server, method: &str, what: &str, body: Value) -> Answer {
        let cookie = self.cookie.as_ref().map(|value| format!("cookie: a=b; chatbox={value}\r\n"));
        let headers = format!("x-forwarded-for: {}\r\n{}{}", self.ip, self.headers, cookie.unwrap_or_default());
        let request = format!("{method} /v1/{}/{what}", self.site);
        let answer = server.ask(&request, &headers, &body.to_string()).await;
        if let Some(cookie) = answer.header("set-cookie") {
            let value = cookie.trim_start_matches("chatbox=").split(';').next();
            self.cookie = value.map(str::to_owned);
        }
        answer
    }

    pub(super) async fn load(&mut self, server: &Server) -> Answer {
        let answer = self.ask(server, "POST", "load", json!({ "page": "/x" })).await;
        self.session = answer.session();
        if answer.json["fresh"] == true && answer.header("set-cookie").is_none() {
            self.cookie = server.cookie_in_store(&self.session);
        }
        answer
    }

    /// Whether a load finds the session that the visitor had, and no other.
    pub(super) async fn is_known(&mut self, server: &Server) -> bool {
        let before = self.session.clone();
        let answer = self.load(server).await;
        answer.json["fresh"] == false && before == self.session
    }

    pub(super) async fn page(&mut self, server: &Server) -> Answer {
        self.ask(server, "POST", "page", json!({ "page": "/y" })).await
    }

    pub(super) async fn say(&mut self, server: &Server, text: &str) -> Answer {
        self.ask(server, "POST", "messages", json!({ "text": text })).await
    }

    /// Sends a message with the client's id of it.
    pub(super) async fn say_as(&mut self, server: &Server, text: &str, id: &str) -> Answer {
        self.ask(server, "POST", "messages", json!({ "text": text, "id": id })).await
    }

    pub(super) async fn read(&mut self, server: &Server) -> Answer {
        self.ask(server, "GET", "messages", Value::Null).await
    }
}
